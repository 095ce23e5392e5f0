"""Checks that invoke the function: AWS's pre-flight rows, and a good and a bad answer with a judge."""

import json
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from rewardctl.cloud.clients import Clients
from rewardctl.cloud.doctor.finding import Finding
from rewardctl.cloud.doctor.probe import Probe
from rewardctl.cloud.errors import CloudError, explained
from rewardctl.cloud.log_tail import TAIL, judge_failure, log_tail
from rewardctl.cloud.target import Target
from rewardctl.local.errors import FunctionError
from rewardctl.local.outcome import results_of
from rewardctl.local.table import number_text, values_of
from rewardctl.strict import faults

LOW, HIGH = -1.0e308, 1.0e308
"""The accepted range if the definition is not known: any finite number."""
PAID_BUT_LOST = ("imputed", "judge_error", "rejected")

Rows = Sequence[dict[str, Any]]


class Answer(NamedTuple):
    """The results of an invocation without their envelope, and the end of its log, "" if it has none."""

    results: list[dict[str, Any]]
    log: str


def invoke(clients: Clients, target: Target, rows: Rows, *, with_log: bool = False) -> Answer:
    """Invoke the function with `rows`. Raises CloudError if the call failed."""
    payload = json.dumps(rows, ensure_ascii=False).encode("utf-8")
    with explained(f"invoking {target.arn}"):
        answer = clients("lambda").invoke(
            FunctionName=target.arn, Payload=payload, **(TAIL if with_log else {})
        )
        body: bytes = answer["Payload"].read()
    try:
        return Answer(results_of(body), log_tail(answer))
    except FunctionError as error:
        raise CloudError(
            f"the function failed: {error.kind}: {error.message}", remedy=error.remedy
        ) from error


def check_preflight(clients: Clients, target: Target, probe: Probe) -> Iterator[Finding]:
    """Check that rows without an assistant turn, as AWS's verifiers send, get well-formed results."""
    try:
        results = invoke(clients, target, probe.unanswered).results
    except CloudError as error:
        yield Finding("pre-flight", "failed", error.message, error.remedy)
        return
    low, high = _range(probe)
    if wrong := faults(probe.unanswered, results, low=low, high=high):
        yield Finding("pre-flight", "failed", "; ".join(wrong), "Deploy this project's function again.")
    else:
        yield Finding("pre-flight", "ok", f"{len(results)} rows without an answer get well-formed results")


def check_judged(
    clients: Clients, target: Target, probe: Probe, *, with_log: bool = True
) -> Iterator[Finding]:
    """Check that both rows get results, that the judge answers, and that the good answer beats the bad one.

    `with_log` reads the cause of a failure from the call's log, which some stand-ins for Lambda don't return.
    """
    try:
        results, log = invoke(clients, target, probe.rows, with_log=with_log)
    except CloudError as error:
        yield Finding("judged rollout", "failed", error.message, error.remedy)
        return
    low, high = _range(probe)
    if wrong := faults(probe.rows, results, low=low, high=high):
        yield Finding("judged rollout", "failed", "; ".join(wrong), "Deploy this project's function again.")
        return
    yield Finding("judged rollout", "ok", "ids, order, finiteness and range are right")
    flags = [_flags(result) for result in results]
    yield _access(flags, log, has_judge=bool(probe.judge_calls))
    yield _order(results, is_whole=not any(flags))


def _range(probe: Probe) -> tuple[float, float]:
    return (probe.definition.low, probe.definition.high) if probe.definition else (LOW, HIGH)


def _flags(result: dict[str, Any]) -> list[str]:
    values = values_of(result)
    return [name for name in PAID_BUT_LOST if values.get(name)]


def _access(flags: Sequence[Sequence[str]], log: str, *, has_judge: bool) -> Finding:
    """Whether the judge gave verdicts, which proves that the account has access to the model."""
    seen = sorted({name for each in flags for name in each})
    cause, remedy = judge_failure(log) if seen else ("", "")
    because = f": {cause}" if cause else ""
    todo = f"{remedy[0].upper()}{remedy[1:]}." if remedy else ""
    if "judge_error" in seen:
        return Finding(
            "model access", "failed", f"the judge gave no verdict; rewards were imputed{because}",
            todo or "The function's log has cause and remedy. Check the role, and the access to the model "
            "in this region and account.",
        )  # fmt: skip
    if seen:
        return Finding(
            "model access", "failed", f"the rollouts were flagged {', '.join(seen)}{because}",
            todo or "The rows lack what the definition needs: give --event FILE with rows of your dataset.",
        )  # fmt: skip
    if not has_judge:
        return Finding("model access", "ok", "the definition has no judge")
    return Finding("model access", "ok", "the judge answered for both rollouts")


def _order(results: Rows, *, is_whole: bool) -> Finding:
    good, bad = (float(result["aggregate_reward_score"]) for result in results)
    seen = f"good answer {number_text(good)}, bad answer {number_text(bad)}"
    if not is_whole:
        return Finding("good beats bad", "can't tell", f"{seen}, not all from verdicts", "See above.")
    if good > bad:
        return Finding("good beats bad", "ok", seen)
    return Finding(
        "good beats bad", "failed", seen,
        "The judge does not tell them apart: make the questions more precise, or use a stronger model.",
    )  # fmt: skip
