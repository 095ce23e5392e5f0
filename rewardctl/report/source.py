"""Runs as the report reads them: the records, what is known beside them, and the definition."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reward_fn.types.definition import Definition
from reward_fn.types.unscored import Reason
from rewardctl.explain.definition_place import definition_of
from rewardctl.local.errors import InputError
from rewardctl.report.columns import Columns
from rewardctl.report.measure import About
from rewardctl.runs.folder import INFO, RunError, read_info
from rewardctl.runs.records import Record, RecordsError, read_records


class SourceError(Exception):
    """A run can't be read. The message names the place and the remedy."""


@dataclass(frozen=True)
class Source:
    """A run folder, a JSONL file of records, gzipped or not, or a folder of trace objects.

    ``facts`` is the content of ``run.json``, empty without one.
    """

    name: str
    path: Path
    facts: Mapping[str, Any]

    def records(self) -> Iterator[Record]:
        """Yield the records in order; each call reads them again. Raises SourceError."""
        try:
            yield from read_records(self.path)
        except RecordsError as error:
            raise SourceError(str(error)) from error

    @property
    def is_free(self) -> bool:
        """Whether the run is known to have cost nothing, as with the stand-in."""
        return self.facts.get("cost_usd") == 0


def open_sources(paths: Sequence[Path]) -> list[Source]:
    """Return the runs, under names that are short and differ. Raises SourceError for a broken run.json."""
    names = [_name(path, depth=1) for path in paths]
    if len(set(names)) < len(names):
        names = [_name(path, depth=2) for path in paths]
    if len(set(names)) < len(names):
        names = [f"{name} ({number})" for number, name in enumerate(names, 1)]
    return [Source(name, path, _facts(path)) for name, path in zip(names, paths, strict=True)]


def _name(path: Path, depth: int) -> str:
    parts = path.resolve().parts[-depth:]
    return "/".join(parts).removesuffix(".gz").removesuffix(".jsonl")


def _facts(path: Path) -> Mapping[str, Any]:
    if not (path / INFO).is_file():
        return {}
    try:
        return read_info(path)
    except RunError as error:
        raise SourceError(str(error)) from error


def about(source: Source, columns: Columns, first: Record, named: str | None = None) -> About:
    """Return what is known about a run beside its records.

    ``first`` is one of its records. ``named`` is a definition's name or path that replaces the recorded one.
    Raises SourceError if a definition can't be used.
    """
    facts = source.facts
    definition, why_not = _definition(source, first, named)
    cost = facts.get("cost_usd")
    return About(
        source.name,
        definition,
        _unreadable(facts.get("progress") or {}, len(columns)),
        {key: facts[key] for key in _SHOWN if facts.get(key) not in (None, "", [])},
        cost_usd=float(cost) if isinstance(cost, int | float) else None,
        shares_missing=why_not,
    )


_SHOWN = ("judge", "models", "data", "target", "prices_of", "started_at", "finished_at")
"""The keys of run.json that the figures repeat."""


def _unreadable(progress: Mapping[str, Any], records: int) -> dict[str, int]:
    """Return the lines of the data that gave no record, by reason: ``progress`` counts them as rows."""
    lost = int(progress.get("rows", 0)) - records
    if lost <= 0:
        return {}
    of_rollouts = {reason.value for reason in Reason}
    counts = progress.get("unscored") or {}
    reasons = {str(why): int(count) for why, count in counts.items() if why not in of_rollouts}
    rest = lost - sum(reasons.values())
    return {**reasons, "unreadable": rest} if rest > 0 else reasons


def _definition(source: Source, record: Record, named: str | None) -> tuple[Definition | None, str]:
    """Return the definition whose hash is the record's: another one's weights would give wrong shares."""
    try:
        definition = definition_of(record, source.path, named)
    except InputError as error:
        raise SourceError(f"{error.message} {error.remedy}".strip()) from error
    name = str(record.get("definition") or "")
    if definition is None:
        return None, f"the definition {name!r} is not at hand; name its file with --definition"
    recorded = str(record.get("definition_sha256") or "")
    if recorded and definition.sha256 != recorded:
        return None, (
            f"the definition {definition.name!r} (SHA-256 {definition.sha256[:12]}) is not the one that "
            f"scored the run ({recorded[:12]}); name that file with --definition"
        )
    return definition, ""
