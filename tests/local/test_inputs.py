"""The event and the definition, checked before anything starts."""

from pathlib import Path

import pytest

from rewardctl.local.errors import InputError
from rewardctl.local.inputs import MAX_EVENT_BYTES, read_event, resolve_definition


def test_an_event_has_its_files_name_and_its_rows_counted(tmp_path: Path) -> None:
    path = tmp_path / "two.json"
    path.write_text("[{}, {}]")
    event = read_event(path)
    assert (event.name, event.payload, event.rows) == ("two", b"[{}, {}]", 2)


def test_a_wrapped_event_has_no_count(tmp_path: Path) -> None:
    path = tmp_path / "wrapped.json"
    path.write_text('{"input": []}')
    assert read_event(path).rows is None


@pytest.mark.parametrize(("text", "words"), [(None, "can't be read: No such file"), ("[1,", "not JSON")])
def test_an_unusable_event_is_named_with_the_reason(tmp_path: Path, text: str | None, words: str) -> None:
    path = tmp_path / "event.json"
    if text is not None:
        path.write_text(text)
    with pytest.raises(InputError, match=words):
        read_event(path)


def test_an_event_that_lambda_would_refuse_is_refused_here(tmp_path: Path) -> None:
    path = tmp_path / "big.json"
    path.write_text('["' + "x" * (MAX_EVENT_BYTES - 3) + '"]')  # one byte too many
    with pytest.raises(InputError) as caught:
        read_event(path)
    assert "6,291,457 bytes" in caught.value.message
    assert "lambda_batch_size" in caught.value.remedy


def test_a_shipped_definition_goes_by_its_name() -> None:
    assert resolve_definition("math-answer") == "math-answer"


def test_a_file_is_given_by_its_full_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "own.toml").write_text("")
    monkeypatch.chdir(tmp_path)
    assert resolve_definition("own.toml") == str(tmp_path / "own.toml")


def test_an_unknown_definition_is_answered_with_those_that_ship() -> None:
    with pytest.raises(InputError) as caught:
        resolve_definition("nope")
    assert "contract-review, instruction-following, math-answer, " in caught.value.remedy
