"""The one retry layer: exponential back-off with full jitter, capped, never past the deadline.

A throttled call that is ``paced`` comes again without a wait of its own: the limiter knows when.

botocore's own retries are off. Which failures come again, and how often, is the table below; its source is
the Bedrock Converse reference's list of errors. Throttling and outages come again; a model's own error and a
reply that can't be read come once more; nothing else does.
"""

import threading
from collections.abc import Callable, Set
from typing import NamedTuple, TypeVar

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
GRACE_S = 5.0
GRACE_SHARE = 0.1
"""Of the time that is left, where that is less."""


class GiveUp(NamedTuple):
    """To those who can ask another: what fails for one of ``reasons`` comes again only before ``at``."""

    at: Deadline
    reasons: Set[Reason]

    @classmethod
    def soon(cls, deadline: Deadline, reasons: Set[Reason]) -> "GiveUp":
        """After a short grace from now on."""
        grace_s = min(GRACE_S, GRACE_SHARE * deadline.remaining_s())
        return cls(Deadline.after(grace_s, deadline.clock), reasons)


def with_retries(
    attempt: Callable[[], T],
    *,
    max_attempts: int,
    deadline: Deadline,
    abandoned: threading.Event,
    on_retry: Callable[[JudgeFailure], None],
    give_up: GiveUp | None = None,
    paced: bool = False,
    sleep: Callable[[float], None] | None = None,
) -> T:
    """What ``attempt`` returns, or the last JudgeFailure it raised.

    Waits are random between 0 and a cap that doubles from ``FIRST_WAIT_S`` to ``LONGEST_WAIT_S``. A wait
    that would outlast the deadline, or ``give_up``, is not begun. Where that is None a throttle uses up no
    attempt: a quota counted by the minute outlasts any number of them, and there is nobody else to ask. Once
    ``abandoned`` is set nothing is tried again: the thread may have slept through the end of its invocation.
    ``sleep`` is for tests.
    """

    def guarded() -> T:
        if abandoned.is_set() or not deadline.remaining_s():
            raise JudgeFailure(Reason.DEADLINE, "no time left for this call")
        return attempt()

    try:
        return guarded()  # nearly always: setting up the retries costs as much as a fiftieth of a call
    except JudgeFailure as failure:
        policy = _Policy(max_attempts, deadline, abandoned, give_up=give_up, paced=paced)
        return policy.resume(failure, guarded, on_retry, sleep)


class _Policy:
    """What becomes of a call whose first attempt failed."""

    def __init__(
        self,
        max_attempts: int,
        deadline: Deadline,
        abandoned: threading.Event,
        *,
        give_up: GiveUp | None,
        paced: bool,
    ) -> None:
        self._max_attempts = max_attempts
        self._deadline = deadline
        self._abandoned = abandoned
        self._waits_for_throttles = give_up is None and max_attempts > 1
        self._give_up = give_up
        self._paced = paced
        self._seen: list[Reason] = []
        self._exponential = tenacity.wait_random_exponential(multiplier=FIRST_WAIT_S, max=LONGEST_WAIT_S)

    def resume(
        self,
        first: JudgeFailure,
        attempt: Callable[[], T],
        on_retry: Callable[[JudgeFailure], None],
        sleep: Callable[[float], None] | None,
    ) -> T:
        """Go on after the ``first`` failure, as if it had been met here."""
        failed = [first]

        def resumed() -> T:
            if failed:
                raise failed.pop()
            return attempt()

        def tell(state: tenacity.RetryCallState) -> None:
            failure = state.outcome.exception() if state.outcome else None
            if isinstance(failure, JudgeFailure):
                on_retry(failure)

        retrying = tenacity.Retrying(
            retry=tenacity.retry_if_exception(self._may_come_again),
            wait=self._wait_s,
            stop=self._enough,
            sleep=sleep or tenacity.sleep_using_event(self._abandoned),
            before_sleep=tell,
            reraise=True,
        )
        return retrying(resumed)

    def _may_come_again(self, error: BaseException) -> bool:
        if not isinstance(error, JudgeFailure):
            return False
        had_its_second_chance = not ONCE_MORE.isdisjoint(self._seen)
        self._seen.append(error.reason)
        return not error.final and (
            error.reason in AGAIN or (error.reason in ONCE_MORE and not had_its_second_chance)
        )

    def _enough(self, state: tenacity.RetryCallState) -> bool:
        passed_over = {Reason.THROTTLED} if self._waits_for_throttles else set()
        counted = [reason for reason in self._seen if reason not in passed_over]
        too_late = state.upcoming_sleep >= self._until().remaining_s()
        return len(counted) >= self._max_attempts or too_late or self._abandoned.is_set()

    def _until(self) -> Deadline:
        """Before when the last failure must come again."""
        if self._give_up is not None and self._seen[-1] in self._give_up.reasons:
            return self._give_up.at
        return self._deadline

    def _wait_s(self, state: tenacity.RetryCallState) -> float:
        paced = self._paced and self._seen[-1] is Reason.THROTTLED
        return 0.0 if paced else self._exponential(state)
