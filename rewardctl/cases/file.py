"""Read a file of cases: JSON Lines, one case a line."""

import json
from pathlib import Path
from typing import Any

from rewardctl.cases.case import Case, CaseError, Rows, data_of, parse_case
from rewardctl.data import DataError, Row, lines_of, rows_of
from rewardctl.labels.label import id_key

USUAL_NAME = "cases.jsonl"


def cases_beside(definition: str) -> Path | None:
    """The cases of a definition's file: ``NAME.cases.jsonl`` or ``cases.jsonl`` beside it, None without any.

    A shipped or a stored definition has none.
    """
    path = Path(definition)
    if "://" in definition or ":/" in definition or not path.is_file():
        return None
    beside = (path.with_name(f"{path.stem}.{USUAL_NAME}"), path.with_name(USUAL_NAME))
    return next((place for place in beside if place.is_file()), None)


def read_cases(path: Path) -> list[Case]:
    """All cases of a file. Raises CaseError that names file and line."""
    files: dict[str, Rows] = {}
    cases = []
    try:
        for number, content, _ in lines_of(str(path)):
            try:
                value = json.loads(content)
                cases.append(parse_case(value, number, _rows(value, path.parent, files)))
            except (ValueError, RecursionError) as error:
                raise CaseError(f"{path}, line {number}: not JSON: {error}") from error
            except CaseError as error:
                raise CaseError(f"{path}, line {number}: {error}") from error
    except DataError as error:
        raise CaseError(str(error)) from error
    return cases


def _rows(value: Any, folder: Path, files: dict[str, Rows]) -> Rows:
    """The rows of the file that a case names, read once; {} without one."""
    name = data_of(value)
    if name is None:
        return {}
    if name not in files:
        try:
            rows = [row.value for row in rows_of(str(folder / name)) if isinstance(row, Row)]
        except DataError as error:
            raise CaseError(str(error)) from error
        files[name] = {id_key(row["id"]): row for row in rows if isinstance(row, dict)}
    return files[name]
