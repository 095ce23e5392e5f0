"""One attempt at a model: what it returns, what is recorded, and what it is counted as costing."""

import threading
from typing import Any

import pytest

from reward_fn.errors import JudgeFailure
from reward_fn.judge.base import Model, Question, Reply
from reward_fn.judge.call.attempts import Attempts
from reward_fn.judge.limit.cost_cap import CostCap, most_usd
from reward_fn.judge.models.catalogue import profile
from reward_fn.types.unscored import Reason
from tests.factory import build_question, rollout
from tests.unit.fake_judge import FakeJudge, Script, Step, all_yes, content
from tests.unit.rubric import criterion, judge_spec

PRO = profile("heavyweight")
SOUND = criterion("Sound")
QUESTION = build_question(rollout("A"), judge_spec(SOUND))


def replying(**usage: Any) -> Reply:
    return Reply(content(QUESTION, {}), **usage)


def sent(*steps: Step | Any, cost_cap: CostCap | None = None) -> Attempts:
    """Attempts at a judge that answers so."""
    return Attempts(FakeJudge(Script(*steps)), cost_cap or CostCap())


def test_an_attempt_that_is_answered_is_recorded_with_all_that_it_took() -> None:
    attempts = sent(replying(input_tokens=100, output_tokens=10, cache_read_tokens=80, cache_write_tokens=7))
    attempt = attempts.send(QUESTION, PRO, 5.0)
    assert attempt.failure is None
    assert attempt.is_answered
    (call,) = attempts.calls
    assert (call.model_id, call.key, call.latency_s) == (PRO.name, QUESTION.key, attempt.took_s)
    assert (call.input_tokens, call.output_tokens) == (100, 10)
    assert (call.cache_read_tokens, call.cache_write_tokens) == (80, 7)
    assert (call.failure, call.cause) == (None, "")


def test_an_attempt_that_fails_is_returned_and_recorded_with_its_cause() -> None:
    failure = JudgeFailure(Reason.DENIED, "AccessDeniedException", remedy="allow it")
    attempts = sent(failure)
    assert attempts.send(QUESTION, PRO, 5.0).outcome is failure
    (call,) = attempts.calls
    assert (call.failure, call.cause) == (Reason.DENIED, "AccessDeniedException; allow it")
    assert (call.key, call.input_tokens, call.output_tokens) == (QUESTION.key, 0, 0)


def test_an_unusable_reply_is_a_failure_whose_tokens_count() -> None:
    attempts = sent(Reply("no object", input_tokens=50, output_tokens=3))
    attempt = attempts.send(QUESTION, PRO, 5.0)
    assert attempt.failure is not None
    assert (attempt.failure.reason, attempt.is_answered) == (Reason.REFUSED, True)
    assert (attempts.calls[0].input_tokens, attempts.calls[0].output_tokens) == (50, 3)


def test_a_fault_of_our_own_is_passed_on_and_recorded_as_such() -> None:
    attempts = sent(ZeroDivisionError("ours"))
    with pytest.raises(ZeroDivisionError):
        attempts.send(QUESTION, PRO, 5.0)
    assert [(call.failure, call.cause) for call in attempts.calls] == [(Reason.INTERNAL_ERROR, "")]
    assert attempts.is_idle()


@pytest.mark.parametrize(
    ("step", "usd"),
    [
        (replying(input_tokens=1000, output_tokens=100), 1000 * 0.8e-6 + 100 * 3.2e-6),
        (JudgeFailure(Reason.THROTTLED, "not sent"), 0.0),
        (JudgeFailure(Reason.TIMEOUT, "perhaps answered"), most_usd(QUESTION, PRO)),
    ],
)
def test_an_attempt_costs_what_it_used_and_a_time_out_the_most_it_can(step: Step, usd: float) -> None:
    cost_cap = CostCap()
    sent(step, cost_cap=cost_cap).send(QUESTION, PRO, 5.0)
    assert cost_cap.spent_usd == pytest.approx(usd)


def test_what_the_cap_refuses_is_not_sent() -> None:
    judge = FakeJudge()
    attempts = Attempts(judge, CostCap(most_usd(QUESTION, PRO) / 2))
    with pytest.raises(JudgeFailure) as caught:
        attempts.send(QUESTION, PRO, 5.0)
    assert (caught.value.reason, caught.value.final) == (Reason.BUDGET, True)
    assert (judge.asked, attempts.calls) == ([], [])


def test_an_attempt_left_behind_is_paid_for_and_never_recorded() -> None:
    sending, release = threading.Event(), threading.Event()

    def answer(asked: Question, _model: Model) -> Step:
        sending.set()
        release.wait(30.0)
        return all_yes(asked)

    cost_cap = CostCap()
    attempts = sent(answer, cost_cap=cost_cap)
    thread = threading.Thread(target=attempts.send, args=(QUESTION, PRO, 5.0))
    thread.start()
    assert sending.wait(30.0)
    assert not attempts.is_idle()
    attempts.leave_behind()
    assert attempts.is_idle()
    release.set()
    thread.join(30.0)
    assert attempts.calls == []
    assert cost_cap.spent_usd == pytest.approx(most_usd(QUESTION, PRO)), "and it is counted once"


def test_the_judge_is_told_how_long_an_attempt_may_take() -> None:
    judge = FakeJudge()
    Attempts(judge, CostCap()).send(QUESTION, PRO, 2.5)
    assert [asked.within_s for asked in judge.asked] == [2.5]
