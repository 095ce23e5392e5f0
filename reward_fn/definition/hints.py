"""Messages for common mistakes in definitions for which the JSON Schema's own message would be unclear."""

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from reward_fn.paths import PATTERN

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError

LISTS_OF_TABLES = frozenset({"gate", "score", "penalty", "metric", "criterion", "document"})
"""Keys that hold a list of tables, each written under two brackets."""
MAX_SHOWN_CHARS = 80

_SAMPLING = (
    "a definition sets no sampling: a single vote uses temperature 0 if the model accepts it, "
    "several (judge.votes) use 0.7; the training recipe sets the policy's own sampling"
)
ELSEWHERE: Mapping[str, str] = {
    **dict.fromkeys(("temperature", "top_p", "top_k", "seed"), _SAMPLING),
    "time_limit_s": "only a custom check has it; the checks that ship have fixed limits",
}
"""Keys that people try in a definition, and what to say about them."""

ROLES_TAKING: Mapping[str, tuple[str, ...]] = {
    "weight": ("score", "penalty"),
    "reward": ("gate",),
    "min_score": ("gate",),
}
"""Keys of an entry that only some roles have."""


def in_words(error: "ValidationError") -> str | None:
    """The message for an error, with the remedy; None if the schema's own message is clear.

    "" for an error that repeats another one about the same value.
    """
    explain = _EXPLAINED.get(str(error.validator))
    return explain(error) if explain else None


def _type(error: "ValidationError") -> str | None:
    expected, value = error.validator_value, error.instance
    if expected == "array" and isinstance(value, dict) and _last(error) in LISTS_OF_TABLES:
        name = ".".join(str(step) for step in error.absolute_path if isinstance(step, str))
        return f"is one table; write [[{name}]], with two brackets, for each entry of the list"
    if expected == "array" and isinstance(value, str):
        if _last(error) in LISTS_OF_TABLES:
            return f"is a text; write [[{_last(error)}]] and the entry's keys below it"
        if not (kind := _kind_of_list(error.schema)):
            return f"is the text {value[:MAX_SHOWN_CHARS]!r}; write a list, such as [0.0, 1.0]"
        return f'is one text; write a list of {kind}: ["{value[:MAX_SHOWN_CHARS]}"]'
    if expected == "object" and isinstance(value, list):
        name = ".".join(str(step) for step in error.absolute_path)
        return f"is a list; write [{name}] once, with one bracket"
    if expected in ("number", "integer") and isinstance(value, str):
        return f"is the text {value[:MAX_SHOWN_CHARS]!r}; write a number, without quotation marks"
    if expected == "boolean" and isinstance(value, str):
        return f"is the text {value[:MAX_SHOWN_CHARS]!r}; write true or false, without quotation marks"
    return None


def _minimum(error: "ValidationError") -> str | None:
    if _last(error) != "weight":
        return None
    weight: Any = error.instance
    if weight < 0:
        return f"is {weight}; write a weight above 0, or use a [[penalty]] for a deduction"
    return f"is {weight}, so this would not count; leave it out, or report it as a [[metric]]"


def _not(error: "ValidationError") -> str | None:
    if _last(error) != "weight":
        return None
    if isinstance(error.instance, bool) or not isinstance(error.instance, int | float):
        return ""  # another error says that its type is wrong
    return f"is {error.instance}, so this would not count; use a weight above 0, or below 0 for a pitfall"


_EXPLAINED = {"type": _type, "minimum": _minimum, "not": _not}


def _last(error: "ValidationError") -> object:
    return error.absolute_path[-1] if error.absolute_path else ""


def _kind_of_list(schema: Any) -> str:
    """ "paths" or "texts" for the schema of a list of strings, "" for other lists."""
    items = schema.get("items") if isinstance(schema, dict) else None
    if not isinstance(items, dict):
        return ""
    is_path = items.get("pattern") == PATTERN or items.get("$ref") == "#/$defs/source"
    return "paths" if is_path else "texts"


def of_other_roles(entry: Iterable[str], role: str, taken: Iterable[str]) -> Iterator[tuple[str, str]]:
    """The keys of an entry that belong to other roles, each with a message.

    ``taken`` are the parameters of the entry's check, which may have the same names.
    """
    for key in entry:
        roles = ROLES_TAKING.get(key, ())
        if roles and role not in roles and key not in taken:
            takers = " and ".join(f"[[{other}]]" for other in roles)
            verb = "have" if len(roles) > 1 else "has"
            yield key, f"unknown key {key!r}: {takers} {verb} it, [[{role}]] does not; leave it out"
