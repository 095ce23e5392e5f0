"""The share of the reference's fields that are right in the answer's JSON, in [0, 1].

Each field has a comparison; lists and ``similar`` texts can be partly right. Fields that only the answer has
are ignored, or count as wrong with ``extra = "wrong"``.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from reward_fn.checks._answer_place import ANSWER, json_of
from reward_fn.paths import PATHS, look_up
from reward_fn.text import json_compare
from reward_fn.text.bounded_json import parse_answer
from reward_fn.text.json_compare import Compare, reach
from reward_fn.text.json_lists import Field, by_items, in_place, multiset
from reward_fn.text.json_values import MISSING, leaves
from reward_fn.types.check import Check, CheckResult
from reward_fn.types.rollout import Rollout
from reward_fn.types.unscored import Reason, Unscored

COMPARISONS = ("exact", "text", "number", "date", "set", "similar")
_COMPARISONS_OF = {
    "tolerance": ("number", "date"),
    "relative_tolerance": ("number",),
    "key": ("items",),
    "item_fields": ("items",),
}
_PLAIN: Mapping[str, Compare] = {
    "exact": json_compare.exact,
    "text": json_compare.text,
    "similar": json_compare.similar,
    "set": multiset,
}
_NAMED = 5
"""The number of wrong fields that a detail names."""

_PATH: Mapping[str, Any] = {"type": "string", "pattern": r"^[^.\n]+(\.[^.\n]+)*$(?!\n)", "maxLength": 300}
_SHARED: Mapping[str, Any] = {
    "path": _PATH,
    "weight": {"type": "number", "exclusiveMinimum": 0},
    "tolerance": {"type": "number", "minimum": 0},
    "relative_tolerance": {"type": "number", "minimum": 0},
}
_ITEM_FIELD: Mapping[str, Any] = {
    "type": "object",
    "properties": {**_SHARED, "compare": {"enum": [*COMPARISONS]}},
    "required": ["path"],
    "additionalProperties": False,
}
_FIELD: Mapping[str, Any] = {
    "type": "object",
    "properties": {
        **_SHARED,
        "compare": {"enum": [*COMPARISONS, "items"]},
        "key": _PATH,
        "item_fields": {"type": "array", "items": _ITEM_FIELD, "minItems": 1, "maxItems": 50},
    },
    "required": ["path"],
    "additionalProperties": False,
}
PARAMETERS: Mapping[str, Any] = {
    "type": "object",
    "properties": {
        "reference": PATHS,
        "fields": {"type": "array", "items": _FIELD, "minItems": 1, "maxItems": 200},
        "extra": {"enum": ["ignored", "wrong"]},
        "answer": ANSWER,
    },
    "additionalProperties": False,
}


def build(parameters: Mapping[str, Any], folder: Path) -> Check:
    """``reference`` lists the paths of the right object or its JSON text (default: the reference answer).

    Without ``fields``, every leaf of the reference must be equal, also each element of a list. With
    ``fields`` only these count, by their ``weight``; fields that the reference lacks are left out. The
    comparisons are those of :mod:`reward_fn.text.json_compare` and :mod:`reward_fn.text.json_lists`. Raises
    ValueError for a path that is listed twice, or a key that does not belong to the comparison.
    """
    paths, strict = parameters.get("reference", ["reference_answer"]), parameters.get("extra") == "wrong"
    find, fields = json_of(parameters), _fields(parameters.get("fields", []))

    def check(rollout: Rollout) -> CheckResult | Unscored:
        reference = _reference(rollout, paths)
        every = fields or [Field(path, in_place) for path, _ in leaves(reference) if path]
        expected = [
            (field, right) for field in every if (right := reach(reference, field.path)) is not MISSING
        ]
        if not expected:
            return Unscored(Reason.NO_SOURCE, f"no object with these fields under {' or '.join(paths)}")
        parsed = find(rollout)
        if parsed.error:
            return CheckResult(0.0, parsed.error)
        earned = [(field, field.compare(reach(parsed.value, field.path), right)) for field, right in expected]
        extra = _extra(parsed.value, [field.path for field, _ in expected]) if strict else 0
        score = sum(f.weight * share for f, share in earned) / (sum(f.weight for f, _ in earned) + extra)
        return CheckResult(score, _detail(earned, extra) if score < 1 else "")

    return check


def _detail(earned: Sequence[tuple[Field, float]], extra: int) -> str:
    """The paths of the wrong fields in the reference. Nothing of the answer is quoted."""
    wrong = [".".join(field.path)[:80] for field, share in earned if share < 1]
    named = ", ".join(wrong[:_NAMED]) + (", …" if len(wrong) > _NAMED else "")
    return f"{len(wrong)} of {len(earned)} fields wrong{': ' if wrong else ''}{named}; {extra} extra"


def _fields(entries: Sequence[Mapping[str, Any]]) -> list[Field]:
    fields = [_field(entry) for entry in entries]
    if len({field.path for field in fields}) < len(fields):
        raise ValueError("fields: a path is listed twice; remove one entry")
    return fields


def _field(entry: Mapping[str, Any]) -> Field:
    kind = entry.get("compare", "items" if "key" in entry or "item_fields" in entry else "exact")
    for name, kinds in _COMPARISONS_OF.items():
        if name in entry and kind not in kinds:
            needed = " or ".join(f'compare = "{comparison}"' for comparison in kinds)
            raise ValueError(f"fields: {name} of {entry['path']!r} needs {needed}; or leave it out")
    return Field(tuple(entry["path"].split(".")), _compare(kind, entry), entry.get("weight", 1.0))


def _compare(kind: str, entry: Mapping[str, Any]) -> Compare:
    if kind == "number":
        return json_compare.number(entry.get("tolerance", 0), entry.get("relative_tolerance", 0))
    if kind == "date":
        return json_compare.days(entry.get("tolerance", 0))
    if kind == "items":
        return _items(entry)
    return _PLAIN[kind]


def _items(entry: Mapping[str, Any]) -> Compare:
    """The comparison of lists of items. The key is compared as ``item_fields`` says, else as text."""
    fields, key = _fields(entry.get("item_fields", [])), None
    if "key" in entry:
        path = tuple(entry["key"].split("."))
        listed = next((field for field in fields if field.path == path), None)
        key = listed or Field(path, json_compare.text)
        fields += [key] if fields and not listed else []
    return by_items(fields, key)


def _reference(rollout: Rollout, paths: list[str]) -> Any:
    """The first object under the paths, {} if there is none."""
    for path in paths:
        value = look_up(rollout, path)
        value = parse_answer(value).value if isinstance(value, str) else value
        if isinstance(value, dict) and value:
            return value
    return {}


def _extra(answer: Any, expected: list[tuple[str, ...]]) -> int:
    """The number of the answer's leaves that are neither below nor above an expected path."""
    inner = {path[:depth] for path in expected for depth in range(len(path))}
    known = set(expected)
    return sum(
        path not in inner and not any(path[:depth] in known for depth in range(len(path) + 1))
        for path, _ in leaves(answer)
    )
