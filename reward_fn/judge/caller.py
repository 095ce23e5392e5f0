"""Questions to one model after the other, each with its retries, until one answers them all."""

import threading
import time
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace

from reward_fn.deadline import Deadline
from reward_fn.errors import JudgeFailure
from reward_fn.judge.base import Judge, Question, Reply
from reward_fn.judge.budget import Budget
from reward_fn.judge.cache import BatchCache
from reward_fn.judge.models import ModelProfile
from reward_fn.judge.reply import read_verdicts
from reward_fn.judge.retry import AGAIN, GiveUp, with_retries
from reward_fn.judge.traffic import Crossing, Traffic
from reward_fn.judge.under_way import UnderWay
from reward_fn.rubric import Reason, Verdicts

HANGS_SHARE = 0.5
"""Of an invocation's time: what runs for longer when it ends, hangs. One that just began may be well."""


@dataclass(frozen=True, slots=True)
class Call:
    """One attempt at one model: what it took, and ``failure`` where it gave no verdicts; ``key`` is its
    question's."""

    model_id: str
    latency_s: float
    input_tokens: int = 0
    output_tokens: int = 0
    failure: Reason | None = None
    key: str = ""
    cache_read_tokens: int = 0
    cache_write_tokens: int = 0


class Caller:
    """Asks for one invocation, from many threads, and remembers what that took."""

    def __init__(
        self,
        judge: Judge,
        *,
        max_attempts: int,
        deadline: Deadline,
        abandoned: threading.Event,
        cache: BatchCache | None = None,
        traffic: Traffic | None = None,
        budget: Budget | None = None,
    ) -> None:
        self._judge = judge
        self._max_attempts = max_attempts
        self._deadline = deadline
        self._abandoned = abandoned
        self._cache = cache
        self._traffic = traffic
        self._budget = budget or Budget()
        self._under_way = UnderWay()
        self._hangs_after_s = HANGS_SHARE * deadline.remaining_s()
        self.calls: list[Call] = []
        self.retried: list[Reason] = []

    def ask(
        self,
        questions: Sequence[Question],
        models: Sequence[ModelProfile],
        provoked: Set[Reason] = frozenset(),
        *,
        patient: bool = True,
        vote: int = 0,
    ) -> list[Verdicts]:
        """The verdicts on all ``questions`` of the first of ``models`` that gives them.

        Throttles of one to whom there is another, and outages too where another of ``models`` follows, are
        not waited out: it has a short grace, from when it is first asked. So has the last one, for throttles,
        where nobody is ``patient`` for it. ``vote`` tells the samples of one model apart.

        One model answers all: two orders of a comparison say nothing where two models answer them. Raises the
        last JudgeFailure, or the first whose reason is one of ``provoked``.
        """
        failures: list[JudgeFailure] = []
        for model in models:
            last = frozenset() if patient else _THROTTLES
            hurried = last if model is models[-1] else AGAIN
            try:
                return [self._recall_or_ask(asked, model, vote, hurried) for asked in questions]
            except JudgeFailure as failure:
                failures.append(failure)
        raise next((f for f in failures if f.reason in provoked), failures[-1])

    def _recall_or_ask(
        self, question: Question, model: ModelProfile, vote: int, hurried: Set[Reason]
    ) -> Verdicts:
        if self._cache is None:
            return self._ask_model(question, model, hurried)
        key = self._cache.key(question, model, vote)
        kept = self._cache.find(key, question.leaves)
        if kept is not None:
            return kept
        verdicts = self._ask_model(question, model, hurried)
        if not self._abandoned.is_set():
            self._cache.keep(key, question.leaves, verdicts)
        return verdicts

    def _ask_model(self, question: Question, model: ModelProfile, hurried: Set[Reason]) -> Verdicts:
        asked = question
        give_up = GiveUp.soon(self._deadline, hurried) if hurried else None

        def noted(failure: JudgeFailure) -> None:
            nonlocal asked
            self.retried.append(failure.reason)
            if failure.reason is Reason.TRUNCATED:
                asked = replace(question, max_tokens=2 * question.max_tokens)

        return with_retries(
            lambda: self._admitted(asked, model, give_up),
            max_attempts=self._max_attempts,
            deadline=self._deadline,
            abandoned=self._abandoned,
            on_retry=noted,
            give_up=give_up,
            paced=self._traffic is not None,
        )

    def _admitted(self, question: Question, model: ModelProfile, give_up: GiveUp | None) -> Verdicts:
        """One attempt that waits its turn, if it may be made at all; none is counted where it may not."""
        if self._traffic is None:
            return self._attempt(question, model, Crossing())
        until = give_up.at if give_up else None
        with self._traffic.passage(model.name, self._deadline, self._abandoned, until) as crossing:
            return self._attempt(question, model, crossing)

    def _attempt(self, question: Question, model: ModelProfile, crossing: Crossing) -> Verdicts:
        held_usd = self._budget.hold(question, model)
        number = self._under_way.begin(question, model, held_usd)
        begun, reply = time.monotonic(), None
        failure: Reason | None = Reason.INTERNAL_ERROR
        try:
            reply = self._judge.ask(question, model)
            verdicts = read_verdicts(reply, question)
            failure = None
            return verdicts
        except JudgeFailure as error:
            failure = error.reason
            raise
        finally:
            crossing.counts = self._under_way.end(number)
            if crossing.counts:
                took_s, sent = time.monotonic() - begun, reply or _NOTHING
                tokens = (sent.input_tokens, sent.output_tokens)
                cached = (sent.cache_read_tokens, sent.cache_write_tokens)
                if failure is Reason.TIMEOUT:
                    self._budget.settle_unknown(held_usd, model, question)
                else:
                    self._budget.settle(held_usd, model, sent)
                self.calls.append(Call(model.name, took_s, *tokens, failure, question.key, *cached))

    def leave_behind(self) -> None:
        """The invocation ends: count what still runs, as paid for, and as timed out where it ran for long. No
        call counts from now on."""
        now_s = time.monotonic()
        for sent in self._under_way.close():
            ran_s = now_s - sent.at_s
            self._budget.settle_unknown(sent.held_usd, sent.model, sent.question)
            if self._traffic is not None and ran_s >= self._hangs_after_s:
                self._traffic.left_behind(sent.model.name, ran_s)


_THROTTLES = frozenset({Reason.THROTTLED})
_NOTHING = Reply(None, "")


def failures_by_reason(calls: Sequence[Call]) -> Mapping[Reason, int]:
    """How many attempts failed, by reason."""
    counts: dict[Reason, int] = {}
    for call in calls:
        if call.failure:
            counts[call.failure] = counts.get(call.failure, 0) + 1
    return counts
