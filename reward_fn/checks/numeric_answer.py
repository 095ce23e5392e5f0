"""The final answer is the reference's number: 1, else 0.

An answer is marked by ``A:``, ``####``, ``\\boxed{}``, "answer is" or solution tags; a response of one short
line needs no mark. All marks must say the same single number, and nothing after the last one another: a hedge
between several is wrong, whichever of them is right.
"""

from collections.abc import Mapping
from fractions import Fraction
from itertools import islice
from pathlib import Path
from typing import Any

from reward_fn.answers import ANSWER, answer_of
from reward_fn.rubric import Reason, Unscored
from reward_fn.sources import ANSWERS, PATHS, look_up
from reward_fn.text.answer import Answer, find_answer
from reward_fn.text.marks import MAX_MARKS, Marked, answer_marks, marked_answers
from reward_fn.text.numbers import numbers_in, speaks_of_numbers
from reward_fn.types import Check, CheckResult, Rollout

_TOLERANCE = {"type": "number", "minimum": 0}
PARAMETERS: Mapping[str, Any] = {
    "type": "object",
    "properties": {
        "reference": PATHS,
        "tolerance": _TOLERANCE,
        "relative_tolerance": _TOLERANCE,
        "answer": ANSWER,
    },
    "additionalProperties": False,
}
_MARKS = answer_marks(before=r"\d[^\n]{0,40}\bor\W*$|[-\u2212]\$?$")


def build(parameters: Mapping[str, Any], folder: Path) -> Check:
    """``reference`` lists where the right answer is.

    A number counts that is no further from it than ``tolerance``, or than ``relative_tolerance`` times its
    size; without either it must be the same.
    """
    sources, find = parameters.get("reference", ANSWERS), answer_of(parameters)
    tolerance = Fraction(str(parameters.get("tolerance", 0)))
    relative = Fraction(str(parameters.get("relative_tolerance", 0)))

    def check(rollout: Rollout) -> CheckResult | Unscored:
        values = (look_up(rollout, path) for path in sources)
        given = next((str(v) for v in values if isinstance(v, str | int | float) and str(v).strip()), "")
        right, why = final_number(given)
        if right is None:
            return Unscored(Reason.NO_SOURCE, f"no number under {' or '.join(sources)}: {why}")
        number, why = committed_number(find(rollout))
        if number is None:
            return CheckResult(0.0, why)
        near = abs(number - right) <= max(tolerance, relative * abs(right))
        return CheckResult(1.0) if near else CheckResult(0.0, "another number")

    return check


def final_number(text: str) -> tuple[Fraction | None, str]:
    """The one number that a text commits to, or None and why there is none."""
    return committed_number(find_answer(text))


def committed_number(answer: Answer) -> tuple[Fraction | None, str]:
    """The one number that an answer commits to, or None and why there is none."""
    readings = [reading for part in marked_answers(answer, _MARKS) for reading in _readings(part)]
    if not readings:
        return None, "no marked answer"
    if len(readings) > MAX_MARKS:
        return None, f"more than {MAX_MARKS} marked answers"
    values = {value for reading in readings if reading for value in reading}
    if len(values) > 1:
        return None, "several answers"
    if not values:
        return None, "the marked answer is no number"
    if not all(readings):
        return None, "the marked answer is not that number alone"
    return values.pop(), ""


def _readings(part: Marked) -> list[list[Fraction] | None]:
    """What each mark says, and what is said after the last one, if that holds another number."""
    if not part.spans:
        return [numbers_in(part.bare)] if part.bare else []
    after = islice(filter(speaks_of_numbers, part.rest.splitlines()), MAX_MARKS)
    return [numbers_in(text) for text in (*part.spans, *after)]
