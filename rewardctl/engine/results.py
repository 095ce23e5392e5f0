"""The results of a run as the function returns them, one a line."""

import json
import sys
from pathlib import Path
from typing import Any

from rewardctl.runs.folder import RunError
from rewardctl.runs.records import Record, read_records


def write_results(folder: Path, out: str) -> None:
    """Write ``{"id", "aggregate_reward_score", "metrics_list"}`` for each record to ``out``, "-" for standard
    output; a file appears when it is whole. Raises RunError and RecordsError."""
    if out == "-":
        for record in read_records(folder):
            sys.stdout.write(_line(record))
        return
    path = Path(out)
    beside = path.parent / f".{path.name}.part"
    try:
        with beside.open("w", encoding="ascii") as file:
            file.writelines(_line(record) for record in read_records(folder))
        beside.replace(path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise RunError(f"{out} can't be written: {error.strerror}; the results are in {folder}") from error
    except KeyboardInterrupt:
        beside.unlink(missing_ok=True)
        raise


def result_of(record: Record) -> dict[str, Any]:
    """The result in a record, as the function returns it."""
    return {
        "id": record["id"],
        "aggregate_reward_score": record["reward"],
        "metrics_list": record["metrics"],
    }


def _line(record: Record) -> str:
    return json.dumps(result_of(record), allow_nan=False) + "\n"
