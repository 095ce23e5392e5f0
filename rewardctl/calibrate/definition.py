"""The definition of a run, as it is on disk today."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from reward_fn.definition.load import SHIPPED, load_definition
from reward_fn.errors import DefinitionError
from reward_fn.types.definition import Definition
from reward_fn.types.rubric import Criterion
from rewardctl.calibrate.errors import CalibrateError
from rewardctl.calibrate.leak import judged_fields, leaking
from rewardctl.runs.folder import INFO, RunError, read_info


class KnownDefinition(NamedTuple):
    """A definition that a run was scored by. ``judged`` are the fields that it shows or gives to checks."""

    definition: Definition
    judged: frozenset[str]

    @property
    def criteria(self) -> Sequence[Criterion]:
        """The criteria of the definition itself."""
        return self.definition.judge.criteria if self.definition.judge else ()


def definition_of_run(path: Path, record: Mapping[str, Any], name: str = "") -> KnownDefinition:
    """The definition by which the run at ``path`` was scored; ``record`` is its first record.

    It is looked for under ``name``, else where the run says it was, else among the shipped ones. Raises
    CalibrateError if it can't be read, or has changed since the run.
    """
    try:
        info = read_info(path) if (path / INFO).is_file() else {}
    except RunError as error:
        raise CalibrateError(str(error)) from error
    named = name or str((info.get("definition") or {}).get("path") or record["definition"])
    known, version = read_definition(named), record["definition_version"]
    if known.definition.version != version:
        raise CalibrateError(
            f"{path} was scored by version {version} of the definition, and {named} is "
            f"{known.definition.version} now; score the rows again, or name the right file with --definition"
        )
    return known


def read_definition(name: str) -> KnownDefinition:
    """The definition of that name or path. Raises CalibrateError if it can't be read."""
    try:
        definition = load_definition(name)
        is_path = "/" in name or name.endswith(".toml")
        raw = (Path(name) if is_path else SHIPPED / f"{name}.toml").read_bytes()
    except (DefinitionError, OSError) as error:
        raise CalibrateError(f"{error}\nname the definition of the run with --definition") from error
    return KnownDefinition(definition, frozenset(judged_fields(raw)))


def refuse_leaking_fields(fields: Mapping[str, str], judged: frozenset[str]) -> None:
    """Raises CalibrateError if a label's path is among the fields that the judge or a check can read."""
    for path in fields.values():
        if field := leaking(path, judged):
            raise CalibrateError(
                f"the label {path} leaks: the definition shows {field} to its judge or gives it to a check, "
                "so agreement with it would prove nothing; keep labels in a field that it does not use"
            )
