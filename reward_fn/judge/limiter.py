"""How fast one model may be called: a rate that throttles push down and successes push up again.

Nothing is held back until the first throttle. From then on calls are spaced at a rate, which

- falls to ``CUT`` of itself at a throttle, where at least ``ROUND_CALLS`` that began since the last cut have
  ended: a single throttle may be chance;
- rises by a step at each success of a call that had to wait. Steps depend on the rate so weakly that those
  who share a quota drift towards equal parts of it, and grow the longer nothing was throttled;
- halves instead while nothing has come through since the last cut, and climbs back by half a call a second
  at each success: a quota counted by the minute is found empty, and full again, by few calls.

Two things hold it up. It is never slower than what finishes well before the deadline, unless nothing at all
comes through: slower, rollouts are lost for certain. And where many calls are throttled, and as many at half
the rate as before, throttles don't come from the rate: then there are no cuts for ``BLIND_S``.

The constants were chosen in simulations of 1 to 100 environments that share a quota; what they come to is
in ``benchmarks/RESULTS.md``.
"""

import math
import threading
import time
from collections.abc import Callable
from typing import NamedTuple

from reward_fn.deadline import Clock, Deadline
from reward_fn.errors import JudgeFailure
from reward_fn.judge.trial import Trial
from reward_fn.rubric import Reason

START_PER_S = 12.0
LOWEST_PER_S = 1 / 15
HIGHEST_PER_S = 2000.0
CUT = 0.8
DEEP_CUT = 0.5
CLIMB_PER_S = 0.5
STEP = 0.02
STEP_EXPONENT = 0.25
STEP_DOUBLES_AFTER = 50
"""Successes since the last cut."""
FADE = 0.9
ROUND_CALLS = 4
BURST_S = 0.1
LOOK_AGAIN_S = 0.25
HASTE = 2.0
"""Times the rate at which what waits would just be begun in time."""
LAST_S = 10.0
"""Less time than this does not hasten it further."""
BLIND_S = 30.0
BLIND_STEP = 0.05


class Ticket(NamedTuple):
    """Leave to begin a call: in which ``round`` between two cuts, and whether it had to wait for it."""

    round: int
    waited: bool = False


class Limiter:
    """For one model, as long as the environment lives, from many threads.

    In a stretch of time it lets begin no more calls than its rate x the time, and ``BURST_S`` of it (at least
    one call) at once. ``clock`` gives seconds.
    """

    def __init__(self, clock: Clock = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._rate: float | None = None
        self._next_s = 0.0
        self._waiting = 0
        self._round = 0
        self._known = 0.0  # up to this rate calls came through before: it is climbed to, not crept up on
        self._base = 0.0  # the rate that steps are counted from
        self._since_cut = 0
        self._seen = 0  # calls of this round
        self._round_began_s = 0.0
        self._dry = False  # nothing has come through since the last cut
        self._empty = False  # nor between that one and the one before
        self._needed = 0.0  # the rate that would finish in time what waits
        self._blind_until_s = -1.0
        self._trial = Trial()

    @property
    def rate_per_s(self) -> float | None:
        """Calls a second; None where nothing is held back."""
        return self._rate

    def acquire(
        self,
        deadline: Deadline,
        abandoned: threading.Event,
        *,
        give_up: Deadline | None = None,
        pause: Callable[[float], object] | None = None,
    ) -> Ticket:
        """Wait for leave to begin one call.

        Raises a final JudgeFailure: throttled, at once, where leave would come after the deadline, or after
        ``give_up``, when those who can ask somebody else wait no longer; deadline, where abandoned while
        waiting. ``pause`` waits so many seconds at most; it is for tests.
        """
        ticket = self.take()
        if ticket is not None:
            return ticket
        wait, until = pause or abandoned.wait, give_up or deadline
        with self._lock:
            place = self._waiting
            self._waiting += 1
        try:
            while ticket is None:
                wait_s = self._wait_s(min(place, self._waiting - 1))
                if wait_s >= until.remaining_s():
                    raise JudgeFailure(Reason.THROTTLED, "no leave to call in time", final=True)
                wait(min(wait_s, LOOK_AGAIN_S))
                if abandoned.is_set():
                    raise JudgeFailure(Reason.DEADLINE, "no time left for this call", final=True)
                ticket = self.take(self._waiting, deadline.remaining_s())
        finally:
            with self._lock:
                self._waiting -= 1
        return ticket

    def take(self, waiting: int = 0, left_s: float = math.inf) -> Ticket | None:
        """Leave to begin a call now, or None; ``waiting`` calls, this one among them, have ``left_s``."""
        with self._lock:
            if self._rate is not None:
                if waiting:
                    self._needed = HASTE * waiting / max(left_s, LAST_S)
                now_s = self._clock()
                if now_s < self._next_s:
                    return None
                gap_s = 1 / self._pace(self._rate)
                self._next_s = max(self._next_s, now_s - max(BURST_S - gap_s, 0.0)) + gap_s
            return Ticket(self._round, waited=waiting > 0)

    def succeeded(self, ticket: Ticket) -> None:
        """A call came through: more may."""
        with self._lock:
            self._trial.count(accepted=True)
            if self._rate is None:
                return
            self._dry = self._empty = False
            self._seen += ticket.round == self._round
            if not ticket.waited and ticket.round:
                return  # the rate held nothing back, so this says nothing of it
            if self._rate < self._known:
                self._base = self._set(min(self._rate + min(self._rate, CLIMB_PER_S), self._known))
            elif self._clock() < self._blind_until_s:
                self._base = self._set(self._rate + BLIND_STEP)
            else:
                self._since_cut += 1
                growth = 1 + self._since_cut / STEP_DOUBLES_AFTER
                self._set(self._rate + STEP * growth * self._base**STEP_EXPONENT)

    def throttled(self, ticket: Ticket) -> None:
        """A call was throttled: fewer may begin, unless that was seen to already."""
        with self._lock:
            self._trial.count(accepted=False)
            now_s = self._clock()
            if self._rate is None:
                self._known = HIGHEST_PER_S
                self._begin_round(START_PER_S, now_s)
            elif ticket.round == self._round and not self._is_blind(now_s):
                self._seen += 1
                if self._seen >= ROUND_CALLS:
                    self._cut(self._pace(self._rate), now_s)

    def _pace(self, rate: float) -> float:
        """The rate, or the one that is needed; nothing is gained by it where nothing comes through."""
        return rate if self._empty else max(rate, self._needed)

    def _cut(self, rate: float, now_s: float) -> None:
        self._empty = self._dry
        steep = self._dry or rate < self._known
        used = self._seen / max(now_s - self._round_began_s, 0.001)  # the rate itself may hold nothing back
        cut = max(rate * DEEP_CUT if steep else max(CUT * min(rate, used), rate * DEEP_CUT), LOWEST_PER_S)
        if not self._dry:
            self._known = cut
        elif cut > LOWEST_PER_S:
            self._known = max(self._known * FADE, cut)
        self._begin_round(cut, now_s)
        self._dry = True
        if self._trial.in_vain(cut):
            self._blind_until_s = now_s + BLIND_S
            self._dry, self._known = False, 0.0
            self._begin_round(self._trial.begun_per_s, now_s)

    def _begin_round(self, rate: float, now_s: float) -> None:
        self._round += 1
        self._round_began_s = now_s
        self._since_cut = self._seen = 0
        self._base = self._set(rate)
        self._next_s = now_s + 1 / self._base

    def _set(self, rate: float) -> float:
        self._rate = min(rate, HIGHEST_PER_S)
        self._trial.rose_to(self._rate)
        return self._rate

    def _is_blind(self, now_s: float) -> bool:
        """Whether throttles are passed over; no longer where ever more calls meet one."""
        if now_s < self._blind_until_s and self._trial.worse():
            self._blind_until_s = now_s
        return now_s < self._blind_until_s

    def _wait_s(self, place: int) -> float:
        """Until leave comes for the one behind ``place`` others, as far as can be hoped: seconds, above 0."""
        with self._lock:
            rate = max(self._pace(self._rate or HIGHEST_PER_S), min(self._known, HIGHEST_PER_S))
            return max(self._next_s - self._clock(), 0.0) + place / rate + 0.001
