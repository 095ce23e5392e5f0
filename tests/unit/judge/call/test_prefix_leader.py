"""One call ahead for each prefix: who leads, who follows, and that nobody waits for ever."""

import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from dataclasses import replace

import pytest

from reward_fn.deadline import Deadline
from reward_fn.errors import JudgeFailure
from reward_fn.judge.base import Model, Question
from reward_fn.judge.call.fanout import FanOut
from reward_fn.judge.call.prefix_leader import PrefixLeaders
from reward_fn.judge.models.catalogue import profile
from reward_fn.judge.vote.panel import Voter
from reward_fn.pipeline import Scorer, score_batch
from reward_fn.settings import Settings
from reward_fn.types.batch import Scored
from reward_fn.types.unscored import Reason
from reward_fn.types.verdict import Outcome, Verdicts
from tests.factory import build_question, rollout, row
from tests.unit.fake_judge import FakeJudge, Step, all_yes
from tests.unit.rubric import criterion, definition, judge_spec

CLAUDE = "us.anthropic.claude-haiku-4-5-20251001-v1:0"
LONG = "long " * 4_000  # 20,000 characters, about 5,000 tokens: above Haiku's 4,096
SPEC = judge_spec(criterion("Sound"), models=(CLAUDE,))
VOTER = Voter((profile(CLAUDE),))
LONG_S = 60.0
"""Seconds that no test uses up, even on a loaded machine."""


def asks(response: str, prompt: str = LONG) -> list[Question]:
    return [build_question(rollout(response, prompt=prompt), SPEC)]


class Submitted:
    """Submits nothing: the test ends each call."""

    def __init__(self) -> None:
        self.futures: list[Future[list[Verdicts]]] = []
        self.asked: list[tuple[Sequence[Question], Voter]] = []

    def __call__(self, asked: Sequence[Question], voter: Voter) -> "Future[list[Verdicts]]":
        self.asked.append((asked, voter))
        self.futures.append(Future())
        return self.futures[-1]


@pytest.fixture
def calls() -> Submitted:
    return Submitted()


@pytest.fixture
def leaders(calls: Submitted) -> Iterator[PrefixLeaders]:
    made = PrefixLeaders(calls)
    yield made
    made.close()


def test_siblings_follow_when_the_first_has_ended(calls: Submitted, leaders: PrefixLeaders) -> None:
    answers = [leaders.ask(asks(f"{n}"), VOTER) for n in range(4)]
    assert len(calls.futures) == 1
    calls.futures[0].set_result([])
    assert len(calls.futures) == 4
    assert answers[0].done()
    calls.futures[2].set_result([])
    assert [answer.done() for answer in answers] == [True, False, True, False]
    leaders.ask(asks("late"), VOTER)
    assert len(calls.futures) == 5, "the prefix is known by now"


def test_they_follow_a_failure_too_and_get_their_own(calls: Submitted, leaders: PrefixLeaders) -> None:
    first, second, third = (leaders.ask(asks(f"{n}"), VOTER) for n in range(3))
    calls.futures[0].set_exception(JudgeFailure(Reason.THROTTLED, "first"))
    calls.futures[1].set_exception(JudgeFailure(Reason.TIMEOUT, "second"))
    calls.futures[2].cancel()
    calls.futures[2].set_running_or_notify_cancel()
    assert isinstance(first.exception(), JudgeFailure)
    assert str(second.exception()) != str(first.exception())
    assert third.cancelled()


def test_every_prefix_and_model_has_its_own_leader(calls: Submitted, leaders: PrefixLeaders) -> None:
    other = Voter((profile("us.anthropic.claude-opus-4-5-20251101-v1:0"),))
    for prompt, voter in ((LONG, VOTER), (LONG + "!", VOTER), (LONG, other)):
        leaders.ask(asks("A", prompt), voter)
        leaders.ask(asks("B", prompt), voter)
    assert len(calls.futures) == 3


@pytest.mark.parametrize(
    ("prompt", "model"),
    [("short", profile(CLAUDE)), (LONG, Model("meta.llama-9"))],
)
def test_where_nothing_would_be_cached_nobody_waits(
    calls: Submitted, leaders: PrefixLeaders, prompt: str, model: Model
) -> None:
    for n in range(3):
        leaders.ask(asks(f"{n}", prompt), Voter((model,)))
    assert len(calls.futures) == 3


def test_without_a_thread_for_the_timer_siblings_follow_the_first_all_the_same(
    calls: Submitted, leaders: PrefixLeaders, monkeypatch: pytest.MonkeyPatch
) -> None:
    def start(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", start)
    for n in range(3):
        leaders.ask(asks(f"{n}"), VOTER)
    assert len(calls.futures) == 1
    calls.futures[0].set_result([])
    assert len(calls.futures) == 3


def test_a_leader_that_hangs_is_waited_for_only_so_long(calls: Submitted) -> None:
    leaders = PrefixLeaders(calls, wait_s=0.05)
    for n in range(3):
        leaders.ask(asks(f"{n}"), VOTER)
    end = time.monotonic() + LONG_S
    while len(calls.futures) < 3 and time.monotonic() < end:
        time.sleep(0.01)
    assert len(calls.futures) == 3
    calls.futures[0].set_result([])
    assert len(calls.futures) == 3
    leaders.close()


def test_after_the_end_nobody_follows(calls: Submitted, leaders: PrefixLeaders) -> None:
    leaders.ask(asks("A"), VOTER)
    leaders.ask(asks("B"), VOTER)
    leaders.close()
    calls.futures[0].set_result([])
    assert len(calls.futures) == 1


def test_after_the_end_a_call_that_comes_late_waits_for_nobody(
    calls: Submitted, leaders: PrefixLeaders
) -> None:
    leaders.ask(asks("A"), VOTER)
    leaders.close()
    leaders.ask(asks("B"), VOTER)
    assert len(calls.futures) == 2


def test_each_call_carries_its_own_questions_and_voter(calls: Submitted, leaders: PrefixLeaders) -> None:
    short = asks("A", prompt="short")  # no prefix that the model would cache
    leader, follower, another = asks("B"), asks("C"), Voter(VOTER.models, vote=1)
    leaders.ask(short, another)
    leaders.ask(leader, VOTER)
    leaders.ask(follower, another)
    calls.futures[1].set_result([])
    assert calls.asked == [(short, another), (leader, VOTER), (follower, another)]


def test_a_leader_that_is_waited_for_does_not_hold_up_the_end_of_the_process(
    calls: Submitted, leaders: PrefixLeaders
) -> None:
    leaders.ask(asks("A"), VOTER)
    leaders.ask(asks("B"), VOTER)
    assert len(calls.futures) == 1
    timers = [thread for thread in threading.enumerate() if isinstance(thread, threading.Timer)]
    assert timers
    assert all(timer.daemon for timer in timers)


@pytest.mark.parametrize("failure", [JudgeFailure(Reason.THROTTLED, "slow down"), ValueError("ours")])
def test_a_follower_fails_with_its_own_failure(
    calls: Submitted, leaders: PrefixLeaders, failure: Exception
) -> None:
    leaders.ask(asks("A"), VOTER)
    follower = leaders.ask(asks("B"), VOTER)
    calls.futures[0].set_result([])
    calls.futures[1].set_exception(failure)
    assert follower.exception() is failure


def test_what_needs_no_call_is_not_held_up(calls: Submitted, leaders: PrefixLeaders) -> None:
    leaders.ask([], VOTER)
    leaders.ask([], VOTER)
    assert len(calls.futures) == 2


# The whole path


def score(judge: FakeJudge, way: str, *, budget_s: float = LONG_S) -> Scored:
    rows = [row(f"{n}", id=f"{group}-{n}", prompt=f"{group} {LONG}") for group in "ab" for n in range(4)]
    return score_batch(
        rows,
        Scorer(definition(judge=SPEC), judge, settings=replace(Settings(), prompt_cache=way)),
        Deadline.after(budget_s),
    )


@pytest.mark.parametrize(("way", "most_first"), [("lead", 2), ("free", 8), ("off", 8)])
def test_a_batch_of_two_groups_sends_two_calls_ahead(
    monkeypatch: pytest.MonkeyPatch, way: str, most_first: int
) -> None:
    # No call ends before all rows are submitted and as many calls as expected have begun.
    lock, all_ahead, submitted = threading.Lock(), threading.Event(), threading.Event()
    ahead, ended = list[str](), set[str]()
    collect = FanOut.collect

    def collect_after_submitting(calls: FanOut) -> dict[int, Outcome]:
        submitted.set()
        return collect(calls)

    def answer(asked: Question, _model: Model) -> Step:
        with lock:
            if asked.static not in ended:
                ahead.append(asked.static)
            if len(ahead) == most_first:
                all_ahead.set()
        assert all_ahead.wait(LONG_S)
        assert submitted.wait(LONG_S)
        with lock:
            ended.add(asked.static)
        return all_yes(asked)

    monkeypatch.setattr(FanOut, "collect", collect_after_submitting)
    scored = score(FakeJudge(answer), way)
    assert [len(ahead), len(set(ahead))] == [most_first, 2]
    assert [result.reward for result in scored.results] == [1.0] * 8


def test_a_group_whose_leader_hangs_is_flagged_at_the_deadline() -> None:
    gate = threading.Event()

    def answer(asked: Question, _model: Model) -> Step:
        gate.wait(LONG_S)
        return all_yes(asked)

    scored = score(FakeJudge(answer), "lead", budget_s=0.3)
    gate.set()  # only now may the judge answer, so the batch did not wait for it
    assert [result.imputed for result in scored.results] == [True] * 8
