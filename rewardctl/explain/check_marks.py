"""What a check objected to, or read, in a response, as marks; one function for each kind of check.

The checks themselves keep no places, so the same searches run again with the definition's parameters.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from reward_fn.checks._answer_place import answer_of
from reward_fn.checks.injection_marks import marks_of
from reward_fn.checks.quotes_source import repeats
from reward_fn.checks.safety import findings_of
from reward_fn.paths import find_text
from reward_fn.text.answer_marks import AnswerMarks, answer_marks, marked_answers
from reward_fn.text.quotes import MIN_CHARS, find_quote
from reward_fn.text.unicode_noise import find_noise
from reward_fn.types.check import CheckResult
from rewardctl.explain.answer_json import AnswerJson
from rewardctl.explain.json_spans import inside
from rewardctl.explain.parts import Mark, MarkKind
from rewardctl.explain.places import exact_span, near_span

MAX_MARKS = 40
"""The most marks of one check."""
_VIOLATES = "violates the schema at "


class Ran(NamedTuple):
    """A check that ran: its name and parameters in the definition, its result, and the answer it read."""

    name: str
    parameters: Mapping[str, Any]
    result: CheckResult
    at: AnswerJson

    @property
    def objected(self) -> bool:
        """Whether the check found something wrong."""
        return self.result.score < 1.0


Finder = Callable[[Ran], Iterator[Mark]]
"""Yields the marks of one check."""


def quotes_source(ran: Ran) -> Iterator[Mark]:
    """Each quote of the list: evidence in its source, a finding if it repeats another, else unsupported."""
    paths = ran.parameters["source"]
    paths = [paths] if isinstance(paths, str) else paths
    source = next((path for path in paths if find_text(ran.at.rollout, [path])), None)
    value, key = ran.at.rollout.parsed.value, ran.parameters["quote"]
    elements = value.get(ran.parameters["items"]) if isinstance(value, dict) else None
    if source is None or not isinstance(elements, list):
        return
    quotes = [element.get(key) if isinstance(element, dict) else None for element in elements]
    min_chars, text = ran.parameters.get("min_chars", MIN_CHARS), find_text(ran.at.rollout, paths) or ""
    spans = [find_quote(q, text, min_chars=min_chars) if isinstance(q, str) else None for q in quotes]
    repeated = repeats(spans)
    for index, element in enumerate(ran.at.elements(ran.parameters["items"])):
        place = ran.at.field(element, key)
        if place is None or not isinstance(quotes[index], str):
            continue
        found: tuple[MarkKind, str] = ("evidence", f"stands in {source}")
        if spans[index] is None:
            found = "unsupported", f"not found in {source}"
        elif index in repeated:
            found = "finding", "repeats another quote, so it counts for nothing"
        yield Mark(*inside(ran.at.response, place), found[0], f"{ran.name}: {found[1]}")


def json_place(ran: Ran) -> Iterator[Mark]:
    """Where the answer's JSON breaks, or the value that breaks a schema."""
    if ran.objected and (span := ran.at.broken_at()):
        yield Mark(*span, "broken", f"{ran.name}: {ran.at.rollout.parsed.error}")
    elif ran.result.detail.startswith(_VIOLATES) and (
        span := ran.at.by_schema_path(ran.result.detail[len(_VIOLATES) :])
    ):
        yield Mark(*span, "finding", f"{ran.name}: {ran.result.detail}")


def answer_read(ran: Ran) -> Iterator[Mark]:
    """The answers that a check read, the last one first."""
    return _answers(ran, answer_marks())


def choice_read(ran: Ran) -> Iterator[Mark]:
    """The choices that a check read, the last one first."""
    return _answers(ran, answer_marks(nouns="answer|choice|option"))


def _answers(ran: Ran, marks: AnswerMarks) -> Iterator[Mark]:
    """The marked answers, or the text that is an answer without a mark.

    The same text may stand earlier in the response, so the search goes from its end to its start.
    """
    parts = marked_answers(answer_of(ran.parameters)(ran.at.rollout), marks)
    spans = [span.strip().partition("\n")[0] for part in parts for span in (part.spans or [part.bare])]
    limit = len(ran.at.response)
    for span in reversed(spans):
        text = span.strip(" .$*")
        place = ran.at.response.rfind(text, 0, limit) if text else -1
        if place >= 0:
            yield Mark(
                place, place + len(text), "answer", f"{ran.name} read this: {ran.result.detail or 'right'}"
            )
            limit = place


def safety(ran: Ran) -> Iterator[Mark]:
    """Personal data, secrets and words."""
    found = sorted(findings_of(ran.parameters)(ran.at.rollout)) if ran.objected else []
    yield from (mark for f in found if (mark := _marked(f.text, f"{ran.name}: {f.category}", ran.at)))


def injection(ran: Ran) -> Iterator[Mark]:
    """Texts that address the grader."""
    found = marks_of(ran.parameters)(ran.at.rollout) if ran.objected else []
    yield from (mark for kind, text in found if (mark := _marked(text, f"{ran.name}: {kind}", ran.at)))


def forbidden(ran: Ran) -> Iterator[Mark]:
    """The definition's forbidden phrases."""
    phrases = ran.parameters.get("phrases", ()) if ran.objected else ()
    yield from (
        mark for phrase in phrases if (mark := _marked(phrase, f"{ran.name}: forbidden phrase", ran.at))
    )


def noise(ran: Ran) -> Iterator[Mark]:
    """Hidden, broken and mixed-up characters, one after the other."""
    start = 0
    for kind, characters in find_noise(ran.at.response) if ran.objected else ():
        if span := exact_span(characters, ran.at.response, start):
            yield Mark(*span, "finding", f"{ran.name}: {kind}")
            start = span[1]


FINDERS: Mapping[str, Finder] = {
    "quotes_source": quotes_source,
    "json_schema": json_place,
    "json_fields": json_place,
    "numeric_answer": answer_read,
    "choice_answer": choice_read,
    "exact_answer": answer_read,
    "safety": safety,
    "injection_marks": injection,
    "forbidden_content": forbidden,
    "unicode_noise": noise,
}
"""The kinds of checks that can be shown in a response."""


def _marked(text: str, why: str, at: AnswerJson) -> Mark | None:
    """The first place of a finding, in any case and spacing; None if it is not there as such."""
    span = exact_span(text, at.response) or near_span(text, at.response)
    return Mark(*span, "finding", why) if span else None
