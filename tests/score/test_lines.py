"""The lines of a source: JSON Lines, events, gzip, standard input; what can't be read is named."""

import gzip
import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from rewardctl.data import DataError, Line, Problem, Row, lines_of, rows_of
from rewardctl.data import lines as lines_module
from tests.factory import row

ONE, TWO = row("one", id="a"), row("two", id="b")


def written(folder: Path, content: bytes, name: str = "data.jsonl") -> str:
    path = folder / name
    path.write_bytes(content)
    return str(path)


def as_lines(*rows: Any, end: bytes = b"\n") -> bytes:
    return b"".join(json.dumps(each).encode() + end for each in rows)


def values(source: str) -> list[Any]:
    """The rows of a source, which must have no problem."""
    rows = list(rows_of(source))
    assert all(isinstance(each, Row) for each in rows), rows
    return [each.value for each in rows if isinstance(each, Row)]


@pytest.mark.parametrize(
    "content",
    [
        as_lines(ONE, TWO),
        as_lines(ONE, TWO).rstrip(b"\n"),
        as_lines(ONE, TWO, end=b"\r\n"),
        b"\xef\xbb\xbf" + as_lines(ONE, TWO),
        gzip.compress(as_lines(ONE, TWO)),
        json.dumps([ONE, TWO]).encode(),
        json.dumps([ONE, TWO], indent=2).encode(),
        b"[\n" + as_lines(ONE).rstrip() + b",\n" + as_lines(TWO) + b"]\n",
        json.dumps({"input": [ONE, TWO]}).encode(),
        json.dumps({"body": json.dumps([ONE, TWO])}, indent=1).encode(),
        json.dumps(json.dumps([ONE, TWO])).encode(),
        as_lines([ONE], [TWO]),
        as_lines({"batch": [ONE, TWO]}),
    ],
    ids=[
        "lines",
        "no last newline",
        "CRLF",
        "byte order mark",
        "gzip",
        "list",
        "pretty list",
        "a row a line in a list",
        "wrapper",
        "pretty wrapper with text",
        "event as text",
        "lines of events",
        "one wrapper a line",
    ],
)
def test_the_same_rows_come_from_each_form_of_a_file(tmp_path: Path, content: bytes) -> None:
    assert values(written(tmp_path, content)) == [ONE, TWO]


def test_a_gzipped_file_needs_no_special_name(tmp_path: Path) -> None:
    source = written(tmp_path, gzip.compress(as_lines(ONE)), "data.txt")
    assert values(source) == [ONE]


def test_standard_input_is_read_as_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(as_lines(ONE, TWO))))
    assert [line.number for line in lines_of("-")] == [1, 2]


def test_lines_keep_the_numbers_that_an_editor_shows(tmp_path: Path) -> None:
    source = written(tmp_path, b"\n  \n" + as_lines(ONE) + b"\r\n" + as_lines(TWO))
    assert [line.number for line in lines_of(source)] == [3, 5]


def test_rows_of_an_event_are_numbered_by_their_place(tmp_path: Path) -> None:
    source = written(tmp_path, json.dumps({"records": [ONE, TWO]}, indent=4).encode())
    assert [line.number for line in lines_of(source)] == [1, 2]


def test_a_single_row_over_several_lines_is_one_row(tmp_path: Path) -> None:
    assert values(written(tmp_path, json.dumps(ONE, indent=2).encode())) == [ONE]


def test_rows_of_a_list_are_rows_whatever_they_hold(tmp_path: Path) -> None:
    """As the function sees them: a number or a text in an event is a rejected row, not an event."""
    source = written(tmp_path, json.dumps([1, "x", None, {"input": [ONE]}]).encode())
    assert values(source) == [1, "x", None, {"input": [ONE], "id": "missing-3"}]


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        (b'{"id": "b", "messages": [{"role"\n', "not_json"),
        (b'{"id": "\xff"}\n', "encoding"),
        (b"garbage\n", "not_json"),
        (b'{"a": ' + b"[" * 100_000 + b"\n", "not_json"),
        (b"1" * 5_000 + b"\n", "not_json"),  # Python reads no integer of more than 4,300 digits
        (b'"just words"\n', "no_row"),
        (b'{"question": "q", "label": 1}\n', "no_row"),
        (b"[]\n", "no_row"),
    ],
    ids=["cut", "not UTF-8", "words", "deep", "a long number", "a text", "other keys", "empty list"],
)
def test_a_broken_line_costs_only_itself(tmp_path: Path, broken: bytes, reason: str) -> None:
    first, problem, last = rows_of(written(tmp_path, as_lines(ONE) + broken + as_lines(TWO)))
    assert isinstance(first, Row)
    assert isinstance(problem, Problem)
    assert isinstance(last, Row)
    assert (first.value, last.value) == (ONE, TWO)
    assert (problem.line, problem.reason) == (2, reason)


@pytest.mark.parametrize("cut", [b'{"id": "b", "messages": [', b'{"id": "b",', b"[1,"])
def test_a_broken_first_line_does_not_hide_the_others(tmp_path: Path, cut: bytes) -> None:
    problem, last = rows_of(written(tmp_path, cut + b"\n" + as_lines(TWO)))
    assert isinstance(problem, Problem)
    assert problem.line == 1
    assert isinstance(last, Row)
    assert last.value == TWO


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b"\n \n", "is empty"),
        ("[]".encode("utf-16"), "UTF-16"),
        (json.dumps(ONE).encode("utf-16-le"), "UTF-16"),
        (b"id,prompt\n1,hello\n", "is not JSON: it begins with 'id,prompt"),
        (b'[{"id": 1},\n {"id": \n', "is not JSON"),
        (b"[]", "event without rows"),
        (gzip.compress(as_lines(ONE) * 50)[:60], "damaged gzip"),
    ],
    ids=["empty", "blank", "UTF-16", "UTF-16 without mark", "CSV", "cut event", "no rows", "cut gzip"],
)
def test_a_file_without_rows_is_named_with_its_fault(tmp_path: Path, content: bytes, words: str) -> None:
    source = written(tmp_path, content)
    with pytest.raises(DataError, match=words) as caught:
        list(lines_of(source))
    assert source in str(caught.value)


def test_a_file_that_does_not_exist_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"none\.jsonl can't be read: No such file"):
        list(lines_of(str(tmp_path / "none.jsonl")))


def test_a_line_that_is_too_long_is_one_problem_and_the_next_keeps_its_number(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines_module, "MAX_LINE_BYTES", 200)
    monkeypatch.setattr("rewardctl.data.rows.MAX_LINE_BYTES", 200)
    source = written(tmp_path, as_lines(ONE, row("x" * 900, id="long"), TWO))
    first, problem, last = rows_of(source)
    assert isinstance(first, Row)
    assert problem == Problem(2, "too_long", "longer than 200 bytes; split it")
    assert isinstance(last, Row)
    assert last.line == 3


def test_lines_are_read_one_by_one(tmp_path: Path) -> None:
    """A broken end does not keep the lines before it from being read."""
    packed = gzip.compress(as_lines(*[ONE] * 20_000), compresslevel=0)
    lines = lines_of(written(tmp_path, packed[:-20]))
    assert next(lines) == Line(1, as_lines(ONE))
