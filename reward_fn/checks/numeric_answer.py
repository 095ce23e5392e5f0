"""1 if the final answer is the reference's number, else 0.

An answer is marked by ``A:``, ``####``, ``\\boxed{}``, "answer is" or solution tags; a response of one short
line needs no mark. All marks must hold the same single number, and the text after the last mark no other one:
an answer that hedges between several numbers is wrong, even if one of them is right.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from functools import lru_cache, partial
from itertools import islice
from pathlib import Path
from typing import Any

from reward_fn.checks._answer_place import ANSWER, answer_of
from reward_fn.paths import ANSWERS, PATHS, find_answers
from reward_fn.text.answer import Answer, find_answer
from reward_fn.text.answer_marks import MAX_MARKS, MarkedAnswer, answer_marks, is_sentence, marked_answers
from reward_fn.text.numbers import numbers_in, speaks_of_numbers
from reward_fn.text.units import carries_unit
from reward_fn.types.check import Check, CheckResult
from reward_fn.types.rollout import Rollout
from reward_fn.types.unscored import Reason, Unscored

_TOLERANCE = {"type": "number", "minimum": 0}
PARAMETERS: Mapping[str, Any] = {
    "type": "object",
    "properties": {
        "reference": PATHS,
        "tolerance": _TOLERANCE,
        "relative_tolerance": _TOLERANCE,
        "answer": ANSWER,
        "unit": {
            "type": ["string", "array"],
            "items": {"type": "string", "minLength": 1, "maxLength": 40},
            "minLength": 1,
            "maxLength": 40,
            "minItems": 1,
        },
    },
    "additionalProperties": False,
}
_EXPLANATION = re.compile(
    r"^[^\w\n]{0,12}(?:explanation|reasoning|justification|rationale|working|calculation|steps?|check\w*|verif\w*"
    r"|proof|details?|because|since|confidence)\b",
    re.IGNORECASE | re.MULTILINE,
)
"""The start of an explanation, after the answer."""
_SMALL_WORD = re.compile(
    r"\b(?:one|zero|none|no|nothing|nil|hundred|thousand|million|billion|dozen)\b", re.IGNORECASE
)
_CHOICE = re.compile(r"\b(?:or|either|maybe|perhaps|possibly|if|wait|alternatively)\b", re.IGNORECASE)
_MARKS = answer_marks(before=r"\d[^\n]{0,40}\bor\W*$|[-\u2212]\$?$")


def build(parameters: Mapping[str, Any], folder: Path) -> Check:
    """``reference`` lists the paths of the right answer; if there are several right answers, any counts.

    A number is right within ``tolerance``, or within ``relative_tolerance`` times the reference's size.
    Without a tolerance it must be equal, and "nearly 18" is not a number. ``unit`` is a unit, or a list of
    its spellings, that must stand beside the number; without it units are ignored.
    """
    paths, find = parameters.get("reference", ANSWERS), answer_of(parameters)
    tolerance = Fraction(str(parameters.get("tolerance", 0)))
    relative = Fraction(str(parameters.get("relative_tolerance", 0)))
    units = [parameters["unit"]] if isinstance(parameters.get("unit"), str) else parameters.get("unit", ())

    def check(rollout: Rollout) -> CheckResult | Unscored:
        references = find_answers(rollout, paths)
        right = [value for value, _ in map(final_number, references) if value is not None]
        if not right:
            why = final_number(references[0])[1] if references else "it is empty"
            return Unscored(Reason.NO_SOURCE, f"no number under {' or '.join(paths)}: {why}")
        answer = find(rollout)
        number, why = committed_number(answer, approximate=bool(tolerance or relative), lenient=True)
        if number is None:
            return CheckResult(0.0, why)
        if not any(abs(number - value) <= max(tolerance, relative * abs(value)) for value in right):
            return CheckResult(0.0, "another number")
        if units and not any(carries_unit(span, units) for span in _answer_spans(answer)):
            return CheckResult(0.0, "the right number without its unit")
        return CheckResult(1.0)

    return check


@lru_cache(maxsize=64)
def final_number(text: str) -> tuple[Fraction | None, str]:
    """The single number of a reference, or None and the reason.

    Cached, since the rollouts of a group share their reference.
    """
    return committed_number(find_answer(text))


def committed_number(
    answer: Answer, *, approximate: bool = False, lenient: bool = False
) -> tuple[Fraction | None, str]:
    """The single number of an answer, or None and the reason.

    ``approximate`` accepts "nearly 18". Responses are read with ``lenient``; a reference is read strictly,
    since it decides on all responses.
    """
    read = partial(numbers_in, approximate=approximate, lenient=lenient)
    parts = marked_answers(answer, _MARKS)
    readings = [reading for part in parts for reading in _readings(part, read)]
    if not readings:
        return None, "no marked answer"
    if len(readings) > MAX_MARKS:
        return None, f"more than {MAX_MARKS} marked answers"
    values = {value for reading in readings if reading for value in reading}
    if len(values) > 1:
        return None, "several answers"
    if not values:
        return None, "the marked answer is not a number"
    if not all(readings):
        return None, "the marked answer holds more than that number"
    return values.pop(), ""


def _answer_spans(answer: Answer) -> Iterator[str]:
    """The text after each mark, or the answer without a mark."""
    for part in marked_answers(answer, _MARKS):
        yield from part.spans or [part.bare]


def _readings(
    part: MarkedAnswer, read: Callable[[str], list[Fraction] | None]
) -> list[list[Fraction] | None]:
    """The numbers at each mark, and those in the text after the last mark."""
    if not part.spans:
        return [read(part.bare)] if part.bare else []
    *earlier, last = part.spans
    committed = [span for span in earlier if not _announces(span)]
    rest = _EXPLANATION.split(part.rest, maxsplit=1)[0]
    after = islice(filter(speaks_of_numbers, rest.splitlines()), MAX_MARKS)
    spans = (f"{{{span}}}" if _is_factorial(span, part.text) else span for span in (*committed, last))
    return [read(text) for text in (*spans, *after)]


def _is_factorial(span: str, text: str) -> bool:
    """Whether a span ends with "!" inside a box, where it is a factorial."""
    return span.endswith("!") and f"{{{span}}}" in text


def _announces(span: str) -> bool:
    """Whether the text at a mark only leads to a later mark.

    Such a text is a sentence without a number, or one that calculates with several and offers no choice.
    """
    if not speaks_of_numbers(span):
        return is_sentence(span) or not _SMALL_WORD.search(span)
    numbers = numbers_in(span)
    return is_sentence(span) and numbers is not None and len(numbers) > 1 and not _CHOICE.search(span)
