"""Where a run is kept, what identifies it, and how its data are cut."""

import hashlib
import shutil
import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any

from reward_fn.judge.models.catalogue import full_name
from reward_fn.judge.models.facts import list_date
from reward_fn.judge.vote.panel import models_of
from reward_fn.score.policies import POLICIES
from reward_fn.settings import read_settings
from reward_fn.types.definition import Definition
from rewardctl.data import DataError, Line, lines_of
from rewardctl.data.lines import STDIN, holds_records
from rewardctl.engine.request import RunRequest
from rewardctl.judge_demand import full_group
from rewardctl.judges.choice import JudgeChoice
from rewardctl.judges.registry import is_brain
from rewardctl.local.paths import PROJECT
from rewardctl.release import release_hash
from rewardctl.replay.rubric_marks import marks_of
from rewardctl.runs.folder import RunError
from rewardctl.runs.records import record_files
from rewardctl.runs.state import RunIdentity

RUNS = Path("runs")
ROWS_OF_CHECKS = 512
"""Rows a batch without paid judge calls: a tenth of a second's work, so that writing the batch's state weighs
little."""
ROWS_A_WORKER = 4
ROWS_A_WORKER_CAPPED = 16
MOST_ROWS = 1024
"""With paid calls a batch has 4 rows for each call at once, so that its checks delay the first calls little.
With a cap it has 16: such batches do not overlap, and the wait for the last call must weigh little. It has at
most 1,024, so that it fits into memory."""
ROWS_OF_TARGET = 64
"""Rows an invocation, as SageMaker's training jobs send them."""
COPIED_BYTES = 1 << 20
MAX_STEM_CHARS = 80
"""Of the data's name in that of the folder; file systems allow 255 bytes."""


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
    rows_a_worker = ROWS_A_WORKER_CAPPED if request.max_usd else ROWS_A_WORKER
    return min(MOST_ROWS, rows_a_worker * workers)


def about_run(request: RunRequest, choice: JudgeChoice, definition: Definition, lines: int) -> dict[str, Any]:
    """What ``run.json`` says of a run that begins, beside its identity."""
    return {
        "models": [full_name(model) for model in models_of(definition.judge)] if definition.judge else [],
        "rubric": marks_of(definition.judge).as_json() if definition.judge else None,
        "batch_rows": batch_rows(request, choice, definition),
        "lines": lines,
        "code": release_hash(PROJECT, {})[:12],
        "prices_of": str(list_date()),
        "seed": 0,
        "calls": 0,
        "cost_usd": 0.0,
        "finished_at": None,
    }


def spooled(data: str) -> str:
    """The path of the data; standard input and pipes are copied to a file first, since data are read more
    than once.

    Raises DataError and RunError.
    """
    if data == STDIN:
        return str(_copied(sys.stdin.buffer))
    if not Path(data).is_fifo():
        return data
    with Path(data).open("rb") as stream:
        return str(_copied(stream))


def _copied(stream: IO[bytes]) -> Path:
    try:
        RUNS.mkdir(exist_ok=True)
        with TemporaryDirectory(dir=RUNS, prefix=".stdin-") as folder:
            copied = Path(folder) / "rows"
            with copied.open("wb") as file:
                shutil.copyfileobj(stream, file, COPIED_BYTES)
            path = RUNS / f"stdin-{_key_of(copied)}.jsonl"
            copied.replace(path)
    except OSError as error:
        raise RunError(f"{RUNS} can't be written: {error.strerror}; give the rows in a file") from error
    return path


def identity_of(request: RunRequest, definition: Definition, data: str) -> RunIdentity:
    """What must be equal for the run to be continued. Raises DataError."""
    about = {
        "name": definition.name,
        "version": definition.version,
        "sha256": definition.sha256,
        "path": request.definition,
    }
    try:
        key = _key_of(Path(data))
    except OSError as error:
        raise DataError(f"{data} can't be read: {error.strerror}") from error
    source = request.stored.source if request.stored else ""
    return RunIdentity(about, request.judge, data, key, request.target, request.limit, source)


def _key_of(data: Path) -> str:
    """A digest of the data's content, file by file."""
    key = hashlib.blake2b(digest_size=8)
    files = sorted(data.rglob("*")) if data.is_dir() else [data]
    for file in record_files(data) if holds_records(data) else files:
        if file.is_file():
            with file.open("rb") as stream:
                key.update(hashlib.file_digest(stream, "blake2b").digest())
    return key.hexdigest()


def default_folder(identity: RunIdentity) -> Path:
    """``runs/<data>-<definition>-<digest>``: the same for the same run, so that a command finds it again."""
    parts: list[Any] = [identity.definition["sha256"], identity.judge, identity.data_key]
    parts += [identity.verdicts_of] if identity.verdicts_of else []
    key = hashlib.sha256(repr([*parts, identity.target, identity.limit]).encode()).hexdigest()[:8]
    stem = Path(identity.data).name.partition(".")[0][:MAX_STEM_CHARS] or "data"
    return RUNS / f"{stem}-{identity.definition['name']}-{key}"
