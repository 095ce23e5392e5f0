"""Runs as the report reads them: the records, what is known beside them, and the definition."""

import gzip
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reward_fn.definition.load import load_definition
from reward_fn.errors import DefinitionError
from reward_fn.types.definition import Definition
from rewardctl.report.columns import Columns, DefinitionName
from rewardctl.report.measure import About


class SourceError(Exception):
    """A run can't be read. The message names the place and the remedy."""


@dataclass(frozen=True)
class Source:
    """A run folder, a JSONL file of records (``.gz`` too), or a folder of trace objects.

    ``facts`` is the content of ``run.json``, empty without one.
    """

    name: str
    path: Path
    facts: dict[str, Any]

    def records(self) -> Iterator[dict[str, Any]]:
        """Yield the records in order; each call reads them again."""
        return read_records(self.path)


def open_sources(paths: Sequence[Path]) -> list[Source]:
    """Return the runs, under names that are short and differ. Raises SourceError if one is not there."""
    names = [_name(path, depth=1) for path in paths]
    if len(set(names)) < len(names):
        names = [_name(path, depth=2) for path in paths]
    if len(set(names)) < len(names):
        names = [f"{name} ({number})" for number, name in enumerate(names, 1)]
    return [Source(name, path, _facts(path)) for name, path in zip(names, paths, strict=True)]


def _name(path: Path, depth: int) -> str:
    parts = path.resolve().parts[-depth:]
    return "/".join(parts).removesuffix(".gz").removesuffix(".jsonl")


def _facts(path: Path) -> dict[str, Any]:
    file = path / "run.json"
    if not file.is_file():
        if not path.exists():
            raise SourceError(f"{path} does not exist; name a run folder, a JSONL file or a folder of traces")
        return {}
    try:
        facts: Any = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SourceError(f"{file} can't be read: {error}") from error
    if not isinstance(facts, dict):
        raise SourceError(f"{file} is not an object; name the folder that `rewardctl score` wrote")
    return facts


def about(source: Source, columns: Columns, definition: str | None = None) -> About:
    """Return what is known about a run beside its records.

    ``definition`` is a name or a path that replaces the recorded one. Raises SourceError if it is wrong.
    """
    facts = source.facts
    loaded, why_not = _definition(source, columns, definition)
    problems = facts.get("problems")
    unreadable = Counter(str(p.get("reason")) for p in problems or () if isinstance(p, dict))
    cost = facts.get("cost_usd")
    return About(
        source.name,
        loaded,
        dict(unreadable),
        {key: facts[key] for key in _SHOWN if facts.get(key) not in (None, "", [])},
        cost_usd=float(cost) if isinstance(cost, int | float) else None,
        shares_missing=why_not,
    )


_SHOWN = ("judge", "models", "data", "target", "code", "prices_of", "started_at", "finished_at", "wall_s")
"""The keys of run.json that the page shows."""


def _definition(source: Source, columns: Columns, name: str | None) -> tuple[Definition | None, str]:
    """Load the definition whose hash is the records'; a hash that differs would give wrong shares."""
    if not columns.definitions:
        return None, "the run has no records"
    recorded = max(columns.definitions, key=columns.definitions.__getitem__)
    in_run = source.facts.get("definition")
    path = in_run.get("path") if isinstance(in_run, dict) else None
    try:
        loaded = load_definition(name or str(path or recorded.name))
    except DefinitionError as error:
        if name:
            raise SourceError(str(error)) from error
        return None, f"the definition {recorded.name!r} is not at hand; name its file with --definition"
    return _if_same(loaded, recorded)


def _if_same(loaded: Definition, recorded: DefinitionName) -> tuple[Definition | None, str]:
    if recorded.sha256 and loaded.sha256 != recorded.sha256:
        return None, (
            f"the definition {loaded.name!r} has changed since (SHA-256 {loaded.sha256[:12]}, recorded "
            f"{recorded.sha256[:12]}); name the file that scored the run with --definition"
        )
    return loaded, ""


def read_records(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the records of a run folder, a JSONL file or a folder of trace objects, in order.

    Raises SourceError that names the file and the line.
    """
    for file in _files(path):
        opener = gzip.open if file.suffix == ".gz" else open
        try:
            with opener(file, "rt", encoding="utf-8") as lines:
                for number, line in enumerate(lines, 1):
                    if line.strip():
                        yield _record(line, f"{file}, line {number}")
        except (OSError, EOFError, UnicodeDecodeError) as error:
            raise SourceError(f"{file} can't be read: {error}") from error


def _files(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    if (path / "results.jsonl").is_file():
        return [path / "results.jsonl"]
    files = sorted({*path.rglob("*.jsonl"), *path.rglob("*.jsonl.gz")})
    if not files:
        raise SourceError(f"{path} holds no records; name a run folder, a JSONL file or a folder of traces")
    return files


def _record(line: str, place: str) -> dict[str, Any]:
    try:
        record: Any = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise SourceError(f"{place} is not JSON: {error}") from error
    if not isinstance(record, dict) or "reward" not in record:
        raise SourceError(f"{place} is not a record of a scored rollout; run `rewardctl score` first")
    return record
