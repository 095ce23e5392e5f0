"""The final answer is the reference, letter by letter but for what is ignored: 1, else 0.

Where answers are marked (``A:``, ``####``, ``\\boxed{}``, "answer is", solution tags), all marks must say the
same; without a mark the whole answer counts. Of several references any is right.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from reward_fn.rubric import Reason, Unscored
from reward_fn.sources import ANSWERS, PATHS, find_answers
from reward_fn.text.marks import MAX_MARKS, answer_marks, marked_answers, plain
from reward_fn.text.normalise import folded
from reward_fn.types import Check, CheckResult, Rollout

MAX_CHARS = 100_000
"""A longer answer is never the reference."""
IGNORABLE = ("case", "punctuation", "articles", "space")

PARAMETERS: Mapping[str, Any] = {
    "type": "object",
    "properties": {
        "reference": PATHS,
        "ignore": {"type": "array", "items": {"enum": [*IGNORABLE]}, "uniqueItems": True},
    },
    "additionalProperties": False,
}
_MARKS = answer_marks()
_PUNCTUATION = re.compile(r"(?<!\w)[^\w\s+\-#%$&*/=<>^@~|\\]+|[^\w\s+\-#%$&*/=<>^@~|\\]+(?!\w)")
_ARTICLES = re.compile(r"(?<!\w)(?:an?|the)(?!\w)", re.IGNORECASE)


def build(parameters: Mapping[str, Any], folder: Path) -> Check:
    """``ignore`` is any of case, punctuation (default: these two), articles (a, an, the) and space.

    A run of white space always counts as one space; ignored, it does not count at all. Punctuation is ignored
    only at the edge of a word, so that 3.5 is not 35; signs that carry meaning (+ - % # …) always count.
    """
    sources = parameters.get("reference", ANSWERS)
    ignored = frozenset(parameters.get("ignore", IGNORABLE[:2]))

    def check(rollout: Rollout) -> CheckResult | Unscored:
        right = {_normal(plain(answer), ignored) for answer in find_answers(rollout, sources)} - {""}
        if not right:
            return Unscored(Reason.NO_SOURCE, f"no answer under {' or '.join(sources)}")
        spans = list(_spans(rollout.response))
        if max(map(len, spans)) > MAX_CHARS:
            return CheckResult(0.0, f"longer than {MAX_CHARS} characters")
        given = {_normal(span, ignored) for span in spans}
        if len(given) > 1:
            return CheckResult(0.0, "several answers")
        return CheckResult(1.0) if given <= right else CheckResult(0.0, "another answer")

    return check


def _spans(response: str) -> Iterator[str]:
    for part in marked_answers(response, _MARKS):
        yield from map(plain, part.spans[: MAX_MARKS + 1] or [part.text])


def _normal(text: str, ignored: frozenset[str]) -> str:
    """What is compared."""
    text = folded(text, keep_case="case" not in ignored).removesuffix(".")
    if "punctuation" in ignored:
        text = _PUNCTUATION.sub(" ", text)
    if "articles" in ignored:
        text = _ARTICLES.sub(" ", text)
    return ("" if "space" in ignored else " ").join(text.split())
