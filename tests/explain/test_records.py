"""Finding the record to explain: in run folders, files, traces; by id and by line."""

import gzip
import json
import os
from pathlib import Path
from typing import Any

import pytest

from reward_fn.definition.load import SHIPPED, load_definition
from rewardctl.explain.choose import choose_among, choose_in
from rewardctl.explain.definition_place import definition_of
from rewardctl.local.errors import InputError
from rewardctl.runs.records import RecordsError, newest_run, read_records
from tests.explain.records import Record, records_of
from tests.factory import row

SERVED = load_definition("math-answer")


def math_records(*ids: Any) -> list[Record]:
    rows = [row(f"A: {place}", id=identity, reference_answer="1") for place, identity in enumerate(ids)]
    return records_of(SERVED, rows)


def written(path: Path, records: list[Record]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    content = "".join(json.dumps(record) + "\n" for record in records).encode()
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
    return path


@pytest.mark.parametrize("name", ["results.jsonl", "batch.jsonl.gz", "deep/date=2026-01-02/b.jsonl.gz"])
def test_a_run_a_file_and_a_folder_of_traces_are_read_alike(name: str, tmp_path: Path) -> None:
    file = written(tmp_path / name, math_records("a", "b"))
    for path in (file, tmp_path):
        chosen = choose_in(path, "b")
        assert chosen.record["id"] == "b"
        assert [record["id"] for record in chosen.group] == ["a", "b"]


def test_the_results_of_a_run_folder_are_read_and_no_other_file(tmp_path: Path) -> None:
    written(tmp_path / "results.jsonl", math_records("a"))
    written(tmp_path / "other.jsonl", math_records("b"))
    with pytest.raises(RecordsError, match="no record has the id 'b'"):
        choose_in(tmp_path, "b")


def test_a_trace_gets_its_line_in_its_object_and_a_run_keeps_its_own(tmp_path: Path) -> None:
    first, second = math_records("a", "b")
    del second["line"]
    first["line"] = 70
    written(tmp_path / "results.jsonl", [first, second])
    assert choose_in(tmp_path, "a").record["line"] == 70
    assert choose_in(tmp_path, "b").record["line"] == 2


def test_ids_of_other_types_are_named_as_json(tmp_path: Path) -> None:
    written(tmp_path / "results.jsonl", math_records(7, "7a", ["x"], "Grüße\n"))
    assert choose_in(tmp_path, "7").record["id"] == 7
    assert choose_in(tmp_path, '["x"]').record["id"] == ["x"]
    assert choose_in(tmp_path, "Grüße\n").record["id"] == "Grüße\n"


def test_an_unknown_id_names_the_nearest(tmp_path: Path) -> None:
    written(tmp_path / "results.jsonl", math_records("tulips-1", "tulips-2", "vans-1", "cakes-9"))
    with pytest.raises(RecordsError) as caught:
        choose_in(tmp_path, "tulip-2")
    assert str(caught.value).startswith(
        "no record has the id 'tulip-2'; the nearest ids are tulips-2, tulips-1, "
    )


def test_a_repeated_id_lists_its_lines_and_a_line_chooses(tmp_path: Path) -> None:
    written(tmp_path / "results.jsonl", math_records("a", "b", "a"))
    with pytest.raises(RecordsError) as caught:
        choose_in(tmp_path, "a")
    assert str(caught.value).startswith("2 records have the id 'a', on lines 1, 3; choose one by --line")
    assert choose_in(tmp_path, "a", 3).record["index"] == 2
    with pytest.raises(RecordsError, match="no record with the id 'a' is on line 2; it is on 1, 3"):
        choose_in(tmp_path, "a", 2)


def test_the_only_record_needs_no_id() -> None:
    only = math_records("a")
    assert choose_among(only, "").record is only[0]
    with pytest.raises(RecordsError, match="no record has the id ''"):
        choose_among(math_records("a", "b"), "")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b'{"trace": 1}\nnot a record of "a"\n', "results.jsonl, line 2 is not JSON"),
        (b'{"id": "a"}\n', "results.jsonl, line 1 is not a trace"),
        (b'{"id": "a", "trace": 9}\n', "has the format 9, newer than 1"),
        (b"\x1f\x8bnot gzip", "results.jsonl is damaged"),
    ],
)
def test_a_broken_file_is_named_with_its_line(content: bytes, message: str, tmp_path: Path) -> None:
    (tmp_path / "results.jsonl").write_bytes(content)
    with pytest.raises(RecordsError, match=message):
        choose_in(tmp_path, "a")


def test_half_a_record_at_the_end_of_an_interrupted_run_is_left_out(tmp_path: Path) -> None:
    file = written(tmp_path / "results.jsonl", math_records("a", "b"))
    whole = file.read_bytes()
    file.write_bytes(whole[:-30])
    assert [record["id"] for record in read_records(tmp_path)] == ["a"]
    file.write_bytes(whole.rstrip(b"\n"))
    assert [record["id"] for record in read_records(tmp_path)] == ["a", "b"]


def test_the_newest_run_is_the_one_whose_results_were_written_last(tmp_path: Path) -> None:
    for name, at in (("b", 1000), ("a", 3000), ("c", 2000)):
        os.utime(written(tmp_path / name / "results.jsonl", math_records("x")), (at, at))
    assert newest_run(tmp_path).name == "a"
    with pytest.raises(RecordsError, match="there is no run in the folder"):
        newest_run(tmp_path / "nowhere")


@pytest.mark.parametrize(("make", "fault"), [(True, "holds no results.jsonl"), (False, "does not exist")])
def test_a_folder_without_records_is_an_error(make: bool, fault: str, tmp_path: Path) -> None:
    path = tmp_path / "runs"
    if make:
        path.mkdir()
    with pytest.raises(RecordsError, match=fault):
        choose_in(path, "a")


def test_the_definition_is_the_named_one_else_the_runs_else_the_shipped_one(tmp_path: Path) -> None:
    (record,) = math_records("a")
    own = tmp_path / "own.toml"
    own.write_bytes((SHIPPED / "math-answer.toml").read_bytes() + b"\n# mine\n")
    (tmp_path / "run.json").write_text(json.dumps({"run": 1, "definition": {"path": str(own)}}))
    versions = [
        definition.version if (definition := definition_of(*arguments)) else None
        for arguments in (
            (record, tmp_path, "reasoning"),
            (record, tmp_path, None),
            (record, tmp_path / "elsewhere", None),
            ({**record, "definition": "unheard-of"}, tmp_path / "elsewhere", None),
        )
    ]
    assert versions == [
        load_definition("reasoning").version,
        load_definition(str(own)).version,
        SERVED.version,
        None,
    ]
    assert versions[1] != versions[2]
    with pytest.raises(InputError, match=r"nowhere\.toml"):
        definition_of(record, tmp_path, "nowhere.toml")


def test_a_definition_or_a_run_with_mistakes_is_an_input_error(tmp_path: Path) -> None:
    (record,) = math_records("a")
    broken = tmp_path / "broken.toml"
    broken.write_text("name = 3\n")
    with pytest.raises(InputError, match="name"):
        definition_of(record, tmp_path, str(broken))
    (tmp_path / "run.json").write_text("{")
    with pytest.raises(InputError, match=r"run\.json is not JSON"):
        definition_of(record, tmp_path, None)


def test_a_record_that_was_cut_behind_a_brace_is_left_out_too(tmp_path: Path) -> None:
    file = written(tmp_path / "results.jsonl", math_records("a", "b"))
    content = file.read_bytes()
    file.write_bytes(content[: content.rindex(b"}", 0, -4) + 1])
    assert [record["id"] for record in read_records(file)] == ["a"]
