"""Attempts at a model: each is sent, read, timed, paid for and recorded."""

import time

from reward_fn.errors import JudgeFailure
from reward_fn.judge.base import Judge, Model, Question, Reply
from reward_fn.judge.call.in_flight import InFlight, SentCall
from reward_fn.judge.limit.cost_cap import CostCap
from reward_fn.judge.limit.gates import Attempt
from reward_fn.judge.vote.reply import read_verdicts
from reward_fn.types.unscored import Reason
from reward_fn.types.usage import Call
from reward_fn.types.verdict import Verdicts


class Attempts:
    """Sends the attempts of one invocation, from many threads, and records each in ``calls``."""

    def __init__(self, judge: Judge, cost_cap: CostCap) -> None:
        self._judge = judge
        self._cost_cap = cost_cap
        self._in_flight = InFlight()
        self.calls: list[Call] = []

    def send(self, question: Question, model: Model, within_s: float) -> Attempt:
        """Ask ``model`` once. Raises a final JudgeFailure where the cost cap allows no further call.

        Anything but a JudgeFailure that the judge or the reader of replies raises is passed on, and recorded
        as an internal error.
        """
        sent = SentCall(question, model, self._cost_cap.hold(question, model))
        number = self._in_flight.begin(sent)
        begun_s, reply = time.monotonic(), Reply(None)
        outcome: Verdicts | JudgeFailure = JudgeFailure(Reason.INTERNAL_ERROR, "")
        try:
            reply = self._judge.ask(question, model, within_s=within_s)
            outcome = read_verdicts(reply, question)
        except JudgeFailure as failure:
            outcome = failure
        finally:
            attempt = Attempt(question, time.monotonic() - begun_s, outcome)
            if self._in_flight.end(number):
                self._book(sent, reply, attempt)
        return attempt

    def _book(self, sent: SentCall, reply: Reply, attempt: Attempt) -> None:
        """Pay for a call that has ended, and record it. A call that timed out may have been answered."""
        failure = attempt.failure
        if failure is not None and failure.reason is Reason.TIMEOUT:
            self._cost_cap.settle_unknown(sent.held_usd, sent.model, sent.question)
        else:
            self._cost_cap.settle(sent.held_usd, sent.model, reply)
        self.calls.append(
            Call(
                model_id=sent.model.name,
                latency_s=attempt.took_s,
                input_tokens=reply.input_tokens,
                output_tokens=reply.output_tokens,
                failure=failure.reason if failure else None,
                key=sent.question.key,
                cache_read_tokens=reply.cache_read_tokens,
                cache_write_tokens=reply.cache_write_tokens,
                cause=failure.cause if failure else "",
            )
        )

    def is_idle(self) -> bool:
        """Whether no call is in flight."""
        return self._in_flight.is_empty()

    def leave_behind(self) -> None:
        """End the invocation: calls still in flight are paid for, and none is recorded from now on."""
        for sent in self._in_flight.close():
            self._cost_cap.settle_unknown(sent.held_usd, sent.model, sent.question)
