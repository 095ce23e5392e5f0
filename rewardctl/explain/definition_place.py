"""Find the definition that scored a record."""

from contextlib import suppress
from pathlib import Path

from reward_fn.definition.load import load_definition
from reward_fn.errors import DefinitionError, DefinitionNotFoundError
from reward_fn.types.definition import Definition
from rewardctl.local.errors import InputError
from rewardctl.runs.folder import INFO, RunError, read_info
from rewardctl.runs.records import Record


def definition_of(record: Record, source: Path, named: str | None) -> Definition | None:
    """The definition ``named``, else the one that the run names, else the shipped one of the record's name.

    None if nothing was named and none of these exists: a record can be explained in part without it. Raises
    InputError for a definition or a ``run.json`` with mistakes.
    """
    try:
        if named:
            return load_definition(named)
        for place in filter(None, (_of_run(source), str(record.get("definition") or ""))):
            with suppress(DefinitionNotFoundError):
                return load_definition(place)
    except DefinitionError as error:
        raise InputError(str(error), remedy="Name another definition by --definition.") from error
    except RunError as error:
        raise InputError(str(error)) from error
    return None


def _of_run(source: Path) -> str:
    """The path or name of the definition in the run's ``run.json``; "" if it is not a run folder."""
    if not (source / INFO).is_file():
        return ""
    definition = read_info(source).get("definition")
    return str(definition.get("path") or "") if isinstance(definition, dict) else ""
