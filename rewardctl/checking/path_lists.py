"""The paths into a rollout that a definition's file names, with their places in the file."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from reward_fn import checks
from reward_fn.checks.own import folders
from reward_fn.definition.check_entries import ROLES
from reward_fn.paths import PATH, PATHS


class PathList(NamedTuple):
    """Paths of which the first with a value counts.

    ``place`` is the place in the file, such as "judge.document[0].source". ``is_needed`` says that a rollout
    without a value is unscored; a check's paths are False here, since the check itself says what it needs.
    """

    place: str
    paths: tuple[str, ...]
    is_needed: bool


def path_lists(data: Mapping[str, Any], folder: Path | None) -> list[PathList]:
    """All lists of paths in the parsed TOML of a valid definition, in the order of the file's parts.

    ``folder`` is the definition's, where custom checks may lie; None for a stored definition.
    """
    of_checks = (
        path_list
        for role in ROLES
        for i, entry in enumerate(data.get(role, []))
        for path_list in _of_check(entry, f"{role}[{i}]", folder)
    )
    return [*of_checks, *_of_judge(data.get("judge", {}))]


def _of_check(entry: Mapping[str, Any], place: str, folder: Path | None) -> Iterator[PathList]:
    own_checks = folders.available(folder)
    name = entry["check"]
    module = folders.load(name, own_checks[name]) if name in own_checks else checks.load(name)
    for parameter, form in module.parameters.get("properties", {}).items():
        if parameter in entry and _is_paths(form):
            yield PathList(f"{place}.{parameter}", _listed(entry[parameter]), is_needed=False)


def _of_judge(judge: Mapping[str, Any]) -> Iterator[PathList]:
    for i, document in enumerate(judge.get("document", [])):
        is_needed = not document.get("optional", False)
        yield PathList(f"judge.document[{i}].source", _listed(document["source"]), is_needed)
    if "against" in judge:
        yield PathList("judge.against", _listed(judge["against"]), is_needed=True)


def _is_paths(form: Any) -> bool:
    """Whether the JSON Schema of a parameter is that of one path, or of a list of paths."""
    forms = form.get("oneOf", [form]) if isinstance(form, dict) else [form]
    return all(part in (PATH, PATHS) for part in forms)


def _listed(value: Any) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)
