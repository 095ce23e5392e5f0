"""The final answer is the reference's number: 1, else 0.

An answer is marked by ``A:``, ``####``, ``\\boxed{}``, "answer is" or solution tags; a response of one short
line needs no mark. All marks must say the same single number, and nothing after the last one another: a hedge
between several is wrong, whichever of them is right.
"""

import re
from collections.abc import Iterator, Mapping
from fractions import Fraction
from itertools import islice
from pathlib import Path
from typing import Any

from reward_fn.sources import PATTERN, look_up
from reward_fn.text.answer import SOLUTION, solutions, without_thoughts
from reward_fn.text.numbers import numbers_in, speaks_of_numbers
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
_NEXT_LINE = re.compile(r"\s*\n\s*(\S.*)")
_BELONGS = re.compile(r"\d[^\n]{0,40}\bor\W*$|[-\u2212]\$?$", re.IGNORECASE)
_BOXED = re.compile(r"\\(?:boxed|fbox)\s?\{")


def build(parameters: Mapping[str, Any], folder: Path) -> Check:
    """``reference`` lists where the right answer is; ``tolerance`` is absolute."""
    default = ["reference_answer.answer", "reference_answer.ground_truth", "reference_answer"]
    sources = parameters.get("reference", default)
    tolerance = Fraction(str(parameters.get("tolerance", 0)))

    def check(rollout: Rollout) -> CheckResult | Unscored:
        values = (look_up(rollout, path) for path in sources)
        given = next((str(v) for v in values if isinstance(v, str | int | float) and str(v).strip()), "")
        right, why = final_number(given)
        if right is None:
            return Unscored(Reason.NO_SOURCE, f"no number under {' or '.join(sources)}: {why}")
        number, why = final_number(rollout.response)
        if number is None:
            return CheckResult(0.0, why)
        return CheckResult(1.0) if abs(number - right) <= tolerance else CheckResult(0.0, "another number")

    return check


def final_number(text: str) -> tuple[Fraction | None, str]:
    """The one number that a response commits to, or None and why there is none."""
    answer = without_thoughts(text)
    parts = solutions(answer) or [answer]
    tagged = SOLUTION[0] in answer
    readings: list[list[Fraction] | None] = []
    for part in parts[: MAX_MARKS + 1]:
        readings += _readings(part.replace("**", " "), tagged=tagged)
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


def _readings(answer: str, *, tagged: bool) -> list[list[Fraction] | None]:
    """What each mark says, and what is said after the last one, if that holds another number."""
    spans = list(_marked(answer))
    if not spans:
        bare = tagged or (len(answer) <= MAX_BARE_CHARS and "\n" not in answer)
        return [numbers_in(answer)] if bare else []
    rest = answer[max(end for _, end in spans) :].strip()
    after = islice(filter(speaks_of_numbers, rest.splitlines()), MAX_MARKS)
    return [numbers_in(text) for text in (*(span for span, _ in spans), *after)]


def _marked(answer: str) -> Iterator[tuple[str, int]]:
    """Each marked span and where it ends; at most one more of each kind than ``MAX_MARKS``."""
    for match in islice(_BOXED.finditer(answer), MAX_MARKS + 1):
        inside = _braced(answer, match.end())
        yield _before(answer, match.start()) + inside, match.end() + len(inside) + 1
    for match in islice(_MARK.finditer(answer), MAX_MARKS + 1):
        span, end = next(group for group in match.groups() if group is not None), match.end()
        if not span.strip(" .:") and (below := _NEXT_LINE.match(answer, end)):
            span, end = below[1], below.end()
        if span.strip():
            yield _before(answer, match.start()) + span, end


def _before(answer: str, start: int) -> str:
    """What right before a mark belongs to it: a sign, or the "20 or" of "20 or \\boxed{18}"; else ""."""
    found = _BELONGS.search(answer[max(0, start - 60) : start])
    return found[0] if found else ""


def _braced(text: str, start: int) -> str:
    """The text from ``start`` to the brace that closes it, or to the end of a bounded look-ahead."""
    depth = 1
    for place, character in enumerate(text[start : start + 1000], start):
        depth += (character == "{") - (character == "}")
        if depth == 0:
            return text[start:place]
    return text[start : start + 1000]
