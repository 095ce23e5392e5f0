"""``rewardctl score`` with a judge that only waits, beside a bare pool of threads."""

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from unittest.mock import patch

from benchmarks.results import BenchmarkError
from benchmarks.size import Size
from benchmarks.solutions import Row
from benchmarks.timing import Series, Side, Tick, interleave
from reward_fn.judge.base import Model, Question, Reply

LATENCY_S = 0.5
WORKERS = 64
POOL = "bare pool"
SCORE = "`score`"

_DEFINITION = """
name = "slow-judge"
[[score]]
check = "numeric_answer"
[judge]
model = "medium"
[[judge.criterion]]
name = "Sound"
question = "Does each step follow from the one before?"
"""


class SleepingJudge:
    """Takes the place of the paid judges: sleeps, then says yes."""

    def __init__(self, *_: object) -> None:
        pass

    def ask(
        self,
        question: Question,
        model: Model,  # noqa: ARG002 - the seam's signature
        *,
        within_s: float | None = None,  # noqa: ARG002 - likewise
    ) -> Reply:
        """A yes on every criterion of the answer."""
        time.sleep(LATENCY_S)
        verdict = {"evidence": "each step follows", "verdict": "yes"}
        return Reply({"answer": {leaf.criterion.name: verdict for leaf in question.leaves}})

    def warm(self) -> None:
        """Nothing to load."""


def measure_slow_judge(solutions: Sequence[Row], size: Size, folder: Path, tick: Tick) -> Series:
    """Wall times of both sides. Raises BenchmarkError if a row was not judged by a call of its own."""
    from benchmarks.score_command import quiet, write_rows
    from rewardctl.engine.request import RunRequest
    from rewardctl.engine.run import score_run

    rows = [_variant(solutions[n % len(solutions)], n) for n in range(size.score_calls)]
    data = write_rows(folder / "slow.jsonl", rows)
    definition = folder / "slow.toml"
    definition.write_text(_DEFINITION, encoding="utf-8")
    runs = iter(range(1_000))

    def score() -> None:
        request = RunRequest(
            str(data),
            str(definition),
            judge="bedrock",
            yes=True,
            folder=folder / f"slow-{next(runs)}",
            workers=WORKERS,
        )
        run = score_run(request, quiet())
        if (run.spent.calls, run.progress.scored) != (len(rows), len(rows)):
            raise BenchmarkError(f"{run.spent.calls} calls for {len(rows)} rows")

    def bare() -> None:
        with ThreadPoolExecutor(WORKERS) as pool:
            for _ in pool.map(lambda _: time.sleep(LATENCY_S), range(len(rows))):
                pass

    nothing = Side(POOL, bare, warm=lambda: None)
    with patch("reward_fn.judge.judges.Judges", SleepingJudge):
        return interleave([nothing, Side(SCORE, score, warm=lambda: None)], size.score_slow_rounds, tick)


def _variant(row: Row, number: int) -> dict[str, Any]:
    """A copy with another answer, so that no two rows have the same question."""
    *turns, answer = row["messages"]
    return {
        **row,
        "id": str(number),
        "messages": [*turns, {**answer, "content": f"{answer['content']} ({number})"}],
    }
