"""All checks of the doctor in order: free ones first, the judged rollouts last."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from reward_fn.judge.models.catalogue import profile
from reward_fn.settings import Settings
from rewardctl.cloud.clients import Clients
from rewardctl.cloud.concurrency import read_standing
from rewardctl.cloud.doctor import configuration, limits, names, permissions, quota
from rewardctl.cloud.doctor.deployed import Deployed, read_deployed
from rewardctl.cloud.doctor.finding import Finding, unknown
from rewardctl.cloud.doctor.judged import check_judged, check_preflight
from rewardctl.cloud.doctor.limits import Job
from rewardctl.cloud.doctor.probe import Probe, find_probe
from rewardctl.cloud.errors import CloudError
from rewardctl.cloud.target import Target
from rewardctl.judge_demand import ModelCalls, calls_by_model

SKIPPED: tuple[str, ...] = (
    "may invoke",
    "may call the judge",
    "time-out",
    "memory",
    "runtime",
    "layers",
    "alias",
)
SKIPPED += ("same rewards", "concurrency")


@dataclass(frozen=True)
class Exam:
    """The target, the job, and optional facts; None stands for a value that the doctor looks up."""

    target: Target
    job: Job
    definition: str | None = None
    event: Path | None = None
    principal: str | None = None
    on_loopback: bool = False


def read_function(exam: Exam, clients: Clients) -> Deployed | CloudError:
    """Read the function, or return the error: it was denied, or the endpoint is on loopback."""
    if exam.on_loopback:
        return CloudError("the endpoint is on this machine and serves only invocations")
    try:
        return read_deployed(clients, exam.target)
    except CloudError as error:
        if not error.is_denied:
            raise
        return error


def probe_for(exam: Exam, deployed: Deployed | CloudError) -> Probe:
    """Return the two rollouts for the function's definition, or for the one that the caller names.

    Raises CloudError if there are none.
    """
    environment = {} if isinstance(deployed, CloudError) else deployed.environment
    name = exam.definition or environment.get("REWARD_DEFINITION") or Settings().reward_definition
    return find_probe(name, exam.event, environment.get("JUDGE_MODEL", ""))


def free_findings(
    exam: Exam, clients: Clients, deployed: Deployed | CloudError, probe: Probe
) -> Iterator[Finding]:
    """All checks that need no judge call."""
    yield from names.check_name(exam.target)
    yield from names.check_form(exam.target)
    if exam.on_loopback and isinstance(deployed, CloudError):
        yield from (Finding(check, "can't tell", deployed.message) for check in SKIPPED)
    else:
        yield from permissions.check_invoker(clients, exam.target, exam.principal)
        yield from _of_function(exam, clients, deployed, probe)
    yield from limits.check_payload(probe, exam.job)
    yield from check_preflight(clients, exam.target, probe)


def paid_findings(
    exam: Exam, clients: Clients, deployed: Deployed | CloudError, probe: Probe
) -> Iterator[Finding]:
    """The checks of the judged rollouts, at most `probe.judge_calls` calls, then those of the quotas.

    The judge calls run at the same time, so that the invocation takes about as long as one call.
    """
    start_s = time.monotonic()
    # SAM's local Lambda refuses a call with LogType (aws/aws-sam-cli#2900).
    findings = list(check_judged(clients, exam.target, probe, with_log=not exam.on_loopback))
    took_s = time.monotonic() - start_s
    answered = any(each.check == "model access" and each.state == "ok" for each in findings)
    yield from findings
    yield from quota_findings(exam, clients, deployed, probe, took_s if answered else None)


def _of_function(
    exam: Exam, clients: Clients, deployed: Deployed | CloudError, probe: Probe
) -> Iterator[Finding]:
    if isinstance(deployed, CloudError):
        yield unknown("configuration", deployed)
        return
    yield from configuration.check_configuration(deployed)
    yield from configuration.check_versions(deployed)
    limit = exam.job.concurrency_limit
    try:
        now = read_standing(clients, exam.target)
        yield from configuration.check_concurrency(now, deployed.alias_name, recipe_limit=limit)
    except CloudError as error:
        yield unknown("concurrency", error)
    models = dict.fromkeys(demand.model for demand in judges(deployed, probe))
    if not models:
        yield Finding("may call the judge", "ok", "the definition has no judge")
        return
    role = str(deployed.configuration["Role"])
    yield from permissions.check_judge_access(clients, exam.target, role, list(models))


def quota_findings(
    exam: Exam, clients: Clients, deployed: Deployed | CloudError, probe: Probe, latency_s: float | None
) -> Iterator[Finding]:
    """The checks of quotas; `latency_s` is the time of the judged rollouts, None if not measured."""
    if isinstance(deployed, CloudError):
        yield Finding("quota", "can't tell", deployed.message)
        return
    if models := judges(deployed, probe):
        workers = int(deployed.environment.get("JUDGE_MAX_WORKERS") or Settings().judge_max_workers)
        yield from quota.check_quota(clients, models, probe, exam.job, workers, latency_s)


def judges(deployed: Deployed, probe: Probe) -> Sequence[ModelCalls]:
    """The models that the function may call, with the calls of each for one question.

    If the definition can't be read, JUDGE_MODEL alone is known.
    """
    if probe.definition is not None:
        return calls_by_model(probe.definition.judge) if probe.definition.judge else ()
    model = deployed.environment.get("JUDGE_MODEL")
    return [ModelCalls(profile(model).name, 1, "voter")] if model else ()
