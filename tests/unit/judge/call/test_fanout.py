"""All judge calls of a batch at once: bounded, shared, abandoned at the deadline, and counted."""

import threading
import time
from collections.abc import Callable, Iterator

import pytest

from reward_fn.deadline import Deadline
from reward_fn.errors import JudgeFailure
from reward_fn.judge.ask.inquiry import about
from reward_fn.judge.base import Model, Question, Reply
from reward_fn.judge.call.fanout import FanOut
from reward_fn.judge.limit.gates import Gates
from reward_fn.types.rubric import JudgeSpec, VerdictClass
from reward_fn.types.unscored import Reason, Unscored
from reward_fn.types.usage import Call, Usage, failures_by_reason
from reward_fn.types.verdict import Outcome
from tests.factory import build_question, rollout
from tests.unit.fake_judge import Answer, FakeJudge, Script, Step, all_yes, no_wait, replied
from tests.unit.rubric import criterion, judge_spec

SOUND = criterion("Sound")
ONE_MODEL = judge_spec(SOUND)
TWO_MODELS = judge_spec(SOUND, models=("model-1", "model-2"))
FLOOR = judge_spec(
    SOUND,
    models=("model-1", "model-2"),
    provoked=frozenset({Reason.FILTERED, Reason.OVERFLOW, Reason.REFUSED, Reason.MALFORMED}),
)
PROSE = Reply("I would rather not.", input_tokens=5, output_tokens=1)
LONG_S = 60.0
"""Seconds that no test uses up, even on a loaded machine."""


@pytest.fixture
def release() -> Iterator[threading.Event]:
    """Set at the end of the test, so that no hanging call outlives it."""
    event = threading.Event()
    yield event
    event.set()


def question(response: str, spec: JudgeSpec = ONE_MODEL) -> Question:
    return build_question(rollout(response), spec)


class StoppedClock:
    """Stands still until the test moves it."""

    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s

    def pass_deadline(self) -> None:
        """Move past the deadline of a fan-out of :func:`fan_out`."""
        self.now_s += LONG_S


def fan_out(
    judge: FakeJudge,
    spec: JudgeSpec = ONE_MODEL,
    *,
    budget_s: float = LONG_S,
    workers: int = 8,
    attempts: int = 6,
    clock: Callable[[], float] = time.monotonic,
    gates: Gates | None = None,
) -> FanOut:
    return FanOut(
        judge,
        spec,
        max_workers=workers,
        max_attempts=attempts,
        deadline=Deadline.after(budget_s, clock),
        gates=gates,
        jitter=no_wait,
    )


def ask_all(
    answer: Answer | None,
    *responses: str,
    spec: JudgeSpec = ONE_MODEL,
    budget_s: float = LONG_S,
    workers: int = 8,
) -> tuple[dict[int, Outcome], Usage, FakeJudge]:
    """One rollout for each response, at indices 0, 1 …"""
    judge = FakeJudge(answer)
    with fan_out(judge, spec, budget_s=budget_s, workers=workers) as calls:
        for index, response in enumerate(responses):
            calls.submit(about(index, question(response, spec)))
        return calls.collect(), calls.usage(), judge


Threads = Callable[[], list[threading.Thread]]


@pytest.fixture
def begun_threads() -> Threads:
    """The threads of the fan-outs that this test has begun, whether or not it has left them."""
    earlier = set(threading.enumerate())
    return lambda: [t for t in threading.enumerate() if t.name.startswith("judge") and t not in earlier]


def wait_until(holds: Callable[[], bool]) -> None:
    end_s = time.monotonic() + 30.0
    while not holds():
        assert time.monotonic() < end_s
        time.sleep(0.001)


def wait_for_the_end(threads: list[threading.Thread]) -> None:
    """Wait until the threads have done whatever they were going to do."""
    assert threads
    for thread in threads:
        thread.join(LONG_S)
    assert not any(thread.is_alive() for thread in threads)


def said(outcome: Outcome) -> str:
    """The one verdict of an outcome."""
    assert not isinstance(outcome, Unscored)
    (verdict,) = outcome.verdicts.values()
    return verdict.answer


def reason(outcome: Outcome) -> Reason:
    assert isinstance(outcome, Unscored)
    return outcome.reason


# Bounded


def test_as_many_calls_run_at_once_as_there_are_workers_and_no_more() -> None:
    # The barrier opens only for three at once, and 12 calls pass it three by three.
    barrier = threading.Barrier(3)

    def answer(question: Question, model: Model) -> Step:
        barrier.wait(LONG_S)
        return all_yes(question)

    outcomes, _, judge = ask_all(answer, *(f"answer {i}" for i in range(12)), workers=3)
    assert judge.most_at_once == 3
    assert [said(outcomes[index]) for index in range(12)] == [VerdictClass.YES] * 12


def test_one_worker_asks_one_after_another() -> None:
    _, _, judge = ask_all(None, "a", "b", "c", workers=1)
    assert judge.most_at_once == 1
    assert len(judge.asked) == 3


def test_calls_begin_before_all_are_submitted() -> None:
    begun = threading.Event()

    def answer(question: Question, model: Model) -> Step:
        begun.set()
        return all_yes(question)

    with fan_out(FakeJudge(answer)) as calls:
        calls.submit(about(0, question("first")))
        assert begun.wait(LONG_S)
        calls.submit(about(1, question("second")))
        assert len(calls.collect()) == 2


# Shared


def test_identical_questions_are_asked_once() -> None:
    outcomes, usage, judge = ask_all(None, "same", "same", "other", "same")
    assert len(judge.asked) == 2
    assert usage.shared == 2
    assert len(usage.calls) == 2
    assert [said(outcomes[index]) for index in range(4)] == [VerdictClass.YES] * 4


def test_identical_questions_share_a_failure_too() -> None:
    outcomes, _, judge = ask_all(Script(JudgeFailure(Reason.DENIED, "no")), "same", "same")
    assert len(judge.asked) == 1
    assert [reason(outcomes[index]) for index in (0, 1)] == [Reason.DENIED, Reason.DENIED]


def test_each_outcome_is_its_own_rollouts_whatever_order_the_answers_come_in() -> None:
    # The first answer comes only after the last; rollouts with an odd number get a no.
    last_is_in = threading.Event()

    def answer(question: Question, model: Model) -> Step:
        if "answer 0" in question.variable:
            assert last_is_in.wait(LONG_S)
        if "answer 7" in question.variable:
            last_is_in.set()
        odd = any(f"answer {i}" in question.variable for i in (1, 3, 5, 7))
        return replied(question, {("Sound", None): "no" if odd else "yes"})

    outcomes, _, _ = ask_all(answer, *(f"answer {i}" for i in range(8)))
    assert [said(outcomes[index]) for index in range(8)] == [VerdictClass.YES, VerdictClass.NO] * 4


def test_nothing_submitted_gives_nothing() -> None:
    outcomes, usage, judge = ask_all(None)
    assert (outcomes, usage, judge.asked) == ({}, Usage(), [])


# Isolation


@pytest.mark.parametrize(
    "error", [KeyError("the secret answer"), RecursionError("the secret answer"), SystemExit(3)]
)
def test_an_unexpected_exception_costs_only_its_rollout(error: BaseException) -> None:
    def answer(question: Question, model: Model) -> Step:
        return error if "poison" in question.variable else all_yes(question)

    outcomes, usage, _ = ask_all(answer, "good", "poison", "fine")
    assert [said(outcomes[index]) for index in (0, 2)] == [VerdictClass.YES] * 2
    assert outcomes[1] == Unscored(Reason.INTERNAL_ERROR, type(error).__name__)
    assert failures_by_reason(usage.calls) == {Reason.INTERNAL_ERROR: 1}


# The deadline


def hang_on(word: str, release: threading.Event) -> Answer:
    """Everything is answered at once but what holds ``word``."""

    def answer(question: Question, model: Model) -> Step:
        if word in question.variable:
            release.wait(LONG_S)
        return all_yes(question)

    return answer


def test_a_hang_is_abandoned_at_the_deadline_and_the_others_are_kept(release: threading.Event) -> None:
    judge, clock = FakeJudge(hang_on("hang", release)), StoppedClock()
    with fan_out(judge, clock=clock) as calls:
        for index, response in enumerate(("good", "hang", "fine")):
            calls.submit(about(index, question(response)))
        wait_until(lambda: len(judge.asked) == 3 and len(calls.usage().calls) == 2)
        clock.pass_deadline()
        outcomes, usage = calls.collect(), calls.usage()
    assert outcomes[1] == Unscored(Reason.DEADLINE, "no answer before the deadline")
    assert [said(outcomes[index]) for index in (0, 2)] == [VerdictClass.YES] * 2
    assert usage.abandoned == 1
    assert len(usage.calls) == 2


def test_what_waits_behind_a_hang_is_never_asked_nor_counted_as_abandoned(
    release: threading.Event, begun_threads: Threads
) -> None:
    judge, clock = FakeJudge(hang_on("hang", release)), StoppedClock()
    with fan_out(judge, workers=1, clock=clock) as calls:
        for index, response in enumerate(("hang", "behind", "last")):
            calls.submit(about(index, question(response)))
        wait_until(lambda: len(judge.asked) == 1)
        clock.pass_deadline()
        outcomes, usage = calls.collect(), calls.usage()
    assert [reason(outcomes[index]) for index in range(3)] == [Reason.DEADLINE] * 3
    assert usage.abandoned == 1
    hung = begun_threads()
    release.set()
    wait_for_the_end(hung)
    assert len(judge.asked) == 1


def test_after_the_deadline_everything_is_unscored_at_once() -> None:
    outcomes, _, judge = ask_all(None, "a", "b", budget_s=0.0)
    assert [reason(outcomes[index]) for index in (0, 1)] == [Reason.DEADLINE] * 2
    assert judge.asked == []


def test_a_late_answer_does_not_disturb_the_next_fan_out(
    release: threading.Event, begun_threads: Threads
) -> None:
    woken = threading.Event()

    def answer(question: Question, model: Model) -> Step:
        if "hang" in question.variable:
            release.wait(LONG_S)
            woken.set()
            return JudgeFailure(Reason.THROTTLED, "late")
        return all_yes(question)

    judge, clock = FakeJudge(answer), StoppedClock()
    with fan_out(judge, TWO_MODELS, clock=clock) as first:
        first.submit(about(0, question("hang", TWO_MODELS)))
        wait_until(lambda: len(judge.asked) == 1)
        clock.pass_deadline()
        outcomes, usage = first.collect(), first.usage()
    late = begun_threads()
    with fan_out(judge, TWO_MODELS) as second:
        release.set()
        assert woken.wait(LONG_S)
        second.submit(about(0, question("good", TWO_MODELS)))
        assert said(second.collect()[0]) == VerdictClass.YES
        wait_for_the_end(late)
        assert [call.failure for call in second.usage().calls] == [None]
        assert second.usage().abandoned == 0
    assert reason(outcomes[0]) is Reason.DEADLINE
    assert usage == Usage(abandoned=1, cost_usd=usage.cost_usd)
    # neither a retry nor the second model was asked by the thread that woke late
    assert judge.models == ["model-1", "model-1"]


def test_leaving_waits_for_nobody(release: threading.Event, begun_threads: Threads) -> None:
    judge = FakeJudge(hang_on("hang", release))
    with fan_out(judge) as calls:
        calls.submit(about(0, question("hang")))
        wait_until(lambda: len(judge.asked) == 1)
    assert [thread.is_alive() for thread in begun_threads()] == [True], "its call still hangs"


def test_a_call_left_behind_long_before_the_deadline_tries_nothing_again(
    release: threading.Event, begun_threads: Threads
) -> None:
    # As where a fault ends the invocation early: there is time left, but nobody to answer to.
    woken = threading.Event()

    def answer(question: Question, model: Model) -> Step:
        release.wait(LONG_S)
        woken.set()
        return JudgeFailure(Reason.THROTTLED, "late")

    judge = FakeJudge(answer)
    with fan_out(judge, TWO_MODELS) as calls:
        calls.submit(about(0, question("hang", TWO_MODELS)))
    late = begun_threads()
    release.set()
    wait_for_the_end(late)
    assert woken.is_set()
    assert judge.models == ["model-1"]


# What a fan-out does only where it is asked for


def test_without_a_cap_no_call_is_refused_whatever_the_others_cost() -> None:
    # The dearest model's price holds for model-1: 10**9 tokens cost thousands of dollars.
    dear = Reply("no object", input_tokens=10**9)
    denied = JudgeFailure(Reason.DENIED, "403")
    outcomes, usage, _ = ask_all(Script(dear, denied, all_yes), "first", "second", workers=1)
    assert said(outcomes[1]) == VerdictClass.YES
    assert usage.cost_usd > 1000.0


def test_no_call_goes_ahead_of_its_siblings_by_default(
    monkeypatch: pytest.MonkeyPatch, release: threading.Event
) -> None:
    # The prompts share a prefix that the model caches. Without timers a sibling would wait for the leader.
    spec = judge_spec(SOUND, models=("us.anthropic.claude-haiku-4-5-20251001-v1:0",))
    monkeypatch.setattr(threading, "Timer", None)
    judge = FakeJudge(hang_on("answer", release))
    with fan_out(judge, spec) as calls:
        for index in range(2):
            sibling = build_question(rollout(f"answer {index}", prompt="long " * 4_000), spec)
            calls.submit(about(index, sibling))
        wait_until(lambda: len(judge.asked) == 2)
        release.set()
        assert len(calls.collect()) == 2


# Retries and the second model


def test_a_throttled_call_is_retried_and_every_attempt_is_counted() -> None:
    throttled = JudgeFailure(Reason.THROTTLED, "429")
    outcomes, usage, judge = ask_all(Script(throttled, throttled, all_yes), "x")
    assert said(outcomes[0]) == VerdictClass.YES
    assert [call.failure for call in usage.calls] == [Reason.THROTTLED, Reason.THROTTLED, None]
    assert usage.retries == 2
    assert len(judge.asked) == 3


def test_attempts_are_bounded_where_another_model_follows_and_the_last_one_is_waited_for() -> None:
    judge = FakeJudge(Script(*[JudgeFailure(Reason.UNAVAILABLE, "503")] * 8, all_yes))
    with fan_out(judge, TWO_MODELS, attempts=3) as calls:
        calls.submit(about(0, question("x", TWO_MODELS)))
        assert said(calls.collect()[0]) == VerdictClass.YES
    assert judge.models == ["model-1"] * 3 + ["model-2"] * 6


def test_a_throttled_model_is_given_up_only_where_another_can_be_asked() -> None:
    throttled = JudgeFailure(Reason.THROTTLED, "429")
    judge = FakeJudge(Script(*[throttled] * 7, all_yes))
    with fan_out(judge, TWO_MODELS, attempts=2) as calls:
        calls.submit(about(0, question("x", TWO_MODELS)))
        assert said(calls.collect()[0]) == VerdictClass.YES
    assert judge.models == ["model-1"] * 2 + ["model-2"] * 6


def test_a_truncated_reply_is_asked_for_again_with_twice_the_room() -> None:
    judge = FakeJudge(Script(JudgeFailure(Reason.TRUNCATED, "cut"), all_yes))
    with fan_out(judge) as calls:
        calls.submit(about(0, question("x")))
        assert said(calls.collect()[0]) == VerdictClass.YES
    first, second = (asked.question.max_tokens for asked in judge.asked)
    assert second == 2 * first


@pytest.mark.parametrize(("most_threads", "answered"), [(0, 0), (1, 8), (3, 8)])
def test_where_a_thread_cannot_be_started_the_others_take_its_calls(
    monkeypatch: pytest.MonkeyPatch, most_threads: int, answered: int
) -> None:
    started = threading.Thread.start
    threads: list[threading.Thread] = []

    def start(self: threading.Thread) -> None:
        if len(threads) >= most_threads:
            raise RuntimeError("can't start new thread")
        threads.append(self)
        started(self)

    monkeypatch.setattr(threading.Thread, "start", start)
    outcomes, _, judge = ask_all(None, *(f"answer {index}" for index in range(8)))
    failed = [reason(outcome) for outcome in outcomes.values() if isinstance(outcome, Unscored)]
    assert failed == [Reason.INTERNAL_ERROR] * (8 - answered)
    assert len(judge.asked) == answered


def test_a_call_that_failed_without_a_thread_is_not_begun_by_a_later_one(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    started, tries = threading.Thread.start, list[threading.Thread]()

    def start(self: threading.Thread) -> None:
        tries.append(self)
        if len(tries) == 1:
            raise RuntimeError("can't start new thread")
        started(self)

    monkeypatch.setattr(threading.Thread, "start", start)
    outcomes, _, judge = ask_all(None, "answer 0", "answer 1")
    assert outcomes[0] == Unscored(Reason.INTERNAL_ERROR, "can't start new thread")
    assert said(outcomes[1]) == VerdictClass.YES
    assert len(judge.asked) == 1
    assert caplog.messages == []


@pytest.mark.parametrize("failed", [Reason.DENIED, Reason.INVALID_REQUEST, Reason.FILTERED, Reason.OVERFLOW])
def test_the_second_model_is_asked_after_the_first_failed(failed: Reason) -> None:
    outcomes, _, judge = ask_all(Script(JudgeFailure(failed, "no"), all_yes), "x", spec=TWO_MODELS)
    assert judge.models == ["model-1", "model-2"]
    assert said(outcomes[0]) == VerdictClass.YES


def test_the_second_model_is_not_asked_where_the_first_answered() -> None:
    _, _, judge = ask_all(None, "x", spec=TWO_MODELS)
    assert judge.models == ["model-1"]


def test_a_garbled_reply_is_asked_for_again_before_the_second_model_is() -> None:
    outcomes, usage, judge = ask_all(Script(PROSE, PROSE, all_yes), "x", spec=TWO_MODELS)
    assert judge.models == ["model-1", "model-1", "model-2"]
    assert said(outcomes[0]) == VerdictClass.YES
    # tokens of replies that did not count were paid for all the same
    assert [call.input_tokens for call in usage.calls] == [5, 5, 100]
    assert failures_by_reason(usage.calls) == {Reason.REFUSED: 2}


def test_the_last_models_reason_is_given_where_all_failed() -> None:
    script = Script(JudgeFailure(Reason.DENIED, "first"), JudgeFailure(Reason.INVALID_REQUEST, "second"))
    outcomes, _, _ = ask_all(script, "x", spec=TWO_MODELS)
    assert outcomes[0] == Unscored(Reason.INVALID_REQUEST, "second")


def test_a_reason_that_the_rollout_provoked_wins_over_the_second_models() -> None:
    script = Script(JudgeFailure(Reason.FILTERED, "first"), JudgeFailure(Reason.DENIED, "second"))
    outcomes, _, _ = ask_all(script, "x", spec=TWO_MODELS)
    assert reason(outcomes[0]) is Reason.FILTERED


def test_what_counts_as_provoked_is_the_definitions() -> None:
    denied = JudgeFailure(Reason.DENIED, "second")
    outcomes, _, _ = ask_all(Script(PROSE, PROSE, denied), "x", spec=FLOOR)
    assert reason(outcomes[0]) is Reason.REFUSED
    outcomes, _, _ = ask_all(Script(PROSE, PROSE, denied), "x", spec=TWO_MODELS)
    assert reason(outcomes[0]) is Reason.DENIED


def test_usage_names_model_latency_and_tokens_of_every_attempt() -> None:
    def answer(question: Question, model: Model) -> Step:
        time.sleep(0.05)
        return all_yes(question)

    _, usage, _ = ask_all(answer, "x")
    (call,) = usage.calls
    assert (call.model_id, call.input_tokens, call.output_tokens, call.failure) == ("model-1", 100, 10, None)
    assert call.latency_s >= 0.05


def test_usage_names_the_questions_about_each_rollout() -> None:
    asked = [question("a"), question("b")]
    with fan_out(FakeJudge()) as calls:
        for index, each in zip((3, 7), asked, strict=True):
            calls.submit(about(index, each))
        calls.collect()
        assert calls.usage().keys == {3: (asked[0].key,), 7: (asked[1].key,)}


def test_failures_are_counted_by_reason() -> None:
    calls = tuple(
        Call("m", 0.1, failure=failure) for failure in (None, Reason.TIMEOUT, Reason.TIMEOUT, Reason.DENIED)
    )
    assert failures_by_reason(calls) == {Reason.TIMEOUT: 2, Reason.DENIED: 1}
