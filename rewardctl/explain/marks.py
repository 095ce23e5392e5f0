"""The marks in a response: what the checks point at, and the quotes of the judge."""

from collections.abc import Iterator, Sequence
from itertools import islice

from reward_fn.text.quotation import QUOTATION
from reward_fn.types.check import CheckResult
from rewardctl.explain.answer_json import AnswerJson
from rewardctl.explain.check_marks import FINDERS, MAX_MARKS, Ran
from rewardctl.explain.overlap import marked_text
from rewardctl.explain.parts import AnswerLine, CriterionLine, Mark, MarkedText, MarkKind
from rewardctl.explain.places import exact_span, near_span
from rewardctl.explain.recorded import Recorded

MIN_CHARS = 12
"""A shorter quote of the judge stands in a response by chance."""


def response_of(recorded: Recorded, criteria: Sequence[CriterionLine]) -> MarkedText:
    """The response with its marks; empty for a row that can't be scored."""
    if recorded.rollout is None:
        return MarkedText("")
    at = AnswerJson(recorded.rollout)
    marks = [*_of_checks(recorded, at), *_of_verdicts(recorded, criteria, at)]
    return marked_text(at.response, marks)


def _of_checks(recorded: Recorded, at: AnswerJson) -> Iterator[Mark]:
    for spec in recorded.specs:
        result, find = recorded.results.get(spec.name), FINDERS.get(spec.kind)
        if find is not None and isinstance(result, CheckResult):
            yield from islice(find(Ran(spec.name, spec.parameters, result, at)), MAX_MARKS)


def _of_verdicts(recorded: Recorded, criteria: Sequence[CriterionLine], at: AnswerJson) -> Iterator[Mark]:
    """The judge's quotes that stand in the response; those about an item are looked for in that item."""
    spec = recorded.definition.judge if recorded.definition else None
    items = at.elements(spec.items) if spec and spec.items else []
    for criterion in criteria:
        for answer in criterion.answers:
            start, end = 0, len(at.response)
            if answer.item is not None and answer.item < len(items):
                start, end = items[answer.item]
            for quote in _quotes(answer):
                text = at.response[:end]
                if span := exact_span(quote, text, start) or near_span(quote, text, start):
                    yield Mark(*span, *_kind_and_why(criterion, answer))


def _quotes(answer: AnswerLine) -> list[str]:
    """The evidence as a whole, and the passages that it has in quotation marks."""
    quoted = [match[0][1:-1] for match in QUOTATION.finditer(answer.evidence)]
    return [text for text in (answer.evidence.strip(), *quoted) if len(text) >= MIN_CHARS]


def _kind_and_why(criterion: CriterionLine, answer: AnswerLine) -> tuple[MarkKind, str]:
    if answer.unsupported:
        return "unsupported", f"{criterion.name}: {answer.search or 'the quote is not in its source'}"
    costs = answer.worth is not None and (
        answer.worth > 0 if (criterion.weight or 0) < 0 else answer.worth < 1
    )
    return "finding" if costs else "evidence", f"{criterion.name}: {answer.answer}"
