"""The cases of checks: what a check makes of a row, one file each, told apart by the beginning of its name.

``tests/cases/<check>/<kind>_<what>.json`` holds ``why``, ``parameters``, ``row`` (as a trainer sends it),
``score`` (null: unscored) and, where parameters name files, ``files``: their names with their text.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from reward_fn.definition.load import load_definition
from reward_fn.types.definition import Definition
from tests.conftest import ROOT

CASES = ROOT / "tests" / "cases"
OWN_CASES = ROOT / "checks" / "cases"
"""Of the checks of one's own that lie in the project's ``checks/``, where there are some."""
KINDS = ("pass", "fail", "unscored")
BASE = '[[score]]\ncheck = "length"\nname = "base"\nmax_chars = 10000000\n'
"""A score of 1 for everything, beside which another part can be told."""


class Case(NamedTuple):
    """One file, read."""

    check: str
    name: str
    why: str
    parameters: Mapping[str, Any]
    row: Mapping[str, Any]
    score: float | None
    files: Mapping[str, str]

    @property
    def kind(self) -> str:
        """The beginning of its name."""
        return self.name.partition("_")[0]

    def definition(self, folder: Path, role: str, own: str = "") -> Definition:
        """A definition in ``folder`` that uses the check in a role, with ``own`` keys, named "tried"."""
        for name, text in self.files.items():
            (folder / name).write_text(text, encoding="utf-8")
        lines = [f"{key} = {_toml(value)}" for key, value in self.parameters.items()]
        entry = "\n".join([f"[[{role}]]", f'check = "{self.check}"', 'name = "tried"', own, *lines, ""])
        path = folder / "definition.toml"
        path.write_text('name = "case"\n' + entry + ("" if role == "score" else BASE), encoding="utf-8")
        return load_definition(str(path))


def all_cases() -> list[Case]:
    """Every case, by check and name."""
    return read_cases(CASES)


def read_cases(folder: Path) -> list[Case]:
    """The cases below a folder, by check and name."""
    return [_read(path) for path in sorted(folder.glob("*/*.json"))]


def _read(path: Path) -> Case:
    data = json.loads(path.read_text(encoding="utf-8"))
    files = data.pop("files", {})
    return Case(check=path.parent.name, name=path.stem, files=files, **data)


def _toml(value: Any) -> str:
    """A JSON value as an inline TOML value."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_toml(key)} = {_toml(child)}" for key, child in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return json.dumps(value, ensure_ascii=False)
