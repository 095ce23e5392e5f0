"""A definition tried on data: what works on no row is a mistake, what works on some is mentioned."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from rewardctl.checking.data_fit import findings, resolved
from rewardctl.checking.finding import Finding
from rewardctl.checking.path_lists import path_lists
from rewardctl.checking.readable import Readable, readable
from rewardctl.data import Problem, Row
from tests import factory

JUDGED = """
name = "judged"
[judge]
model = "medium"
[[judge.document]]
name = "source"
source = ["metadata.source", "metadata.text"]
[[judge.document]]
name = "more"
source = ["metadata.more"]
optional = true
[[judge.criterion]]
name = "Borne_Out"
question = "Is it borne out?"
quote_from = ["source"]
"""
ITEMS = """
name = "items"
[judge]
model = "medium"
items = "points"
item_fields = ["text", "colour"]
[[judge.criterion]]
name = "Apt"
scope = "item"
question = "Is the point apt?"
"""
SUM = """
name = "sum"
[[gate]]
check = "length"
max_chars = 1000
[[score]]
check = "numeric_answer"
reference = ["reference_answer.answer", "metadata.answer"]
"""


def data_rows(*rows: Any) -> Readable:
    return readable([Row(number, row) for number, row in enumerate(rows, start=1)])


def found(folder: Path, toml: str, *rows: Any) -> list[Finding]:
    """The findings about a definition and rows."""
    definition = factory.definition(folder, toml)
    return findings(data_rows(*rows).rows, definition, path_lists(tomllib.loads(toml), folder))


def texts(folder: Path, toml: str, *rows: Any) -> list[tuple[str, bool]]:
    return [(str(finding), finding.is_mistake) for finding in found(folder, toml, *rows)]


def source(text: str = "A source.", **more: Any) -> dict[str, Any]:
    return factory.row(metadata={"source": text, **more})


def test_data_that_has_everything_gives_no_finding(tmp_path: Path) -> None:
    assert found(tmp_path, JUDGED, source(more="More."), source(more="More.")) == []


def test_a_document_that_no_row_has_is_a_mistake(tmp_path: Path) -> None:
    (first, *_) = texts(tmp_path, JUDGED, factory.row(), factory.row())
    assert first == (
        "judge.document[0].source: nothing under metadata.source or metadata.text, in each of 2 rows",
        True,
    )


def test_a_document_that_some_rows_lack_is_mentioned_with_their_lines(tmp_path: Path) -> None:
    rows = [source(more="M"), factory.row(), source(more="M"), *[factory.row()] * 6]
    (first, *_) = texts(tmp_path, JUDGED, *rows)
    nothing = "nothing under metadata.source or metadata.text"
    expected = f"judge.document[0].source: {nothing}, in 7 of 9 rows (lines 2, 4, 5, 6, 7, …)"
    assert first == (expected, False)


def test_an_optional_document_counts_only_if_no_row_has_it(tmp_path: Path) -> None:
    assert found(tmp_path, JUDGED, source(more="M"), source()) == []
    places = [(finding.place, finding.is_mistake) for finding in found(tmp_path, JUDGED, source(), source())]
    assert places == [("judge.document[1].source", False)]


def test_a_check_that_runs_on_no_row_is_a_mistake(tmp_path: Path) -> None:
    given = texts(tmp_path, SUM, factory.row("A: 4", reference_answer={"solution": "4"}))
    assert [text.partition(":")[0] for text, _ in given] == ["score[0].reference", "score numeric_answer"]
    assert "can't run (no_source: no number under" in given[1][0]
    assert [is_mistake for _, is_mistake in given] == [False, True]


def test_a_check_that_runs_on_some_rows_is_mentioned(tmp_path: Path) -> None:
    rows = [factory.row("A: 4", reference_answer={"answer": "4"}), factory.row("A: 4")]
    ((text, is_mistake),) = texts(tmp_path, SUM, *rows)
    assert "score numeric_answer" in text
    assert "in 1 of 2 rows (line 2)" in text
    assert not is_mistake


def test_a_gate_that_no_row_passes_is_mentioned(tmp_path: Path) -> None:
    rows = [factory.row("long " * 300, reference_answer={"answer": "4"})] * 2
    assert texts(tmp_path, SUM, *rows) == [
        ("gate length: fails, so nothing else counts, in each of 2 rows", False)
    ]


def test_items_that_no_answer_has_are_a_mistake_and_keys_that_no_item_has_too(tmp_path: Path) -> None:
    places = [(each.place, each.is_mistake) for each in found(tmp_path, ITEMS, factory.row("No list."))]
    assert places == [("judge.items", True)]
    answer = factory.row('{"points": [{"text": "one"}]}')
    places = [(each.place, each.is_mistake) for each in found(tmp_path, ITEMS, answer, answer)]
    assert places == [("judge.item_fields 'colour'", True)]


def test_rows_that_fail_a_gate_say_nothing_about_the_judge(tmp_path: Path) -> None:
    toml = ITEMS.replace(', "colour"', "") + '[[gate]]\ncheck = "length"\nmax_chars = 40\n'
    rows = [
        factory.row('{"points": [{"text": "one"}]}'),
        factory.row("A long answer that holds no list of points."),
    ]
    assert found(tmp_path, toml, *rows) == []


def test_a_rubric_of_rollouts_that_no_row_brings_is_mentioned(tmp_path: Path) -> None:
    toml = 'name = "own"\n[judge]\nmodel = "medium"\nown_rubric = true\n[[judge.criterion]]\nname = "A"\n'
    toml += 'question = "Is it right?"\n'
    (finding,) = found(tmp_path, toml, factory.row())
    assert (finding.place, finding.is_mistake) == ("judge.own_rubric", False)
    bad = factory.row(metadata={"rubric": [{"name": "B"}]})
    good = factory.row(metadata={"rubric": [{"name": "B", "question": "Is it kind?", "weight": 1}]})
    (finding,) = found(tmp_path, toml, good, bad)
    assert (finding.place, finding.lines, finding.is_mistake) == ("judge", (2,), False)


def test_a_data_set_without_responses_has_its_paths_tried(tmp_path: Path) -> None:
    prompt = {"id": "a", "messages": [{"role": "user", "content": "Q"}]}
    read = data_rows({**prompt, "metadata": {"source": "S"}}, {"id": "b", "prompt": "Q"})
    assert [(row.is_answered, row.rollout.prompt) for row in read.rows] == [(False, "Q"), (False, "Q")]
    found_here = found(tmp_path, JUDGED, {**prompt, "metadata": {"source": "S", "more": "M"}}, prompt)
    assert [(each.place, each.lines) for each in found_here] == [("judge.document[0].source", (2,))]


def test_rows_that_cannot_be_read_are_problems_with_their_lines() -> None:
    read = readable([Problem(3, "not_json", "not JSON: …"), Row(4, 7), Row(5, {"id": 1, "messages": "x"})])
    assert [line for line, _ in read.problems] == [3, 4, 5]
    assert read.rows == []
    assert all(detail and not detail.startswith("row ") for _, detail in read.problems)


def test_each_path_is_counted_by_itself(tmp_path: Path) -> None:
    lists = path_lists(tomllib.loads(JUDGED), tmp_path)
    rows = data_rows(
        source(), factory.row(metadata={"text": " ", "more": []}), factory.row(metadata={"text": "T"})
    )
    assert resolved(rows.rows, lists) == {
        "judge.document[0].source": {"metadata.source": 1, "metadata.text": 1},
        "judge.document[1].source": {"metadata.more": 0},
    }


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        (
            '[[score]]\ncheck = "quotes_source"\nitems = "c"\nquote = "q"\nsource = "metadata.s"',
            ("score[0].source", ("metadata.s",)),
        ),
        ('[[gate]]\ncheck = "safety"\nallow_from = ["prompt"]', ("gate[0].allow_from", ("prompt",))),
    ],
)
def test_the_paths_of_a_check_are_found_by_the_schema_of_its_parameters(
    tmp_path: Path, entry: str, expected: tuple[str, tuple[str, ...]]
) -> None:
    (path_list,) = path_lists(tomllib.loads(entry), tmp_path)
    assert (path_list.place, path_list.paths, path_list.is_needed) == (*expected, False)


def test_the_text_to_compare_with_is_needed(tmp_path: Path) -> None:
    (path_list,) = path_lists({"judge": {"against": ["reference_answer"]}}, tmp_path)
    assert (path_list.place, path_list.is_needed) == ("judge.against", True)


def test_the_paths_of_a_custom_check_are_found_too(tmp_path: Path) -> None:
    (tmp_path / "checks").mkdir()
    (tmp_path / "checks" / "has_it.py").write_text(
        "from reward_fn.paths import PATHS\n"
        'PARAMETERS = {"type": "object", "properties": {"where": PATHS}}\n'
        "def check(rollout, *, where): return True\n"
    )
    (path_list,) = path_lists({"score": [{"check": "has_it", "where": ["metadata.x"]}]}, tmp_path)
    assert (path_list.place, path_list.paths) == ("score[0].where", ("metadata.x",))
