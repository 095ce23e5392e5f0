"""Find the definition that scored a record."""

import json
from pathlib import Path
from typing import Any

from reward_fn.definition.load import load_definition
from reward_fn.errors import DefinitionError, DefinitionNotFoundError
from reward_fn.types.definition import Definition
from rewardctl.explain.records import Record
from rewardctl.local.errors import InputError

RUN = "run.json"


def definition_of(record: Record, source: Path | None, named: str | None) -> Definition | None:
    """The definition ``named``, else the one that the run names, else the shipped one of the record's name.

    None if nothing was named and none of these can be read: a record can be explained in part without it.
    Raises InputError if the named one can't be used.
    """
    if named:
        return load_named(named)
    for place in filter(None, (_of_run(source), str(record.get("definition") or ""))):
        try:
            return load_definition(place)
        except DefinitionNotFoundError:
            continue
        except DefinitionError as error:
            raise InputError(str(error), remedy="Name another definition by --definition.") from error
    return None


def load_named(name: str) -> Definition:
    """The definition of that name or path. Raises InputError."""
    try:
        return load_definition(name)
    except DefinitionError as error:
        raise InputError(str(error)) from error


def _of_run(source: Path | None) -> str:
    """The path of the definition in the run's ``run.json``; "" without one."""
    try:
        run: Any = json.loads((source / RUN).read_bytes()) if source else {}
    except (OSError, ValueError):
        return ""
    definition = run.get("definition") if isinstance(run, dict) else None
    path = definition.get("path") if isinstance(definition, dict) else None
    return path if isinstance(path, str) else ""
