"""Score an event in this process, by the offline stand-in, to explain its rollouts."""

import json
from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import Path

from reward_fn.deadline import Deadline
from reward_fn.errors import EventError
from reward_fn.pipeline import Scorer, score_batch
from reward_fn.report.trace import Batch, record
from reward_fn.types.definition import Definition
from rewardctl.explain.records import Record
from rewardctl.local.errors import InputError
from rewardctl.local.inputs import read_event

TIMEOUT_S = 300.0
"""As the function's own time-out in ``template.yaml``."""


def score_event(path: Path, definition: Definition) -> list[Record]:
    """The records of an event's rows; ``line`` is the place in the event, from 1. Raises InputError."""
    from rewardctl.commands.attack import STAND_IN, _judge

    event = json.loads(read_event(path).payload)
    try:
        with _judge(STAND_IN, None, None) if definition.judge else nullcontext() as judge:
            scored = score_batch(event, Scorer(definition, judge), Deadline.after(TIMEOUT_S))
    except EventError as error:
        raise InputError(f"the event {path} can't be scored: {error}") from error
    batch = Batch(scored, tuple(range(len(scored.results))), "", datetime.now(UTC))
    return [{"line": index + 1, **record(batch, index, definition)} for index in batch.chosen]
