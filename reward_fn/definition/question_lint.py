"""Warnings about the questions of a definition's criteria: wording that rewards padding or divides judges.

Every cold start lints its definition, and compiling these patterns takes 2 ms. So each pattern is compiled
only when a question holds words without which the pattern can't match.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from reward_fn.definition.judge_mode import mode_named
from reward_fn.text.lazy import lazy
from reward_fn.types.definition import LintWarning

_PRESENCE_STARTS = frozenset("do does is are has have".split())
_PRESENCE_VERBS = frozenset(
    "include mention contain have has provide list use refer state present there".split()
)
_PRESENCE = lazy(
    rf"^\s*(?:{'|'.join(sorted(_PRESENCE_STARTS))})\b[^?]{{0,80}}?\b"
    rf"(?:{'|'.join(sorted(_PRESENCE_VERBS))})\b[^?]{{0,80}}\?\s*$",
    re.IGNORECASE,
)
_QUALITY = lazy(
    r"\b(?:correct|right|accurate|every|all|each|only|exactly|consistent|support|follow|without|enough|concrete"
    r"|complete|relevant|faithful|true|same|match|at least|no more than|that (?:is|are|would|can))\w*\b",
    re.IGNORECASE,
)
"""Words by which a question asks how good something is, and not only whether it is there."""

_BETWEEN = r"\b(?:of|between|in|on|at|for|from|by|with|without|about|than|under|against) "
_VERBS = r"(?:is|are|was|were|has|have|does|do|did|can|will|would|should)\b"
_NOUN = rf"(?!{_VERBS})[\w'-]+"
_PAIR = lazy(
    rf"{_BETWEEN}(the |an? |)(?!the |an? ){_NOUN}(?: {_NOUN})? (?:and|as well as) \1{_NOUN}(?: {_NOUN})?"
    rf"(?=$|[,;:]| {_BETWEEN})",
    re.IGNORECASE,
)
"""Two nouns after one preposition, up to the end of the phrase: "the rules of grammar and punctuation"."""
_TWO_THINGS = lazy(r"\b(?:and|as well as)\b", re.IGNORECASE)

_SCALE_WORDS = frozenset(
    "rate score grade rank evaluate assess judge how extent degree rating mark scale out".split()
)
"""Each alternative of ``_SCALE`` holds one of these words, or a digit."""
_SCALE = lazy(
    r"(?:^|[.!?:;] )(?:please )?(?:rate|score|grade|rank|evaluate|assess|judge)\b(?! (?:whether|if)\b)"
    r"|(?:^|[.!?:;] )(?:how\b|to what (?:extent|degree)\b|what (?:score|rating|grade|mark)\b)"
    r"|\bon a scale\b|\bout of (?:5|10|100|five|ten)\b"
    r"|\b(?:score|rating|grade|points|stars|marks?)\b.{0,20}\b[01] ?(?:to|and|-|–) ?\d+",
    re.IGNORECASE,
)
"""Questions that yes or no does not answer: an order to rate, how good something is, a range of marks."""
_BRACES = lazy(r"\{\{[^{}\n]{0,60}\}\}|\{[A-Za-z_][\w.]{0,40}\}|\$\{\w{1,40}\}|<\|?[a-z_]+\|>")


class Question(NamedTuple):
    """A criterion as the linter reads it: ``text`` on one line, ``words`` in lower case."""

    place: str
    criterion: Mapping[str, Any]
    text: str
    words: frozenset[str]


def questions(data: Mapping[str, Any]) -> Iterator[Question]:
    """The questions of a definition's criteria, in their order."""
    for i, criterion in enumerate(data.get("judge", {}).get("criterion", [])):
        text = " ".join(criterion["question"].split())
        spaced = "".join(sign if sign.isalnum() or sign == "_" else " " for sign in text.casefold())
        yield Question(f"judge.criterion[{i}]", criterion, text, frozenset(spaced.split()))


def presence_only(data: Mapping[str, Any]) -> Iterator[LintWarning]:
    """Questions that ask whether something is there, but not whether it is right."""
    for question in questions(data):
        counts_against = question.criterion.get("weight", 1.0) <= 0
        if "quote_from" in question.criterion or counts_against or not _asks_for_presence(question):
            continue
        message = "asks only whether something is there, which padding satisfies; ask if it is right"
        yield LintWarning("presence-only", question.place, message)


def _asks_for_presence(question: Question) -> bool:
    if not (question.words & _PRESENCE_STARTS and question.words & _PRESENCE_VERBS):
        return False
    return _PRESENCE.match(question.text) is not None and _QUALITY.search(question.text) is None


def asks_two_things(data: Mapping[str, Any]) -> Iterator[LintWarning]:
    """Questions joined by "and", and criteria with several questions."""
    for question in questions(data):
        if question.text.count("?") > 1 or _joins_two_things(question):
            message = "asks two things, so a no does not say which, and judges differ; make them two criteria"
            yield LintWarning("asks-two-things", question.place, message)


def _joins_two_things(question: Question) -> bool:
    if not ("and" in question.words or {"as", "well"} <= question.words):
        return False
    first = question.text.partition("?")[0].strip()
    return _TWO_THINGS.search(_PAIR.sub("", first)) is not None


def asks_for_a_scale(data: Mapping[str, Any]) -> Iterator[LintWarning]:
    """Questions for a degree that are answered by yes or no."""
    if not mode_named(data.get("judge", {})).takes_choices:
        return
    for question in questions(data):
        may_match = question.words & _SCALE_WORDS or any(sign.isdecimal() for sign in question.text)
        if may_match and "choices" not in question.criterion and _SCALE.search(question.text):
            message = (
                "asks for a place on a scale, but the answer is yes or no; ask whether it is good enough, or "
                "give choices, worst first"
            )
            yield LintWarning("asks-for-a-scale", question.place, message)


def template_braces(data: Mapping[str, Any]) -> Iterator[LintWarning]:
    """Questions with a template's placeholder, which nothing fills in."""
    for question in questions(data):
        text = question.criterion["question"]
        if ("{" in text or "<" in text) and (braces := _BRACES.search(text)):
            message = (
                f"holds {braces[0][:40]!r}, which nothing fills in; the judge sees the prompt, the response "
                "and the documents anyway: name them in words"
            )
            yield LintWarning("template-braces", question.place, message)
