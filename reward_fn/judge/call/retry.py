"""The one retry layer: exponential back-off with full jitter, and no attempt after the deadline.

botocore's own retries are off. The rules are in :mod:`reward_fn.judge.call.retry_policy`.
"""

from collections.abc import Callable
from typing import TypeVar

import tenacity

from reward_fn.errors import JudgeFailure
from reward_fn.judge.call.retry_policy import (
    Failed,
    FullJitter,
    IsRetried,
    OutOfAttempts,
    OutOfTime,
    Policy,
)
from reward_fn.types.unscored import Reason

T = TypeVar("T")


def with_retries(attempt: Callable[[], T], policy: Policy, *, on_retry: Callable[[JudgeFailure], None]) -> T:
    """Call ``attempt`` until it returns, as ``policy`` allows; raises its last JudgeFailure.

    ``on_retry`` is called with each failure that is retried. Once ``policy.abandoned`` is set, no attempt
    follows: the thread may have slept through the end of its invocation.
    """
    begun_before = policy.pacing.begun

    def guarded() -> T:
        if policy.abandoned.is_set() or not policy.deadline.remaining_s():
            raise JudgeFailure(Reason.DEADLINE, "no time left for this call")
        return attempt()

    try:
        return guarded()  # the usual case: setting up tenacity costs a fiftieth of a call
    except JudgeFailure as failure:
        return _retry(failure, guarded, policy, begun_before, on_retry)


def _retry(
    first: JudgeFailure,
    attempt: Callable[[], T],
    policy: Policy,
    begun_before: int,
    on_retry: Callable[[JudgeFailure], None],
) -> T:
    """Retry after the ``first`` failure."""
    pending, failed = [first], list[Failed]()

    def resumed() -> T:
        try:
            if pending:
                raise pending.pop()
            return attempt()
        except JudgeFailure as failure:
            others_answered = policy.pacing.last_answered > begun_before
            failed.append(Failed(failure, policy.deadline.clock(), others_answered))
            raise

    def rest(wait_s: float) -> None:
        policy.pacing.wait(wait_s, at_least_s=_least_wait_s(failed[-1], wait_s))

    retrying = tenacity.Retrying(
        retry=IsRetried(failed),
        wait=FullJitter(policy, failed),
        stop=tenacity.stop_any(
            tenacity.stop_when_event_set(policy.abandoned),
            OutOfAttempts(policy, failed),
            OutOfTime(policy, failed),
        ),
        before_sleep=lambda _: on_retry(failed[-1].failure),
        sleep=rest,
        reraise=True,
    )
    return retrying(resumed)


def _least_wait_s(failed: Failed, wait_s: float) -> float:
    """The part of a wait that answers to other calls do not shorten.

    A question that fails while others are answered may itself break the model: it waits its full time.
    """
    if failed.failure.reason is not Reason.THROTTLED and failed.others_answered:
        return wait_s
    return failed.failure.retry_after_s
