"""What is to be answered, and the shape of a complete reply: one verdict for each leaf."""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from reward_fn.rubric import Criterion, Leaf


def item_key(index: int) -> str:
    """The name of an item in prompt and verdicts; people and models count from 1."""
    return f"item_{index + 1}"


@lru_cache(maxsize=256)
def asked(criteria: tuple[Criterion, ...], items: int) -> tuple[tuple[Leaf, ...], dict[str, Any]]:
    """The leaves of a rubric over so many items, and the schema of their verdicts."""
    of_items = [Leaf(c, index) for index in range(items) for c in criteria if c.scope == "item"]
    leaves = (*of_items, *(Leaf(c) for c in criteria if c.scope == "answer"))
    return leaves, verdict_schema(leaves)


def verdict_schema(leaves: Iterable[Leaf]) -> dict[str, Any]:
    """The JSON Schema of a complete reply: one required property for each leaf, and nothing else."""
    answer: dict[str, Any] = {}
    items: dict[str, dict[str, Any]] = {}
    for leaf in leaves:
        level = answer if leaf.item is None else items.setdefault(item_key(leaf.item), {})
        level[leaf.criterion.name] = _verdict_schema(leaf.criterion)
    parts = {"items": {key: _closed(level) for key, level in items.items()}, "answer": answer}
    return _closed({name: _closed(part) for name, part in parts.items() if part})


def _verdict_schema(criterion: Criterion) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {
            "evidence": {"type": "string"},
            "verdict": {"type": "string", "enum": list(map(str, criterion.worth))},
        },
        "required": ["evidence", "verdict"],
        "additionalProperties": False,
    }


def _closed(properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }
