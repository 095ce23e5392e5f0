"""Processor time of criteria in the rollouts, compared with the same rollouts without them."""

import copy
import json
from typing import Any

from benchmarks.environment import forget_batches, lambda_environment
from benchmarks.judged import check_all_judged, invoke
from benchmarks.material import BATCH, GROUP_SIZE, Row
from benchmarks.results import Goal, Table
from benchmarks.size import Size
from benchmarks.timing import Series, Side, Tick, interleave, ratio, spread
from rewardctl.emulate import Emulator

LIMIT = 1.2
DEFINITION = "instruction-following"
EVENT = BATCH.parent / "instruction_following.json"

WITHOUT = "the definition's criteria alone"
SHARED_BY_GROUP = "four more, the same for a group of eight"
DIFFERENT_EACH = "four more, different for each rollout"


def measure_own_rubrics(size: Size, tick: Tick) -> Series:
    """Run the handler on each kind of batch, with empty caches."""
    batches = {
        WITHOUT: _batch(size, None),
        SHARED_BY_GROUP: _batch(size, GROUP_SIZE),
        DIFFERENT_EACH: _batch(size, 1),
    }
    with (
        Emulator() as emulator,
        lambda_environment(emulator.url, JUDGE_MAX_WORKERS="1", REWARD_DEFINITION=DEFINITION),
    ):
        for batch in batches.values():
            check_all_judged(batch)
        sides = [
            Side(name, lambda rows=batch: invoke(rows), before=forget_batches)  # type: ignore[misc]
            for name, batch in batches.items()
        ]
        return interleave(sides, size.cpu_rounds, lambda what: tick(f"own rubrics, {what}"))


def own_rubric_goals(series: Series) -> tuple[Goal, ...]:
    """Goals: both kinds cost little more than no criteria."""
    goals = []
    for name in (SHARED_BY_GROUP, DIFFERENT_EACH):
        against = ratio(series, name, WITHOUT, "cpu_s")
        what = f"CPU a judged rollout, {name} / {WITHOUT}"
        goals.append(Goal(what, f"≤ {LIMIT:g}", against.median, LIMIT, against.text()))
    return tuple(goals)


def own_rubric_table(series: Series, size: Size) -> Table:
    """The table of processor time by kind of criteria."""
    rows = [
        (
            name,
            spread(series, name, "cpu_s").text(2, 1000 / size.rollouts),
            ratio(series, name, WITHOUT, "cpu_s").text(2),
        )
        for name in series
    ]
    title = f"A rollout's own criteria (`{DEFINITION}`)"
    return Table(title, ("criteria", "CPU a rollout, ms", "times the first"), rows)


def _batch(size: Size, share: int | None) -> list[Row]:
    """Groups of eight; ``share`` neighbouring rows have the same rubric, None for no rubric at all."""
    (good,) = (row for row in json.loads(EVENT.read_text(encoding="utf-8")) if row["id"] == "mail-good")
    return [_variant(good, number, share) for number in range(size.rollouts)]


def _variant(good: Row, number: int, share: int | None) -> Row:
    row: dict[str, Any] = copy.deepcopy(good)
    row["id"] = f"own-{number}"
    row["messages"][0]["content"] += f" It is letter {number // GROUP_SIZE}."
    row["messages"][-1]["content"] += f" This is copy {number}."
    rubric = row.pop("rubric")
    if share:
        for criterion in rubric:
            criterion["question"] += f" (letter {number // share})"
        row["rubric"] = rubric
    return row
