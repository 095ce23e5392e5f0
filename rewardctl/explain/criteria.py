"""The criteria of a rubric with the verdicts of one record, and where their evidence stands."""

from collections.abc import Iterator, Mapping, Sequence
from math import fsum
from typing import Any

from reward_fn.score.rubric import Part, criterion_parts
from reward_fn.types.rubric import Criterion
from rewardctl.explain.parts import AnswerLine, CriterionLine, Place, VoteLine
from rewardctl.explain.places import place_of
from rewardctl.explain.recorded import Recorded

Entry = Mapping[str, Any]
"""A verdict of a record."""


def criterion_lines(recorded: Recorded) -> tuple[CriterionLine, ...]:
    """One line for each criterion, in the definition's order; then those that the definition lacks.

    () if the judge gave no verdicts, and none were reported as metrics.
    """
    by_name: dict[str, list[Entry]] = {}
    for entry in recorded.record.get("verdicts") or ():
        by_name.setdefault(entry["criterion"], []).append(entry)
    parts = criterion_parts(recorded.verdicts)
    lines = []
    for criterion in recorded.criteria:
        entries = by_name.pop(criterion.name, [])
        if entries or criterion.name in recorded.metrics:
            lines.append(_line(criterion, entries, recorded, parts.get(criterion.name)))
    return (*lines, *(_unknown(name, entries, recorded) for name, entries in by_name.items()))


def _line(
    criterion: Criterion, entries: Sequence[Entry], recorded: Recorded, part: Part | None
) -> CriterionLine:
    return CriterionLine(
        criterion.name,
        " ".join(criterion.question.split()),
        criterion.weight,
        _score(entries) if entries else recorded.metrics[criterion.name],
        tuple(_answer(entry, criterion, recorded) for entry in entries),
        part.earned if part else None,
        criterion.essential,
        criterion.maps_to,
    )


def _unknown(name: str, entries: Sequence[Entry], recorded: Recorded) -> CriterionLine:
    """The line of a criterion that the definition at hand does not have."""
    return CriterionLine(
        name, "", None, _score(entries), tuple(_answer(entry, None, recorded) for entry in entries)
    )


def _score(entries: Sequence[Entry]) -> float | None:
    """The mean worth of the answers that have one."""
    worths = [float(entry["worth"]) for entry in entries if entry["worth"] is not None]
    return fsum(worths) / len(worths) if worths else None


def _answer(entry: Entry, criterion: Criterion | None, recorded: Recorded) -> AnswerLine:
    places, search = _search(entry, criterion, recorded) if criterion else ((), "")
    return AnswerLine(
        entry.get("item"),
        str(entry["answer"]),
        None if entry["worth"] is None else float(entry["worth"]),
        entry.get("evidence") or "",
        bool(entry.get("unsupported")),
        places,
        search,
        tuple(_votes(entry, recorded)),
    )


def _votes(entry: Entry, recorded: Recorded) -> Iterator[VoteLine]:
    """What each judge of a panel answered to the same question."""
    for vote in recorded.record.get("votes") or ():
        for cast in vote["verdicts"]:
            if cast["criterion"] == entry["criterion"] and cast.get("item") == entry.get("item"):
                yield VoteLine(
                    str(vote["model"]),
                    str(cast["answer"]),
                    cast["worth"],
                    cast.get("evidence") or "",
                    bool(cast.get("unsupported")),
                )


def _search(entry: Entry, criterion: Criterion, recorded: Recorded) -> tuple[tuple[Place, ...], str]:
    """Where the quote of a verdict stands, and the result of the search in words."""
    if criterion.evidence_kind != "quote" or recorded.material is None:
        return (), ""
    quote = (entry.get("evidence") or "").strip()
    if not quote:
        is_needed = bool(criterion.quote_from) and bool(entry["worth"])
        return (), "no quote in the record, which a verdict from a table does not keep" if is_needed else ""
    texts = _texts(criterion, recorded)
    places = tuple(place for name, text in texts.items() if (place := place_of(quote, name, text)))
    if not places:
        return (), f"not found in {' or '.join(texts)}" if texts else "no document to search"
    where = f"found in {' and '.join(place.document for place in places)}"
    if entry.get("unsupported"):
        return places, f"{where}, but it shares no passage with the item's {criterion.quote_of or 'text'}"
    return places, where


def _texts(criterion: Criterion, recorded: Recorded) -> Mapping[str, str]:
    """The texts that a quote may come from: the documents that are named, else everything shown."""
    material = recorded.material
    if material is None:
        return {}
    if criterion.quote_from:
        return {name: text for name, text in material.documents.items() if name in criterion.quote_from}
    prompt = {"prompt": material.rollout.prompt} if material.spec.show_prompt else {}
    return {**material.documents, **prompt, "response": material.rollout.response}
