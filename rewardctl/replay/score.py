"""Score a batch of stored rollouts: stored verdicts where they can be used, the judge for the rest."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from reward_fn.event.parse import parse_rows
from reward_fn.pipeline import examine
from reward_fn.score.aggregate import aggregate
from reward_fn.types.batch import Examined, Scored
from reward_fn.types.definition import Definition
from reward_fn.types.rollout import Rejected
from reward_fn.types.unscored import Reason, Unscored
from reward_fn.types.usage import Usage
from reward_fn.types.verdict import Outcome
from rewardctl.data import Line, Row, rows_in
from rewardctl.replay.stored import VerdictReader
from rewardctl.runs.records import Record

NOT_STORED = Unscored(Reason.CANNOT_ASSESS, "the run holds no verdicts on this question")


def records_of(lines: Sequence[Line]) -> list[Record]:
    """The records in lines that hold a row, in order."""
    return [json.loads(line.content) for line in lines if isinstance(rows_in(line)[0], Row)]


def needs_judge(lines: Iterable[Line], definition: Definition, reader: VerdictReader) -> Iterator[Line]:
    """The lines whose rollout passes its gates and has no stored verdicts that can be used."""
    for line in lines:
        for row in rows_in(line):
            if isinstance(row, Row):
                (entry,) = parse_rows([row.value])
                examined = examine(entry, definition)
                if _stored(json.loads(line.content), examined, reader) is NOT_STORED:
                    yield line


def score_stored(
    rows: Sequence[Any],
    records: Sequence[Record],
    definition: Definition,
    reader: VerdictReader,
    judge: Callable[[Sequence[Any]], Scored] | None = None,
) -> Scored:
    """Score the rows of records, one record for each.

    ``judge`` scores the rows without usable verdicts; without it their rollouts stay unscored. All rewards
    are made together, so that failure policies see whole groups.
    """
    entries = tuple(parse_rows(rows))
    examined = tuple(examine(entry, definition) for entry in entries)
    outcomes: dict[int, Outcome] = {}
    for index, (record, entry) in enumerate(zip(records, examined, strict=True)):
        if (outcome := _stored(record, entry, reader)) is not None:
            outcomes[index] = outcome
    missing = [index for index, outcome in outcomes.items() if outcome is NOT_STORED]
    usage = Usage()
    if missing and judge is not None:
        judged = judge([rows[index] for index in missing])
        outcomes |= {missing[place]: outcome for place, outcome in judged.outcomes.items()}
        usage = _placed(judged.usage, missing)
    results = tuple(aggregate(examined, outcomes, definition))
    return Scored(results, usage, entries, examined, outcomes)


def _stored(record: Record, examined: Examined | Rejected, reader: VerdictReader) -> Outcome | None:
    """The stored outcome, NOT_STORED if the judge must be called, None if the rollout is not judged."""
    if isinstance(examined, Rejected) or examined.material is None:
        return None
    return reader.outcome(record, examined.material) or NOT_STORED


def _placed(usage: Usage, places: Sequence[int]) -> Usage:
    """The usage with the rollouts' places in the whole batch."""
    keys: Mapping[int, tuple[str, ...]] = {places[index]: keys for index, keys in usage.keys.items()}
    return replace(usage, keys=keys)
