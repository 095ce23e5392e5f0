"""1 if the final answer equals the reference, apart from what is ignored, else 0.

If answers are marked (``A:``, ``####``, ``\\boxed{}``, "answer is", solution tags), all marks must hold the
same text; without a mark the whole answer counts. If there are several references, any is right.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from unicodedata import normalize

from reward_fn.checks._answer_place import ANSWER, answer_of
from reward_fn.paths import ANSWERS, PATHS, find_answers
from reward_fn.text.answer import unfenced
from reward_fn.text.answer_marks import (
    MAX_MARKS,
    MarkedAnswer,
    answer_marks,
    has_box,
    is_sentence,
    marked_answers,
    plain,
)
from reward_fn.text.choice_words import SECOND_THOUGHT
from reward_fn.text.normalise import folded
from reward_fn.types.check import Check, CheckResult
from reward_fn.types.rollout import Rollout
from reward_fn.types.unscored import Reason, Unscored

MAX_CHARS = 100_000
"""A longer answer is always wrong."""
IGNORABLE = ("case", "punctuation", "articles", "space")

PARAMETERS: Mapping[str, Any] = {
    "type": "object",
    "properties": {
        "reference": PATHS,
        "answer": ANSWER,
        "ignore": {"type": "array", "items": {"enum": [*IGNORABLE]}, "uniqueItems": True},
    },
    "additionalProperties": False,
}
_MARKS = answer_marks()
_RAISED = re.compile("[\u00b9\u00b2\u00b3\u2070-\u207f]+")
_SIGNS = r"+\-#%$&*/=<>^@~|\\\u00b0\u00b1\u00d7\u00f7\u2190-\u22ff"
_PUNCTUATION = re.compile(rf"(?<!\w)[^\w\s{_SIGNS}]+|[^\w\s{_SIGNS}]+(?!\w)")
_SENTENCE = re.compile(r"([^\n]{1,300}?)[.!] +(?=[A-Z\"(])")
_EMPHASIS = re.compile(r"([*_]{1,3})(?=\S)([^*_\n]+)(?<=\S)\1")
_WORD = re.compile(r"(?<![\\\w])[^\W\d_]{3,}")
_ARTICLES = re.compile(r"(?<!\w)(?:an?|the)(?!\w)", re.IGNORECASE)


def build(parameters: Mapping[str, Any], folder: Path) -> Check:
    """``ignore`` lists case, punctuation (default: these two), articles (a, an, the) and space.

    A run of white space equals one space, or nothing if space is ignored. Punctuation is ignored only at the
    edge of a word, so that 3.5 is not 35. Signs with a meaning (+ - % # …) always count.
    """
    paths, find = parameters.get("reference", ANSWERS), answer_of(parameters)
    ignored = frozenset(parameters.get("ignore", IGNORABLE[:2]))

    def check(rollout: Rollout) -> CheckResult | Unscored:
        right = {_normal(plain(answer), ignored) for answer in find_answers(rollout, paths)} - {""}
        if not right:
            return Unscored(Reason.NO_SOURCE, f"no answer under {' or '.join(paths)}")
        answer = find(rollout)
        if len(answer.text) > MAX_CHARS:
            return CheckResult(0.0, f"longer than {MAX_CHARS} characters")
        if len(answer.blocks) == 1 and _normal(plain(unfenced(answer.text)), ignored) in right:
            return CheckResult(1.0)
        answers = set[str]()
        for part in marked_answers(answer, _MARKS):
            marked = {_comparable(span, right, ignored) for span in _spans(part)}
            answers |= marked or {_normal(plain(part.text), ignored)}
        if len(answers) > 1:
            return CheckResult(0.0, "several answers")
        return CheckResult(1.0) if answers <= right else CheckResult(0.0, "a different answer")

    return check


def _spans(part: MarkedAnswer) -> list[str]:
    """The texts at the marks of a part, without sentences before another mark or around a box."""
    spans, boxed = part.spans[: MAX_MARKS + 1], has_box(part.text)
    answers = [span for span in spans[:-1] if not is_sentence(span)] + spans[-1:]
    return [span for span in answers if not (boxed and has_box(span))]


def _comparable(span: str, right: set[str], ignored: frozenset[str]) -> str:
    """A marked text in normal form: its first sentence if that is right and the rest does not revoke it."""
    whole = _normal(plain(span), ignored)
    sentence = _SENTENCE.match(span)
    if whole in right or sentence is None or SECOND_THOUGHT.search(span, sentence.end()):
        return whole
    first = _normal(plain(sentence[1]), ignored)
    return first if first in right else whole


def _normal(text: str, ignored: frozenset[str]) -> str:
    """The normal form of a text. Superscripts become exponents; folding would make them ordinary digits."""
    if emphasised := _EMPHASIS.fullmatch(text):
        text = emphasised[2]
    text = _RAISED.sub(lambda match: "^" + normalize("NFKC", match[0]), text)
    text = folded(text, keep_case="case" not in ignored).removesuffix(".").replace("\u2044", "/")
    if "case" in ignored:  # Turkish has two letters I in either case
        text = text.replace("i\u0307", "i").replace("\u0131", "i")
    if "punctuation" in ignored:
        ends = (text[0], text[-1]) if _is_interval(text) else ("", "")
        text = _PUNCTUATION.sub(" ", text)
        text = text.join(ends)
    if "articles" in ignored:
        text = without if (without := _ARTICLES.sub(" ", text)).strip() else text
    return ("" if "space" in ignored else " ").join(text.split())


def _is_interval(text: str) -> bool:
    """Whether a text is an interval, a pair or a list of values, whose brackets count."""
    return text[:1] in ("(", "[") and text[-1:] in (")", "]") and "," in text and not _WORD.search(text)
