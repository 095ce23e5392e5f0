"""The criteria with their verdicts and evidence, for a terminal."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from rewardctl.explain.numbers import number, ranges, signed
from rewardctl.explain.parts import AnswerLine, CriterionLine, Place, VoteLine
from rewardctl.explain.terminal_answer import shortened
from rewardctl.explain.types import Explanation
from rewardctl.explain.visible import one_line

CONTEXT_CHARS = 40
QUOTE_CHARS = 160
ITEM_CHARS = 68


def criteria(explanation: Explanation) -> Group:
    """The items, then each criterion with its question and its verdicts."""
    parts: list[RenderableType] = []
    if any(answer.item is not None for line in explanation.criteria for answer in line.answers):
        parts += [_item(place, text) for place, text in enumerate(explanation.items, 1)]
        parts.append(Text())
    for line in explanation.criteria:
        parts.append(_title(line))
        stands_for = f" (It stands for {line.maps_to}.)" if line.maps_to else ""
        if line.question:
            parts.append(Padding(Text(one_line(line.question + stands_for), style="dim"), (0, 0, 0, 2)))
        parts += [Padding(part, (0, 0, 0, 2)) for part in _verdicts(line)]
    return Group(*parts)


def _item(place: int, text: str) -> Text:
    line = one_line(text)
    shown = line if len(line) <= ITEM_CHARS else f"{line[: ITEM_CHARS - 1]}\u2026"
    return Text.assemble((f"item {place} ", "dim"), shown)


def _title(line: CriterionLine) -> Text:
    facts = [f"score {number(line.score)}"]
    if line.weight is not None:
        facts.append(f"weight {number(line.weight)}")
    if line.weight is not None and line.weight < 0:
        facts.append("a pitfall: a yes costs")
    if line.essential:
        facts.append("essential")
    if line.share is not None:
        facts.append(f"{signed(line.share)} in the rubric")
    return Text.assemble((one_line(line.name), "bold"), "  ", one_line(", ".join(facts)))


def _verdicts(line: CriterionLine) -> Iterator[RenderableType]:
    """One entry for each answer; neighbours with the same answer and nothing to show share one."""
    for key, answers in groupby(line.answers, key=_shared_key):
        alike = list(answers)
        if key is not None:
            yield _verdict(alike[0], _places(alike))
        else:
            for answer in alike:
                yield Group(_verdict(answer, _places([answer])), *_evidence(answer), *_vote_lines(answer))


def _shared_key(answer: AnswerLine) -> str | None:
    """The answer, if it can share its line with others; None if it has evidence or votes of its own."""
    return None if answer.evidence or answer.search or answer.votes else answer.answer


def _places(answers: Sequence[AnswerLine]) -> str:
    """ "items 1-3, 5", "item 2"; "" for the whole answer."""
    numbers = [answer.item + 1 for answer in answers if answer.item is not None]
    if not numbers:
        return ""
    return f"item {numbers[0]}" if len(numbers) == 1 else f"items {ranges(numbers)}"


def _verdict(answer: AnswerLine, place: str) -> Text:
    style = "magenta" if answer.worth is None else "green" if answer.worth >= 1 else "red"
    search = f"  {one_line(answer.search)}" if answer.search else ""
    return Text.assemble(
        (f"{place}  " if place else "", "dim"), (one_line(answer.answer), style), (search, "dim")
    )


def _evidence(answer: AnswerLine) -> Iterator[RenderableType]:
    """The quote in its source, or the judge's words."""
    if answer.places:
        yield from (Padding(_place(place), (0, 0, 0, 2)) for place in answer.places)
    elif answer.evidence:
        style = "red" if answer.unsupported else "italic"
        text = shortened(one_line(answer.evidence), 2 * QUOTE_CHARS)
        yield Padding(Text(f"\u201c{text}\u201d", style=style), (0, 0, 0, 2))


def _place(place: Place) -> Text:
    """The quote with a little context, and where it stands."""
    return Text.assemble(
        (f"{one_line(place.document)} at {place.start:,}: ", "dim"),
        ("\u2026" + one_line(place.before)[-CONTEXT_CHARS:] + " " if place.before.strip() else "", "dim"),
        (shortened(one_line(place.quote), QUOTE_CHARS), "green"),
        (" " + one_line(place.after)[:CONTEXT_CHARS] + "\u2026" if place.after.strip() else "", "dim"),
    )


def _vote_lines(answer: AnswerLine) -> Iterator[RenderableType]:
    yield from (Padding(_vote(vote), (0, 0, 0, 2)) for vote in answer.votes)


def _vote(vote: VoteLine) -> Text:
    quote = f": {shortened(one_line(vote.evidence), QUOTE_CHARS)}" if vote.evidence else ""
    mark = " (quote not found)" if vote.unsupported else ""
    return Text.assemble((f"vote of {one_line(vote.model)} ", "dim"), one_line(vote.answer), f"{mark}{quote}")
