"""The test cases of checks: rows with the score that a check must give them.

``tests/cases/<check>.json`` maps the name of each case, which begins with its kind ("pass_", "fail_" or
"unscored_"), to an object with these keys:

- ``why``: the reason for the score, with its arithmetic
- ``parameters``: the check's parameters; by default none
- ``row``: ``response``, ``prompt`` (by default "Q") and further fields of a row; or, with ``messages``, a row
  as a trainer sends it
- ``score``: in [0, 1], or null for unscored
- ``files``: names and texts of the files that the parameters name; by default none
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from reward_fn.definition.load import load_definition
from reward_fn.types.definition import Definition
from tests import factory
from tests.conftest import ROOT

CASES = ROOT / "tests" / "cases"
OWN_CASES = ROOT / "checks" / "cases"
"""The cases of custom checks in the project's ``checks/``; the folder may not exist."""
KINDS = ("pass", "fail", "unscored")
BASE = '[[score]]\ncheck = "length"\nname = "base"\nmax_chars = 10000000\n'
"""A score check that gives 1 to every response; penalties and gates need a score beside them."""


class Case(NamedTuple):
    """One case."""

    check: str
    name: str
    why: str
    parameters: Mapping[str, Any]
    row: Mapping[str, Any]
    score: float | None
    files: Mapping[str, str]

    @property
    def kind(self) -> str:
        """The kind: the name up to its first underscore."""
        return self.name.partition("_")[0]

    def definition(self, folder: Path, role: str, extra: str = "") -> Definition:
        """A definition in ``folder`` with the check in ``role``, named "tried".

        ``extra`` is TOML with further keys of the entry.
        """
        for name, text in self.files.items():
            (folder / name).write_text(text, encoding="utf-8")
        lines = [f"{key} = {_toml(value)}" for key, value in self.parameters.items()]
        entry = "\n".join([f"[[{role}]]", f'check = "{self.check}"', 'name = "tried"', extra, *lines, ""])
        path = folder / "definition.toml"
        path.write_text('name = "case"\n' + entry + ("" if role == "score" else BASE), encoding="utf-8")
        return load_definition(str(path))


def all_cases() -> list[Case]:
    """Every case of the shipped checks, by check and name."""
    return read_cases(CASES)


def read_cases(folder: Path) -> list[Case]:
    """The cases in the files of a folder, by check and name."""
    return [
        _case(path.stem, name, data)
        for path in sorted(folder.glob("*.json"))
        for name, data in sorted(json.loads(path.read_text(encoding="utf-8")).items())
    ]


def _case(check: str, name: str, data: Mapping[str, Any]) -> Case:
    """One case. Raises TypeError for an unknown or a missing key."""
    row = data["row"] if "messages" in data["row"] else factory.row(**data["row"])
    return Case(**{"parameters": {}, "files": {}, **data, "check": check, "name": name, "row": row})


def _toml(value: Any) -> str:
    """A JSON value as an inline TOML value."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_toml(key)} = {_toml(child)}" for key, child in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return json.dumps(value, ensure_ascii=False)
