"""A quota that does not come back today is not waited out: the fallback answers, or the reward is neutral."""

import io
import itertools
import json
from typing import Any

import pytest
from aws_lambda_powertools import Logger

from reward_fn.deadline import Deadline
from reward_fn.errors import JudgeFailure
from reward_fn.judge.base import Model, Question
from reward_fn.pipeline import Scorer, score_batch
from reward_fn.report.telemetry import Telemetry
from reward_fn.types.batch import Scored
from reward_fn.types.definition import Definition
from reward_fn.types.unscored import Reason
from tests.factory import row
from tests.unit.fake_judge import FakeJudge, Step, all_yes
from tests.unit.rubric import criterion, definition, judge_spec

SOUND = criterion("Sound")
ALONE = definition(SOUND)
WITH_FALLBACK = definition(SOUND, judge=judge_spec(SOUND, models=("model-1", "model-2")))
_numbers = itertools.count()
EXHAUSTED = JudgeFailure(Reason.QUOTA_EXHAUSTED, "ThrottlingException: Too many tokens", remedy="raise it")


def exhausted_first(question: Question, model: Model) -> Step:
    return EXHAUSTED if model.model_id == "model-1" else all_yes(question)


def answered(served: Definition) -> tuple[Scored, FakeJudge]:
    """Two rollouts, with a minute to wait in."""
    judge = FakeJudge(exhausted_first)
    rows = [row("one", id="a"), row("two", id="b")]
    deadline = Deadline.after(60.0)
    return score_batch(rows, Scorer(served, judge), deadline), judge


def test_a_fallback_is_asked_at_once_and_answers() -> None:
    batch, judge = answered(WITH_FALLBACK)
    assert sorted(judge.models) == ["model-1", "model-1", "model-2", "model-2"]
    assert [result.reward for result in batch.results] == [1.0, 1.0]
    assert batch.usage.retries == 0


def test_without_a_fallback_the_reward_is_neutral_after_one_attempt() -> None:
    batch, judge = answered(ALONE)
    assert judge.models == ["model-1", "model-1"]
    assert [(result.reward, result.imputed) for result in batch.results] == [(0.5, True), (0.5, True)]
    assert {why.reason for result in batch.results for why in result.reasons} == {Reason.QUOTA_EXHAUSTED}
    assert batch.usage.retries == 0


def written(batch: Scored, served: Definition, capsys: pytest.CaptureFixture[str]) -> tuple[list[Any], str]:
    """The lines of the log, and the metrics as text."""
    stream = io.StringIO()
    logger = Logger(service=f"quota-{next(_numbers)}", stream=stream)
    Telemetry(log_text=False, logger=logger).report(batch, served, "r")
    return [json.loads(line) for line in stream.getvalue().splitlines()], capsys.readouterr().out


def test_it_is_said_in_log_and_metric_even_where_the_fallback_hides_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    lines, metrics = written(answered(WITH_FALLBACK)[0], WITH_FALLBACK, capsys)
    (warning,) = (line for line in lines if line["level"] == "WARNING")
    assert (warning["reason"], warning["model"], warning["calls"]) == ("quota_exhausted", "model-1", 2)
    assert '"JudgeQuotaExhausted":[2.0]' in metrics


def test_a_rollout_that_is_left_without_a_score_names_cause_and_remedy(
    capsys: pytest.CaptureFixture[str],
) -> None:
    lines, _ = written(answered(ALONE)[0], ALONE, capsys)
    reasons = [line["reasons"] for line in lines if line["message"] == "rollout"]
    assert reasons == [["quota_exhausted: ThrottlingException: Too many tokens; raise it"]] * 2
    assert lines[-1]["level"] == "ERROR"
    assert lines[-1]["message"].startswith("all 2 judge calls failed; first quota_exhausted")
