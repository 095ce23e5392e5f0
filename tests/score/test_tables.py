"""Parquet files and folders as Hugging Face's datasets saves them, written here by pyarrow."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from reward_fn.event.parse import parse_rows
from reward_fn.types.rollout import Rollout
from rewardctl.data import DataError, Row, lines_of, rows_of
from tests.factory import row

pa = pytest.importorskip("pyarrow", reason="Parquet and Arrow need `make analysis`")
pq = pytest.importorskip("pyarrow.parquet")

TURN = pa.struct([("role", pa.string()), ("content", pa.string())])
SCHEMA = pa.schema(
    [
        ("id", pa.string()),
        ("messages", pa.list_(TURN)),
        ("reference_answer", pa.struct([("ground_truth", pa.string())])),
        ("level", pa.int64()),
    ]
)
ROWS = [
    row(f"answer {n}", id=f"r-{n}", reference_answer={"ground_truth": str(n)}, level=n if n else None)
    for n in range(3)
]


def write_stream(path: Path, rows: Sequence[Mapping[str, Any]], schema: Any = SCHEMA) -> None:
    """One Arrow file as ``Dataset.save_to_disk`` writes it: the streaming format."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_stream(sink, schema) as writer:
        for start in range(0, len(rows), 2):
            writer.write_batch(pa.RecordBatch.from_pylist(list(rows[start : start + 2]), schema))


def save_dataset(folder: Path, shards: Sequence[Sequence[Mapping[str, Any]]], schema: Any = SCHEMA) -> None:
    """A folder as ``Dataset.save_to_disk`` makes it: shards, state.json and dataset_info.json."""
    names = [f"data-{n:05}-of-{len(shards):05}.arrow" for n in range(len(shards))]
    for name, rows in zip(names, shards, strict=True):
        write_stream(folder / name, rows, schema)
    state = {"_data_files": [{"filename": name} for name in names], "_fingerprint": "f", "_split": "train"}
    (folder / "state.json").write_text(json.dumps(state))
    (folder / "dataset_info.json").write_text(json.dumps({"features": {}}))


def rollouts(source: Path) -> list[Rollout]:
    rows = [each.value for each in rows_of(str(source)) if isinstance(each, Row)]
    entries = parse_rows(rows)
    assert all(isinstance(entry, Rollout) for entry in entries), entries
    return [entry for entry in entries if isinstance(entry, Rollout)]


EXPECTED = [
    ("r-0", "answer 0", {"ground_truth": "0"}, {}),  # a null cell is a missing field
    ("r-1", "answer 1", {"ground_truth": "1"}, {"level": 1}),
    ("r-2", "answer 2", {"ground_truth": "2"}, {"level": 2}),
]


def seen(source: Path) -> list[tuple[Any, ...]]:
    return [(r.id, r.response, r.reference_answer, dict(r.metadata)) for r in rollouts(source)]


def test_a_parquet_file_gives_its_rows(tmp_path: Path) -> None:
    pq.write_table(pa.Table.from_pylist(ROWS, SCHEMA), tmp_path / "data.parquet")
    assert seen(tmp_path / "data.parquet") == EXPECTED


def test_a_folder_of_parquet_files_is_read_in_the_order_of_names(tmp_path: Path) -> None:
    """As a data set on the Hub lies: data/train-00000-of-00002.parquet."""
    (tmp_path / "data").mkdir()
    for number in (1, 0):
        part = ROWS[2:] if number else ROWS[:2]
        name = f"train-0000{number}-of-00002.parquet"
        pq.write_table(pa.Table.from_pylist(part, SCHEMA), tmp_path / "data" / name)
    assert seen(tmp_path) == EXPECTED
    assert [line.number for line in lines_of(str(tmp_path))] == [1, 2, 3]


def test_a_saved_data_set_gives_its_shards_in_order_without_caches(tmp_path: Path) -> None:
    save_dataset(tmp_path / "set", [ROWS[:2], ROWS[2:]])
    write_stream(tmp_path / "set" / "cache-1234.arrow", [ROWS[0]])
    assert seen(tmp_path / "set") == EXPECTED


def test_a_single_arrow_file_is_read_in_both_of_its_formats(tmp_path: Path) -> None:
    write_stream(tmp_path / "stream.arrow", ROWS)
    assert seen(tmp_path / "stream.arrow") == EXPECTED
    with (
        pa.OSFile(str(tmp_path / "file.arrow"), "wb") as sink,
        pa.ipc.new_file(sink, SCHEMA) as writer,
    ):
        writer.write_table(pa.Table.from_pylist(ROWS, SCHEMA))
    assert seen(tmp_path / "file.arrow") == EXPECTED


def test_several_splits_are_named_and_not_mixed(tmp_path: Path) -> None:
    for split in ("test", "train"):
        save_dataset(tmp_path / split, [ROWS])
    (tmp_path / "dataset_dict.json").write_text(json.dumps({"splits": ["train", "test"]}))
    with pytest.raises(DataError, match="holds the splits test, train; name one of them"):
        list(lines_of(str(tmp_path)))
    assert seen(tmp_path / "train") == EXPECTED


def test_turns_stored_as_columns_are_turns_again(tmp_path: Path) -> None:
    """``Sequence({"role": …, "content": …})`` is stored as a struct of lists."""
    columns = pa.struct([("role", pa.list_(pa.string())), ("content", pa.list_(pa.string()))])
    schema = pa.schema([("id", pa.string()), ("messages", columns)])
    sent = {"role": ["system", "user", "assistant"], "content": ["S", "Q", "A"]}
    save_dataset(tmp_path / "set", [[{"id": "1", "messages": sent}]], schema)
    [rollout] = rollouts(tmp_path / "set")
    assert [(m.role, m.text) for m in rollout.messages] == [("system", "S"), ("user", "Q")]
    assert rollout.response == "A"


def test_blocks_bytes_and_dates_become_json(tmp_path: Path) -> None:
    block = pa.struct([("type", pa.string()), ("text", pa.string())])
    turn = pa.struct([("role", pa.string()), ("content", pa.list_(block))])
    schema = pa.schema([("messages", pa.list_(turn)), ("raw", pa.binary()), ("day", pa.date32())])
    content = [{"type": "text", "text": "A"}]
    cells = {"messages": [{"role": "nova_assistant", "content": content}], "raw": b"\xc3\xa9", "day": 1}
    pq.write_table(pa.Table.from_pylist([cells], schema), tmp_path / "data.parquet")
    [rollout] = rollouts(tmp_path / "data.parquet")
    assert rollout.response == "A"
    assert rollout.metadata == {"raw": "é", "day": "1970-01-02"}


def test_rows_of_a_large_record_batch_are_all_read(tmp_path: Path) -> None:
    """datasets writes 1,000 rows a record batch; they are converted in parts."""
    many = [row("A", id=str(n)) for n in range(1_300)]
    schema = pa.schema([("id", pa.string()), ("messages", pa.list_(TURN))])
    with pa.OSFile(str(tmp_path / "big.arrow"), "wb") as sink, pa.ipc.new_stream(sink, schema) as writer:
        writer.write_batch(pa.RecordBatch.from_pylist(many, schema))
    assert [r.id for r in rollouts(tmp_path / "big.arrow")] == [str(n) for n in range(1_300)]


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("data.parquet", b"not parquet", "can't be read"),
        ("data.arrow", b"not arrow", "can't be read"),
        ("none.parquet", None, "does not exist"),
        ("notes.txt", b"hello", "holds no .parquet and no .arrow file"),
    ],
)
def test_what_is_not_a_table_is_named(tmp_path: Path, name: str, content: bytes | None, words: str) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    source = tmp_path if name.endswith(".txt") else tmp_path / name
    with pytest.raises(DataError, match=words):
        list(lines_of(str(source)))


def test_a_shard_that_is_missing_is_named(tmp_path: Path) -> None:
    save_dataset(tmp_path / "set", [ROWS[:2], ROWS[2:]])
    (tmp_path / "set" / "data-00001-of-00002.arrow").unlink()
    with pytest.raises(DataError, match=r"lacks data-00001-of-00002\.arrow"):
        list(lines_of(str(tmp_path / "set")))


def test_a_table_without_rows_is_named(tmp_path: Path) -> None:
    pq.write_table(pa.Table.from_pylist([], SCHEMA), tmp_path / "data.parquet")
    with pytest.raises(DataError, match="holds no rows"):
        list(lines_of(str(tmp_path / "data.parquet")))
