"""Score an event in this process, by the offline stand-in, to explain its rollouts."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from reward_fn.pipeline import Scorer
from reward_fn.types.definition import Definition
from rewardctl.data import lines_of
from rewardctl.engine.batch import score_lines
from rewardctl.judges.choice import JudgeChoice
from rewardctl.runs.records import Record, RecordsError


class ScoredEvent(NamedTuple):
    """The records of an event's rows, and the definition as the stand-in answers it."""

    records: Sequence[Record]
    definition: Definition


def score_event(path: Path, definition: str) -> ScoredEvent:
    """Score all rows of an event, or of another file of rows, as one batch.

    Raises DataError and DefinitionError, and RecordsError if the file holds no row.
    """
    choice = JudgeChoice()
    served = choice.definition(definition)
    lines = list(lines_of(str(path)))
    with choice.opened(served) as opened:
        outcome = score_lines(lines, Scorer(served, opened.judge, opened.settings)) if lines else None
    records = [json.loads(line) for line in outcome.records.splitlines()] if outcome else []
    if not records:
        why = next((problem["detail"] for problem in outcome.progress.problems), "") if outcome else ""
        raise RecordsError(f"{path} holds no row to score{f': {why}' if why else ''}")
    return ScoredEvent(records, served)
