"""Cases: how they are written, what their rewards are, and when they fail."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from reward_fn.types.definition import Definition
from reward_fn.types.result import Result
from rewardctl.cases.case import Bound, Case, CaseError, parse_case
from rewardctl.cases.file import cases_beside, read_cases
from rewardctl.cases.score import CaseResult, needs_judge, run_cases
from tests import factory

TWO = """
name = "two"
[[gate]]
check = "hollow_answer"
reward = 0.0
[judge]
model = "medium"
[[judge.criterion]]
name = "Right"
question = "Is the answer right?"
weight = 3.0
[[judge.criterion]]
name = "Kind"
question = "Which tone does it have?"
choices = ["rude", "neutral", "kind"]
weight = 1.0
"""
ITEMS = """
name = "items"
[judge]
model = "medium"
items = "points"
[[judge.criterion]]
name = "Apt"
scope = "item"
question = "Is the point apt?"
[[judge.criterion]]
name = "Full"
scope = "answer"
question = "Is every point raised?"
"""
SUM = 'name = "sum"\n[[score]]\ncheck = "numeric_answer"\n'
ROW = {"prompt": "Two and two?", "response": "A: 4", "reference_answer": "4"}


@pytest.fixture
def two(tmp_path: Path) -> Definition:
    return factory.definition(tmp_path, TWO)


def never(case: Case) -> Sequence[Result]:
    raise AssertionError("a judge was asked")


def run(definition: Definition, **case: Any) -> CaseResult:
    (result,) = run_cases([parse_case(case, 1, {})], definition, never)
    return result


def row(identity: str, response: str = "It is four.") -> dict[str, Any]:
    return factory.row(response, id=identity)


# How they are written


@pytest.mark.parametrize(
    ("text", "holds", "fails"),
    [
        (">= 0.8", [0.8, 0.7999999, 1.0], [0.79]),
        ("<= 0.3", [0.3, 0.0], [0.31]),
        ("> 0", [0.01], [0.0]),
        ("<1", [0.99], [1.0]),
        ("== 0.333333", [1 / 3], [0.34]),
        ("0.5", [0.5], [0.51]),
        (0.25, [0.25], [0.3]),
        (">= -0.5", [-0.5, 0.0], [-0.6]),
    ],
)
def test_an_expectation_is_a_sign_and_a_number(text: Any, holds: list[float], fails: list[float]) -> None:
    (bound,) = parse_case({"row": ROW, "expect": text}, 1, {}).bounds.values()
    assert [bound.holds(reward) for reward in holds] == [True] * len(holds)
    assert [bound.holds(reward) for reward in fails] == [False] * len(fails)


def test_a_bound_is_written_as_it_was_read() -> None:
    assert str(Bound(">=", 0.8)) == ">= 0.8"


def test_better_and_worse_may_be_lists_and_each_better_one_must_beat_each_worse_one() -> None:
    rows = [row(each) for each in "abcd"]
    case = parse_case({"rows": rows, "better": ["a", "b"], "worse": ["c", "d"]}, 1, {})
    assert case.pairs == [("a", "c"), ("a", "d"), ("b", "c"), ("b", "d")]


def test_only_the_named_rows_of_a_file_are_scored() -> None:
    from_data = {each: row(each) for each in "abc"}
    case = parse_case({"data": "rows.json", "better": "a", "worse": "c"}, 1, from_data)
    assert [each["id"] for each in case.rows] == ["a", "c"]


@pytest.mark.parametrize(
    ("case", "words"),
    [
        ([1], "a case is an object"),
        ({"row": ROW, "expects": 1}, "unknown key 'expects'"),
        ({"row": ROW}, "nothing is expected"),
        ({"expect": ">= 1"}, "expect is by id where there are several rows"),
        ({"row": ROW, "rows": [], "expect": ">= 1"}, 'give one of "row"'),
        ({"row": "A: 4", "expect": {"row": 1}}, "a row is an object"),
        ({"rows": {}, "expect": {"a": 1}}, "rows is not a list"),
        ({"rows": [{"prompt": "Q"}], "expect": {"a": 1}}, "a row has no id"),
        ({"rows": [row("a"), row("a")], "expect": {"a": 1}}, "two rows have the same id"),
        ({"rows": [row("a")], "expect": {"b": 1}}, "no row has the id 'b'; its rows are a"),
        ({"row": ROW, "expect": "high"}, "expect holds 'high'; write \">= 0.8\""),
        ({"row": ROW, "expect": True}, "expect holds 'True'"),
        ({"rows": [row("a")], "better": "a"}, "better and worse stand together"),
        ({"row": ROW, "expect": 1, "verdicts": "yes"}, "verdicts is not an object"),
        ({"rows": [row("a")], "expect": {"a": 1}, "verdicts": {"Right": "yes"}}, "verdicts names 'Right'"),
        (
            {"rows": [row("a")], "expect": {"a": 1}, "verdicts": {"a": "yes"}},
            "verdicts of several rows are by id",
        ),
    ],
)
def test_a_case_out_of_form_is_refused_with_the_remedy(case: Any, words: str) -> None:
    with pytest.raises(CaseError) as caught:
        parse_case(case, 1, {})
    assert words in str(caught.value)


# What their rewards are


def test_a_case_without_a_judge_needs_no_verdicts(tmp_path: Path) -> None:
    definition = factory.definition(tmp_path, SUM)
    assert run(definition, row=ROW, expect="== 1").failures == ()
    assert run(definition, row={**ROW, "response": "A: 5"}, expect=">= 0.5").failures == (
        "row earns 0, expected >= 0.5",
    )


def test_scripted_verdicts_are_weighed_as_a_judges_are(two: Definition) -> None:
    # (3 * 1 + 1 * 0.5) / 4 for neutral, and (3 * 0 + 1 * 1) / 4
    verdicts = {"good": {"Right": "yes", "Kind": "neutral"}, "bad": {"Right": "no", "Kind": "kind"}}
    result = run(two, rows=[row("good"), row("bad")], better="good", worse="bad", verdicts=verdicts)
    assert (result.rewards, result.failures) == ({"good": 0.875, "bad": 0.25}, ())


def test_a_comparison_that_does_not_hold_names_both_rewards(two: Definition) -> None:
    verdicts = {each: {"*": "cannot_assess", "Right": "yes"} for each in "ab"}
    result = run(two, rows=[row("a"), row("b")], better="a", worse="b", verdicts=verdicts)
    assert result.failures == ("a earns 1, no more than b with 1",)


def test_a_star_stands_for_all_criteria_that_are_not_named(tmp_path: Path) -> None:
    definition = factory.definition(tmp_path, TWO.replace('choices = ["rude", "neutral", "kind"]\n', ""))
    assert run(definition, row=row("a"), verdicts={"*": "yes"}, expect=1).failures == ()
    # 3 / 4
    assert run(definition, row=row("a"), verdicts={"Kind": "no", "*": "yes"}, expect=0.75).failures == ()


def test_verdicts_on_items_are_one_for_all_or_one_for_each(tmp_path: Path) -> None:
    definition = factory.definition(tmp_path, ITEMS)
    answer = row("a", '{"points": [{"text": "one"}, {"text": "two"}]}')
    # (1/2 + 1) / 2
    assert (
        run(definition, row=answer, verdicts={"Apt": ["yes", "no"], "Full": True}, expect=0.75).failures == ()
    )
    assert run(definition, row=answer, verdicts={"Apt": "yes", "Full": "no"}, expect=0.5).failures == ()
    (failure,) = run(definition, row=answer, verdicts={"Apt": ["yes"], "Full": "no"}, expect=0).failures
    assert failure == "1 verdicts on 'Apt', about 2 items; give one for each"


@pytest.mark.parametrize(
    ("verdicts", "words"),
    [
        ({"Right": "yes"}, "no verdict on 'Kind'; add it, or \"*\""),
        (
            {"Right": "yes", "Kind": "kind", "Rihgt": "yes"},
            "'Rihgt', which the definition lacks; did you mean 'Right'?",
        ),
        (
            {"Right": "maybe", "Kind": "kind"},
            "the verdict on 'Right' is 'maybe'; it takes yes, no, cannot_assess",
        ),
        ({"Right": ["yes"], "Kind": "kind"}, "1 verdicts on 'Right', about 0 items"),
    ],
)
def test_a_case_with_wrong_verdicts_fails_with_the_remedy(
    two: Definition, verdicts: dict[str, Any], words: str
) -> None:
    (failure,) = run(two, row=row("a"), verdicts=verdicts, expect=">= 0").failures
    assert words in failure


def test_a_row_that_reaches_the_judge_without_verdicts_of_its_own_fails(two: Definition) -> None:
    verdicts = {"a": {"Right": "yes", "Kind": "kind"}}
    (failure,) = run(two, rows=[row("a"), row("b")], better="a", worse="b", verdicts=verdicts).failures
    assert failure == "no verdicts on the row 'b', which reaches the judge; add them"


def test_a_row_that_fails_a_gate_needs_no_verdicts(two: Definition) -> None:
    case = parse_case({"row": row("a", "   "), "expect": "== 0"}, 1, {})
    assert not needs_judge(case, two)
    assert run_cases([case], two, never)[0].failures == ()


def test_a_reward_that_was_filled_in_satisfies_nothing(two: Definition, tmp_path: Path) -> None:
    verdicts = {"Right": "cannot_assess", "Kind": "kind"}
    (failure,) = run(two, row=row("a"), verdicts=verdicts, expect="== 0.5").failures
    assert failure == "a is unscored (cannot_assess, coverage 0.25)"
    no_reference = {"prompt": "Two and two?", "response": "A: 4"}
    (failure,) = run(factory.definition(tmp_path, SUM), row=no_reference, expect="== 0.5").failures
    assert failure.startswith("row is unscored (no_source")


def test_a_case_without_verdicts_asks_the_judge(two: Definition) -> None:
    asked: list[Case] = []

    def score(case: Case) -> Sequence[Result]:
        asked.append(case)
        return [Result(0, "a", 0.9, ())]

    (result,) = run_cases([parse_case({"row": row("a"), "expect": ">= 0.8"}, 1, {})], two, score)
    assert (len(asked), result.is_asked, result.failures) == (1, True, ())


# Files


def write(path: Path, *cases: Any) -> Path:
    path.write_text("".join(json.dumps(case) + "\n" for case in cases), encoding="utf-8")
    return path


def test_a_file_has_one_case_a_line_and_may_name_rows_of_another(tmp_path: Path) -> None:
    write(tmp_path / "rows.jsonl", row("a"), row("b"))
    path = write(
        tmp_path / "cases.jsonl",
        {"row": ROW, "expect": 1},
        {"name": "second", "data": "rows.jsonl", "better": "a", "worse": "b"},
    )
    cases = read_cases(path)
    assert [(case.line, case.name, len(case.rows)) for case in cases] == [(1, "", 1), (2, "second", 2)]


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (['{"row": {}, "expect": 1}', '{"row"'], "cases.jsonl, line 2: not JSON"),
        (['{"row": {}, "expect": 1}', "{}"], "cases.jsonl, line 2: nothing is expected"),
        (['{"data": "none.jsonl", "better": "a", "worse": "b"}'], "line 1: "),
        ([""], "cases.jsonl is empty"),
    ],
)
def test_a_bad_file_is_refused_with_the_line(tmp_path: Path, lines: list[str], words: str) -> None:
    path = tmp_path / "cases.jsonl"
    path.write_text("\n".join(lines))
    with pytest.raises(CaseError) as caught:
        read_cases(path)
    assert words in str(caught.value)


def test_the_cases_of_a_definition_lie_beside_it_under_its_name_or_the_usual_one(tmp_path: Path) -> None:
    definition = tmp_path / "mine.toml"
    definition.write_text(SUM)
    assert cases_beside(str(definition)) is None
    usual = write(tmp_path / "cases.jsonl")
    assert cases_beside(str(definition)) == usual
    named = write(tmp_path / "mine.cases.jsonl")
    assert cases_beside(str(definition)) == named


@pytest.mark.parametrize(
    "name", ["contract-review", "ssm:/rewards/mine:3", "s3://bucket/mine.toml?versionId=1"]
)
def test_shipped_and_stored_definitions_have_no_cases_beside_them(name: str) -> None:
    assert cases_beside(name) is None
