"""Fills the schema of a reply with verdicts, so that every reply is complete."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from reward_fn.judge.ask.verdict_schema import ITEM
from rewardctl.emulate.judge.material import Criterion, Material, Text
from rewardctl.emulate.judge.rules import decide
from rewardctl.emulate.request import InvalidRequestError

MAX_DEPTH = 32
UNSCORED = ("cannot_assess", "not_applicable")


@dataclass(frozen=True, slots=True)
class _Place:
    """Where in a reply a value stands: the text that it is about, and the criterion that it answers."""

    text: Text
    criterion: Criterion
    depth: int = 0


def fill(schema: Mapping[str, Any], material: Material) -> Any:
    """A value for the schema of a verdict object.

    The name of a property says which criterion its value answers. A list has one element for each item, with
    its number. Raises InvalidRequestError for a schema of another kind.
    """
    return _value(schema, material, _Place(material.whole, Criterion("", "")))


def schema_of(material: Material) -> dict[str, Any]:
    """The schema of the verdict object that a prompt describes, for a request that gives none."""

    def parts(scope: str) -> dict[str, Any]:
        return {name: _leaf(c) for name, c in material.criteria.items() if c.scope == scope}

    properties: dict[str, Any] = {}
    if material.items:
        properties["items"] = {"type": "array", "items": {"type": "object", "properties": parts("item")}}
    if of_answer := parts("answer"):
        properties["answer"] = {"type": "object", "properties": of_answer}
    return {"type": "object", "properties": properties}


def _leaf(criterion: Criterion) -> dict[str, Any]:
    """The schema of one verdict with its evidence."""
    menu = list(criterion.choices) or ["yes", "no"]
    return {"type": "object", "properties": {"evidence": {"type": "string"}, "verdict": {"enum": menu}}}


def _value(schema: Any, material: Material, place: _Place) -> Any:
    if not isinstance(schema, dict) or place.depth > MAX_DEPTH:
        raise InvalidRequestError(f"The schema is deeper than {MAX_DEPTH} levels, or not an object.")
    if isinstance(schema.get("enum"), list) and schema["enum"]:
        return _chosen(schema["enum"], material, place)
    if schema.get("type") == "string":
        return decide(material, place.criterion, place.text).evidence
    if isinstance(parts := schema.get("properties"), dict):
        return {
            name: _value(p, material, _below(place, name, material))
            for name, p in parts.items()
            if name != ITEM
        }
    if schema.get("type") == "array":
        texts = material.items.items()
        levels = [_value(schema.get("items"), material, _Place(text, place.criterion)) for _, text in texts]
        if all(isinstance(level, dict) for level in levels):
            return [{ITEM: number, **level} for number, level in enumerate(levels, 1)]
    raise InvalidRequestError("The stand-in fills objects, lists of items, choices and texts only.")


def _below(place: _Place, name: str, material: Material) -> _Place:
    """The place of the property of that name."""
    return _Place(place.text, material.criteria.get(name, place.criterion), place.depth + 1)


def _chosen(menu: list[Any], material: Material, place: _Place) -> Any:
    """The entry of a menu that says what the judge decided; on a scale, the one at its share."""
    shares = {name: decide(material, place.criterion, text).share for name, text in material.answers.items()}
    if shares:
        best = [name for name, share in shares.items() if share == max(shares.values())]
        return best[0] if len(best) == 1 else "same"
    decision = decide(material, place.criterion, place.text)
    if "yes" in menu and "no" in menu:
        return "yes" if decision.holds else "no"
    scale = [entry for entry in menu if entry not in UNSCORED] or menu
    return scale[round(decision.share * (len(scale) - 1))]
