"""What an environment knows of its judges' quotas and health, model by model, from call to call.

It outlives invocations. A call that is left behind at a deadline may end, or wake from its wait, in a later
one: whoever asks tells nothing to these objects once its invocation is abandoned.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from reward_fn.deadline import Clock, Deadline
from reward_fn.errors import JudgeFailure
from reward_fn.judge.breaker import Breaker
from reward_fn.judge.limiter import Limiter
from reward_fn.rubric import Reason


class Road(NamedTuple):
    """To one model."""

    limiter: Limiter
    breaker: Breaker


class Traffic:
    """One :class:`Road` for each model, made when it is first asked for."""

    def __init__(self, clock: Clock = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._roads: dict[str, Road] = {}

    def road(self, model: str) -> Road:
        """The road to the model of that name."""
        road = self._roads.get(model)
        if road is None:
            with self._lock:
                road = self._roads.setdefault(model, Road(Limiter(self._clock), Breaker(self._clock)))
        return road

    @contextmanager
    def passage(
        self, model: str, deadline: Deadline, abandoned: threading.Event, give_up: Deadline | None = None
    ) -> Iterator[None]:
        """Around one attempt, which waits its turn here and whose JudgeFailure is learnt from.

        Raises a final JudgeFailure where the attempt is not to be made.
        """
        limiter, breaker = self.road(model)
        is_probe = breaker.enter()
        ticket = limiter.acquire(deadline, abandoned, give_up=give_up)
        if ticket.waited and not is_probe:
            breaker.enter()  # it may have opened meanwhile
        failure: Reason | None = Reason.INTERNAL_ERROR
        try:
            yield
            failure = None
        except JudgeFailure as error:
            failure = error.reason
            raise
        finally:
            if not abandoned.is_set():
                breaker.ended(failure)
                if failure is Reason.THROTTLED:
                    limiter.throttled(ticket)
                elif failure is None or failure in ANSWERED:
                    limiter.succeeded(ticket)


ANSWERED = frozenset(
    {
        Reason.TRUNCATED,
        Reason.REFUSED,
        Reason.MALFORMED,
        Reason.INCOMPLETE,
        Reason.FILTERED,
        Reason.MODEL_ERROR,
    }
)
"""No verdicts, but the quota let the call through."""
