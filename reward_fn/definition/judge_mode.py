"""The rules of ``[judge]`` that depend on its mode; they are read from the registry of modes."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from reward_fn.judge.ask.mode import Mode
from reward_fn.judge.ask.modes import MODES, POINTWISE
from reward_fn.types.rubric import Criterion

_OF_ITEMS = ("item_fields", "min_items", "max_items", "empty")
"""Keys that have no meaning without ``items``."""


def mode_named(data: Mapping[str, Any]) -> Mode:
    """The mode that ``[judge]`` names, or the default."""
    return MODES[data.get("mode", POINTWISE.name)]


def mode_mistakes(data: Mapping[str, Any], criteria: Sequence[Criterion]) -> Iterator[str]:
    """The mistakes in ``[judge]`` by the rules of its mode."""
    mode = mode_named(data)
    yield from _keys_without_meaning(data, mode)
    if not mode.takes_items and "items" in data:
        able = " or ".join(other.name for other in MODES.values() if other.takes_items)
        yield f'judge.items: can\'t be judged one by one in the mode "{mode.name}"; use {able}'
    for key, remedy in mode.required.items():
        if key not in data:
            yield f"judge.{key}: is missing; {remedy}"
    place = f'in the mode "{mode.name}"'
    if not mode.takes_quote_from and any(c.quote_from for c in criteria):
        yield f"judge.criterion: quote_from can't be asked {place}; score by quotes_source instead"
    if not mode.takes_examples and any(c.examples for c in criteria):
        yield f"judge.criterion: an example of one answer is no guide {place}; use judge.instructions"
    positive = sum(max(c.weight, 0.0) for c in criteria)
    if criteria and not data.get("own_rubric") and data.get("standing", 0.0) > positive:
        yield f"judge.standing: is more than all criteria weigh together; at most {positive:g}"


def _keys_without_meaning(data: Mapping[str, Any], mode: Mode) -> Iterator[str]:
    """Keys that are set although the key or the mode that gives them a meaning is not."""
    if "items" not in data:
        yield from (f"judge.{key}: has no meaning without judge.items" for key in _OF_ITEMS if key in data)
    for key in dict.fromkeys(key for other in MODES.values() for key in other.keys):
        if key in data and key not in mode.keys:
            able = (f'mode = "{other.name}"' for other in MODES.values() if key in other.keys)
            yield f"judge.{key}: has no meaning without {' or '.join(able)}"
