"""Score rows with a number as the answer without a judge; the baseline takes the last number."""

import re
from collections.abc import Sequence
from typing import Any

from reward_fn.deadline import Deadline
from reward_fn.pipeline import Scorer, score_batch
from reward_fn.types.definition import Definition
from reward_fn.types.result import Result

BATCH_SIZE = 64
BUDGET_S = 600.0
LAST_NUMBER = "the last number in the text"

_NUMBER = re.compile(r"-?\d[\d,]*(?:\.\d+)?")

Row = dict[str, Any]


def solution_row(name: str, question: str, solution: str, reference: str) -> Row:
    """One row of an event."""
    messages = [{"role": "user", "content": question}, {"role": "assistant", "content": solution}]
    return {"id": name, "messages": messages, "reference_answer": {"ground_truth": reference}}


def score(rows: Sequence[Row], definition: Definition) -> list[Result]:
    """The results of all rows, scored in batches of a trainer's size."""
    results: list[Result] = []
    for start in range(0, len(rows), BATCH_SIZE):
        scored = score_batch(
            list(rows[start : start + BATCH_SIZE]), Scorer(definition), Deadline.after(BUDGET_S)
        )
        results += scored.results
    return results


def last_number(text: str) -> str:
    """The baseline: the last number of a text, which many reward functions compare; "" if it has none."""
    numbers = _NUMBER.findall(text)
    return numbers[-1].replace(",", "") if numbers else ""
