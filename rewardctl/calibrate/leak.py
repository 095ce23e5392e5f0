"""Labels that the judge can read: they must not be among the fields that it is shown or scored by."""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from reward_fn import checks
from reward_fn.paths import ANSWERS, PATTERN, look_up
from reward_fn.types.rollout import Rollout

MIN_ROWS = 20
"""A field that equals the label in this many rows, with both answers, is the label: by chance 1 in 10^6."""

_ROOTS = ("reference_answer", "metadata")


def judged_fields(raw: bytes) -> set[str]:
    """The paths into a row that a definition's file shows to its judge, or gives to its checks.

    They are all texts of the file that have the form of a path, and the default of a check that looks for
    the right answer. ``metadata.rubric`` is one if rollouts may bring their own criteria.
    """
    data = tomllib.loads(raw.decode("utf-8"))
    paths = {text for text in _texts(data) if re.match(PATTERN, text)}
    for role in ("gate", "score", "penalty", "metric"):
        for entry in data.get(role, ()):
            if "reference" not in entry and _looks_for_an_answer(entry.get("check", "")):
                paths |= set(ANSWERS)
    if data.get("judge", {}).get("own_rubric"):
        paths.add("metadata.rubric")
    return {path for path in paths if path.split(".")[0] in _ROOTS}


def leaking(path: str, fields: Iterable[str]) -> str | None:
    """The judged field that is the label at ``path``, holds it, or lies inside it; None for no leak."""
    return next((f for f in sorted(fields) if _contains(f, path) or _contains(path, f)), None)


class SameValues:
    """Looks for judged fields whose value is the label itself, under whatever name."""

    def __init__(self, fields: Iterable[str]) -> None:
        self._differs = dict.fromkeys(sorted(fields), False)
        self._seen: dict[str, dict[bool, int]] = {field: {True: 0, False: 0} for field in self._differs}

    def add(self, row: Mapping[str, Any], is_yes: bool) -> None:
        """Compare the fields of a labelled row with its label."""
        rollout = Rollout(0, row["id"], (), "", row.get("reference_answer"), row.get("metadata") or {})
        for field, differs in self._differs.items():
            if differs:
                continue
            value = _as_yes(look_up(rollout, field))
            self._differs[field] = value is None or value is not is_yes
            self._seen[field][is_yes] += 1

    @property
    def leak(self) -> str | None:
        """A field that equalled every label, of both answers; None if there is none, or too few rows."""
        for field, differs in self._differs.items():
            counts = self._seen[field]
            if not differs and sum(counts.values()) >= MIN_ROWS and all(counts.values()):
                return field
        return None


def _as_yes(value: Any) -> bool | None:
    """The yes or no that a value stands for; None for any other value."""
    words = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}
    return words.get(str(value).strip().lower()) if isinstance(value, str | bool | int | float) else None


def _contains(outer: str, inner: str) -> bool:
    return outer == inner or inner.startswith(f"{outer}.")


def _looks_for_an_answer(check: str) -> bool:
    """Whether a shipped check has a parameter ``reference``."""
    return check in checks.available() and "reference" in checks.load(check).parameters.get("properties", {})


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping | list):
        for child in value.values() if isinstance(value, Mapping) else value:
            yield from _texts(child)
