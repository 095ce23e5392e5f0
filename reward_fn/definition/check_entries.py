"""The checks of a definition: ``[[gate]]``, ``[[score]]``, ``[[penalty]]`` and ``[[metric]]``, compiled."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from reward_fn import checks
from reward_fn.checks.own import folders
from reward_fn.definition.form import errors_in, explained, unknown
from reward_fn.definition.hints import of_other_roles
from reward_fn.definition.pin import NOTHING_BESIDE
from reward_fn.types.check import Check, CheckSpec

ROLES = ("gate", "score", "penalty", "metric")
_ROLE_KEYS = {"gate": ("reward", "min_score"), "score": ("weight",), "penalty": ("weight",), "metric": ()}
"""The keys of an entry that belong to its role; the others are parameters of its check."""


class CheckEntries:
    """The entries of one file. Each mistake in them is added to ``mistakes``, with its place in the file."""

    def __init__(self, data: Mapping[str, Any], folder: Path | None, mistakes: list[str]) -> None:
        """``folder`` holds the files that the definition names; None for a stored definition."""
        self._data = data
        self._folder = folder
        self._mistakes = mistakes
        self._modules: dict[str, checks.CheckModule] = {}
        self._own_checks = self._find_own_checks()

    def entries(self, role: str) -> Iterator[tuple[int, dict[str, Any]]]:
        """The entries of a role with their positions, without those that the form check has taken out."""
        return ((i, entry) for i, entry in enumerate(self._data.get(role, [])) if entry is not None)

    def names(self, role: str) -> Iterator[tuple[str, str]]:
        """For each entry of a role its place in the file and its name."""
        return ((f"{role}[{i}]", entry.get("name", entry["check"])) for i, entry in self.entries(role))

    def compile(self, role: str, low: float) -> Iterator[CheckSpec]:
        """The checks of a role without mistakes; ``low`` is the lower end of the definition's range."""
        for i, entry in self.entries(role):
            parameters = {k: v for k, v in entry.items() if k not in {"check", "name", *_ROLE_KEYS[role]}}
            if (check := self._build(entry, parameters, role, f"{role}[{i}]")) is not None:
                yield CheckSpec(
                    name=entry.get("name", entry["check"]),
                    check=check,
                    weight=float(entry.get("weight", 1.0)),
                    reward=float(entry.get("reward", low)),
                    min_score=float(entry.get("min_score", 1.0)),
                    kind=entry["check"],
                    parameters=parameters,
                )

    def unknown_checks(self, raw: Mapping[str, Any]) -> Iterator[str]:
        """One mistake per unknown check name in the data as parsed, also in entries with other mistakes."""
        known = [*checks.available(), *self._own_checks]
        for role in ROLES:
            entries = raw.get(role)
            for i, entry in enumerate(entries if isinstance(entries, list) else ()):
                name = entry.get("check") if isinstance(entry, dict) else None
                if isinstance(name, str) and name not in known:
                    write = "or write one of your own: rewardctl new-check"
                    yield f"{role}[{i}].check: {unknown('check', name, known)}; {write}"

    def contents(self) -> Iterator[bytes]:
        """The bytes to which the entries refer: the code of custom checks, and files that parameters name."""
        for role in ROLES:
            for _, entry in self.entries(role):
                module = self._modules[entry["check"]]
                if module.source:
                    yield module.source.read_bytes()
                if self._folder:
                    yield from ((self._folder / name).read_bytes() for _, name in _files(module, entry))

    def _build(
        self, entry: Mapping[str, Any], parameters: dict[str, Any], role: str, place: str
    ) -> Check | None:
        """The check, compiled with its parameters; None if they have a mistake."""
        module = self._module(entry["check"], place)
        if module is None:
            return None  # its mistake has been added
        for key, mistake in of_other_roles(entry, role, module.parameters.get("properties", {})):
            self._mistakes.append(f"{place}: {mistake}")
            parameters.pop(key, None)
        errors = errors_in(module.parameters, parameters)
        self._mistakes += [explained(error, (place,)) for error in errors]
        if self._folder is None and (named := list(_files(module, entry))):
            self._mistakes += [f"{place}.{parameter}: {NOTHING_BESIDE}" for parameter, _ in named]
            return None
        try:
            return None if errors else module.build(parameters, self._folder or Path())
        except ValueError as error:
            self._mistakes.append(f"{place}: {error}")
            return None

    def _find_own_checks(self) -> dict[str, Path]:
        """The files of custom checks by name."""
        try:
            return folders.available(self._folder)
        except ValueError as error:
            self._mistakes.append(str(error))
            return {}

    def _module(self, name: str, place: str) -> checks.CheckModule | None:
        """The module of a shipped or custom check; None if it is unknown or can't be loaded."""
        if name in self._modules:
            return self._modules[name]
        try:
            path = self._own_checks.get(name)
            module = checks.load(name) if path is None else folders.load(name, path)
        except KeyError:
            return None  # see unknown_checks
        except ValueError as error:
            self._mistakes.append(f"{place}.check: {error}")
            return None
        return self._modules.setdefault(name, module)


def _files(module: checks.CheckModule, entry: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The files that an entry names, each after its parameter; SQL text and tables are not files."""
    for parameter in module.files:
        value = entry.get(parameter)
        for name in value if isinstance(value, list) else [value]:
            if isinstance(name, str) and not re.search(r"[\n;(]", name):
                yield parameter, name
