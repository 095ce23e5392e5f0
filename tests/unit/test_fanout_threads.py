"""A machine that can't start another thread: every call is made and answered for, or neither."""

import threading

import pytest

from reward_fn.deadline import Deadline
from reward_fn.judge.base import Question
from reward_fn.judge.fanout import FanOut
from reward_fn.judge.inquiry import about
from reward_fn.judge.models import ModelProfile
from reward_fn.judge.prompt import build_question
from reward_fn.rubric import Judged
from tests.factory import rollout
from tests.unit.fake_judge import FakeJudge, Step, all_yes
from tests.unit.rubric import criterion, judge_spec

SPEC = judge_spec(criterion("Sound"))


@pytest.mark.xfail(
    strict=True, reason="ThreadPoolExecutor.submit queues the call before it fails to start a thread for it"
)
def test_a_call_whose_thread_cannot_be_started_is_not_made_for_nobody(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One thread starts, and no second one. The call that found no thread of its own may be made by the first
    one, and its rollout scored; or be given up, and never made. It must not be paid for and thrown away."""
    start, started = threading.Thread.start, []
    second_submitted = threading.Event()

    def only_once(self: threading.Thread) -> None:
        started.append(self)
        if len(started) > 1:
            raise RuntimeError("can't start new thread")
        start(self)

    def answer(asked: Question, _: ModelProfile) -> Step:
        second_submitted.wait(20.0)
        return all_yes(asked)

    monkeypatch.setattr(threading.Thread, "start", only_once)
    judge = FakeJudge(answer)
    questions = [build_question(rollout(text), SPEC) for text in "ab"]
    with FanOut(judge, SPEC, max_workers=8, max_attempts=1, deadline=Deadline.after(20.0)) as calls:
        for index, question in enumerate(questions):
            calls.submit(about(index, question))
        second_submitted.set()
        outcomes = calls.collect()
    calls._pool.shutdown(wait=True)
    made = {asked.question.key for asked in judge.asked}
    answered = {questions[index].key for index, found in outcomes.items() if isinstance(found, Judged)}
    assert made == answered
