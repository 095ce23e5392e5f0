"""Pacing, breaker and budget around a batch's calls, and what one invocation leaves to the next."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import count

import pytest

from reward_fn.deadline import Clock, Deadline
from reward_fn.errors import JudgeFailure
from reward_fn.judge.ask.inquiry import about
from reward_fn.judge.base import Model, Question, Reply
from reward_fn.judge.call.caller import Caller
from reward_fn.judge.call.fanout import FanOut
from reward_fn.judge.limit.attempt_time import ENOUGH_ANSWERS
from reward_fn.judge.limit.breaker import DOWN as REASONS_OF_AN_OUTAGE
from reward_fn.judge.limit.breaker import FORGET_AFTER_S, OPENS_AT, PROBE_EVERY_S
from reward_fn.judge.limit.control import Control
from reward_fn.judge.limit.cost_cap import most_usd
from reward_fn.judge.limit.gates import ANSWERED, Attempt, Gates
from reward_fn.judge.models.catalogue import profile
from reward_fn.types.rubric import JudgeSpec
from reward_fn.types.unscored import Reason, Unscored
from reward_fn.types.usage import BreakerEvent, Usage
from reward_fn.types.verdict import Outcome, Verdicts
from tests.unit.fake_judge import Answer, FakeJudge, Script, Step, all_yes
from tests.unit.judge.call.test_fanout import StoppedClock, fan_out, question, wait_until
from tests.unit.rubric import criterion, judge_spec

SPEC = judge_spec(criterion("Sound"))
TWO = judge_spec(criterion("Sound"), models=("model-1", "model-2"))
PANEL = judge_spec(criterion("Sound"), panel=("model-1", "model-2", "model-3"))
BUDGET_S = 600.0
DOWN = JudgeFailure(Reason.UNAVAILABLE, "503")
DOWN_TO_THE_END = JudgeFailure(Reason.UNAVAILABLE, "503", retry_after_s=2 * BUDGET_S)
THROTTLE = JudgeFailure(Reason.THROTTLED, "429")


class ThreadClock(threading.local):
    """One clock a thread, so that a call which is retried takes no time from calls that begin later."""

    now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


def ask(
    answer: Answer | None,
    count: int,
    gates: Gates,
    *,
    spec: JudgeSpec = SPEC,
    max_cost_usd: float = 0.0,
    attempts: int = 6,
) -> tuple[list[Outcome], Usage, FakeJudge]:
    """Ask about ``count`` rollouts, within ``BUDGET_S`` by a clock that only waits before retries move.

    Each of these waits takes no time and moves the clock of its thread by a second.
    """
    judge, clock = FakeJudge(answer), ThreadClock()

    def wait_by_clock(_low: float, _high: float) -> float:
        clock.now_s += 1.0
        return 0.0

    with FanOut(
        judge,
        spec,
        max_workers=8,
        max_attempts=attempts,
        deadline=Deadline.after(BUDGET_S, clock),
        gates=gates,
        max_cost_usd=max_cost_usd,
        jitter=wait_by_clock,
    ) as calls:
        for index in range(count):
            calls.submit(about(index, question(f"answer {index}", spec)))
        outcomes = calls.collect()
        return [outcomes[index] for index in range(count)], calls.usage(), judge


def reasons(outcomes: list[Outcome]) -> list[Reason]:
    return [outcome.reason for outcome in outcomes if isinstance(outcome, Unscored)]


def test_answers_bring_throttled_calls_forward() -> None:
    # By back-off alone each of the 7 throttled calls would wait 300 s. The first call's answer brings two of
    # them forward, and their answers the others.
    throttled: set[str] = set()

    def answer(asked: Question, _model: Model) -> Step:
        if "answer 0" in asked.variable:
            wait_until(lambda: len(caller.pacing_of("model-1")) == 7)
        elif asked.key not in throttled:
            throttled.add(asked.key)
            return THROTTLE
        return all_yes(asked)

    caller = Caller(
        FakeJudge(answer),
        max_attempts=6,
        attempt_s=30.0,
        deadline=Deadline.after(2000.0),
        abandoned=threading.Event(),
        gates=Gates(),
        jitter=lambda _low, _high: 300.0,
    )

    def ask_one(index: int) -> list[Verdicts]:
        models = [profile("model-1")]
        return caller.ask([question(f"answer {index}")], models, frozenset(), patient=True, vote=0)

    with ThreadPoolExecutor(8) as pool:
        verdicts = list(pool.map(ask_one, range(8)))
    assert len(verdicts) == 8
    assert (len(caller.calls), caller.retried) == (15, [Reason.THROTTLED] * 7)


def throttled_one(_question: Question, model: Model) -> Step:
    return THROTTLE if model.model_id == "model-1" else all_yes(_question)


@pytest.mark.parametrize("spec", [TWO, PANEL])
def test_a_throttled_model_is_left_after_its_attempts_where_another_can_answer(spec: JudgeSpec) -> None:
    outcomes, _, judge = ask(throttled_one, 8, Gates(), spec=spec, attempts=3)
    assert reasons(outcomes) == []
    assert judge.models.count("model-1") == 8 * 3


@pytest.mark.parametrize("votes", [1, 3])
def test_throttles_use_up_no_vote_of_a_judge_that_stands_alone(votes: int) -> None:
    spec = judge_spec(criterion("Sound"), votes=votes)
    outcomes, usage, _ = ask(Script(*[THROTTLE] * 9, all_yes), 1, Gates(), spec=spec, attempts=2)
    assert reasons(outcomes) == []
    assert len(usage.calls) == 9 + votes


def open_circuit(gates: Gates, model: str = "model-1") -> None:
    for index in range(OPENS_AT):
        gates.of(model).breaker.failed(f"earlier {index}", DOWN)


def test_an_open_circuit_costs_no_reward_of_calls_that_have_nobody_else_to_ask() -> None:
    gates = Gates()
    open_circuit(gates)
    outcomes, usage, _ = ask(Script(*[DOWN] * 40, all_yes), 20, gates)
    assert reasons(outcomes) == []
    failures = sum(call.failure is not None for call in usage.calls)
    assert failures == 40
    assert len(usage.calls) - failures in (20, 21), "beside the last rows a control may have been asked"
    assert not gates.of("model-1").breaker.is_open()


def test_panel_members_that_are_down_are_waited_for_where_too_few_others_can_vote() -> None:
    gates = Gates()
    for model in PANEL.panel:
        open_circuit(gates, model)
    outcomes, _, judge = ask(all_yes, 5, gates, spec=PANEL)
    assert reasons(outcomes) == []
    assert len(judge.models) >= 5 * 2  # two of three decide, so a circuit that closes early may save a call


def test_a_panel_member_that_is_down_is_not_waited_for_where_the_others_are_enough() -> None:
    gates = Gates(StoppedClock())
    open_circuit(gates, "model-3")
    outcomes, _, judge = ask(all_yes, 5, gates, spec=PANEL)
    assert reasons(outcomes) == []
    assert sorted(judge.models) == ["model-1"] * 5 + ["model-2"] * 5


def test_a_panel_member_that_is_needed_is_asked_again_while_another_still_hangs() -> None:
    gates, release = Gates(StoppedClock()), threading.Event()
    for model in ("model-1", "model-2"):
        open_circuit(gates, model)

    def hangs(asked: Question, model: Model) -> Step:
        if model.model_id == "model-3":
            release.wait(30.0)
        elif model.model_id == "model-2":
            release.set()
        return all_yes(asked)

    outcomes, _, judge = ask(hangs, 1, gates, spec=PANEL)
    assert reasons(outcomes) == []
    assert sorted(judge.models) == ["model-1", "model-2", "model-3"]


def test_where_the_others_of_a_panel_hang_the_reason_is_the_deadline_not_the_open_circuit() -> None:
    # Two workers: both can hang only after one of them has turned away the call to the first model.
    gates, release = Gates(StoppedClock()), threading.Event()
    open_circuit(gates, "model-1")

    def hangs(asked: Question, _model: Model) -> Step:
        release.wait(30.0)
        return all_yes(asked)

    judge, clock = FakeJudge(hangs), StoppedClock()
    with fan_out(judge, PANEL, workers=2, clock=clock, gates=gates) as calls:
        calls.submit(about(0, question("answer", PANEL)))
        wait_until(lambda: len(judge.asked) == 2)
        clock.pass_deadline()
        outcomes = calls.collect()
    release.set()
    assert reasons(list(outcomes.values())) == [Reason.DEADLINE]
    join_judges()


def test_a_panel_member_that_denies_is_asked_once() -> None:
    denial = JudgeFailure(Reason.DENIED, "403")
    outcomes, _, judge = ask(Script(denial), 1, Gates(), spec=PANEL)
    assert reasons(outcomes) == [Reason.DENIED]
    assert sorted(judge.models) == ["model-1", "model-2", "model-3"]


def test_a_panel_that_is_down_to_the_end_says_why() -> None:
    gates = Gates()
    for model in PANEL.panel:
        open_circuit(gates, model)
    outcomes, _, _ = ask(Script(DOWN_TO_THE_END), 1, gates, spec=PANEL)
    assert reasons(outcomes) == [Reason.UNAVAILABLE]


def test_the_second_model_is_asked_at_once_while_the_first_is_down() -> None:
    gates = Gates(StoppedClock())
    open_circuit(gates)
    outcomes, _, judge = ask(all_yes, 5, gates, spec=TWO)
    assert reasons(outcomes) == []
    assert set(judge.models) == {"model-2"}


def test_a_circuit_that_opens_and_closes_is_told_once_in_the_usage_of_a_batch() -> None:
    gates = Gates()
    open_circuit(gates)
    _, usage, _ = ask(all_yes, 5, gates)
    cause = "unavailable: 503"
    assert usage.events == (BreakerEvent("model-1", True, cause), BreakerEvent("model-1", False, cause))
    _, usage, _ = ask(all_yes, 5, gates)
    assert usage.events == ()


def test_rows_that_break_the_model_cost_no_neighbour_its_reward() -> None:
    # Seven rows fail, enough to open the circuit. They are tried again once their 57 neighbours were asked.
    broken = {f"\nanswer {index}\n" for index in range(7)}
    failed, healthy, neighbours_were_asked = set[str](), set[str](), threading.Event()

    def answer(asked: Question, _model: Model) -> Step:
        if not any(text in asked.variable for text in broken):
            healthy.add(asked.key)
            if len(healthy) == 57:
                neighbours_were_asked.set()
            return all_yes(asked)
        if asked.key in failed:
            neighbours_were_asked.wait(30.0)
        failed.add(asked.key)
        return DOWN

    gates = Gates()
    outcomes, _, _ = ask(answer, 64, gates)
    assert [index for index, outcome in enumerate(outcomes) if isinstance(outcome, Unscored)] == list(
        range(7)
    )
    assert reasons(outcomes) == [Reason.UNAVAILABLE] * 7
    outcomes, _, _ = ask(all_yes, 64, gates)
    assert reasons(outcomes) == []


def with_control(clock: Clock = time.monotonic) -> Gates:
    gates = Gates(clock)
    gates.of("model-1").control.answered(question("healthy"))
    return gates


def healthy_calls(judge: FakeJudge) -> int:
    return sum("healthy" in asked.question.variable for asked in judge.asked)


@pytest.mark.parametrize("rows", [1, 3])
def test_rows_that_break_the_model_end_when_a_control_is_answered(rows: int) -> None:
    # No other row shows that the model is up. The first failure of a call comes before the control.
    outcomes, _, judge = ask(
        lambda asked, _: all_yes(asked) if "healthy" in asked.variable else DOWN, rows, with_control()
    )
    assert reasons(outcomes) == [Reason.UNAVAILABLE] * rows
    assert 1 <= healthy_calls(judge) <= rows
    assert len(judge.asked) - healthy_calls(judge) >= 6 * rows


def test_a_row_waits_for_a_model_that_does_not_answer_the_control_either() -> None:
    outcomes, _, judge = ask(Script(*[DOWN] * 40, all_yes), 1, with_control(lambda: 1000.0))
    assert reasons(outcomes) == []
    assert healthy_calls(judge) == 1
    assert all(asked.within_s for asked in judge.asked), "a control has a limit as any other attempt"


def test_a_control_has_the_time_of_a_first_attempt_however_often_the_failing_call_timed_out() -> None:
    gates = with_control(lambda: 1000.0)
    for _ in range(ENOUGH_ANSWERS):
        gates.of("model-1").attempt_time.answered(1.0)
    hangs = JudgeFailure(Reason.TIMEOUT, "hangs")
    _, _, judge = ask(Script(hangs, DOWN, all_yes), 1, gates)
    assert [("healthy" in asked.question.variable, asked.within_s) for asked in judge.asked] == [
        (False, 4.0),
        (False, 8.0),
        (True, 4.0),
        (False, 8.0),
    ]


def test_a_control_that_fails_is_followed_by_another_until_one_is_answered() -> None:
    # Each look at the clock is a fifth of a second, so some failures come without a control. The third
    # control is answered.
    fifths, controls = count(5000), count(1)

    def answer(asked: Question, _model: Model) -> Step:
        if "healthy" in asked.variable:
            return all_yes(asked) if next(controls) == 3 else DOWN
        return DOWN

    outcomes, _, judge = ask(answer, 1, with_control(lambda: next(fifths) / 5))
    assert reasons(outcomes) == [Reason.UNAVAILABLE]
    assert healthy_calls(judge) == 3


def test_no_control_is_asked_beside_other_calls_nor_where_another_model_follows() -> None:
    answered = threading.Event()

    def fails_once(asked: Question, _model: Model) -> Step:
        if "answer 0" in asked.variable:
            return all_yes(asked) if answered.wait(30.0) else DOWN
        if len(judge_asked) < 2:
            judge_asked.append(asked)
            return DOWN
        answered.set()
        return all_yes(asked)

    judge_asked: list[Question] = []
    outcomes, _, judge = ask(fails_once, 2, with_control())
    assert (reasons(outcomes), healthy_calls(judge)) == ([], 0)
    outcomes, _, judge = ask(Script(DOWN, all_yes), 1, with_control(), spec=TWO)
    assert (reasons(outcomes), healthy_calls(judge)) == ([], 0)


def test_a_control_is_another_question_than_the_failing_one_and_asked_every_two_seconds_at_most() -> None:
    now_s = [1000.0]
    control = Control(lambda: now_s[0])
    one, other = question("one"), question("other")
    assert control.beside(one) is None
    control.answered(one)
    assert control.beside(one) is None
    assert control.beside(other) is one
    now_s[0] += PROBE_EVERY_S - 0.1
    assert control.beside(other) is None
    now_s[0] += 0.2
    assert control.beside(other) is one


def test_an_attempt_is_given_the_time_that_the_models_answers_suggest() -> None:
    gates = Gates()
    for _ in range(ENOUGH_ANSWERS):
        gates.of("model-1").attempt_time.answered(1.0)
    _, _, judge = ask(all_yes, 1, gates)
    assert [asked.within_s for asked in judge.asked] == [4.0]


def test_without_answers_an_attempt_has_half_of_the_time() -> None:
    _, _, judge = ask(all_yes, 1, Gates())
    assert [asked.within_s for asked in judge.asked] == [BUDGET_S / 2]


def test_the_retry_of_a_straggler_has_twice_the_time() -> None:
    gates = Gates()
    for _ in range(ENOUGH_ANSWERS):
        gates.of("model-1").attempt_time.answered(1.0)
    _, _, judge = ask(Script(JudgeFailure(Reason.TIMEOUT, "hangs"), all_yes), 1, gates)
    assert [asked.within_s for asked in judge.asked] == [4.0, 8.0]


def test_the_cap_on_cost_stops_judging_and_says_so() -> None:
    # No price is listed for model-1: the dearest holds, 75e-6 dollars for each token that may come out.
    most_usd = question("answer 0").max_tokens * 75e-6
    outcomes, usage, judge = ask(all_yes, 40, Gates(), max_cost_usd=2.0 * most_usd)
    assert 1 <= len(judge.asked) < 40
    assert reasons(outcomes) == [Reason.BUDGET] * (40 - len(judge.asked))
    assert 0.0 < usage.cost_usd <= 2.0 * most_usd


@pytest.mark.parametrize("error", [ZeroDivisionError(), None])
def test_a_call_that_never_reached_the_judge_closes_no_circuit(error: BaseException | None) -> None:
    # An error of ours ends the call, or the cap on cost, which then is below the price of one call.
    gates = Gates(StoppedClock())
    open_circuit(gates)
    outcomes, _, judge = ask(Script(error or all_yes), 1, gates, max_cost_usd=0.0 if error else 1e-9)
    assert reasons(outcomes) == [Reason.INTERNAL_ERROR if error else Reason.BUDGET]
    assert len(judge.asked) == (1 if error else 0)
    assert gates.of("model-1").breaker.is_open()


def test_calls_left_behind_open_no_circuit_and_close_none() -> None:
    release, gates = threading.Event(), Gates()

    def hangs(asked: Question, _model: Model) -> Step:
        release.wait(30.0)
        return DOWN if "answer 0" in asked.variable else all_yes(asked)

    judge, clock = FakeJudge(hangs), StoppedClock()
    with fan_out(judge, clock=clock, gates=gates) as calls:
        for index in range(8):
            calls.submit(about(index, question(f"answer {index}")))
        wait_until(lambda: len(judge.asked) == 8)
        clock.pass_deadline()
        outcomes, usage = calls.collect(), calls.usage()
    assert reasons(list(outcomes.values())) == [Reason.DEADLINE] * 8
    assert usage.abandoned == 8
    open_circuit(gates)
    release.set()
    join_judges()
    assert gates.of("model-1").breaker.is_open()


def join_judges() -> None:
    for thread in threading.enumerate():
        if thread.name.startswith("judge"):
            thread.join(5.0)


@pytest.mark.parametrize(
    ("failure", "paid_calls"),
    [(Reason.TIMEOUT, 1), (Reason.THROTTLED, 0), (Reason.DENIED, 0), (Reason.INVALID_REQUEST, 0)],
)
def test_a_time_out_counts_as_the_most_it_may_cost_and_a_refusal_as_nothing(
    failure: Reason, paid_calls: int
) -> None:
    asked = question("answer 0")
    _, usage, _ = ask(Script(JudgeFailure(failure, "no reply")), 1, Gates(), attempts=1)
    most = most_usd(asked, profile("model-1"))
    assert usage.cost_usd == pytest.approx(paid_calls * most, rel=0.01)


def test_time_outs_use_up_the_cap() -> None:
    most = most_usd(question("answer 0"), profile("model-1"))
    _, usage, judge = ask(
        Script(JudgeFailure(Reason.TIMEOUT, "hangs")), 4, Gates(), max_cost_usd=2.5 * most, attempts=1
    )
    assert len(judge.asked) == 2
    assert usage.cost_usd == pytest.approx(2 * most, rel=0.01)


def test_calls_left_behind_count_as_the_most_they_may_cost() -> None:
    release = threading.Event()

    def hangs(asked: Question, _model: Model) -> Step:
        release.wait(30.0)
        return all_yes(asked)

    judge, clock = FakeJudge(hangs), StoppedClock()
    with fan_out(judge, clock=clock) as calls:
        for index in range(3):
            calls.submit(about(index, question(f"answer {index}")))
        wait_until(lambda: len(judge.asked) == 3)
        clock.pass_deadline()
        calls.collect()
        usage = calls.usage()
    release.set()
    assert usage.cost_usd == pytest.approx(3 * most_usd(question("answer 0"), profile("model-1")), rel=0.01)
    join_judges()


def test_what_a_prompt_cache_took_and_gave_has_its_own_price() -> None:
    # Nova Lite: 0.06 dollars for a million tokens, a fourth of it for one read.
    spec = judge_spec(criterion("Sound"), models=("us.amazon.nova-lite-v1:0",))

    def cached(asked: Question, _model: Model) -> Step:
        reply = all_yes(asked)
        return Reply(reply.content, cache_read_tokens=1_000_000, cache_write_tokens=1_000_000)

    _, usage, _ = ask(cached, 1, Gates(), spec=spec)
    assert usage.cost_usd == pytest.approx(0.06 * 1.25)


def attempt(outcome: Verdicts | JudgeFailure, key: str = "one", took_s: float = 1.0) -> Attempt:
    return Attempt(replace(question("healthy"), key=key), took_s, outcome)


def failing(reason: Reason) -> JudgeFailure:
    return JudgeFailure(reason, "ServiceException")


@pytest.mark.parametrize("reason", sorted(set(Reason) - ANSWERED - REASONS_OF_AN_OUTAGE))
def test_failures_that_say_nothing_about_the_model_neither_open_nor_close_a_circuit(reason: Reason) -> None:
    gate = Gates(lambda: 1000.0).of("model-1")
    for n in range(OPENS_AT - 1):
        gate.learn(attempt(failing(Reason.UNAVAILABLE), f"{n}"))
    for n in range(OPENS_AT):
        gate.learn(attempt(failing(reason), f"other {n}"))
    assert not gate.breaker.is_open()
    gate.learn(attempt(failing(Reason.UNAVAILABLE), "the last one needed"))
    assert gate.breaker.is_open()


@pytest.mark.parametrize("reason", sorted(ANSWERED))
def test_an_unusable_reply_shows_that_the_model_is_up(reason: Reason) -> None:
    gate = Gates(lambda: 1000.0).of("model-1")
    for n in range(OPENS_AT):
        gate.learn(attempt(failing(Reason.UNAVAILABLE), f"{n}"))
    assert gate.breaker.is_open()
    gate.learn(attempt(failing(reason), took_s=0.0))
    assert not gate.breaker.is_open()


def test_only_verdicts_make_a_control_and_a_time_that_attempts_may_take() -> None:
    gate = Gates(lambda: 1000.0).of("model-1")
    for n in range(64):
        gate.learn(attempt(failing(Reason.MALFORMED), f"{n}"))
    assert gate.control.beside(question("failing")) is None
    assert gate.attempt_time.limit_s(300.0) == 300.0
    for _ in range(8):
        gate.learn(attempt({}, "answered", took_s=10.0))
    control = gate.control.beside(question("failing"))
    assert control is not None
    assert control.key == "answered"
    assert gate.attempt_time.limit_s(300.0) == 40.0  # four times the slowest answer


def test_a_gate_keeps_time_by_the_clock_of_the_gates() -> None:
    clock = StoppedClock()
    gates = Gates(clock)
    open_circuit(gates)
    assert gates.of("model-1").breaker.is_open()
    clock.now_s += FORGET_AFTER_S + 1.0
    assert not gates.of("model-1").breaker.is_open()


def test_each_model_has_its_gate_and_keeps_it() -> None:
    gates = Gates()
    assert gates.of("model-1") is gates.of("model-1")
    assert gates.of("model-1") is not gates.of("model-2")
