"""Run `rewardctl score` in this process, and read what it left."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from rewardctl.cli import main
from rewardctl.runs import Record, read_records

CHANGING = ("at", "latency_s")
"""Fields of records that differ from run to run."""


@dataclass(frozen=True)
class Ran:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Standard output as one JSON value."""
        return json.loads(self.out)


def score(*arguments: object, stdin: bytes = b"") -> Ran:
    """Run the command. Fails if it ends with anything but an exit code."""
    result = CliRunner(mix_stderr=False).invoke(main, ["score", *map(str, arguments)], input=stdin)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exc_info
    assert "Traceback" not in result.stderr
    return Ran(result.exit_code, result.stdout, result.stderr)


def records(run: Path) -> list[Record]:
    """The records of a run without what differs from run to run."""
    return [stable(record) for record in read_records(run)]


def stable(record: Record) -> Record:
    """A record without what differs from run to run."""
    calls = [{key: value for key, value in call.items() if key not in CHANGING} for call in record["calls"]]
    return {**{key: value for key, value in record.items() if key not in CHANGING}, "calls": calls}


def verdicts(run: Path) -> list[Any]:
    """The part of the records that the judge decides, without the calls that were made for it."""
    names = ("id", "reward", "imputed", "metrics", "verdicts", "votes")
    return [{name: record[name] for name in names} for record in read_records(run)]


def write_rows(path: Path, rows: Sequence[Any]) -> Path:
    """Rows as JSON Lines."""
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def rows_in_file(path: Path) -> Iterator[Any]:
    """The JSON values of a file of JSON Lines."""
    return map(json.loads, path.read_text(encoding="utf-8").splitlines())
