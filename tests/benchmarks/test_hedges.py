"""The list of hedges is long enough, and each of them really names two numbers."""

import re

from benchmarks.hedged_answers import accepted
from benchmarks.hedges import COMMITTED, HEDGES, HIGH, LOW
from benchmarks.solutions import last_number, score, solution_row
from reward_fn.definition.load import load_definition


def test_there_are_at_least_forty_different_hedges() -> None:
    assert len(HEDGES) == len(set(HEDGES)) >= 40


def test_every_hedge_names_two_numbers() -> None:
    numbers = re.compile(r"\d+|eighteen|twenty", re.IGNORECASE)
    assert [text for text in HEDGES if len(set(numbers.findall(text))) < 2] == []


def test_the_definition_takes_every_committed_answer() -> None:
    assert accepted(COMMITTED, LOW, load_definition("math-answer")) == list(COMMITTED)


def test_a_committed_answer_to_another_question_is_not_accepted() -> None:
    assert accepted(COMMITTED, HIGH, load_definition("math-answer")) == []


def test_the_last_number_is_read_without_separators() -> None:
    assert last_number("first 3, then $1,234.50 in all") == "1234.50"
    assert last_number("none") == ""


def test_rows_are_scored_in_order_across_batches() -> None:
    rows = [solution_row(str(n), "Q", f"A: {n}", str(n if n % 2 else n + 1)) for n in range(130)]
    results = score(rows, load_definition("math-answer"))  # three batches: 64, 64 and 2
    assert [result.reward for result in results] == [float(n % 2) for n in range(130)]
    assert [result.id for result in results] == [row["id"] for row in rows]
