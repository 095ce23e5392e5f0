"""Words for the mistakes that people make in definitions, where a JSON Schema's own message would puzzle."""

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from reward_fn.paths import PATTERN

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError

LISTS_OF_TABLES = frozenset({"gate", "score", "penalty", "metric", "criterion", "document"})
"""Keys whose entries are written under two brackets."""
MAX_SHOWN_CHARS = 80

_SAMPLING = (
    "sampling is not set in a definition: one vote is asked at temperature 0 where the model takes that, "
    "several (judge.votes) at 0.7; the policy's own sampling is set in the training recipe"
)
ELSEWHERE: Mapping[str, str] = {
    **dict.fromkeys(("temperature", "top_p", "top_k", "seed"), _SAMPLING),
    "time_limit_s": "only a check of one's own takes it; those that ship have bounds of their own",
}
"""Keys that people look for in a definition, and where they are set."""

ROLES_TAKING: Mapping[str, tuple[str, ...]] = {
    "weight": ("score", "penalty"),
    "reward": ("gate",),
    "min_score": ("gate",),
}
"""Keys of an entry that some roles take."""


def in_words(error: "ValidationError") -> str | None:
    """What is wrong at the error's place and what to write instead; None if the schema's message will do.

    "" for an error that only repeats another one about the same value.
    """
    explain = _EXPLAINED.get(str(error.validator))
    return explain(error) if explain else None


def _type(error: "ValidationError") -> str | None:
    wanted, value = error.validator_value, error.instance
    if wanted == "array" and isinstance(value, dict) and _last(error) in LISTS_OF_TABLES:
        name = ".".join(str(step) for step in error.absolute_path if isinstance(step, str))
        return f"is one table; write [[{name}]], with two brackets, once for each entry of the list"
    if wanted == "array" and isinstance(value, str):
        if _last(error) in LISTS_OF_TABLES:
            return f"is a text; write [[{_last(error)}]] and the entry's keys below it"
        if not (kind := _kind_of_list(error.schema)):
            return f"is the text {value[:MAX_SHOWN_CHARS]!r}; write a list, such as [0.0, 1.0]"
        return f'is one text; write a list of {kind}: ["{value[:MAX_SHOWN_CHARS]}"]'
    if wanted == "object" and isinstance(value, list):
        name = ".".join(str(step) for step in error.absolute_path)
        return f"is a list; write [{name}], with one bracket: there is only one"
    if wanted in ("number", "integer") and isinstance(value, str):
        return f"is the text {value[:MAX_SHOWN_CHARS]!r}; write a number, without quotation marks"
    if wanted == "boolean" and isinstance(value, str):
        return f"is the text {value[:MAX_SHOWN_CHARS]!r}; write true or false, without quotation marks"
    return None


def _minimum(error: "ValidationError") -> str | None:
    if _last(error) != "weight":
        return None
    weight: Any = error.instance
    if weight < 0:
        return f"is {weight}, must be above 0; what should cost is a [[penalty]]"
    return f"is {weight}, so this would count for nothing; leave it out, or report it as a [[metric]]"


def _not(error: "ValidationError") -> str | None:
    if _last(error) != "weight":
        return None
    if isinstance(error.instance, bool) or not isinstance(error.instance, int | float):
        return ""  # its type is wrong, which another error says
    return f"is {error.instance}, so this would count for nothing; weigh it above 0, or below for a pitfall"


_EXPLAINED = {"type": _type, "minimum": _minimum, "not": _not}


def _last(error: "ValidationError") -> object:
    return error.absolute_path[-1] if error.absolute_path else ""


def _kind_of_list(schema: Any) -> str:
    """What a list of texts holds, "" for a list of something else."""
    items = schema.get("items") if isinstance(schema, dict) else None
    if not isinstance(items, dict):
        return ""
    is_path = items.get("pattern") == PATTERN or items.get("$ref") == "#/$defs/source"
    return "paths" if is_path else "texts"


def of_other_roles(entry: Iterable[str], role: str, taken: Iterable[str]) -> Iterator[tuple[str, str]]:
    """The keys of an entry that only other roles take, each with what to say; ``taken`` are its check's."""
    for key in entry:
        roles = ROLES_TAKING.get(key, ())
        if roles and role not in roles and key not in taken:
            takers = " and ".join(f"[[{each}]]" for each in roles)
            verb = "take" if len(roles) > 1 else "takes"
            yield key, f"unknown key {key!r}: {takers} {verb} it, [[{role}]] does not"
