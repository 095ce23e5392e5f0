"""The share of the reference's fields that the answer's JSON has right, in [0, 1].

A field is right as its comparison says; ``set`` and ``similar`` also know half right. What the answer adds is
ignored, unless ``extra`` makes each added field one more that is wrong.
"""

import math
from collections.abc import Callable, Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

from reward_fn.answers import ANSWER, json_of
from reward_fn.rubric import Reason, Unscored
from reward_fn.sources import PATHS, look_up
from reward_fn.text.bounded_json import parse_answer
from reward_fn.text.json_values import MISSING, at_path, frozen, leaves
from reward_fn.text.normalise import folded
from reward_fn.text.numbers import numbers_in
from reward_fn.text.words import overlap, word_counts
from reward_fn.types import Check, CheckResult, Rollout

COMPARISONS = ("exact", "text", "number", "set", "similar")

_FIELD: Mapping[str, Any] = {
    "type": "object",
    "properties": {
        "path": {"type": "string", "pattern": r"^[^.\n]+(\.[^.\n]+)*$(?!\n)", "maxLength": 300},
        "compare": {"enum": [*COMPARISONS]},
        "tolerance": {"type": "number", "minimum": 0},
        "relative_tolerance": {"type": "number", "minimum": 0},
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

Compare = Callable[[Any, Any], float]
"""How right a value is, in [0, 1], where the reference has the other."""


class _Field(NamedTuple):
    path: tuple[str, ...]
    compare: Compare


def build(parameters: Mapping[str, Any], folder: Path) -> Check:
    """``reference`` lists where the right object is (by default the reference answer), also as JSON text.

    Without ``fields``, every leaf of the reference must be the same. With them only these count, those that
    the reference lacks left out. ``compare`` is exact: the same JSON value; text: the same but for case,
    white space and quotation marks; number: within ``tolerance``, or ``relative_tolerance`` times the
    reference, also of texts that hold one number; set: F1 of two lists without order; similar: F1 of the
    words of two texts. Raises ValueError where a path is given twice or a tolerance has no meaning.
    """
    sources, strict = parameters.get("reference", ["reference_answer"]), parameters.get("extra") == "wrong"
    find = json_of(parameters)
    fields = [_field(entry) for entry in parameters.get("fields", [])]
    if len({field.path for field in fields}) < len(fields):
        raise ValueError("fields: a path is given twice")

    def check(rollout: Rollout) -> CheckResult | Unscored:
        reference = _reference(rollout, sources)
        every = fields or [_Field(path, _exact) for path, _ in leaves(reference) if path]
        expected = [
            (field, right) for field in every if (right := at_path(reference, field.path)) is not MISSING
        ]
        if not expected:
            return Unscored(Reason.NO_SOURCE, f"no object with these fields under {' or '.join(sources)}")
        parsed = find(rollout)
        if parsed.error:
            return CheckResult(0.0, parsed.error)
        answer = parsed.value
        earned = [field.compare(at_path(answer, field.path), right) for field, right in expected]
        extra = _extra(answer, [field.path for field, _ in expected]) if strict else 0
        score = sum(earned) / (len(earned) + extra)
        wrong = sum(each < 1 for each in earned)
        return CheckResult(
            score, f"{wrong} of {len(earned)} fields wrong, {extra} extra" if score < 1 else ""
        )

    return check


def _field(entry: Mapping[str, Any]) -> _Field:
    kind = entry.get("compare", "exact")
    given = [key for key in ("tolerance", "relative_tolerance") if key in entry]
    if given and kind != "number":
        raise ValueError(f'fields: {given[0]} of {entry["path"]!r} has no meaning without compare = "number"')
    compare = _COMPARE.get(kind) or _number(*(entry.get(k, 0) for k in ("tolerance", "relative_tolerance")))
    return _Field(tuple(entry["path"].split(".")), compare)


def _reference(rollout: Rollout, sources: list[str]) -> Any:
    """The first object under the paths; {} for none."""
    for path in sources:
        value = look_up(rollout, path)
        value = parse_answer(value).value if isinstance(value, str) else value
        if isinstance(value, dict) and value:
            return value
    return {}


def _extra(answer: Any, expected: list[tuple[str, ...]]) -> int:
    """How many leaves of the answer lie neither under nor over an expected path."""
    inner = {path[:depth] for path in expected for depth in range(len(path))}
    known = set(expected)
    return sum(
        path not in inner and not any(path[:depth] in known for depth in range(len(path) + 1))
        for path, _ in leaves(answer)
    )


def _exact(value: Any, right: Any) -> float:
    return float(frozen(value) == frozen(right))


def _text(value: Any, right: Any) -> float:
    same = isinstance(value, str) and isinstance(right, str) and folded(value) == folded(right)
    return float(same) or _exact(value, right)


def _set(value: Any, right: Any) -> float:
    if not isinstance(value, list) or not isinstance(right, list):
        return 0.0
    one, other = ({frozen(folded(v) if isinstance(v, str) else v) for v in each} for each in (value, right))
    return 2 * len(one & other) / (len(one) + len(other)) if one or other else 1.0


def _similar(value: Any, right: Any) -> float:
    if not isinstance(value, str) or not isinstance(right, str):
        return 0.0
    return overlap(word_counts(value), word_counts(right)) or _text(value, right)


def _number(tolerance: float, relative: float) -> Compare:
    absolute, share = Fraction(str(tolerance)), Fraction(str(relative))

    def compare(value: Any, right: Any) -> float:
        given, wanted = _value(value), _value(right)
        if given is None or wanted is None:
            return 0.0
        return float(abs(given - wanted) <= max(absolute, share * abs(wanted)))

    return compare


def _value(value: Any) -> Fraction | None:
    """A number, or the one that a text holds."""
    if isinstance(value, str):
        found = numbers_in(value)
        return found[0] if found and len(found) == 1 else None
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return Fraction(str(value)) if is_number and math.isfinite(value) else None


_COMPARE: Mapping[str, Compare] = {"exact": _exact, "text": _text, "set": _set, "similar": _similar}
