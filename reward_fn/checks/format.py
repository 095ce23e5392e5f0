"""The share of format rules that a response keeps: patterns, sections and tags.

Each of these is one rule: a pattern that must match, a pattern that must not match, a section that must occur
exactly once, a tag that must enclose text exactly once, the order of the sections, the order of the tags. A
pattern that runs out of time counts as a broken rule.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from reward_fn.checks._answer_place import ANSWER, answer_of
from reward_fn.text.answer import SOLUTION_TAGS
from reward_fn.text.patterns import Allowance, compile_pattern
from reward_fn.text.thoughts import THOUGHT_TAGS, without_thoughts
from reward_fn.types.check import Check, CheckResult
from reward_fn.types.rollout import Rollout

_PATTERNS = {"type": "array", "items": {"type": "string", "minLength": 1}, "minItems": 1, "maxItems": 50}
_HEADING = {"type": "string", "pattern": r"^\S[^\n]{0,199}$(?!\n)"}
_TAG = {"type": "string", "pattern": r"^[A-Za-z][\w|-]{0,63}$(?!\n)"}
PARAMETERS: Mapping[str, Any] = {
    "type": "object",
    "properties": {
        "must_match": _PATTERNS,
        "must_not_match": _PATTERNS,
        "sections": {"type": "array", "items": _HEADING, "minItems": 1, "maxItems": 50, "uniqueItems": True},
        "tags": {"type": "array", "items": _TAG, "minItems": 1, "maxItems": 50, "uniqueItems": True},
        "in_order": {"type": "boolean"},
        "of": {"enum": ["answer", "response"]},
        "answer": ANSWER,
    },
    "additionalProperties": False,
}
_SOLUTION_TAG = re.compile(rf"</?(?:{'|'.join(SOLUTION_TAGS)})\b")

Rules = Callable[[str], Iterator[tuple[str, bool]]]
"""Returns, for each rule of one kind, its place in the definition and whether a text keeps it."""


def build(parameters: Mapping[str, Any], folder: Path) -> Check:
    """``of`` is the text to check: the answer (default) or the response. If ``tags`` or a pattern of
    ``must_match`` names solution tags, the answer is checked with the tags around it.

    ``in_order`` (default: true) requires sections and tags in the listed order. A section starts with a line
    that holds only its heading, or its heading and a colon, full-width or not: "## Risks", "**Risks**",
    "2. Risks", "Risks: none", "\u3010Risks\u3011 none". Lines may end in CRLF. Raises ValueError for a
    pattern that can't be used, and if no rule is set.
    """
    whole, ordered = parameters.get("of", "answer") == "response", parameters.get("in_order", True)
    tags = parameters.get("tags", [])
    tagged = bool(tags) or any(map(_SOLUTION_TAG.search, parameters.get("must_match", [])))
    find = answer_of(parameters)
    if not whole and THOUGHT_TAGS & set(tags):
        raise ValueError('tags: thoughts are not part of the answer; set of = "response" to check them')
    kinds = [
        *(_patterns(key, parameters[key]) for key in ("must_match", "must_not_match") if key in parameters),
        *([_sections(parameters["sections"], ordered=ordered)] if "sections" in parameters else []),
        *([_tags(tags, ordered=ordered)] if tags else []),
    ]
    if not kinds:
        raise ValueError("set at least one of must_match, must_not_match, sections and tags")

    def check(rollout: Rollout) -> CheckResult:
        text = rollout.response
        if not whole:
            text = without_thoughts(text) if tagged else find(rollout).text
        text = text.replace("\r\n", "\n")
        results = [result for kind in kinds for result in kind(text)]
        broken = [place for place, is_kept in results if not is_kept]
        detail = f"{len(broken)} of {len(results)} rules broken, first {broken[0]}" if broken else ""
        return CheckResult(1 - len(broken) / len(results), detail)

    return check


def _patterns(key: str, patterns: Sequence[str]) -> Rules:
    searches = []
    for i, pattern in enumerate(patterns):
        try:
            searches.append((f"{key}[{i}]", compile_pattern(pattern)))
        except ValueError as error:
            raise ValueError(f"{key}[{i}]: {error}") from error
    must_match = key == "must_match"

    def rules(text: str) -> Iterator[tuple[str, bool]]:
        allowance = Allowance()
        yield from ((place, search(text, allowance) is must_match) for place, search in searches)

    return rules


def _sections(headings: Sequence[str], *, ordered: bool) -> Rules:
    shaped = [re.sub(r"\\ ", r"[ \\t]+", re.escape(" ".join(heading.split()))) for heading in headings]
    if len({heading.casefold() for heading in shaped}) < len(shaped):
        raise ValueError("sections: two headings differ only in case; rename one")
    heads = re.compile(
        r"^[ \t\u3000>#*_]{0,20}(?:\(?\d{1,3}[.)\uff0e\uff09\u3001][ \t\u3000]{0,5})?[*_\u3010]{0,3}"
        rf"(?:{'|'.join(f'({heading})' for heading in shaped)})"
        r"(?:[ \t\u00a0\u202f\u3000*_#\u3011]*(?:[:\uff1a]|$)|\u3011)",
        re.IGNORECASE | re.MULTILINE,
    )

    def rules(text: str) -> Iterator[tuple[str, bool]]:
        order = [match.lastindex or 0 for match in heads.finditer(text)]
        yield from ((f"sections[{i}]", order.count(i + 1) == 1) for i in range(len(headings)))
        if ordered and len(headings) > 1:
            yield "the order of sections", order == sorted(order) and len({*order}) == len(headings)

    return rules


def _tags(tags: Sequence[str], *, ordered: bool) -> Rules:
    def rules(text: str) -> Iterator[tuple[str, bool]]:
        spans = [_enclosed(text, f"<{tag}>", f"</{tag}>") for tag in tags]
        yield from ((f"tags[{i}]", span is not None) for i, span in enumerate(spans))
        if ordered and len(tags) > 1:
            complete = [span for span in spans if span is not None]
            in_order = all(before[1] <= after[0] for before, after in pairwise(complete))
            yield "the order of tags", len(complete) == len(tags) and in_order

    return rules


def _enclosed(text: str, opening: str, closing: str) -> tuple[int, int] | None:
    """The span between a tag's only opening and only closing; None if there is no text between them."""
    if text.count(opening) != 1 or text.count(closing) != 1:
        return None
    start, end = text.find(opening), text.find(closing)
    return (start, end) if text[start + len(opening) : end].strip() else None
