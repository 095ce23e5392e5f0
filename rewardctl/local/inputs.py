"""Read and check the event and the definition of a run before anything is built."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reward_fn.definition.load import load_definition
from reward_fn.errors import DefinitionError
from reward_fn.judge.models.provider import is_default
from reward_fn.judge.vote.panel import models_of
from rewardctl.data import DataError, Problem, Row, rows_of
from rewardctl.local.errors import InputError
from rewardctl.local.paths import SHIPPED_DEFINITIONS

MAX_EVENT_BYTES = 6_291_456
"""Largest payload of a synchronous invocation (AWS Lambda quotas)."""


@dataclass(frozen=True)
class Event:
    """An event to send: its file's name without suffix, its JSON, and its number of rows.

    `rows` is None if the event is not a bare list.
    """

    name: str
    payload: bytes
    rows: int | None


def read_event(path: Path) -> Event:
    """Read an event: a JSON file, or the rows of any other source of :mod:`rewardctl.data` as one event.

    Raises InputError if the source holds no rows, or a line that is no row, or more than Lambda accepts.
    """
    payload, rows = _event_of(path)
    if len(payload) > MAX_EVENT_BYTES:
        raise InputError(
            f"the event {path} has {len(payload):,} bytes, and Lambda accepts {MAX_EVENT_BYTES:,} a call",
            remedy="Split it, or use rewardctl score. In training, lower the recipe's lambda_batch_size.",
        )
    return Event(path.stem, payload, rows)


def _event_of(path: Path) -> tuple[bytes, int | None]:
    """The event's JSON and its number of rows; None if the event is not a bare list."""
    try:
        payload = path.read_bytes() if path.is_file() else b""
        value = json.loads(payload)
    except OSError as error:
        raise InputError(f"the event {path} can't be read: {error.strerror}") from error
    except (ValueError, RecursionError):
        rows = _rows_of(path)
        return json.dumps(rows).encode("ascii"), len(rows)
    is_row = isinstance(value, dict) and path.suffix == ".jsonl"
    return payload, 1 if is_row else len(value) if isinstance(value, list) else None


def _rows_of(path: Path) -> list[Any]:
    """The rows of JSON Lines, a table or standard input."""
    try:
        found = list(rows_of(str(path)))
    except DataError as error:
        raise InputError(f"the event {error}") from error
    for problem in found:
        if isinstance(problem, Problem):
            raise InputError(
                f"the event {path}, line {problem.line}: {problem.detail}",
                remedy="rewardctl score counts such lines and scores the others.",
            )
    return [row.value for row in found if isinstance(row, Row)]


def judges_elsewhere(definition: str, judge_model: str) -> list[str]:
    """The models of a definition that no stand-in answers for, since they are not on Bedrock.

    [] if the definition is wrong: the function names its mistakes.
    """
    try:
        spec = load_definition(definition, judge_model=judge_model).judge
    except DefinitionError:
        return []
    return [name for name in models_of(spec) if not is_default(name)] if spec else []


def resolve_definition(name: str) -> str:
    """The value for REWARD_DEFINITION: the name of a shipped definition, or a file's absolute path.

    Raises InputError if `name` is neither.
    """
    shipped = sorted(path.stem for path in SHIPPED_DEFINITIONS.glob("*.toml"))
    if name in shipped:
        return name
    path = Path(name).expanduser()
    if path.is_file():
        return str(path.resolve())
    raise InputError(
        f"there is no definition {name!r}",
        remedy=f"Give the path of a .toml file, or a shipped definition: {', '.join(shipped)}.",
    )
