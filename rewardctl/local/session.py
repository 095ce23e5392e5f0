"""One local run: build, start, invoke, stop."""

import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rewardctl.emulate import Emulator, EmulatorError, EmulatorSettings, Stats
from rewardctl.local import artifact, runtime
from rewardctl.local.direct import DirectProcess
from rewardctl.local.environment import (
    TIMEOUT_S,
    function_environment,
    settings_given,
    settings_words,
    without_aws_setup,
)
from rewardctl.local.errors import HostError
from rewardctl.local.host import Host
from rewardctl.local.inputs import Event
from rewardctl.local.outcome import fail, results_of
from rewardctl.local.paths import BUILD
from rewardctl.local.processes import stop_on_termination
from rewardctl.local.progress import ticking

Say = Callable[[str], None]
"""Takes one line about the current step."""


@dataclass(frozen=True)
class Plan:
    """How to run the function.

    `definition` is the value of REWARD_DEFINITION; `direct` calls the function without the runtime emulator.
    """

    definition: str
    log: Path
    timeout_s: int = TIMEOUT_S
    direct: bool = False


@dataclass(frozen=True)
class Run:
    """The results in order, the judge's counts, and the wall time of the call in seconds."""

    results: list[dict[str, Any]]
    judge: Stats
    wall_s: float


def run_event(event: Event, plan: Plan, say: Say) -> Run:
    """Score `event` with the function as it is deployed, then stop everything.

    If the runtime emulator can't run, the function is called directly, and `say` gets the reason. Raises
    LocalError.
    """
    with stop_on_termination(), without_aws_setup() as caller, work_folder() as folder, stand_in() as judge:
        if given := settings_given(caller):
            say(f"settings from your environment: {settings_words(given)}")
        with hosted(plan, folder, judge.url, caller, say) as host:
            rows = "an event" if event.rows is None else f"{event.rows} rows"
            say(f"scoring {rows} of {event.name} with {plan.definition}")
            start_s = time.perf_counter()
            with ticking(say, lambda: f"{judge.stats().calls} judge calls so far"):
                payload = host.invoke(event.payload)
            wall_s = time.perf_counter() - start_s
        return Run(checked(results_of(payload), event), judge.stats(), wall_s)


def checked(results: list[dict[str, Any]], event: Event) -> list[dict[str, Any]]:
    """Return the results if each row has one. Raises FunctionError."""
    if event.rows is not None and len(results) != event.rows:
        fail("Runtime.InvalidResult", f"the function returned {len(results)} results for {event.rows} rows")
    return results


@contextmanager
def work_folder() -> Iterator[Path]:
    """A new folder for each run, so that simultaneous runs don't collide; removed at the end."""
    BUILD.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=BUILD, prefix="run-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


@contextmanager
def stand_in() -> Iterator[Emulator]:
    """Start the stand-in for Bedrock. Raises HostError if it fails."""
    try:
        with Emulator(EmulatorSettings()) as emulator:
            yield emulator
    except EmulatorError as error:
        raise HostError(f"the Bedrock stand-in failed: {error}") from error


@contextmanager
def hosted(plan: Plan, folder: Path, judge_url: str, caller: Mapping[str, str], say: Say) -> Iterator[Host]:
    """Start the function's host: the runtime emulator if it can run, else a plain process."""
    with ExitStack() as stack:
        host: Host | None = None
        reason = "as requested" if plan.direct else runtime.why_not()
        if not reason:
            try:
                host = stack.enter_context(_emulator(plan, folder, judge_url, caller, say))
            except HostError as error:
                reason = str(error)
        if host is None:
            say(f"calling the function directly, without the runtime emulator: {reason}")
            host = stack.enter_context(_direct(plan, folder, judge_url, caller))
        yield host


def _emulator(
    plan: Plan, folder: Path, judge_url: str, caller: Mapping[str, str], say: Say
) -> runtime.RuntimeEmulator:
    say(f"building the function for {artifact.host_runtime()} on {artifact.host_architecture()}")
    built = artifact.build_artifact(folder)
    path = (built.function, built.layer, built.runtime)
    environment = _environment(plan, path, judge_url, caller)
    return runtime.RuntimeEmulator(environment, folder=built.function, log=plan.log, timeout_s=plan.timeout_s)


def _direct(plan: Plan, folder: Path, judge_url: str, caller: Mapping[str, str]) -> DirectProcess:
    function = artifact.build_function(folder)
    environment = _environment(plan, (function,), judge_url, caller)
    return DirectProcess(environment, folder=folder, log=plan.log, timeout_s=plan.timeout_s)


def _environment(
    plan: Plan, path: tuple[Path, ...], judge_url: str, caller: Mapping[str, str]
) -> dict[str, str]:
    return function_environment(
        definition=plan.definition, judge_url=judge_url, path=path, timeout_s=plan.timeout_s, caller=caller
    )
