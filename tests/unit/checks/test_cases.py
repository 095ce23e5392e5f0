"""Every check has cases in files, and works in every role of a definition."""

import json
from pathlib import Path

import pytest

from reward_fn import checks
from reward_fn.deadline import Deadline
from reward_fn.event.parse import parse_event
from reward_fn.pipeline import Scorer, examine, score_batch
from reward_fn.types.batch import Examined
from reward_fn.types.check import CheckResult
from reward_fn.types.result import Result
from reward_fn.types.unscored import Unscored
from tests.check_cases import CASES, KINDS, Case, all_cases, read_cases
from tests.factory import row

ALL = all_cases()
IDS = [f"{case.check}-{case.name}" for case in ALL]
each_case = pytest.mark.parametrize("case", ALL, ids=IDS)
CLOSE = 1e-5


def scored(case: Case, folder: Path, role: str, own: str = "") -> Result:
    """The result of the whole path, with the check in that role."""
    scored = score_batch([case.row], Scorer(case.definition(folder, role, own)), Deadline.after(60.0))
    (result,) = scored.results
    return result


@pytest.mark.parametrize("check", checks.available())
def test_a_check_has_a_case_that_passes_and_one_that_fails(check: str) -> None:
    kinds = {case.kind for case in ALL if case.check == check}
    assert {"pass", "fail"} <= kinds


def test_every_case_belongs_to_a_check() -> None:
    assert {path.name for path in CASES.iterdir()} == {f"{name}.json" for name in checks.available()}
    assert {case.kind for case in ALL} <= set(KINDS)


def test_a_row_is_short_or_as_a_trainer_sends_it(tmp_path: Path) -> None:
    full = {"id": 7, "messages": [{"role": "assistant", "content": "A"}]}
    common = {"why": "So.", "score": 1.0}
    cases = {"pass_full": {**common, "row": full}, "pass_short": {**common, "row": {"response": "A", "x": 1}}}
    (tmp_path / "length.json").write_text(json.dumps(cases), encoding="utf-8")
    of_full, of_short = read_cases(tmp_path)
    assert (of_full.check, of_full.name, of_full.row) == ("length", "pass_full", full)
    assert (of_short.parameters, of_short.row) == ({}, row("A", prompt="Q", x=1))


@each_case
def test_a_case_is_of_the_kind_that_its_name_says(case: Case) -> None:
    assert case.why.strip().endswith((".", "!", "?"))
    if case.kind == "pass":
        assert case.score == 1.0
    elif case.kind == "fail":
        assert case.score is not None
        assert 0.0 <= case.score < 1.0
    else:
        assert case.score is None


@each_case
def test_a_check_says_what_its_case_expects(case: Case, tmp_path: Path) -> None:
    (entry,) = parse_event([case.row])
    examined = examine(entry, case.definition(tmp_path, "score"))
    assert isinstance(examined, Examined)
    result = examined.results["tried"]
    if case.score is None:
        assert isinstance(result, Unscored), result
    else:
        assert isinstance(result, CheckResult), result
        assert result.score == pytest.approx(case.score, abs=CLOSE), result.detail
        assert bool(result.detail) == (result.score < 1.0), result.detail


@each_case
def test_as_a_gate_it_lets_pass_what_scores_one(case: Case, tmp_path: Path) -> None:
    result = scored(case, tmp_path, "gate", "reward = 0.25")
    assert result.reward == {None: 0.5, 1.0: 1.0}.get(case.score, 0.25)
    assert result.gate == ("" if case.score in (None, 1.0) else "tried")
    assert result.imputed == (case.score is None)


@each_case
def test_as_a_score_it_is_the_reward(case: Case, tmp_path: Path) -> None:
    result = scored(case, tmp_path, "score", "weight = 2")
    assert result.reward == pytest.approx(0.5 if case.score is None else case.score, abs=CLOSE)
    assert result.imputed == (case.score is None)


@each_case
def test_as_a_penalty_it_costs_what_is_lacking_times_its_weight(case: Case, tmp_path: Path) -> None:
    # The base score earns 1; a penalty of weight 0.4 takes 0.4 * (1 - score), one that can't run nothing.
    result = scored(case, tmp_path, "penalty", "weight = 0.4")
    lacking = 0.0 if case.score is None else 1 - case.score
    assert result.reward == pytest.approx(1 - 0.4 * lacking, abs=CLOSE)
    assert not result.imputed


@each_case
def test_as_a_metric_it_is_reported_and_changes_nothing(case: Case, tmp_path: Path) -> None:
    result = scored(case, tmp_path, "metric")
    assert result.reward == 1.0
    reported = [metric for metric in result.metrics if metric.name == "tried"]
    assert [metric.type for metric in reported] == ([] if case.score is None else ["Metric"])
    assert [metric.value for metric in reported] == [pytest.approx(case.score, abs=CLOSE) for _ in reported]
