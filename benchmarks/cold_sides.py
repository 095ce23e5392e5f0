"""The artifacts of the cold start comparison, and one cold start in a new process."""

import http.client
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from urllib.parse import urlsplit

from benchmarks.material import converse_requests, good_batch
from benchmarks.results import BenchmarkError
from reward_fn.definition.load import load_definition
from rewardctl.local import runtime
from rewardctl.local.artifact import Artifact, build_artifact
from rewardctl.local.environment import HANDLER, function_environment

DEFINITION = "contract-review"
BARE = "bare_handler"
BARE_HANDLER = f"{BARE}.lambda_handler"
TIMEOUT_S = 60
JUDGE_PROBES = 15
INITIALISE = """
import sys, time
begun = time.perf_counter()
import reward_fn.handler
print(time.perf_counter() - begun)
"""


@dataclass(frozen=True, slots=True)
class Start:
    """A handler for cold starts: its folder, its import path, and the event of its first invocation."""

    handler: str
    folder: Path
    path: tuple[Path, ...]
    payload: bytes


def built_sides(folder: Path) -> tuple[Artifact, Start, Start]:
    """The artifact, ours and the bare one on the same layer, for one good rollout and its judge request.

    Raises ArtifactError.
    """
    artifact = build_artifact(folder)
    batch = good_batch(1)
    [request] = converse_requests(batch, load_definition(DEFINITION))
    rest = (artifact.layer, artifact.runtime)
    ours = Start(HANDLER, artifact.function, rest, json.dumps(batch).encode())
    return artifact, ours, Start(BARE_HANDLER, _bare(folder / "bare"), rest, json.dumps(request).encode())


def _bare(folder: Path) -> Path:
    """The bare handler, with bytecode like the artifact."""
    folder.mkdir()
    shutil.copyfile(Path(__file__).parent / f"{BARE}.py", folder / f"{BARE}.py")
    command = [sys.executable, "-m", "compileall", "-q", "--invalidation-mode", "unchecked-hash", str(folder)]
    subprocess.run(command, check=True, capture_output=True)
    return folder


def without_bytecode(artifact: Artifact, folder: Path) -> tuple[Path, ...]:
    """Copies of the function and its layer without bytecode."""
    ignored = shutil.ignore_patterns("__pycache__")
    sources = {"function": artifact.function, "layer": artifact.layer}
    return tuple(
        Path(shutil.copytree(source, folder / name, ignore=ignored)) for name, source in sources.items()
    )


def first_answer_s(start: Start, judge_url: str, log: Path) -> float:
    """Seconds from the first Invoke, at which the emulator starts the runtime, to its answer.

    Raises BenchmarkError if the handler failed.
    """
    environment = function_environment(
        definition=DEFINITION,
        judge_url=judge_url,
        path=(start.folder, *start.path),
        timeout_s=TIMEOUT_S,
        caller={},
    )
    host = runtime.RuntimeEmulator(
        environment, folder=start.folder, log=log, timeout_s=TIMEOUT_S, handler=start.handler
    )
    with host:
        took_s, answer = _posted(host.url, start.payload)
    if b'"errorType"' in answer or b'"judge_error", "value": 1' in answer:
        raise BenchmarkError(f"{start.handler} failed: {answer[:300]!r}")
    return took_s


def judge_s(start: Start, judge_url: str) -> float:
    """The median seconds that the stand-in takes for the request of ``start``, sent over a bare socket."""
    request = json.loads(start.payload)
    url = f"{judge_url}/model/{request.pop('modelId')}/converse"
    return median(_posted(url, json.dumps(request).encode())[0] for _ in range(JUDGE_PROBES))


def _posted(url: str, body: bytes) -> tuple[float, bytes]:
    """Seconds from before the connection to after the answer, and the answer; boto3 is not involved."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=TIMEOUT_S)
    begun = time.perf_counter()
    connection.request("POST", parts.path, body, {"Content-Type": "application/json"})
    answer = connection.getresponse().read()
    took_s = time.perf_counter() - begun
    connection.close()
    return took_s, answer


def initialised_s(path: Sequence[Path], variables: Mapping[str, str]) -> float:
    """Seconds to import the handler as Lambda does, which loads everything.

    A fresh process is measured, which writes no bytecode.
    """
    environment = {
        **variables,
        "PYTHONPATH": os.pathsep.join(map(str, path)),
        "PYTHONDONTWRITEBYTECODE": "1",
        "AWS_LAMBDA_RUNTIME_API": "127.0.0.1:1",
    }
    done = subprocess.run(
        [sys.executable, "-S", "-s", "-c", INITIALISE],
        env=environment, capture_output=True, text=True, timeout=TIMEOUT_S, check=True,
    )  # fmt: skip
    return float(done.stdout)
