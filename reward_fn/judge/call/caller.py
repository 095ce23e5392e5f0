"""Questions to one model after another, each with its retries, until one model has answered all of them."""

import random
import threading
from collections.abc import Sequence, Set
from dataclasses import replace

from reward_fn.deadline import Deadline
from reward_fn.errors import JudgeFailure
from reward_fn.judge.base import Judge, Model, Question
from reward_fn.judge.cache.base import BatchVerdicts
from reward_fn.judge.call.attempts import Attempts
from reward_fn.judge.call.retry import with_retries
from reward_fn.judge.call.retry_policy import AGAIN, GiveUp, Jitter, Policy
from reward_fn.judge.limit.cost_cap import CostCap
from reward_fn.judge.limit.gates import Gates, ModelGate
from reward_fn.judge.limit.pacing import Pacing
from reward_fn.types.unscored import Reason
from reward_fn.types.usage import Call
from reward_fn.types.verdict import Verdicts

_THROTTLING = frozenset({Reason.THROTTLED})


class Caller:
    """Asks the judge for one invocation, from many threads.

    ``attempt_s`` bounds each attempt, in seconds. Attempts that outlast the invocation teach ``gates``
    nothing: ``abandoned`` is set by then. ``retried`` holds the reason of each failure that was tried again.
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
        cache: BatchVerdicts | None = None,
        cost_cap: CostCap | None = None,
        jitter: Jitter = random.uniform,
    ) -> None:
        self._attempts = Attempts(judge, cost_cap or CostCap())
        self._max_attempts = max_attempts
        self._attempt_s = attempt_s
        self._deadline = deadline
        self._abandoned = abandoned
        self._gates = gates
        self._cache = cache
        self._jitter = jitter
        self._lock = threading.Lock()
        self._pacings: dict[str, Pacing] = {}
        self.retried: list[Reason] = []

    @property
    def calls(self) -> list[Call]:
        """The attempts that have ended within the invocation."""
        return self._attempts.calls

    def ask(
        self,
        questions: Sequence[Question],
        models: Sequence[Model],
        provoked: Set[Reason],
        *,
        patient: bool,
        vote: int,
    ) -> list[Verdicts]:
        """The verdicts on all ``questions``, in order, by the first of ``models`` that gives them.

        One model answers all questions, since the two orders of a comparison must come from the same model.
        If another model follows, throttling and outages are retried only briefly. The last model is asked
        for as long as time allows; unless the call is ``patient``, its throttling is retried only briefly,
        and it is not asked while its circuit is open. ``vote`` tells the samples of one model apart.

        Raises JudgeFailure: the first whose reason is one of ``provoked``, else the last one.
        """
        failures: list[JudgeFailure] = []
        for model in models:
            briefly_for_last = frozenset() if patient else _THROTTLING
            retried_briefly = briefly_for_last if model is models[-1] else AGAIN
            try:
                return [self._recall_or_ask(question, model, vote, retried_briefly) for question in questions]
            except JudgeFailure as failure:
                failures.append(failure)
        raise next((f for f in failures if f.reason in provoked), failures[-1])

    def _recall_or_ask(
        self, question: Question, model: Model, vote: int, retried_briefly: Set[Reason]
    ) -> Verdicts:
        if self._cache is None:
            return self._ask_model(question, model, retried_briefly)
        key = self._cache.key(question, model, vote)
        recalled = self._cache.find(key, question.leaves)
        if recalled is not None:
            return recalled
        verdicts = self._ask_model(question, model, retried_briefly)
        if not self._abandoned.is_set():
            self._cache.keep(key, question.leaves, verdicts)
        return verdicts

    def _ask_model(self, question: Question, model: Model, retried_briefly: Set[Reason]) -> Verdicts:
        """Ask one model, with retries; failures in ``retried_briefly`` are retried for a short time only."""
        current, time_outs, model_is_up = question, 0, False
        gate = self._gates.of(model.name)

        def attempt() -> Verdicts:
            if retried_briefly:
                gate.breaker.enter()
            return self._attempt(current, model, self._limit_s(gate, time_outs))

        def prepare_retry(failure: JudgeFailure) -> None:
            nonlocal current, time_outs, model_is_up
            self.retried.append(failure.reason)
            time_outs += failure.reason is Reason.TIMEOUT
            if failure.reason is Reason.TRUNCATED:
                current = replace(question, max_tokens=2 * question.max_tokens)
            if failure.reason is Reason.UNAVAILABLE and not (retried_briefly or model_is_up):
                model_is_up = self._ask_control(question, model)

        give_up = GiveUp.soon(self._deadline, retried_briefly) if retried_briefly else None
        pacing = self.pacing_of(model.name)
        policy = Policy(self._max_attempts, self._deadline, self._abandoned, pacing, give_up, self._jitter)
        return with_retries(attempt, policy, on_retry=prepare_retry)

    def _limit_s(self, gate: ModelGate, time_outs: int) -> float:
        """Seconds for the next attempt of a call that has timed out so many times."""
        longest_s = min(self._attempt_s, self._deadline.remaining_s())
        return gate.attempt_time.limit_s(longest_s, time_outs)

    def _ask_control(self, failing: Question, model: Model) -> bool:
        """Whether the model answers another question while ``failing`` is the only one that is asked."""
        gate = self._gates.of(model.name)
        control = gate.control.beside(failing) if self._attempts.is_idle() else None
        if control is None:
            return False
        try:
            self._attempt(control, model, self._limit_s(gate, time_outs=0))
        except JudgeFailure:
            return False
        return True

    def pacing_of(self, model: str) -> Pacing:
        """The waits of this invocation for the model of that name."""
        with self._lock:
            if model not in self._pacings:
                self._pacings[model] = Pacing(self._abandoned)
            return self._pacings[model]

    def _attempt(self, question: Question, model: Model, within_s: float) -> Verdicts:
        """Send one attempt, learn from how it ends, and return its verdicts or raise its failure."""
        pacing = self.pacing_of(model.name)
        number = pacing.begin()
        attempt = self._attempts.send(question, model, within_s)
        if not self._abandoned.is_set():  # the thread may have slept through the end of its invocation
            self._gates.of(model.name).learn(attempt)
            if attempt.is_answered:
                pacing.answered(number)
        if isinstance(attempt.outcome, JudgeFailure):
            raise attempt.outcome
        return attempt.outcome

    def leave_behind(self) -> None:
        """The invocation ends: calls in flight count as paid for, and none is recorded from now on."""
        self._attempts.leave_behind()

    def close(self) -> None:
        """End the waits before retries. Call it once ``abandoned`` is set."""
        with self._lock:
            for pacing in self._pacings.values():
                pacing.close()
