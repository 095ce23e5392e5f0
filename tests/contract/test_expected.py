"""Rows of expected results stand for whole results, and the scripted judge gives the scripted verdicts."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from reward_fn.event.parse import parse_event
from tests.contract.expect import main, outcome, script_of
from tests.contract.expected import CASES, as_text, expected_file, read_expected, rounded, short, whole
from tests.contract.scripted_judge import ScriptedJudge, scripts_of
from tests.factory import ROOT, row

EVENT = ROOT / "events" / "rft_evaluation.json"
FLAGS = ("gate_failed", "judge_error", "provoked", "imputed", "rejected", "no_response")


def metrics(result: dict[str, Any]) -> dict[str, float]:
    return {metric["name"]: metric["value"] for metric in result["metrics_list"]}


def test_a_row_that_states_nothing_stands_for_the_usual_metrics_in_order() -> None:
    result = whole({"id": "a", "reward": 1}, "math-answer")
    assert result["metrics_list"][:2] == [
        {"name": "hollow_answer", "value": 1.0, "type": "Metric"},
        {"name": "numeric_answer", "value": 1.0, "type": "Reward"},
    ]
    assert [(m["name"], m["value"], m["type"]) for m in result["metrics_list"][2:]] == [
        (name, 0.0, "Metric") for name in FLAGS
    ]
    assert (result["id"], result["aggregate_reward_score"]) == ("a", 1.0)


def test_after_the_last_check_nothing_ran_and_no_judge_was_asked() -> None:
    result = whole({"id": "a", "reward": 0, "last_check": "json_schema", "json_schema": 0}, "contract-review")
    assert list(metrics(result)) == ["hollow_answer", "json_schema", *FLAGS]
    assert metrics(result)["json_schema"] == 0.0
    assert list(metrics(whole({"id": 1, "reward": 0.5, "last_check": None}, "contract-review"))) == [*FLAGS]


def test_criteria_of_the_rollout_stand_among_those_of_the_definition_by_name() -> None:
    result = whole({"id": "a", "reward": 1, "Total_First": 1, "No_Gaps": 1, "Leaps": None}, "reasoning")
    names = [name for name in metrics(result) if name[0].isupper()]
    assert names == ["Agrees_With_Solution", "No_Gaps", "Steps_Follow", "Total_First"]
    assert metrics(result)["Steps_Follow"] == 0.0


@pytest.mark.parametrize(
    "stated", [{"numeric_answr": 1}, {"last_check": "hollow_answer", "numeric_answer": 1}, {"Coverage": 1}]
)
def test_a_metric_that_the_row_cannot_have_is_refused(stated: dict[str, Any]) -> None:
    with pytest.raises(AssertionError, match=list(stated)[-1]):
        whole({"id": "a", "reward": 1, **stated}, "math-answer")


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.stem)
def test_every_file_is_as_the_command_writes_it(case: Any) -> None:
    expected, text = read_expected(case), expected_file(case).read_text(encoding="utf-8")
    written = json.loads(text)
    if expected.results is not None:
        written["results"] = [short(result, expected.definition) for result in expected.results]
    assert as_text(written) == text


def test_the_command_writes_the_results_beside_the_verdicts(tmp_path: Path) -> None:
    event, beside = (Path(shutil.copy(path, tmp_path)) for path in (EVENT, expected_file(EVENT)))
    text = beside.read_text(encoding="utf-8")
    beside.write_text(text.replace('"reward": 0.8125', '"reward": 0.1'), encoding="utf-8")
    done = CliRunner().invoke(main, [str(event)])
    assert (done.exit_code, "no script answers" in done.output) == (0, False)
    assert beside.read_text(encoding="utf-8") == text


def test_the_command_names_the_calls_that_need_verdicts(tmp_path: Path) -> None:
    event = Path(shutil.copy(EVENT, tmp_path))
    done = CliRunner().invoke(main, [str(event), "--definition", "contract-review"])
    assert done.output.count("rft_evaluation.json: no script answers ['Actionability', ") == 2


def test_a_call_without_verdicts_is_named_and_scores_nothing() -> None:
    judge = script_of(EVENT, {"eval-consulting-good": read_expected(EVENT).verdicts["eval-consulting-good"]})
    _, other = outcome(EVENT, "contract-review", {}, judge)["results"]
    assert [mistake.startswith("no script answers ['Actionability', ") for mistake in judge.mistakes] == [
        True
    ]
    assert metrics(other)["judge_error"] == 1.0


def test_two_scripts_that_differ_on_the_same_answer_are_a_mistake() -> None:
    verdicts = read_expected(EVENT).verdicts
    first = script_of(EVENT, verdicts)
    second = script_of(EVENT, {name: {**of, "Coverage": "cannot_assess"} for name, of in verdicts.items()})
    both = ScriptedJudge([*first.scripts, *second.scripts])
    outcome(EVENT, "contract-review", {}, both)
    assert [mistake.startswith("2 different scripts answer") for mistake in both.mistakes] == [True, True]
    assert both.asked == set()


def test_the_scripts_of_all_events_together_answer_every_event() -> None:
    """The tests in containers have one judge for all events."""
    judged = [case for case in CASES if read_expected(case).verdicts]
    judge = ScriptedJudge(
        script for case in judged for script in script_of(case, read_expected(case).verdicts).scripts
    )
    for case in judged:
        expected = read_expected(case)
        came = outcome(case, expected.definition, expected.settings, judge)
        assert rounded(came["results"]) == expected.results, case.name
    assert judge.mistakes == []


def test_verdicts_on_an_unknown_id_are_refused() -> None:
    with pytest.raises(AssertionError, match="'b'"):
        scripts_of(parse_event([row("Yes.", id="a")]), {"b": {"On_Task": "yes"}})
