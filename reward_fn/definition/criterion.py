"""A criterion as a definition or a rollout writes it: checked for mistakes, and compiled."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from reward_fn.definition.form import unknown
from reward_fn.judge.ask.verdict_schema import ITEM
from reward_fn.types.rubric import YES_NO, Criterion, Example, VerdictClass


def criterion_of(entry: Mapping[str, Any], scope: str = "answer") -> Criterion:
    """The criterion that an entry of right form describes; ``scope`` is its default scope."""
    return Criterion(
        name=entry["name"],
        question=entry["question"].strip(),
        weight=float(entry.get("weight", 1.0)),
        scope=entry.get("scope", scope),
        essential=entry.get("essential", False),
        may_not_apply=entry.get("may_not_apply", False),
        quote_from=tuple(entry.get("quote_from", ())),
        quote_of=entry.get("quote_of", ""),
        maps_to=entry.get("maps_to", ""),
        choices=tuple(entry.get("choices", ())),
        values=tuple(map(float, entry.get("values", ()))),
        evidence=entry.get("evidence", ""),
        examples=tuple(
            Example(example["answer"].strip(), example["verdict"], example.get("why", "").strip())
            for example in entry.get("example", ())
            if example is not None
        ),
    )


def most_verdicts(criteria: Sequence[Criterion], max_items: int) -> int:
    """The largest number of verdicts in a reply about one rollout."""
    item_criteria = sum(criterion.scope == "item" for criterion in criteria)
    return item_criteria * max_items + len(criteria) - item_criteria


def criterion_mistakes(
    entry: Mapping[str, Any],
    place: str,
    documents: Mapping[str, bool],
    *,
    has_items: bool,
    shown: Sequence[str] = (),
) -> Iterator[str]:
    """The mistakes in a criterion of right form, each with its path in the file.

    ``documents`` maps each document's name to whether it is optional. ``shown`` are the keys of an item that
    the judge sees; empty means all of them.
    """
    if entry.get("scope") == "item" and not has_items:
        yield f'{place}.scope: "item" needs judge.items; name the list whose elements are judged'
    quotable = entry.get("quote_from", [])
    for name in quotable:
        if name not in documents:
            yield f"{place}.quote_from: {unknown('document', name, documents)}"
    if quotable and all(documents.get(name, False) for name in quotable):
        yield f"{place}.quote_from: all its documents are optional; name one that is not"
    if "quote_of" in entry and (not quotable or not has_items or entry.get("scope") == "answer"):
        yield f'{place}.quote_of: needs quote_from, judge.items and scope "item"; add them, or leave it out'
    elif "quote_of" in entry and shown and entry["quote_of"] not in shown:
        key = entry["quote_of"]
        yield f"{place}.quote_of: {key!r} is not shown to the judge; add it to judge.item_fields"
    if entry.get("essential") and entry.get("weight", 1.0) < 0:
        yield f"{place}.essential: a pitfall can't be essential; leave it out, or set a weight above 0"
    if quotable and entry.get("evidence", "quote") != "quote":
        yield f'{place}.evidence: must be "quote" with quote_from; code looks for that quote'
    if entry["name"] == ITEM:
        yield f"{place}.name: {ITEM!r} is reserved for the item's number in replies; choose another"
    yield from _choice_mistakes(entry, place)
    yield from _example_mistakes(entry, place)


def _example_mistakes(entry: Mapping[str, Any], place: str) -> Iterator[str]:
    menu = [*(entry.get("choices") or YES_NO), VerdictClass.CANNOT_ASSESS]
    menu += [VerdictClass.NOT_APPLICABLE] if entry.get("may_not_apply") else []
    for i, example in enumerate(entry.get("example", [])):
        if example and "verdict" in example and example["verdict"] not in menu:
            yield f"{place}.example[{i}].verdict: {unknown('verdict', example['verdict'], menu)}"


def _choice_mistakes(entry: Mapping[str, Any], place: str) -> Iterator[str]:
    choices, values = entry.get("choices", []), entry.get("values")
    if values is not None and len(values) != len(choices):
        yield f"{place}.values: {len(values)} for {len(choices)} choices; give one value each, worst first"
    elif values and (values != sorted(values) or values[0] == values[-1]):
        yield f"{place}.values: must increase from the worst choice to the best"
    for choice in set(choices) & {"cannot_assess", "not_applicable"}:
        yield f"{place}.choices: {choice!r} is not a choice; leave it out (see may_not_apply)"
