"""Checks of the function's configuration: time-out, memory, runtime, layers, versions, concurrency."""

from collections.abc import Iterator

from rewardctl.cloud.concurrency import Standing, refusals
from rewardctl.cloud.doctor.deployed import Deployed
from rewardctl.cloud.doctor.finding import Finding, State
from rewardctl.local.environment import MEMORY_MB

MIN_TIMEOUT_S = 60
"""What AWS requires of a reward function with a judge."""
MIN_MEMORY_MB = 512
WHOLE_PROCESSOR_MB = 1769
RUNTIMES = ("python3.11", "python3.12", "python3.13")


def check_configuration(deployed: Deployed) -> Iterator[Finding]:
    """Check time-out, memory, runtime and layers of the target."""
    configuration = deployed.configuration
    timeout_s, memory_mb = configuration["Timeout"], configuration["MemorySize"]
    if timeout_s < MIN_TIMEOUT_S:
        yield Finding(
            "time-out", "failed", f"{timeout_s} s; a function with a judge needs at least {MIN_TIMEOUT_S} s",
            "Deploy with Timeout=300.",
        )  # fmt: skip
    else:
        yield Finding("time-out", "ok", f"{timeout_s} s")
    seen = f"{memory_mb} MB, {min(1.0, memory_mb / WHOLE_PROCESSOR_MB):.2f} of a processor"
    if memory_mb < MEMORY_MB:
        state: State = "failed" if memory_mb < MIN_MEMORY_MB else "warning"
        remedy = f"Deploy with MemorySize={MEMORY_MB}: with less, starts and checks are slower."
        yield Finding("memory", state, seen, remedy)
    else:
        yield Finding("memory", "ok", seen)
    yield _runtime(str(configuration.get("Runtime", "")), configuration.get("Architectures", ["x86_64"])[0])
    layers = [each["Arn"].partition(":layer:")[2] for each in configuration.get("Layers", ())]
    if layers:
        yield Finding("layers", "ok", ", ".join(layers))
    else:
        yield Finding(
            "layers", "warning", "none", "The function needs its dependency layer: `make deploy` adds it."
        )


def _runtime(runtime: str, architecture: str) -> Finding:
    if runtime in RUNTIMES:
        return Finding("runtime", "ok", f"{runtime} on {architecture}")
    return Finding(
        "runtime", "failed", f"{runtime or 'none'} on {architecture}", f"Deploy with Runtime={RUNTIMES[-1]}."
    )


def check_versions(deployed: Deployed) -> Iterator[Finding]:
    """Check that the alias has the newest version and equals $LATEST, so that rewards are the same."""
    name = deployed.alias_name
    if deployed.alias is None:
        yield Finding(
            "alias", "failed", f"the function has no alias {name!r}",
            "`make deploy` publishes it; give the alias to recipes and Bedrock.",
        )  # fmt: skip
        return
    if deployed.alias_version != deployed.newest_version:
        yield Finding(
            "alias", "warning",
            f"{name} leads to version {deployed.alias_version}, and the newest is {deployed.newest_version}",
            "Deploy again, unless a gradual deployment or a rollback is running.",
        )  # fmt: skip
    else:
        yield Finding("alias", "ok", f"{name} leads to the newest version, {deployed.newest_version}")
    if different := deployed.differences():
        yield Finding(
            "same rewards", "failed", f"$LATEST and {name} differ in {', '.join(different)}",
            "SDK callers and recipes get different rewards: `make deploy` publishes $LATEST.",
        )  # fmt: skip
    else:
        yield Finding("same rewards", "ok", f"$LATEST and {name} have the same code, layers and settings")


def check_concurrency(now: Standing, alias: str, *, recipe_limit: int) -> Iterator[Finding]:
    """Check that `recipe_limit` simultaneous callers of $LATEST find free concurrency."""
    held = now.provisioned.get(alias, 0)
    reserved = "nothing reserved" if now.reserved is None else f"{now.reserved} reserved"
    seen = f"{held} provisioned on {alias}, {reserved}, {now.unreserved} of {now.account} unreserved"
    if why := refusals(held, alias, now, recipe_limit=recipe_limit) if now.reserved is not None else ():
        yield Finding("concurrency", "failed", seen, why[0])
    elif now.reserved is None and now.unreserved < recipe_limit:
        remedy = f"lambda_concurrency_limit {recipe_limit} will be throttled: lower it, or request more."
        yield Finding("concurrency", "failed", seen, remedy)
    elif not held:
        yield Finding(
            "concurrency",
            "warning",
            seen,
            "The first calls are cold starts: use `make provision N=...` before a job.",
        )
    else:
        yield Finding("concurrency", "ok", seen)
