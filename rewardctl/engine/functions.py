"""The functions that a run can score through: the emulated one of this machine, or one that is deployed."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console

from rewardctl.engine.request import EMULATED, RunRequest
from rewardctl.local.inputs import resolve_definition

Invoke = Callable[[bytes], bytes]
"""Sends an event to the function and returns its answer. Raises LocalError and CloudError."""

MOST_ATTEMPTS = 8
FIRST_WAIT_S = 1.0
LONGEST_WAIT_S = 30.0
"""A throttled invocation is repeated for about a minute, at random up to bounds that double."""


@contextmanager
def target_of(request: RunRequest, log: Path, console: Console) -> Iterator[Invoke]:
    """The function that a run names. Raises LocalError and CloudError."""

    def say(line: str) -> None:
        console.print(line, style="dim", markup=False)

    if request.target == EMULATED:
        with emulated(resolve_definition(request.definition), log, say) as invoke:
            yield invoke
        return
    with deployed(request.target, request.profile, request.region) as invoke:
        yield invoke


@contextmanager
def emulated(definition: str, log: Path, say: Callable[[str], None]) -> Iterator[Invoke]:
    """The function as deployed, under this machine's runtime emulator, with the stand-in as its judge."""
    from rewardctl.cloud.errors import explained
    from rewardctl.local.environment import without_aws_setup
    from rewardctl.local.processes import stop_on_termination
    from rewardctl.local.session import Plan, hosted, stand_in, work_folder

    plan = Plan(definition, log)
    with (
        stop_on_termination(),
        without_aws_setup() as caller,
        work_folder() as folder,
        stand_in() as judge,
        hosted(plan, folder, judge.url, caller, say) as host,
    ):

        def invoke(payload: bytes) -> bytes:
            with explained("invoking the emulated function"):
                return host.invoke(payload)

        yield invoke


@contextmanager
def deployed(arn: str, profile: str | None, region: str | None) -> Iterator[Invoke]:
    """A function, alias or version in AWS. Throttling is waited out, with exponential back-off.

    Raises CloudError.
    """
    from tenacity import Retrying, retry_if_exception, stop_after_attempt, wait_random_exponential

    from rewardctl.cloud.clients import connect
    from rewardctl.cloud.errors import explained
    from rewardctl.cloud.target import parse_target

    target = parse_target(arn)
    client = connect(profile, region or target.region)("lambda")
    retrying = Retrying(
        retry=retry_if_exception(_is_throttling),
        stop=stop_after_attempt(MOST_ATTEMPTS),
        wait=wait_random_exponential(multiplier=FIRST_WAIT_S, max=LONGEST_WAIT_S),
        reraise=True,
    )

    def invoke(payload: bytes) -> bytes:
        with explained(f"invoking {target.name}"):
            answer = retrying(client.invoke, FunctionName=target.arn, Payload=payload)
            content: bytes = answer["Payload"].read()
        return content

    yield invoke


def _is_throttling(error: BaseException) -> bool:
    """Whether Lambda ran nothing, so that the invocation may be repeated."""
    response = getattr(error, "response", {})
    return bool(response.get("Error", {}).get("Code") == "TooManyRequestsException")
