"""What an environment knows of its judges' quotas and health, model by model, from call to call.

It outlives invocations. A call that is left behind at a deadline may end, or wake from its wait, in a later
one: then it tells these objects nothing. What it means is told once, when its invocation ends.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
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


@dataclass(slots=True)
class Crossing:
    """One attempt on its road. ``counts`` is set where it was sent, and ended before its invocation did."""

    counts: bool = False


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
    ) -> Iterator[Crossing]:
        """Around one attempt, which waits its turn here and whose JudgeFailure is learnt from if it counts.

        Raises a final JudgeFailure where the attempt is not to be made.
        """
        limiter, breaker = self.road(model)
        is_probe = breaker.enter()
        ticket = limiter.acquire(deadline, abandoned, give_up=give_up)
        if ticket.waited and not is_probe:
            breaker.enter()  # it may have opened meanwhile
        crossing, begun_s = Crossing(), self._clock()
        failure: Reason | None = Reason.INTERNAL_ERROR  # of an error that is none of the judge's
        try:
            yield crossing
            failure = None
        except JudgeFailure as error:
            failure = error.reason
            raise
        finally:
            if crossing.counts and failure is not Reason.INTERNAL_ERROR:
                breaker.ended(failure, self._clock() - begun_s)
                if failure is Reason.THROTTLED:
                    limiter.throttled(ticket)
                elif failure is None or failure in ANSWERED:
                    limiter.succeeded(ticket)

    def left_behind(self, model: str, ran_s: float) -> None:
        """A call still ran when its invocation ended, for so many seconds up to then."""
        self.road(model).breaker.ended(Reason.TIMEOUT, ran_s)


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
