"""The one retry layer: exponential back-off with full jitter, capped, never past the deadline.

A throttled call that is ``paced`` comes again without a wait of its own: the limiter knows when.

botocore's own retries are off. Which failures come again, and how often, is the table below; its source is
the Bedrock Converse reference's list of errors. Throttling and outages come again; a model's own error and a
reply that can't be read come once more; nothing else does.
"""

import threading
from collections.abc import Callable
from typing import TypeVar

import tenacity

from reward_fn.deadline import Deadline
from reward_fn.errors import JudgeFailure
from reward_fn.rubric import Reason

T = TypeVar("T")

FIRST_WAIT_S = 0.5
LONGEST_WAIT_S = 20.0

AGAIN = frozenset({Reason.THROTTLED, Reason.TIMEOUT, Reason.UNAVAILABLE})
ONCE_MORE = frozenset(
    {Reason.MODEL_ERROR, Reason.TRUNCATED, Reason.REFUSED, Reason.MALFORMED, Reason.INCOMPLETE}
)


def with_retries(
    attempt: Callable[[], T],
    *,
    max_attempts: int,
    deadline: Deadline,
    abandoned: threading.Event,
    on_retry: Callable[[JudgeFailure], None],
    patient: bool = True,
    paced: bool = False,
    sleep: Callable[[float], None] | None = None,
) -> T:
    """What ``attempt`` returns, or the last JudgeFailure it raised.

    Waits are random between 0 and a cap that doubles from ``FIRST_WAIT_S`` to ``LONGEST_WAIT_S``. A wait
    that would outlast the deadline is not begun. To the ``patient`` a throttle uses up no attempt: a quota
    counted by the minute outlasts any number of them, and there is nobody else to ask. Once ``abandoned`` is
    set nothing is tried again: the thread may have slept through the end of its invocation. ``sleep`` is for
    tests.
    """
    seen: list[Reason] = []

    def may_come_again(error: BaseException) -> bool:
        if not isinstance(error, JudgeFailure):
            return False
        had_its_second_chance = not ONCE_MORE.isdisjoint(seen)
        seen.append(error.reason)
        return not error.final and (
            error.reason in AGAIN or (error.reason in ONCE_MORE and not had_its_second_chance)
        )

    def guarded() -> T:
        if abandoned.is_set() or not deadline.remaining_s():
            raise JudgeFailure(Reason.DEADLINE, "no time left for this call")
        return attempt()

    def enough(state: tenacity.RetryCallState) -> bool:
        waits = patient and max_attempts > 1
        counted = [reason for reason in seen if not (waits and reason is Reason.THROTTLED)]
        too_late = state.upcoming_sleep >= deadline.remaining_s()
        return len(counted) >= max_attempts or too_late or abandoned.is_set()

    exponential = tenacity.wait_random_exponential(multiplier=FIRST_WAIT_S, max=LONGEST_WAIT_S)

    def wait_s(state: tenacity.RetryCallState) -> float:
        return 0.0 if paced and seen[-1] is Reason.THROTTLED else exponential(state)

    def tell(state: tenacity.RetryCallState) -> None:
        failure = state.outcome.exception() if state.outcome else None
        if isinstance(failure, JudgeFailure):
            on_retry(failure)

    retrying = tenacity.Retrying(
        retry=tenacity.retry_if_exception(may_come_again),
        wait=wait_s,
        stop=enough,
        sleep=sleep or tenacity.sleep_using_event(abandoned),
        before_sleep=tell,
        reraise=True,
    )
    return retrying(guarded)
