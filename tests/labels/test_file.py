"""Files of labels: what is read, what is refused with its line, and that nothing written is half a line."""

import errno
import json
import os
from pathlib import Path
from typing import Any

import pytest

from reward_fn.types.rubric import Criterion
from rewardctl.labels.file import LabelWriter, read_labels
from rewardctl.labels.label import Label, LabelError, id_key, judgements

CLEAR = Criterion("Clear", "Is the answer clear?")
TONE = Criterion("Tone", "What is its tone?", choices=("rude", "neutral", "kind"))
CRITERIA = {each.name: each for each in (CLEAR, TONE)}


def write_lines(path: Path, *values: Any) -> Path:
    path.write_text("".join(json.dumps(value) + "\n" for value in values), encoding="utf-8")
    return path


def answers_in(folder: Path, labels: dict[str, Any]) -> dict[str, str]:
    """The answers that are read from a file with one label."""
    (label,) = read_labels(write_lines(folder / "labels", {"id": 1, "labels": labels}), CRITERIA).labels
    return dict(label.labels)


def test_a_written_label_is_read_back_unchanged(tmp_path: Path) -> None:
    path = tmp_path / "labels.jsonl"
    label = Label(
        "q-1", "ann", {"Clear": "yes"}, {2: {"Tone": "kind"}}, 0.5, 1, True, "2026-11-28T08:00:00Z", "why", 1
    )
    with LabelWriter(path) as writer:
        writer.add(label)
    assert read_labels(path, CRITERIA).labels == (label,)


@pytest.mark.parametrize("value", [True, 1, "yes", "Yes", " TRUE "])
def test_common_forms_of_yes_are_read_as_yes(tmp_path: Path, value: Any) -> None:
    assert answers_in(tmp_path, {"Clear": value}) == {"Clear": "yes"}


@pytest.mark.parametrize("value", [False, 0, "no", "False"])
def test_common_forms_of_no_are_read_as_no(tmp_path: Path, value: Any) -> None:
    assert answers_in(tmp_path, {"Clear": value}) == {"Clear": "no"}


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({"labels": {"Clear": "yes"}}, "line 2: id is missing"),
        ({"id": 1, "labels": {"Tone": "angry"}}, "line 2: labels.Tone is 'angry'; expected rude, neutral"),
        ({"id": 1, "labels": {"Clear": 7}}, "line 2: labels.Clear is '7'"),
        ({"id": 1, "labels": {"Other": [1]}}, "line 2: labels.Other is"),
        ({"id": 1, "labels": ["Clear"]}, "line 2: labels is not an object"),
        ({"id": 1, "items": {"first": {}}}, "line 2: items has the key 'first'"),
        ({"id": 1, "items": {"0": {"Tone": "x"}}}, "line 2: items.0.Tone is 'x'"),
        ({"id": 1, "overall": 1.5}, "line 2: overall is '1.5'"),
        ({"id": 1, "labels": {}, "repeat": True}, "line 2: repeat is 'True'"),
        ({"id": 1, "labels": {}, "labeller": 3}, "line 2: labeller is not a text"),
        (["id"], "line 2: a label is an object"),
        ({"id": 1, "messages": []}, "line 2: it has none of items, labels, overall"),
    ],
)
def test_a_bad_line_is_refused_with_its_number_and_key(tmp_path: Path, value: Any, words: str) -> None:
    path = write_lines(tmp_path / "l", {"id": 0, "labels": {"Clear": "yes"}}, value)
    with pytest.raises(LabelError, match="line 2") as caught:
        read_labels(path, CRITERIA)
    assert words in str(caught.value)


def test_a_criterion_that_the_definition_does_not_have_takes_any_answer(tmp_path: Path) -> None:
    assert answers_in(tmp_path, {"Own": "maybe"}) == {"Own": "maybe"}


def test_a_broken_line_before_the_last_one_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "l"
    path.write_text('{"id": 1\n{"id": 2, "labels": {}}\n')
    with pytest.raises(LabelError, match="line 1: not JSON"):
        read_labels(path)


@pytest.mark.parametrize("encoding", ["utf-16", "latin-1"])
def test_another_encoding_is_refused_with_its_line(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "l"
    path.write_bytes('{"id": "é", "labels": {}}\n'.encode(encoding))
    with pytest.raises(LabelError, match="line 1: not JSON in UTF-8"):
        read_labels(path)


def test_a_byte_order_mark_and_empty_lines_are_ignored(tmp_path: Path) -> None:
    path = tmp_path / "l"
    path.write_bytes(b'\xef\xbb\xbf\n{"id": 1, "labels": {"Clear": "no"}}\n\n')
    (label,) = read_labels(path).labels
    assert (label.id, label.line) == (1, 2)


def test_a_cut_last_line_is_left_out_with_a_notice(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "l", {"id": 1, "labels": {"Clear": "no"}})
    with path.open("a") as file:
        file.write('{"id": 2, "lab')
    read = read_labels(path)
    assert [label.id for label in read.labels] == [1]
    assert "line 2 was cut off" in read.notice


def test_a_missing_and_an_empty_file_are_refused(tmp_path: Path) -> None:
    with pytest.raises(LabelError, match="can't be read: No such file"):
        read_labels(tmp_path / "none")
    with pytest.raises(LabelError, match="holds no label"):
        read_labels(write_lines(tmp_path / "l"))


@pytest.mark.parametrize(
    ("left", "kept"),
    [('{"id": 2, "lab', [1, 3]), ('{"id": 2, "labels": {}}', [1, 2, 3])],
    ids=["half a line goes", "a whole line without its break stays"],
)
def test_the_writer_goes_on_after_an_interrupted_write(tmp_path: Path, left: str, kept: list[int]) -> None:
    path = write_lines(tmp_path / "l", {"id": 1, "labels": {}})
    with path.open("a") as file:
        file.write(left)
    with LabelWriter(path) as writer:
        writer.add(Label(3, "ann", {"Clear": "no"}))
    assert [label.id for label in read_labels(path).labels] == kept


def test_a_file_that_holds_only_half_a_line_becomes_empty(tmp_path: Path) -> None:
    path = tmp_path / "l"
    path.write_text('{"id"')
    LabelWriter(path).close()
    assert path.read_bytes() == b""


def test_a_full_disk_leaves_whole_lines_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "l"
    real, calls = os.write, iter((5, 0))

    def write(file: int, line: bytes) -> int:
        """Five bytes go to disk, then it is full."""
        if size := next(calls):
            return real(file, line[:size])
        raise OSError(errno.ENOSPC, "No space left on device")

    with LabelWriter(path) as writer:
        writer.add(Label(1, "ann", {"Clear": "no"}))
        monkeypatch.setattr(os, "write", write)
        with pytest.raises(LabelError, match="No space left on device; nothing was added"):
            writer.add(Label(2, "ann", {"Clear": "no"}))
    assert [json.loads(line)["id"] for line in path.read_text().splitlines()] == [1]


def test_a_second_session_on_the_same_file_is_refused(tmp_path: Path) -> None:
    with LabelWriter(tmp_path / "l"), pytest.raises(LabelError, match="another labelling session"):
        LabelWriter(tmp_path / "l")


def test_an_unwritable_place_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(LabelError, match="can't be written"):
        LabelWriter(tmp_path / "file" / "labels.jsonl")


def test_a_later_answer_replaces_an_earlier_one_and_null_removes_it() -> None:
    labels = [
        Label("a", "ann", {"Clear": "yes", "Tone": "kind"}, line=1),
        Label("a", "ann", {"Clear": "no"}, line=2),
        Label("a", "ann", {"Tone": ""}, line=3),
        Label("a", "bob", {"Clear": "yes"}, line=4),
        Label("a", "ann", {"Clear": "yes"}, repeat=1, line=5),
    ]
    in_force = [(j.labeller, j.repeat, j.criterion, j.answer, j.line) for j in judgements(labels)]
    assert in_force == [
        ("ann", 0, "Clear", "no", 2),
        ("bob", 0, "Clear", "yes", 4),
        ("ann", 1, "Clear", "yes", 5),
    ]


def test_a_judgement_of_the_whole_answer_carries_its_worth() -> None:
    (judgement,) = judgements([Label(7, "ann", overall=0.25, boundary=True)])
    assert (judgement.row, judgement.criterion, judgement.worth, judgement.boundary) == ("7", "", 0.25, True)


def test_a_withdrawn_judgement_of_the_whole_answer_is_removed(tmp_path: Path) -> None:
    path = tmp_path / "labels.jsonl"
    with LabelWriter(path) as writer:
        writer.add(Label(7, "ann", overall=0.0))
        writer.add(Label(7, "ann", withdraws_overall=True))
    assert judgements(read_labels(path).labels) == []


def test_a_number_and_its_text_are_the_same_id() -> None:
    assert id_key(7) == id_key("7") == "7"
    assert id_key({"b": 1, "a": 2}) == id_key({"a": 2, "b": 1})
