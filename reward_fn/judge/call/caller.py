"""Questions to one model after the other, each with its retries, until one answers them all."""

import threading
import time
from collections.abc import Sequence, Set
from dataclasses import replace

from reward_fn.deadline import Deadline
from reward_fn.errors import JudgeFailure
from reward_fn.judge.base import Judge, Question, Reply
from reward_fn.judge.cache.verdicts import BatchCache
from reward_fn.judge.call.in_flight import UnderWay
from reward_fn.judge.call.retry import with_retries
from reward_fn.judge.call.retry_policy import AGAIN, GiveUp, Policy
from reward_fn.judge.limit.cost_cap import Budget
from reward_fn.judge.limit.gates import Attempted, Gates, ModelGate
from reward_fn.judge.limit.pacing import Pacing
from reward_fn.judge.models.catalogue import ModelProfile
from reward_fn.judge.vote.reply import read_verdicts
from reward_fn.types.unscored import Reason
from reward_fn.types.usage import Call
from reward_fn.types.verdict import Verdicts


class Caller:
    """Asks for one invocation, from many threads, and remembers what that took.

    ``attempt_s`` bounds every attempt. Attempts that outlast the invocation teach the ``gates`` nothing.
    """

    def __init__(
        self,
        judge: Judge,
        *,
        max_attempts: int,
        attempt_s: float,
        deadline: Deadline,
        abandoned: threading.Event,
        gates: Gates,
        cache: BatchCache | None = None,
        budget: Budget | None = None,
    ) -> None:
        self._judge = judge
        self._max_attempts = max_attempts
        self._attempt_s = attempt_s
        self._deadline = deadline
        self._abandoned = abandoned
        self._gates = gates
        self._cache = cache
        self._budget = budget or Budget()
        self._under_way = UnderWay()
        self._lock = threading.Lock()
        self._pacing: dict[str, Pacing] = {}
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

        Where another of ``models`` follows, throttling and outages are retried only briefly. The last one is
        asked for as long as time allows; unless the call is ``patient``, its throttling is retried only
        briefly, and it is not asked while its circuit is open. ``vote`` tells the samples of one model apart.

        One model answers all questions: two orders of a comparison must come from the same model. Raises the
        last JudgeFailure, or the first whose reason is one of ``provoked``.
        """
        failures: list[JudgeFailure] = []
        for model in models:
            of_last = frozenset() if patient else _THROTTLES
            briefly = of_last if model is models[-1] else AGAIN
            try:
                return [self._recall_or_ask(question, model, vote, briefly) for question in questions]
            except JudgeFailure as failure:
                failures.append(failure)
        raise next((f for f in failures if f.reason in provoked), failures[-1])

    def _recall_or_ask(
        self, question: Question, model: ModelProfile, vote: int, briefly: Set[Reason]
    ) -> Verdicts:
        if self._cache is None:
            return self._ask_model(question, model, briefly)
        key = self._cache.key(question, model, vote)
        kept = self._cache.find(key, question.leaves)
        if kept is not None:
            return kept
        verdicts = self._ask_model(question, model, briefly)
        if not self._abandoned.is_set():
            self._cache.keep(key, question.leaves, verdicts)
        return verdicts

    def _ask_model(self, question: Question, model: ModelProfile, briefly: Set[Reason]) -> Verdicts:
        """Ask one model, again where that may help; for the reasons in ``briefly`` only for a short time."""
        current, timed_out, has_control = question, 0, False
        gate, pacing = self._gates.of(model.name), self.pacing_of(model.name)

        def attempt() -> Verdicts:
            if briefly:
                gate.breaker.enter()
            return self._attempt(current, model, self._limit_s(gate, timed_out))

        def prepare_retry(failure: JudgeFailure) -> None:
            nonlocal current, timed_out, has_control
            self.retried.append(failure.reason)
            timed_out += failure.reason is Reason.TIMEOUT
            if failure.reason is Reason.TRUNCATED:
                current = replace(question, max_tokens=2 * question.max_tokens)
            if failure.reason is Reason.UNAVAILABLE and not (briefly or has_control):
                has_control = self._ask_control(question, model)

        give_up = GiveUp.soon(self._deadline, briefly) if briefly else None
        policy = Policy(self._max_attempts, self._deadline, self._abandoned, pacing, give_up)
        return with_retries(attempt, policy, on_retry=prepare_retry)

    def _limit_s(self, gate: ModelGate, timed_out: int = 0) -> float:
        """Seconds for an attempt of a call that timed out so often."""
        return gate.attempt_time.limit_s(min(self._attempt_s, self._deadline.remaining_s()), timed_out)

    def _ask_control(self, failing: Question, model: ModelProfile) -> bool:
        """Whether a control was answered beside a call that fails while nobody else asks."""
        gate = self._gates.of(model.name)
        control = gate.control.beside(failing) if self._under_way.is_empty() else None
        if control is None:
            return False
        try:
            self._attempt(control, model, self._limit_s(gate))
        except JudgeFailure:
            return False
        return True

    def pacing_of(self, model: str) -> Pacing:
        """The waits of this invocation for the model of that name."""
        with self._lock:
            if model not in self._pacing:
                self._pacing[model] = Pacing(self._abandoned)
            return self._pacing[model]

    def _attempt(self, question: Question, model: ModelProfile, within_s: float) -> Verdicts:
        """Send one call and learn from how it ends."""
        number, begun_s = self.pacing_of(model.name).begin(), time.monotonic()
        try:
            verdicts = self._call(question, model, within_s)
        except JudgeFailure as failure:
            self._learn(model, number, Attempted(question, time.monotonic() - begun_s, failure))
            raise
        self._learn(model, number, Attempted(question, time.monotonic() - begun_s))
        return verdicts

    def _learn(self, model: ModelProfile, number: int, attempted: Attempted) -> None:
        if self._abandoned.is_set():  # the thread may have slept through the end of its invocation
            return
        self._gates.of(model.name).learn(attempted)
        if attempted.answered:
            self.pacing_of(model.name).answered(number)

    def _call(self, question: Question, model: ModelProfile, within_s: float) -> Verdicts:
        held_usd = self._budget.hold(question, model)
        number = self._under_way.begin(question, model, held_usd)
        begun_s, reply = time.monotonic(), None
        failure: Reason | None = Reason.INTERNAL_ERROR
        cause = ""
        try:
            reply = self._judge.ask(question, model, within_s=within_s)
            verdicts = read_verdicts(reply, question)
            failure = None
            return verdicts
        except JudgeFailure as error:
            failure, cause = error.reason, error.cause
            raise
        finally:
            if self._under_way.end(number):
                took_s, sent = time.monotonic() - begun_s, reply or _NOTHING
                tokens = (sent.input_tokens, sent.output_tokens)
                cached = (sent.cache_read_tokens, sent.cache_write_tokens)
                if failure is Reason.TIMEOUT:
                    self._budget.settle_unknown(held_usd, model, question)
                else:
                    self._budget.settle(held_usd, model, sent)
                self.calls.append(Call(model.name, took_s, *tokens, failure, question.key, *cached, cause))

    def leave_behind(self) -> None:
        """The invocation ends: count what still runs as paid for. No call counts from now on."""
        for sent in self._under_way.close():
            self._budget.settle_unknown(sent.held_usd, sent.model, sent.question)

    def close(self) -> None:
        """End the waits of calls that are to be tried again; call it once ``abandoned`` is set."""
        with self._lock:
            for pacing in self._pacing.values():
                pacing.close()


_THROTTLES = frozenset({Reason.THROTTLED})
_NOTHING = Reply(None)
