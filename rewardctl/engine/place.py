"""Where a run is kept, what identifies it, and how its data are cut."""

import hashlib
import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from reward_fn.score.policies import POLICIES
from reward_fn.settings import read_settings
from reward_fn.types.definition import Definition
from rewardctl.data import Line, lines_of
from rewardctl.data.lines import STDIN
from rewardctl.engine.request import RunRequest
from rewardctl.judge_demand import full_group
from rewardctl.judges.choice import JudgeChoice
from rewardctl.judges.registry import is_brain
from rewardctl.runs.state import RunIdentity

RUNS = Path("runs")
ROWS_OF_CHECKS = 256
"""Rows a batch without paid judge calls: a tenth of a second's work."""
CALLS_A_WORKER = 16
MOST_ROWS = 1024
"""With paid calls a batch has 16 rows for each call at once, so that the wait for its last call weighs
little, and at most 1,024, so that it fits into memory."""
ROWS_OF_TARGET = 64
"""Rows an invocation, as SageMaker's training jobs send them."""
KEY_BYTES = 1 << 20


def limited(data: str, limit: int) -> Iterator[Line]:
    """The first ``limit`` lines of the data; all for 0."""
    lines = lines_of(data)
    return islice(lines, limit) if limit else lines


def needs_groups(definition: Definition, choice: JudgeChoice) -> bool:
    """Whether a rollout's reward may depend on the other rollouts of its group in the batch.

    It may with any failure policy but the default, in modes that compare, and with judges that look at the
    siblings.
    """
    compares = definition.judge is not None and full_group(definition.judge) > 1
    return compares or definition.on_error != next(iter(POLICIES)) or is_brain(choice.name)


def batch_rows(request: RunRequest, choice: JudgeChoice, definition: Definition) -> int:
    """Rows a batch."""
    if request.target:
        return ROWS_OF_TARGET
    if definition.judge is None or choice.is_free:
        return ROWS_OF_CHECKS
    workers = request.workers or read_settings().judge_max_workers
    return min(MOST_ROWS, CALLS_A_WORKER * workers)


def spooled(data: str) -> str:
    """The path of the data; standard input is copied to a file first, since it is read more than once."""
    if data != STDIN:
        return data
    RUNS.mkdir(exist_ok=True)
    content = sys.stdin.buffer.read()
    path = RUNS / f"stdin-{hashlib.sha256(content).hexdigest()[:12]}.jsonl"
    path.write_bytes(content)
    return str(path)


def identity_of(request: RunRequest, definition: Definition, data: str) -> RunIdentity:
    """What must be equal for the run to be continued."""
    about = {
        "name": definition.name,
        "version": definition.version,
        "sha256": definition.sha256,
        "path": request.definition,
    }
    return RunIdentity(about, request.judge, data, _key_of(Path(data)), request.target, request.limit)


def _key_of(data: Path) -> str:
    """A digest of what the data are: size, beginning and end of each file."""
    sha256 = hashlib.sha256()
    for file in sorted(data.rglob("*")) if data.is_dir() else [data]:
        if not file.is_file():
            continue
        with file.open("rb") as stream:
            size = stream.seek(0, 2)
            stream.seek(0)
            sha256.update(b"%d:" % size + stream.read(KEY_BYTES))
            stream.seek(max(0, size - KEY_BYTES))
            sha256.update(stream.read(KEY_BYTES))
    return sha256.hexdigest()[:16]


def default_folder(identity: RunIdentity) -> Path:
    """``runs/<data>-<definition>-<digest>``: the same for the same run, so that a command finds it again."""
    parts: list[Any] = [identity.definition["version"], identity.judge, identity.data_key]
    key = hashlib.sha256(repr([*parts, identity.target, identity.limit]).encode()).hexdigest()[:8]
    return RUNS / f"{Path(identity.data).stem}-{identity.definition['name']}-{key}"
