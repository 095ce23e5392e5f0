"""Fills any JSON Schema with verdicts: whatever object is asked for, it comes back complete."""

import math
import re
from collections.abc import Mapping
from dataclasses import replace
from itertools import islice
from typing import Any

from reward_fn.judge.ask.verdict_schema import ITEM
from rewardctl.emulate.lexical import decide
from rewardctl.emulate.material import Material
from rewardctl.emulate.question import Criterion
from rewardctl.emulate.request import InvalidRequestError
from rewardctl.emulate.rules import Decision

MAX_DEPTH = 32
MAX_VALUES = 5_000

_WORD = re.compile(r"\S+")
_EMPTY: Mapping[str, Any] = {"object": {}, "null": None}
_REDIRECTIONS = frozenset({"$ref", "anyOf", "oneOf", "allOf"})
_NO_SCORE = ("cannot_assess", "not_applicable")
_YES = ("yes", "true", "pass", "passed", "present", "correct", "good", "met", "satisfied", "1")
_NO = ("no", "false", "fail", "failed", "absent", "incorrect", "bad", "unmet", "unsatisfied", "0")


def fill_default(material: Material) -> dict[str, Any]:
    """The verdict object for a request that gives no schema, in the form that prompts describe."""

    def leaf(name: str, path: tuple[str, ...]) -> dict[str, str]:
        found = _decision(material, (*path, name), {})
        return {"evidence": found.evidence, "verdict": found.verdict}

    by_item = [name for name, each in material.criteria.items() if each.scope == "item"]
    by_answer = [name for name, each in material.criteria.items() if each.scope != "item"]
    value: dict[str, Any] = {}
    if by_item and material.items:
        value["items"] = {key: {n: leaf(n, ("items", key)) for n in by_item} for key in material.items}
    if by_answer:
        value["answer"] = {name: leaf(name, ("answer",)) for name in by_answer}
    return value


def fill(schema: Mapping[str, Any], material: Material) -> Any:
    """A value that the schema allows, each verdict decided from the material.

    An object that holds texts and at most one choice, number or Boolean is one verdict; its key names the
    criterion and a key above it the item. Where an object holds several of them, or one under the name of a
    criterion, each is a verdict of its own. A list of objects with the number of an item gets one for each
    item. Raises InvalidRequestError for a schema too deep or too large.
    """
    return _Filler(schema, material).value(schema, (), None)


class _Filler:
    def __init__(self, root: Mapping[str, Any], material: Material) -> None:
        self._root = root
        self._material = material
        self._values = 0
        self._leaf: Mapping[str, Any] = {}
        self._menus: list[tuple[str, Any]] = []

    def value(self, schema: Any, path: tuple[str, ...], decision: Decision | None) -> Any:
        """A value for ``schema`` at ``path``; ``decision`` is that of the verdict which it is a part of."""
        self._values += 1
        if len(path) > MAX_DEPTH or self._values > MAX_VALUES:
            raise InvalidRequestError("The schema is too deep or too large.")
        schema = self._resolved(schema)
        if "const" in schema:
            return schema["const"]
        if isinstance(schema.get("properties"), dict):
            return self._object(schema, path)
        kind = _kind(schema)
        if kind in _EMPTY:
            return _EMPTY[kind]
        if kind == "array":
            return self._list(schema, path)
        return _said(schema, kind, decision or _decision(self._material, path, schema))

    def _list(self, schema: Mapping[str, Any], path: tuple[str, ...]) -> Any:
        element = self._resolved(schema.get("items"))
        if self._material.items and ITEM in (element.get("properties") or {}):
            filled = ((key, self.value(element, (*path, key), None)) for key in self._material.items)
            return [{**value, ITEM: _item_number(key)} for key, value in filled]
        count = max(1, min(int(_number(schema.get("minItems"), 1)), 100))
        return [self.value(element, (*path, f"[{i}]"), None) for i in range(count)]

    def _object(self, schema: Mapping[str, Any], path: tuple[str, ...]) -> Any:
        if schema == self._leaf:  # nearly all verdicts of a request have the same schema
            found = _decision(self._material, path, schema)
            return {name: _from_menu(menu, found) if menu else found.evidence for name, menu in self._menus}
        parts = {name: self._resolved(part) for name, part in schema["properties"].items()}
        one = _is_one_verdict(parts) and self._material.criteria.keys().isdisjoint(parts)
        decision = _decision(self._material, path, schema) if one else None
        if decision and all(_is_text_or_menu(part) for part in parts.values()):
            self._leaf, self._menus = schema, [(name, part.get("enum")) for name, part in parts.items()]
        return {name: self.value(part, (*path, name), decision) for name, part in parts.items()}

    def _resolved(self, schema: Any) -> Mapping[str, Any]:
        """The schema behind local references and the first of several choices."""
        for _ in range(MAX_DEPTH):
            if not isinstance(schema, dict):
                return {}
            if _REDIRECTIONS.isdisjoint(schema):
                return schema
            choices = schema.get("anyOf") or schema.get("oneOf") or schema.get("allOf")
            if isinstance(schema.get("$ref"), str):
                schema = self._referred(schema["$ref"])
            elif isinstance(choices, list) and choices and "properties" not in schema:
                schema = choices[0]
            else:
                return schema
        raise InvalidRequestError("The schema refers to itself without end.")

    def _referred(self, reference: str) -> Any:
        found: Any = self._root
        for part in reference.removeprefix("#").strip("/").split("/") if reference != "#" else ():
            found = found.get(part) if isinstance(found, dict) else None
        if found is None:
            raise InvalidRequestError(f"The schema refers to {reference}, which is not in it.")
        return found


def _kind(schema: Mapping[str, Any]) -> str:
    """The type that a schema asks for; "enum" where it gives a menu, "string" where it says nothing."""
    if isinstance(schema.get("enum"), list) and schema["enum"]:
        return "enum"
    kind = schema.get("type", "string")
    return str(next((k for k in kind if k != "null"), "null") if isinstance(kind, list) else kind)


def _said(schema: Mapping[str, Any], kind: str, decision: Decision) -> Any:
    """A decision as a single value of that kind."""
    if kind == "enum":
        return _from_menu(schema["enum"], decision)
    if kind == "boolean":
        return decision.verdict == "yes"
    if kind in ("integer", "number"):
        low = _number(schema.get("minimum"), 0)
        value = low + decision.score * (_number(schema.get("maximum"), low + 1) - low)
        return round(value) if kind == "integer" else value
    return decision.evidence


def _is_text_or_menu(part: Mapping[str, Any]) -> bool:
    """Whether a part of a verdict is plain text or a choice from an enum."""
    return part.keys() <= {"type", "enum", "description"} and _kind(part) in ("enum", "string")


def _is_one_verdict(parts: Mapping[str, Mapping[str, Any]]) -> bool:
    """Whether an object's parts are one verdict with its evidence, rather than several things."""
    kinds = [_kind(part) for part in parts.values() if "properties" not in part]
    if len(kinds) < len(parts) or not kinds or "object" in kinds or "array" in kinds:
        return False
    return len(kinds) - kinds.count("string") <= 1


def _number(value: Any, default: float) -> float:
    return value if isinstance(value, int | float) and math.isfinite(value) else default


def _decision(material: Material, path: tuple[str, ...], schema: Mapping[str, Any]) -> Decision:
    """The decision on the criterion that the path names, about the item that it passes."""
    item = next((key for key in path if key in material.items), None)
    name = next((key for key in reversed(path) if key in material.criteria), None)
    if name is None and not path and len(material.criteria) == 1:
        name = next(iter(material.criteria))
    criterion = material.criteria[name] if name else _made_up(path, schema, item)
    if len(material.answers) == 2:
        return _with_length(_compared(material, criterion), criterion)
    unit = material.items[item] if item else material.whole
    return _with_length(decide(material, criterion, unit), criterion)


def _with_length(decision: Decision, criterion: Criterion) -> Decision:
    """The decision with no more words of evidence than the criterion asks for."""
    if not criterion.evidence_words:
        return decision
    last = next(islice(_WORD.finditer(decision.evidence), criterion.evidence_words - 1, None), None)
    return replace(decision, evidence=decision.evidence[: last.end()]) if last else decision


def _item_number(key: str) -> int:
    """The number of an item by its name in the prompt, its last digits."""
    found = re.search(r"[0-9]{1,6}$", key)
    return int(found[0]) if found else 0


def _compared(material: Material, criterion: Criterion) -> Decision:
    """Which of two answers the criterion holds for better: the verdict is its name, or "same"."""
    (one, first), (other, second) = (
        (name, decide(material, criterion, unit)) for name, unit in material.answers.items()
    )
    worth = [(found.verdict == "yes", found.score) for found in (first, second)]
    if worth[0] == worth[1]:
        return replace(first, verdict="same", score=0.5)
    return replace(first, verdict=one, score=1.0) if worth[0] > worth[1] else replace(second, verdict=other)


def _made_up(path: tuple[str, ...], schema: Mapping[str, Any], item: str | None) -> Criterion:
    """A criterion from the schema alone: its description, else the words of its name."""
    name = next((key for key in reversed(path) if not key.strip("[]").isdigit()), "")
    question = schema.get("description") or schema.get("title") or name.replace("_", " ")
    return Criterion(name, str(question), "item" if item else "answer")


def _from_menu(menu: list[Any], decision: Decision) -> Any:
    """The entry of an enum that says what the decision says; on any other scale, the one at its score."""
    if decision.verdict in menu:
        return decision.verdict
    said = {str(entry).lower(): entry for entry in menu}
    if decision.verdict in said:
        return said[decision.verdict]
    yes = next((said[word] for word in _YES if word in said), None)
    no = next((said[word] for word in _NO if word in said), None)
    if yes is not None and no is not None and len(menu) <= 3:
        return yes if decision.verdict == "yes" else no
    numbers = [entry for entry in menu if isinstance(entry, int | float)]
    choices = [entry for entry in menu if entry not in _NO_SCORE]
    scale = sorted(numbers) if len(numbers) == len(menu) else choices or menu
    return scale[round(decision.score * (len(scale) - 1))]
