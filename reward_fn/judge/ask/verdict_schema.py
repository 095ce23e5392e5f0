"""The leaves that a reply must answer, and its JSON Schema, which is the same for every rollout of a rubric.

The schema does not depend on the number of items. A tool's schema is sent with each call and stands before
all text in a model's prompt cache: if it named every item, it would differ between siblings, and no call
could read the prefix that another one wrote. Its properties keep the order of the definition, in whatever
order the questions are shown. The reader of replies (:mod:`reward_fn.judge.vote.reply`) checks completeness.

Nova takes ``type``, ``properties`` and ``required`` at the top of a tool's schema, and no other keyword (Nova
user guide, "Troubleshooting tool calls"); it decodes under a grammar made of the schema ("Generating
structured output with Nova"), and its guide advises few top-level keys and a simple structure ("Tool choice
best practices"). So there are two keys at the top, no ``$ref``, and a criterion without evidence is a bare
choice.
"""

from functools import lru_cache
from typing import Any

from reward_fn.types.rubric import Criterion
from reward_fn.types.verdict import Leaf

ITEM = "item"
"""The property that holds an item's number; no criterion about items may have this name."""


def item_key(index: int) -> str:
    """The name of an item in the prompt; people and models count from 1."""
    return str(index + 1)


@lru_cache(maxsize=256)
def leaves_of(criteria: tuple[Criterion, ...], items: int) -> tuple[Leaf, ...]:
    """The leaves of a reply: each criterion of scope "item" for each item, then those of the answer."""
    of_items = [Leaf(c, index) for index in range(items) for c in criteria if c.scope == "item"]
    return (*of_items, *(Leaf(c) for c in criteria if c.scope == "answer"))


@lru_cache(maxsize=256)
def verdict_schema(criteria: tuple[Criterion, ...], *, closed: bool = False) -> dict[str, Any]:
    """The JSON Schema of a reply: the verdicts on each item, with its number, and those on the whole answer.

    A response format needs a ``closed`` schema; for a tool it would only be longer.
    """
    more = {"additionalProperties": False} if closed else {}

    def of(properties: dict[str, Any]) -> dict[str, Any]:
        return {"type": "object", "properties": properties, "required": list(properties), **more}

    def verdict(criterion: Criterion) -> dict[str, Any]:
        """Evidence stands before the verdict, so that the verdict follows from it."""
        menu = {"type": "string", "enum": list(map(str, criterion.worth))}
        bare = criterion.evidence_kind == "none"
        return menu if bare else of({"evidence": {"type": "string"}, "verdict": menu})

    of_item = {c.name: verdict(c) for c in criteria if c.scope == "item"}
    of_answer = {c.name: verdict(c) for c in criteria if c.scope == "answer"}
    parts: dict[str, Any] = {}
    if of_item:
        parts["items"] = {"type": "array", "items": of({ITEM: {"type": "integer"}, **of_item})}
    if of_answer:
        parts["answer"] = of(of_answer)
    return of(parts)
