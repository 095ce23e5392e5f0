"""The form of a definition: checked against its JSON Schema, each mistake explained by its path in the file.

What is left after the mistakes is still checked by the rules, so that one message names all mistakes.
"""

import copy
import json
import math
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reward_fn.definition.hints import ELSEWHERE, in_words
from reward_fn.judge.ask.modes import MODES
from reward_fn.schema.compiled import conforms
from reward_fn.score.policies import POLICIES

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError

SCHEMA = Path(__file__).parent / "definition.schema.json"
MAX_MESSAGE_CHARS = 300

_NEEDED = frozenset({"check", "name", "question", "source"})
"""Keys without which an entry says nothing that could be checked further."""

_PATH_PATTERN = "^(prompt|response|("

Place = tuple[str | int, ...]


@cache
def definition_schema() -> dict[str, Any]:
    """The JSON Schema of definitions."""
    schema: dict[str, Any] = json.loads(SCHEMA.read_text(encoding="utf-8"))
    return schema


def check_form(data: dict[str, Any]) -> tuple[list[str], dict[str, Any]]:
    """The mistakes, and a copy of the data without what they are about: list entries become None."""
    errors = sorted(errors_in(definition_schema(), data), key=lambda e: list(map(str, e.path)))
    mistakes = [mistake for error in errors if (mistake := explained(error))]
    places = [place for error in errors for place in _at_fault(error)]
    for place, value in _not_finite(data):
        mistakes.append(f"{path_of(place)}: is {value}, must be a finite number")
        places.append(place)
    for place, name, known in _unregistered(data):
        mistakes.append(f"{path_of(place)}: {name[:MAX_MESSAGE_CHARS]!r} is not one of {list(known)}")
        places.append(place)
    sound = copy.deepcopy(data)
    for place in places:
        _take_out(sound, place)
    return mistakes, sound


def errors_in(schema: Mapping[str, Any], value: Any) -> "list[ValidationError]":
    """What is wrong with a value under a schema of this package; the library is imported only for that."""
    if conforms(schema, value):
        return []
    from jsonschema import Draft202012Validator

    return list(Draft202012Validator(schema).iter_errors(value))


def explained(error: "ValidationError", within: Place = ()) -> str:
    """One mistake in one line: the path in the file, and what is wrong there; "" if another line says it."""
    if error.validator in ("anyOf", "oneOf") and error.context:  # of several forms, the one that fits best
        nearest = max(error.context, key=lambda each: (len(each.absolute_path), each.validator != "type"))
        if len(nearest.absolute_path) > len(error.absolute_path):
            return explained(nearest, within)
    place = path_of((*within, *error.absolute_path)) or "the file"
    if error.validator == "pattern" and str(error.validator_value).startswith(_PATH_PATTERN):
        path = str(error.instance)[:MAX_MESSAGE_CHARS]
        return f"{place}: {path!r} is no path; one begins with prompt, response, reference_answer or metadata"
    if error.validator == "additionalProperties" and isinstance(error.schema, dict):
        allowed = error.schema.get("properties", {})
        return f"{place}: " + "; ".join(_unknown_key(key, allowed) for key in _unknown_keys(error))
    if (words := in_words(error)) is not None:
        return words and f"{place}: {words}"
    message = error.message.replace(r"(?!\n)", "")
    return f"{place}: {message if len(message) < MAX_MESSAGE_CHARS else message[:MAX_MESSAGE_CHARS] + '…'}"


def _unknown_key(key: str, allowed: Iterable[str]) -> str:
    if key in ELSEWHERE:
        return f"unknown key {key!r}: {ELSEWHERE[key]}"
    return unknown("key", key, allowed)


def unknown(kind: str, name: str, known: Iterable[str]) -> str:
    """What to say of a name that is not among the known ones, with the likeliest one that was meant."""
    import difflib  # only for mistakes, so not in a cold start

    known = sorted(known)
    close = difflib.get_close_matches(name, known, n=1)
    hint = f"did you mean {close[0]!r}? " if close else ""
    return f"unknown {kind} {name[:MAX_MESSAGE_CHARS]!r}; {hint}known: {', '.join(known) or 'none'}"


def path_of(place: Iterable[str | int]) -> str:
    """``("judge", "criterion", 0, "name")`` as ``judge.criterion[0].name``."""
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in place).lstrip(".")


def _at_fault(error: "ValidationError") -> Iterator[Place]:
    place: Place = tuple(error.absolute_path)
    if error.validator == "additionalProperties":
        yield from ((*place, key) for key in _unknown_keys(error))
    else:
        yield place


def _unknown_keys(error: "ValidationError") -> list[str]:
    allowed = error.schema.get("properties", {}) if isinstance(error.schema, dict) else {}
    return [key for key in error.instance if key not in allowed] if isinstance(error.instance, dict) else []


def _take_out(data: dict[str, Any], place: Place) -> None:
    """Remove the smallest part around ``place`` that can be missing: a key, else a whole entry of a list."""
    node: Any = data
    for depth, step in enumerate(place):
        if isinstance(node, list):
            if isinstance(step, int) and place[0] != "range":
                key = place[depth + 1] if depth + 1 < len(place) else None
                if isinstance(node[step], dict) and key is not None and key not in _NEEDED:
                    node[step].pop(key, None)
                else:
                    node[step] = None
                return
            data.pop(str(place[0]), None)
            return
        if not isinstance(node, dict) or step not in node:
            return
        if depth == len(place) - 1:
            del node[step]
            return
        node = node[step]


def _unregistered(data: Mapping[str, Any]) -> Iterator[tuple[Place, str, Iterable[str]]]:
    """Names that are in no registry of the code, so the schema can't list them; with the known names."""
    for table, key, known in (("judge", "mode", MODES), ("on_error", "policy", POLICIES)):
        entry = data.get(table)
        name = entry.get(key) if isinstance(entry, dict) else None
        if isinstance(name, str) and name not in known:
            yield (table, key), name, known


def _not_finite(node: Any, place: Place = ()) -> Iterator[tuple[Place, float]]:
    """NaN and infinities, which TOML can write and a JSON Schema can't refuse."""
    if isinstance(node, float) and not math.isfinite(node):
        yield place, node
    elif isinstance(node, dict | list):
        for key, child in node.items() if isinstance(node, dict) else enumerate(node):
            yield from _not_finite(child, (*place, key))
