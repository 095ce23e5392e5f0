"""The rules of the retry layer, as parts for tenacity: which failures are retried, when, and how often.

Throttling and outages are retried for as long as time allows. A model's own error and an unusable reply are
retried once. Nothing else is retried. Source: the errors listed in the Bedrock Converse reference.
"""

import random
import threading
from collections.abc import Callable, Sequence, Set
from typing import NamedTuple

import tenacity
from tenacity.stop import stop_base
from tenacity.wait import wait_base

from reward_fn.deadline import Deadline
from reward_fn.errors import JudgeFailure
from reward_fn.judge.limit.pacing import Pacing
from reward_fn.types.unscored import Reason

FIRST_WAIT_S = 0.5
LONGEST_WAIT_S = 20.0
SHARE_OF_TIME_LEFT = 0.25
"""No wait is longer than this share of the time left, so that each call gets several more attempts."""
OUTAGE_S = 10.0
"""Each call waits out an outage of this length, whatever the number of its attempts. Most are shorter."""

AGAIN = frozenset({Reason.THROTTLED, Reason.TIMEOUT, Reason.UNAVAILABLE})
ONCE_MORE = frozenset(
    {Reason.MODEL_ERROR, Reason.TRUNCATED, Reason.REFUSED, Reason.MALFORMED, Reason.INCOMPLETE}
)
GRACE_S = 5.0
GRACE_SHARE = 0.1
"""The grace as a share of the time left, if that is shorter."""


Jitter = Callable[[float, float], float]
"""Draws a number between two bounds."""


class GiveUp(NamedTuple):
    """For calls with a fallback model: failures with these ``reasons`` are retried only before ``at``."""

    at: Deadline
    reasons: Set[Reason]

    @classmethod
    def soon(cls, deadline: Deadline, reasons: Set[Reason]) -> "GiveUp":
        """The rule that allows retries for a short grace from now."""
        grace_s = min(GRACE_S, GRACE_SHARE * deadline.remaining_s())
        return cls(Deadline.after(grace_s, deadline.clock), reasons)


class Policy(NamedTuple):
    """The limits of one call.

    ``max_attempts`` bounds the failures that the question itself may cause. With ``give_up`` these are all
    failures. Without it, throttled attempts do not count, nor do attempts at a model that answers no call.
    ``pacing`` waits between attempts, as long as ``jitter`` draws.
    """

    max_attempts: int
    deadline: Deadline
    abandoned: threading.Event
    pacing: Pacing
    give_up: GiveUp | None = None
    jitter: Jitter = random.uniform

    def until(self, failure: JudgeFailure) -> Deadline:
        """The instant before which the next attempt after ``failure`` must begin."""
        if self.give_up is not None and failure.reason in self.give_up.reasons:
            return self.give_up.at
        return self.deadline


class Failed(NamedTuple):
    """One failed attempt of a call; ``at_s`` is when it failed, on the deadline's clock.

    ``others_answered`` says whether the model has answered an attempt that began after this call. Earlier
    attempts prove nothing, since their answers still arrive at the start of an outage.
    """

    failure: JudgeFailure
    at_s: float
    others_answered: bool


class IsRetried(tenacity.retry_if_exception):
    """Whether a failure is retried: always for reasons in AGAIN, once a call for reasons in ONCE_MORE.

    The last one of ``failed`` is the failure in question.
    """

    def __init__(self, failed: Sequence[Failed]) -> None:
        super().__init__(self._is_retried)
        self._failed = failed

    def _is_retried(self, error: BaseException) -> bool:
        if not isinstance(error, JudgeFailure) or error.final:
            return False
        was_retried = any(earlier.failure.reason in ONCE_MORE for earlier in self._failed[:-1])
        return error.reason in AGAIN or (error.reason in ONCE_MORE and not was_retried)


class FullJitter(wait_base):
    """A random wait up to a bound that doubles with each attempt and stays below a share of the time left.

    It is added to the wait that the service asked for, so that calls with the same Retry-After spread out.
    """

    def __init__(self, policy: Policy, failed: Sequence[Failed]) -> None:
        self._policy = policy
        self._failed = failed
        self._exponential = tenacity.wait_exponential(multiplier=FIRST_WAIT_S, max=LONGEST_WAIT_S)

    def __call__(self, state: tenacity.RetryCallState) -> float:
        failure = self._failed[-1].failure
        left_s = self._policy.until(failure).remaining_s()
        bound_s = min(self._exponential(state), max(FIRST_WAIT_S, SHARE_OF_TIME_LEFT * left_s))
        return failure.retry_after_s + self._policy.jitter(0.0, bound_s)


class OutOfTime(stop_base):
    """Stops when the next attempt could not begin in time."""

    def __init__(self, policy: Policy, failed: Sequence[Failed]) -> None:
        self._policy = policy
        self._failed = failed

    def __call__(self, state: tenacity.RetryCallState) -> bool:
        return state.upcoming_sleep >= self._policy.until(self._failed[-1].failure).remaining_s()


class OutOfAttempts(stop_base):
    """Stops when the call has used up its attempts.

    With a fallback model, all failures count. Without one, two things end a call: ``max_attempts`` time-outs,
    since each may have been billed, or ``max_attempts`` failures while other calls were answered, since the
    question itself may cause them. The latter must span OUTAGE_S at least, or an outage of one second could
    cost the rewards of a batch.
    """

    def __init__(self, policy: Policy, failed: Sequence[Failed]) -> None:
        self._policy = policy
        self._failed = failed

    def __call__(self, state: tenacity.RetryCallState) -> bool:  # noqa: ARG002 - tenacity's signature
        most, failed = self._policy.max_attempts, self._failed
        if most == 1 or self._policy.give_up is not None:
            return len(failed) >= most
        unthrottled = [f for f in failed if f.failure.reason is not Reason.THROTTLED]
        time_outs = sum(f.failure.reason is Reason.TIMEOUT for f in unthrottled)
        of_question = sum(f.others_answered for f in unthrottled)
        lasted_s = failed[-1].at_s - failed[0].at_s
        return time_outs >= most or (of_question >= most and lasted_s >= OUTAGE_S)
