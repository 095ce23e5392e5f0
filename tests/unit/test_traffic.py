"""Limiter, breaker and budget around a batch's calls, and what one invocation leaves to the next."""

import threading
import time

import pytest

from reward_fn.deadline import Deadline
from reward_fn.errors import JudgeFailure
from reward_fn.judge.base import Question, Reply
from reward_fn.judge.breaker import LEAST_CALLS
from reward_fn.judge.budget import most_usd
from reward_fn.judge.fanout import FanOut, Usage
from reward_fn.judge.inquiry import about
from reward_fn.judge.limiter import START_PER_S
from reward_fn.judge.models import ModelProfile, profile
from reward_fn.judge.traffic import Traffic
from reward_fn.rubric import JudgeSpec, Outcome, Reason, Unscored
from tests.unit.fake_judge import Answer, FakeJudge, Script, Step, all_yes
from tests.unit.rubric import criterion, judge_spec
from tests.unit.test_fanout import question

SPEC = judge_spec(criterion("Sound"))
TWO = judge_spec(criterion("Sound"), models=("model-1", "model-2"))
DOWN = JudgeFailure(Reason.UNAVAILABLE, "503")
THROTTLE = JudgeFailure(Reason.THROTTLED, "429")


def ask(
    answer: Answer | None,
    count: int,
    traffic: Traffic,
    *,
    spec: JudgeSpec = SPEC,
    budget_s: float = 20.0,
    max_cost_usd: float = 0.0,
    attempts: int = 6,
) -> tuple[list[Outcome], Usage, FakeJudge]:
    judge = FakeJudge(answer)
    with FanOut(
        judge,
        spec,
        max_workers=8,
        max_attempts=attempts,
        deadline=Deadline.after(budget_s),
        traffic=traffic,
        max_cost_usd=max_cost_usd,
    ) as calls:
        for index in range(count):
            calls.submit(about(index, question(f"answer {index}", spec)))
        outcomes = calls.collect()
        return [outcomes[index] for index in range(count)], calls.usage(), judge


def reasons(outcomes: list[Outcome]) -> list[Reason]:
    return [outcome.reason for outcome in outcomes if isinstance(outcome, Unscored)]


def test_a_throttled_call_comes_again_at_the_limiters_pace() -> None:
    traffic = Traffic()
    outcomes, usage, _ = ask(Script(THROTTLE, all_yes), 1, traffic)
    assert reasons(outcomes) == []
    assert (len(usage.calls), usage.retries) == (2, 1)
    assert traffic.road("model-1").limiter.rate_per_s == pytest.approx(START_PER_S, rel=0.2)


def test_the_pace_outlives_the_invocation() -> None:
    traffic = Traffic()
    ask(Script(THROTTLE, all_yes), 1, traffic)
    begun_s = time.monotonic()
    ask(all_yes, 9, traffic)
    assert time.monotonic() - begun_s > 0.5  # 9 calls at about 8 a second; unpaced they take no time


def test_what_cannot_begin_before_the_deadline_fails_at_once_and_the_rest_goes_on() -> None:
    traffic = Traffic()
    ask(Script(THROTTLE, all_yes), 1, traffic)
    limiter = traffic.road("model-1").limiter
    limiter._known, limiter._rate = 0.0, 1.0
    limiter._next_s = time.monotonic()
    begun_s = time.monotonic()
    outcomes, usage, _ = ask(all_yes, 4, traffic, budget_s=0.9)
    assert time.monotonic() - begun_s < 0.85
    assert len(usage.calls) == 1
    assert reasons(outcomes) == [Reason.THROTTLED] * 3


def throttled_one(_question: Question, model: ModelProfile) -> Step:
    return THROTTLE if model.model_id == "model-1" else all_yes(_question)


@pytest.mark.parametrize(
    "spec", [TWO, judge_spec(criterion("Sound"), panel=("model-1", "model-2", "model-3"))]
)
def test_a_throttled_model_holds_nobody_up_who_can_ask_another(spec: JudgeSpec) -> None:
    # 20 s are left, so the grace is 2 s, and less for those that come up later.
    begun_s = time.monotonic()
    outcomes, _, _ = ask(throttled_one, 8, Traffic(), spec=spec)
    assert reasons(outcomes) == []
    assert time.monotonic() - begun_s < 4.0


@pytest.mark.parametrize("votes", [1, 3])
def test_throttles_use_up_no_vote_of_a_judge_that_stands_alone(votes: int) -> None:
    spec = judge_spec(criterion("Sound"), votes=votes)
    outcomes, usage, _ = ask(Script(*[THROTTLE] * 9, all_yes), 1, Traffic(), spec=spec, attempts=2)
    assert reasons(outcomes) == []
    assert len(usage.calls) == 9 + votes


def test_a_judge_that_is_down_costs_no_waiting_once_that_is_known() -> None:
    traffic = Traffic()
    for _ in range(LEAST_CALLS):
        traffic.road("model-1").breaker.ended(Reason.UNAVAILABLE)
    begun_s = time.monotonic()
    outcomes, usage, judge = ask(down_always, 50, traffic)
    assert time.monotonic() - begun_s < 1.0
    assert reasons(outcomes) == [Reason.CIRCUIT_OPEN] * 50
    assert (len(judge.asked), usage.calls) == (0, ())


def test_the_second_model_is_asked_while_the_first_is_down() -> None:
    traffic = Traffic()
    for _ in range(LEAST_CALLS):
        traffic.road("model-1").breaker.ended(Reason.TIMEOUT)
    outcomes, _, judge = ask(all_yes, 5, traffic, spec=TWO)
    assert reasons(outcomes) == []
    assert set(judge.models) == {"model-2"}


def test_the_cap_on_cost_stops_judging_and_says_so() -> None:
    # No price is listed for model-1: the dearest holds, 75e-6 dollars for each token that may come out.
    most_usd = question("answer 0").max_tokens * 75e-6
    outcomes, usage, judge = ask(all_yes, 40, Traffic(), max_cost_usd=2.0 * most_usd)
    assert 1 <= len(judge.asked) < 40
    assert reasons(outcomes) == [Reason.BUDGET] * (40 - len(judge.asked))
    assert 0.0 < usage.cost_usd <= 2.0 * most_usd


@pytest.mark.parametrize("error", [ZeroDivisionError(), None])
def test_a_call_that_never_reached_the_judge_closes_no_circuit(error: BaseException | None) -> None:
    # A probe is due: an error of ours ends it, or the cap on cost, which then is below one call's.
    traffic = Traffic()
    breaker = traffic.road("model-1").breaker
    for _ in range(LEAST_CALLS):
        breaker.ended(Reason.UNAVAILABLE)
    breaker._probe_at_s = 0.0
    outcomes, _, judge = ask(Script(error or all_yes), 1, traffic, max_cost_usd=0.0 if error else 1e-9)
    assert reasons(outcomes) == [Reason.INTERNAL_ERROR if error else Reason.BUDGET]
    assert len(judge.asked) == (1 if error else 0)
    assert breaker.is_open()
    assert sum(is_down for _, is_down in breaker._ended) == len(breaker._ended) == LEAST_CALLS


def test_calls_that_hang_until_the_deadline_open_the_circuit_and_count_once() -> None:
    # Seven are one less than what opens it without a row; each of them ends in the next invocation.
    release, traffic = threading.Event(), Traffic()

    def hangs(_question: Question, model: ModelProfile) -> Step:
        if model.model_id == "model-1":
            release.wait(10.0)
        return all_yes(_question)

    outcomes, usage, _ = ask(hangs, LEAST_CALLS - 1, traffic, spec=TWO, budget_s=0.3)
    assert reasons(outcomes) == [Reason.DEADLINE] * 7
    assert usage.abandoned == 7
    breaker = traffic.road("model-1").breaker
    assert breaker.is_open()
    outcomes, _, judge = ask(hangs, 5, traffic, spec=TWO)
    assert reasons(outcomes) == []
    assert set(judge.models) == {"model-2"}
    release.set()
    join_judges()
    assert breaker.is_open()  # what was left behind came through too late to say so
    assert len(breaker._ended) == 7


def test_calls_that_had_just_begun_at_the_deadline_are_no_sign_of_a_hang() -> None:
    traffic = Traffic()

    def slow(question: Question, _model: ModelProfile) -> Step:
        time.sleep(0.4)
        return all_yes(question)

    deadline = Deadline.after(0.5)
    with FanOut(
        FakeJudge(slow), SPEC, max_workers=8, max_attempts=6, deadline=deadline, traffic=traffic
    ) as calls:
        time.sleep(0.3)
        for index in range(8):
            calls.submit(about(index, question(f"answer {index}")))
        calls.collect()
    assert calls.usage().abandoned == 8
    assert not traffic.road("model-1").breaker.is_open()
    join_judges()


def join_judges() -> None:
    for thread in threading.enumerate():
        if thread.name.startswith("judge"):
            thread.join(5.0)


@pytest.mark.parametrize(
    ("failure", "paid_calls"),
    [(Reason.TIMEOUT, 2), (Reason.THROTTLED, 0), (Reason.DENIED, 0), (Reason.INVALID_REQUEST, 0)],
)
def test_a_time_out_counts_as_the_most_it_may_cost_and_a_refusal_as_nothing(
    failure: Reason, paid_calls: int
) -> None:
    asked = question("answer 0")
    _, usage, _ = ask(Script(JudgeFailure(failure, "no reply")), 1, Traffic(), attempts=2, budget_s=1.0)
    most = most_usd(asked, profile("model-1"))
    assert usage.cost_usd == pytest.approx(paid_calls * most, rel=0.01)


def test_time_outs_use_up_the_cap() -> None:
    most = most_usd(question("answer 0"), profile("model-1"))
    _, usage, judge = ask(
        Script(JudgeFailure(Reason.TIMEOUT, "hangs")), 4, Traffic(), max_cost_usd=2.5 * most, attempts=1
    )
    assert len(judge.asked) == 2
    assert usage.cost_usd == pytest.approx(2 * most, rel=0.01)


def test_calls_left_behind_count_as_the_most_they_may_cost() -> None:
    release = threading.Event()

    def hangs(asked: Question, _model: ModelProfile) -> Step:
        release.wait(10.0)
        return all_yes(asked)

    _, usage, _ = ask(hangs, 3, Traffic(), budget_s=0.2)
    release.set()
    assert usage.cost_usd == pytest.approx(3 * most_usd(question("answer 0"), profile("model-1")), rel=0.01)
    join_judges()


def test_what_a_prompt_cache_took_and_gave_has_its_own_price() -> None:
    # Nova Lite: 0.06 dollars for a million tokens, a fourth of it for one read.
    spec = judge_spec(criterion("Sound"), models=("us.amazon.nova-lite-v1:0",))

    def cached(asked: Question, _model: ModelProfile) -> Step:
        reply = all_yes(asked)
        return Reply(reply.content, "tool_use", cache_read_tokens=1_000_000, cache_write_tokens=1_000_000)

    _, usage, _ = ask(cached, 1, Traffic(), spec=spec)
    assert usage.cost_usd == pytest.approx(0.06 * 1.25)


def test_a_call_left_behind_tells_the_next_invocation_nothing() -> None:
    release, entered = threading.Event(), threading.Event()

    def hangs(_question: Question, _model: ModelProfile) -> Step:
        entered.set()
        release.wait(10.0)
        return THROTTLE

    traffic = Traffic()
    judge = FakeJudge(hangs)
    with FanOut(
        judge, SPEC, max_workers=1, max_attempts=6, deadline=Deadline.after(0.2), traffic=traffic
    ) as calls:
        calls.submit(about(0, question("late")))
        assert entered.wait(5.0)
        calls.collect()
    release.set()
    join_judges()
    assert traffic.road("model-1").limiter.rate_per_s is None
    assert not traffic.road("model-1").breaker.is_open()


def down_always(_question: Question, _model: ModelProfile) -> Step:
    return DOWN
