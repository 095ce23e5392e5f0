"""Which failures of a judge call are tried again, when, and how often: tenacity's parts for the retry layer.

Throttling and outages are tried again for as long as time allows, a model's own error and an unreadable reply
once, nothing else. The source is the list of errors in the Bedrock Converse reference.
"""

import random
import threading
from collections.abc import Callable, Set
from typing import NamedTuple

import tenacity
from tenacity.retry import retry_base
from tenacity.stop import stop_base
from tenacity.wait import wait_base

from reward_fn.deadline import Deadline
from reward_fn.errors import JudgeFailure
from reward_fn.judge.limit.pacing import Pacing
from reward_fn.types.unscored import Reason

FIRST_WAIT_S = 0.5
LONGEST_WAIT_S = 20.0
SHARE_OF_TIME_LEFT = 0.25
"""No wait is longer than this share of the time that is left: every call gets several more attempts."""
OUTAGE_S = 10.0
"""Every call waits out an outage of this length, however many attempts it had; the usual ones are shorter."""

AGAIN = frozenset({Reason.THROTTLED, Reason.TIMEOUT, Reason.UNAVAILABLE})
ONCE_MORE = frozenset(
    {Reason.MODEL_ERROR, Reason.TRUNCATED, Reason.REFUSED, Reason.MALFORMED, Reason.INCOMPLETE}
)
GRACE_S = 5.0
GRACE_SHARE = 0.1
"""Of the time that is left, where that is shorter."""


class GiveUp(NamedTuple):
    """For calls that can ask another model: failures with these ``reasons`` come again only before ``at``."""

    at: Deadline
    reasons: Set[Reason]

    @classmethod
    def soon(cls, deadline: Deadline, reasons: Set[Reason]) -> "GiveUp":
        """After a short grace from now on."""
        grace_s = min(GRACE_S, GRACE_SHARE * deadline.remaining_s())
        return cls(Deadline.after(grace_s, deadline.clock), reasons)


def random_between(low_s: float, high_s: float) -> float:
    """A wait in seconds, drawn evenly between the two."""
    return random.uniform(low_s, high_s)


class Policy(NamedTuple):
    """The limits of one call.

    ``max_attempts`` bounds failures that may be the question's own doing: with ``give_up`` all of them,
    without it neither throttled attempts nor those of a model that answers nobody. ``pacing`` waits between
    attempts. ``draw`` chooses a wait between two bounds, in seconds.
    """

    max_attempts: int
    deadline: Deadline
    abandoned: threading.Event
    pacing: Pacing
    give_up: GiveUp | None = None
    draw: Callable[[float, float], float] = random_between

    def until(self, failure: JudgeFailure) -> Deadline:
        """The time before which another attempt must begin after that failure."""
        if self.give_up is not None and failure.reason in self.give_up.reasons:
            return self.give_up.at
        return self.deadline


class Failed(NamedTuple):
    """One failed attempt of a call, and when it failed.

    ``others_answered`` says that the model has answered an attempt that began after this call. Attempts that
    began before it say nothing: at the start of an outage their answers still come in.
    """

    failure: JudgeFailure
    at_s: float
    others_answered: bool


def failure_of(state: tenacity.RetryCallState) -> JudgeFailure:
    """The failure of the attempt that has just ended."""
    failure = state.outcome.exception() if state.outcome else None
    if not isinstance(failure, JudgeFailure):
        raise TypeError("only judge failures are tried again") from failure
    return failure


class ComesAgain(retry_base):
    """Whether a failure may be tried again: always for those in AGAIN, once a call for those in ONCE_MORE."""

    def __init__(self, failed: list[Failed]) -> None:
        self._failed = failed

    def __call__(self, state: tenacity.RetryCallState) -> bool:
        failure = state.outcome.exception() if state.outcome else None
        if not isinstance(failure, JudgeFailure) or failure.final:
            return False
        had_its_chance = any(earlier.failure.reason in ONCE_MORE for earlier in self._failed)
        return failure.reason in AGAIN or (failure.reason in ONCE_MORE and not had_its_chance)


class FullJitter(wait_base):
    """Random up to a bound that doubles with each attempt and keeps to a share of the time left.

    A service's own Retry-After comes first. The random wait follows it, so that calls which were told the
    same time spread out.
    """

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._exponential = tenacity.wait_exponential(multiplier=FIRST_WAIT_S, max=LONGEST_WAIT_S)

    def __call__(self, state: tenacity.RetryCallState) -> float:
        failure = failure_of(state)
        left_s = self._policy.until(failure).remaining_s()
        bound_s = min(self._exponential(state), max(FIRST_WAIT_S, SHARE_OF_TIME_LEFT * left_s))
        return failure.retry_after_s + self._policy.draw(0.0, bound_s)


class OutOfTime(stop_base):
    """The next attempt could begin only when the time is over."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy

    def __call__(self, state: tenacity.RetryCallState) -> bool:
        return state.upcoming_sleep >= self._policy.until(failure_of(state)).remaining_s()


class OutOfAttempts(stop_base):
    """The call had its attempts.

    With another model to ask, all failures count. Without one, a call ends after as many time-outs, since
    each may have been paid for, or after as many failures while others were answered, which may be the
    question's own doing. The latter last for OUTAGE_S at least: else an outage of a second would cost the
    rewards of a batch.
    """

    def __init__(self, policy: Policy, failed: list[Failed]) -> None:
        self._policy = policy
        self._failed = failed

    def __call__(self, state: tenacity.RetryCallState) -> bool:  # noqa: ARG002 - tenacity's signature
        most, failed = self._policy.max_attempts, self._failed
        if most == 1 or self._policy.give_up is not None:
            return len(failed) >= most
        unthrottled = [each for each in failed if each.failure.reason is not Reason.THROTTLED]
        timed_out = sum(each.failure.reason is Reason.TIMEOUT for each in unthrottled)
        own_doing = sum(each.others_answered for each in unthrottled)
        lasted_s = failed[-1].at_s - failed[0].at_s
        return timed_out >= most or (own_doing >= most and lasted_s >= OUTAGE_S)
