"""Run the function in a container built by sam, with the stand-in as judge: one event, or a server."""

import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rewardctl.emulate import Emulator
from rewardctl.local import container, sam
from rewardctl.local.bridge import Bridge
from rewardctl.local.environment import JUDGE_ENDPOINT, settings_given, without_aws_setup
from rewardctl.local.errors import HostError
from rewardctl.local.inputs import Event
from rewardctl.local.outcome import results_of
from rewardctl.local.processes import stop_on_termination
from rewardctl.local.session import Run, Say, checked, stand_in, work_folder

DEFINITION_FOLDER = "definition"
ON_LAMBDA = "/var/task"


@dataclass(frozen=True)
class Prepared:
    """A built function in `folder`, the template and runtime to run it, and the running stand-in."""

    folder: Path
    template: Path
    runtime: str
    judge: Emulator


def run_in_container(event: Event, definition: str, runtime: str | None, log: Path, say: Say) -> Run:
    """Score `event` with `sam local invoke`, then stop everything. Raises LocalError.

    `definition` is a shipped name or an absolute path. `runtime` None takes one with a local base image.
    """
    with (
        stop_on_termination(),
        prepared({sam.FUNCTION: {"REWARD_DEFINITION": definition}}, runtime, say) as ready,
    ):
        say(f"scoring {event.name} with {definition} in a container")
        path = ready.folder / "event.json"
        path.write_bytes(event.payload)
        start_s = time.perf_counter()
        payload = sam.invoke(ready.template, ready.runtime, path, log)
        wall_s = time.perf_counter() - start_s
        return Run(checked(results_of(payload), event), ready.judge.stats(), wall_s)


@contextmanager
def serve_in_containers(
    functions: Mapping[str, Mapping[str, str]], runtime: str | None, log: Path, say: Say, port: int = 0
) -> Iterator[sam.LocalLambda]:
    """Run `sam local start-lambda` for `functions`: environment variables by logical id.

    Raises LocalError.
    """
    with (
        stop_on_termination(),
        prepared(functions, runtime, say) as ready,
        sam.LocalLambda(ready.template, ready.runtime, list(functions), log=log, port=port) as served,
    ):
        yield served


@contextmanager
def prepared(functions: Mapping[str, Mapping[str, str]], runtime: str | None, say: Say) -> Iterator[Prepared]:
    """Build the function and start a judge that containers can reach. Raises LocalError."""
    if reason := container.why_no_engine():
        remedy = "Use `make run`, which scores the event under Lambda's runtime emulator, without an engine."
        raise HostError(f"the function can't run in a container: {reason}", remedy=remedy)
    chosen = runtime or container.runtime_at_hand() or container.RUNTIMES[0]
    with without_aws_setup() as caller, work_folder() as folder, stand_in() as judge:
        say(f"building the function for {chosen} with sam")
        built = sam.build(chosen, folder / "build")
        with bridged(judge.url) as url:
            common = {JUDGE_ENDPOINT: url, "NO_PROXY": "*", **settings_given(caller)}
            variables = {name: common | _with_definition(values, built) for name, values in functions.items()}
            yield Prepared(folder, sam.with_functions(built, variables), chosen, judge)


@contextmanager
def bridged(url: str) -> Iterator[str]:
    """The URL by which containers reach the loopback server at `url`. Raises HostError."""
    address = container.host_address()
    if address == container.DESKTOP_HOST:  # a desktop engine resolves this name to the loopback
        yield url.replace("127.0.0.1", address)
        return
    try:
        bridge = Bridge(url, address)
    except OSError as error:
        raise HostError(f"can't listen on the engine's bridge {address}: {error.strerror}") from error
    with bridge:
        yield bridge.url


def _with_definition(variables: Mapping[str, str], built: Path) -> dict[str, str]:
    """Copy the definition's file and its JSON files into the function; return the changed variables."""
    definition = Path(variables["REWARD_DEFINITION"])
    if not definition.is_absolute():
        return dict(variables)
    place = built / sam.FUNCTION / DEFINITION_FOLDER
    place.mkdir(exist_ok=True)
    for path in (definition, *definition.parent.glob("*.json")):
        shutil.copyfile(path, place / path.name)
    return {**variables, "REWARD_DEFINITION": f"{ON_LAMBDA}/{DEFINITION_FOLDER}/{definition.name}"}
