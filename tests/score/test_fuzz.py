"""Whatever the arguments and the data: an exit code and words, never a traceback."""

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rewardctl.data import DataError, Problem, Row, rows_of
from rewardctl.runs.folder import RunError, progress_of, read_info
from tests.score.running import score, write_rows

KEYS = st.sampled_from(
    [
        "id",
        "messages",
        "prompt",
        "completion",
        "role",
        "content",
        "input",
        "body",
        "metadata",
        "text",
        "preds",
    ]
) | st.text(max_size=4)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=12,
)
VALUES = st.sampled_from(["", "-", ".", "/", "0", "-1", "1e9", "nan", "yes", "replay:", "openai:", "ü["])
NAMES = st.sampled_from(
    [
        "--definition",
        "--judge",
        "--run",
        "-o",
        "--target",
        "--limit",
        "--max-unscored",
        "--max-usd",
        "--workers",
    ]
)
CALM = settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(autouse=True)
def _in_tmp_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@CALM
@given(st.lists(st.tuples(NAMES, VALUES), max_size=3), st.sampled_from(["data.jsonl", "none", "", "."]))
def test_any_options_end_with_an_exit_code(options: list[tuple[str, str]], data: str) -> None:
    write_rows(Path("data.jsonl"), [{"messages": [{"role": "assistant", "content": "4"}]}])
    ran = score(data, *(part for option in options for part in option), "--limit", "1")
    assert ran.code in (0, 1, 2, 3)
    assert ran.code == 0 or ran.err


@CALM
@given(st.lists(JSON, min_size=1, max_size=4))
def test_any_rows_are_scored_or_named(rows: list[object]) -> None:
    write_rows(Path("data.jsonl"), rows)
    ran = score(
        "data.jsonl", "--definition", "math-answer", "--run", f"run-{abs(hash(repr(rows)))}", "--json"
    )
    assert ran.code in (0, 1, 3)
    if ran.code != 1:
        assert ran.json["rows"] >= 1


@CALM
@given(
    st.binary(max_size=60)
    | st.lists(st.sampled_from([b"{", b"}", b"[", b"]", b",", b'"', b"\n", b":", b"1"]))
)
def test_any_bytes_are_rows_problems_or_a_named_fault(content: bytes | list[bytes]) -> None:
    Path("data.jsonl").write_bytes(content if isinstance(content, bytes) else b"".join(content))
    try:
        read = list(rows_of("data.jsonl"))
    except DataError as error:
        read, fault = [], str(error)
    else:
        fault = "data.jsonl holds rows"
    assert "data.jsonl" in fault
    assert all(isinstance(each, Row | Problem) for each in read)


@CALM
@given(st.dictionaries(st.sampled_from(["run", "progress", "problems", "repeated_ids", "wall_s"]), JSON))
def test_any_run_json_is_read_or_named(info: dict[str, object]) -> None:
    Path("run.json").write_text(json.dumps(info), encoding="utf-8")
    fault = "run.json can be read"
    try:
        progress_of(Path(), read_info(Path()))
    except RunError as error:
        fault = str(error)
    assert "run.json" in fault
