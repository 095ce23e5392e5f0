"""Choose the record with an id, and the records of its group."""

import difflib
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from rewardctl.explain.visible import one_line
from rewardctl.runs.records import Record, RecordLine, RecordsError, record_lines

NEAREST = 3
"""How many ids are named beside an unknown one."""
MAX_COMPARED = 20_000
"""How many ids an unknown one is compared with; difflib takes about 20 µs for each."""
MAX_LINES = 10


class Chosen(NamedTuple):
    """The record to explain, and the records of its group, itself included."""

    record: Record
    group: Sequence[Record]


def choose_in(path: Path, identity: str, line: int | None = None) -> Chosen:
    """The record with that id under ``path``; ``line`` tells several with one id apart. Raises RecordsError.

    The files are read twice, and only lines that hold the id or the group are parsed, so that a large run
    needs little time and memory.
    """
    record = one_of(_parsed(path, identity), identity, line, lambda: _ids(path))
    group = record.get("group")
    return Chosen(
        record, [other for other in _parsed(path, group) if other.get("group") == group] if group else []
    )


def choose_among(records: Sequence[Record], identity: str, line: int | None = None) -> Chosen:
    """The record with that id among ``records``; with the id "" the only one. Raises RecordsError."""
    if not identity and len(records) == 1:
        return Chosen(records[0], records)
    return Chosen(one_of(records, identity, line, lambda: map(_id, records)), records)


def one_of(
    records: Iterable[Record], identity: str, line: int | None, all_ids: Callable[[], Iterable[str]]
) -> Record:
    """The one record with that id, on that line. Raises RecordsError that names other ids or lines."""
    named = repr(one_line(identity))
    same = [record for record in records if _id(record) == identity]
    if not same:
        raise RecordsError(f"no record has the id {named}; {_nearest(identity, all_ids())}")
    on_line = [record for record in same if line is None or record.get("line") == line]
    if len(on_line) == 1:
        return on_line[0]
    lines = [str(record.get("line")) for record in same]
    shown = ", ".join(lines[:MAX_LINES]) + (" and more" if len(lines) > MAX_LINES else "")
    if not on_line:
        raise RecordsError(
            f"no record with the id {one_line(identity)!r} is on line {line}; it is on {shown}"
        )
    raise RecordsError(
        f"{len(same)} records have the id {one_line(identity)!r}, on lines {shown}; choose one by --line, or "
        "name its file by --run"
    )


def _parsed(path: Path, text: str) -> Iterator[Record]:
    """The records whose line may hold the text as a JSON string, or as a part of other JSON."""
    forms = {text, *(json.dumps(text, ensure_ascii=ascii_only)[1:-1] for ascii_only in (True, False))}
    needles = [form.encode("utf-8", "surrogatepass") for form in forms]
    is_other = text[:1] in ("[", "{")  # an id that is no string, whose white space may differ
    for line in record_lines(path):
        if is_other or any(needle in line.content for needle in needles):
            yield _numbered(line)


def _numbered(line: RecordLine) -> Record:
    """The record with a line; one of a trace gets its line in its object."""
    return {"line": line.number, **line.record()}


def _ids(path: Path) -> Iterator[str]:
    return (_id(line.record()) for line in record_lines(path))


def _id(record: Record) -> str:
    """An id as a person types it: a text as it is, anything else as JSON."""
    value = record.get("id")
    return value if isinstance(value, str) else json.dumps(value)


def _nearest(identity: str, ids: Iterable[str]) -> str:
    known = list(dict.fromkeys(value for _, value in zip(range(MAX_COMPARED), ids, strict=False)))
    if not known:
        return "there are no records at all"
    nearest = difflib.get_close_matches(identity, known, NEAREST, 0.0)
    return f"the nearest ids are {', '.join(map(one_line, nearest))}"
