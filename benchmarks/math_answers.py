"""Whether ``math-answer`` agrees with the labels of real solutions, how fast, and whether hedges pass."""

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.hedged_answers import measure_hedges
from benchmarks.results import Goal, Section, Table
from benchmarks.size import Size
from benchmarks.solutions import BATCH_SIZE, LAST_NUMBER, Row, last_number, score, solution_row
from benchmarks.timing import Spread, Tick, timed
from reward_fn.definition.load import load_definition
from reward_fn.report.signals import zero_variance_share
from reward_fn.types.definition import Definition

FILE = "gsm8k_rollouts.jsonl"
TITLE = "`math-answer`: agreement on GSM8K, and hedges"


@dataclass(frozen=True, slots=True)
class Agreement:
    """Accepted and correct solutions, compared one by one."""

    accepted: Sequence[bool]
    correct: Sequence[bool]

    @property
    def share(self) -> float:
        """The share of solutions on which both agree, in [0, 1]."""
        pairs = zip(self.accepted, self.correct, strict=True)
        return sum(ours is theirs for ours, theirs in pairs) / len(self.correct)

    @property
    def false_accepts(self) -> int:
        """The number of wrong solutions that were accepted."""
        return sum(ours and not theirs for ours, theirs in zip(self.accepted, self.correct, strict=True))

    @property
    def false_rejects(self) -> int:
        """The number of correct solutions that were rejected."""
        return sum(theirs and not ours for ours, theirs in zip(self.accepted, self.correct, strict=True))

    def cells(self) -> tuple[str, str, str]:
        """The counts as cells of a table."""
        return f"{self.share:.2%}", str(self.false_accepts), str(self.false_rejects)


def measure(size: Size, tick: Tick) -> Section:
    """Measure real solutions if the data exists, and always the hedges."""
    definition = load_definition("math-answer")
    tick("hedged answers")
    hedges = replace(measure_hedges(definition), title=TITLE)
    path = data_dir() / FILE
    if not path.is_file():
        why = f"agreement on real solutions, since {FILE} is missing in DATA_DIR (default: ../shared/data)"
        return replace(hedges, skipped=why)
    real = _measure_solutions(read_solutions(path), definition, size.math_rounds, tick)
    return Section(
        title=TITLE,
        how=(*real.how, *hedges.how),
        goals=(*real.goals, *hedges.goals),
        tables=(*real.tables, *hedges.tables),
        notes=(*real.notes, *hedges.notes),
        data={**real.data, **hedges.data},
    )


def data_dir() -> Path:
    """The folder of real data: DATA_DIR, by default ``shared/data`` beside the project."""
    default = Path(__file__).resolve().parents[2] / "shared" / "data"
    return Path(os.environ.get("DATA_DIR") or default)


def read_solutions(path: Path) -> list[tuple[Row, bool]]:
    """Each solution as a row with its correctness, in the order of questions."""
    cases = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines()):
        question = json.loads(line)
        for solution in question["solutions"]:
            name = f"{number}-{solution['system']}"
            row = solution_row(name, question["question"], solution["solution"], question["ground_truth"])
            cases.append((row, bool(solution["is_correct"])))
    return cases


def _measure_solutions(
    cases: Sequence[tuple[Row, bool]], definition: Definition, rounds: int, tick: Tick
) -> Section:
    rows, correct = [row for row, _ in cases], [is_correct for _, is_correct in cases]
    results = score(rows, definition)
    rates = []
    for number in range(rounds):
        tick(f"{len(rows):,} solutions, round {number + 1} of {rounds}")
        rates.append(len(rows) / timed(lambda: score(rows, definition)).wall_s)
    ours = Agreement([result.reward == definition.high for result in results], correct)
    naive = Agreement([_last_numbers_agree(row) for row in rows], correct)
    ties = zero_variance_share(results)
    what = f"Agreement with `is_correct` on {len(rows):,} solutions"
    return Section(
        title=TITLE,
        how=(_how(len(rows), definition),),
        goals=(Goal(what, "100 %", ours.share, 1.0, f"{ours.share:.2%}", at_most=False),),
        tables=(
            Table(
                "Real solutions",
                ("side", "agreement", "false accepts", "false rejects"),
                (("`math-answer`", *ours.cells()), (LAST_NUMBER, *naive.cells())),
            ),
        ),
        notes=(
            f"{Spread.of(rates).text(0)} rollouts a second through `score_batch`, over {rounds} rounds.",
            f"Questions with four equal rewards, which teach nothing: {ties or 0:.1%}.",
        ),
        data={
            "solutions": len(rows),
            "agreement": ours.share,
            "false_accepts": ours.false_accepts,
            "false_rejects": ours.false_rejects,
            "baseline_agreement": naive.share,
            "rollouts_per_s": rates,
            "zero_variance_share": ties,
        },
    )


def _how(solutions: int, definition: Definition) -> str:
    return (
        f"All {solutions:,} solutions of `{FILE}` (OpenAI's grade-school-math: each question answered by "
        f"four systems) go through `score_batch` in batches of {BATCH_SIZE}; a reward of "
        f"{definition.high:g} counts as accepted. The baseline compares {LAST_NUMBER} with the reference's."
    )


def _last_numbers_agree(row: Row) -> bool:
    solution, reference = row["messages"][-1]["content"], row["reference_answer"]["ground_truth"]
    return last_number(solution) == last_number(reference)
