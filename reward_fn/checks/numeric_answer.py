"""The final answer is the reference's number: 1, else 0.

An answer is marked by ``A:``, ``####``, ``\\boxed{}``, "answer is" or solution tags; a response of one short
line needs no mark. All marks must say the same single number: a hedge between several is wrong.
"""

import re
from collections.abc import Iterator, Mapping
from fractions import Fraction
from itertools import islice
from pathlib import Path
from typing import Any

from reward_fn.sources import PATTERN, find_text
from reward_fn.text.answer import SOLUTION, answer_region
from reward_fn.text.numbers import numbers_in
from reward_fn.types import Check, CheckResult, Reason, Rollout, Unscored

MAX_MARKS = 20
MAX_BARE_CHARS = 80

PARAMETERS: Mapping[str, Any] = {
    "type": "object",
    "properties": {
        "reference": {"type": "array", "items": {"type": "string", "pattern": PATTERN}, "minItems": 1},
        "tolerance": {"type": "number", "minimum": 0},
    },
    "additionalProperties": False,
}

_MARK = re.compile(
    r"^[ \t>]*A(?:nswer)?[ \t]*:[ \t]*(?P<line>.*)$"
    r"|####[ \t]*(?P<hashes>.*)$"
    r"|\banswer[ \t]*(?:is|was|=|:)[ \t]*:?[ \t]*(?P<phrase>.*)$",
    re.IGNORECASE | re.MULTILINE,
)
_BOXED = re.compile(r"\\(?:boxed|fbox)\s?\{")
_SECOND_THOUGHTS = re.compile(
    r"\b(?:or|either|alternatively|maybe|perhaps|possibly|might|could|unless|instead|actually|wait|rather"
    r"|correction|no)\b",
    re.IGNORECASE,
)


def build(parameters: Mapping[str, Any], folder: Path) -> Check:
    """``reference`` lists where the right answer is; ``tolerance`` is absolute."""
    default = ["reference_answer.answer", "reference_answer.ground_truth", "reference_answer"]
    sources = parameters.get("reference", default)
    tolerance = Fraction(parameters.get("tolerance", 0))

    def check(rollout: Rollout) -> CheckResult | Unscored:
        text = find_text(rollout, sources)
        right, why = final_number(text) if text is not None else (None, "nothing there")
        if right is None:
            return Unscored(Reason.NO_SOURCE, f"no number under {' or '.join(sources)}: {why}")
        given, why = final_number(rollout.response)
        if given is None:
            return CheckResult(0.0, why)
        return CheckResult(1.0) if abs(given - right) <= tolerance else CheckResult(0.0, "another number")

    return check


def final_number(text: str) -> tuple[Fraction | None, str]:
    """The one number that a response commits to, or None and why there is none."""
    answer = answer_region(text).replace("**", "")
    spans = list(_marked(answer))
    if not spans and (SOLUTION[0] in text or (len(answer) <= MAX_BARE_CHARS and "\n" not in answer)):
        spans = [(answer, len(answer))]
    if not spans:
        return None, "no marked answer"
    if len(spans) > MAX_MARKS:
        return None, f"more than {MAX_MARKS} marked answers"
    readings = [numbers_in(span) for span, _ in spans]
    values = {value for reading in readings if reading for value in reading}
    if any(reading is None for reading in readings) or not values:
        return None, "the marked answer is no number"
    if len(values) > 1 or _takes_back(answer[max(end for _, end in spans) :], values):
        return None, "several answers"
    return values.pop(), ""


def _marked(answer: str) -> Iterator[tuple[str, int]]:
    """Each marked span and where it ends; at most one more than ``MAX_MARKS``."""
    for match in islice(_BOXED.finditer(answer), MAX_MARKS + 1):
        inside = _braced(answer, match.end())
        yield inside, match.end() + len(inside)
    for match in islice(_MARK.finditer(answer), MAX_MARKS + 1):
        span = next(group for group in match.groups() if group is not None)
        if not _BOXED.search(span):
            yield span, match.end()


def _braced(text: str, start: int) -> str:
    """The text from ``start`` to the brace that closes it, or to the end of a bounded look-ahead."""
    depth = 1
    for place, character in enumerate(text[start : start + 1000], start):
        depth += (character == "{") - (character == "}")
        if depth == 0:
            return text[start:place]
    return text[start : start + 1000]


def _takes_back(rest: str, values: set[Fraction]) -> bool:
    """Whether what follows the last mark offers another number as an answer."""
    rest = rest[:1000]
    if not _SECOND_THOUGHTS.search(rest):
        return False
    others = [numbers_in(line) for line in rest.splitlines()]
    return any(reading is None or any(value not in values for value in reading) for reading in others)
