"""Environments that share a quota, on a clock of their own: no threads, no waiting."""

import heapq
import itertools
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol

from reward_fn.judge.limiter import Limiter, Ticket
from rewardctl.emulate.bucket import TokenBucket

THROTTLE_S = 0.01
DEADLINE_S = 55.0

Event = tuple[float, int, Callable[[], None]]
"""When, in which order, what."""


class Quota(Protocol):
    """Whether a call that arrives at a time is let through."""

    def take(self, now_s: float) -> bool: ...


class Bucket:
    """The stand-in's token bucket."""

    def __init__(self, rate_per_s: float) -> None:
        self._now_s = 0.0
        self._bucket = TokenBucket(rate_per_s, lambda: self._now_s)

    def take(self, now_s: float) -> bool:
        self._now_s = now_s
        return self._bucket.take()


class Chance:
    """Throttles a share of all calls, whatever their rate."""

    def __init__(self, share: float) -> None:
        self._share = share

    def take(self, now_s: float) -> bool:
        return random.random() >= self._share


@dataclass(frozen=True, slots=True)
class Shared:
    """What came of it after the warm-up. ``least`` is an environment's share beside an equal one."""

    served_per_s: float
    rejected_share: float
    least: float
    longest_s: float


@dataclass
class Environment:
    """One limiter, and for each rollout of its batch that has no leave yet, whether it has waited for it."""

    limiter: Limiter
    waiting: list[bool] = field(default_factory=list)
    looks_again: bool = False
    left: int = 0
    begun_s: float = 0.0
    served: int = 0
    longest_s: float = 0.0


class World:
    """The events of all environments in their order. A throttled call goes back to the limiter."""

    def __init__(self, rollouts: int, quota: Quota, latency_s: float) -> None:
        self.now_s = 0.0
        self.served: list[float] = []
        self.rejected: list[float] = []
        self._rollouts = rollouts
        self._quota = quota
        self._latency_s = latency_s
        self._events: list[Event] = []
        self._number = itertools.count()

    def after(self, delay_s: float, step: Callable[..., None], *arguments: object) -> None:
        """``step`` comes so many seconds from now."""
        event: Event = (self.now_s + delay_s, next(self._number), partial(step, *arguments))
        heapq.heappush(self._events, event)

    def run(self, until_s: float) -> None:
        """All events before that time."""
        while self._events and self._events[0][0] < until_s:
            self.now_s, _, step = heapq.heappop(self._events)
            step()

    def begin(self, env: Environment) -> None:
        """A batch; its rollouts come up one after the other."""
        env.left, env.begun_s = self._rollouts, self.now_s
        for place in range(self._rollouts):
            self.after(0.003 * place, self._come, env, False)

    def _come(self, env: Environment, waited: bool) -> None:
        env.waiting.append(waited)
        self._pump(env)

    def _pump(self, env: Environment) -> None:
        while env.waiting:
            left_s = env.begun_s + DEADLINE_S - self.now_s
            ticket = env.limiter.take(len(env.waiting) if env.waiting[0] else 0, left_s)
            if ticket is None:
                env.waiting = [True] * len(env.waiting)
                if not env.looks_again:
                    env.looks_again = True
                    self.after(random.uniform(0.005, 0.01), self._look_again, env)
                return
            env.waiting.pop(0)
            if self._quota.take(self.now_s):
                self.after(self._latency_s * random.lognormvariate(0.0, 0.3), self._succeed, env, ticket)
            else:
                self.after(THROTTLE_S, self._throttle, env, ticket)

    def _look_again(self, env: Environment) -> None:
        env.looks_again = False
        self._pump(env)

    def _succeed(self, env: Environment, ticket: Ticket) -> None:
        self.served.append(self.now_s)
        env.limiter.succeeded(ticket)
        env.left -= 1
        env.served += 1
        if not env.left:
            env.longest_s = max(env.longest_s, self.now_s - env.begun_s)
            self.after(0.05, self.begin, env)

    def _throttle(self, env: Environment, ticket: Ticket) -> None:
        self.rejected.append(self.now_s)
        env.limiter.throttled(ticket)
        self._come(env, True)


def share_a_quota(
    environments: int, rollouts: int, quota: Quota, *, until_s: float, warm_s: float, latency_s: float = 0.5
) -> Shared:
    """Each environment scores one batch after the other; a batch that goes over its deadline is finished."""
    world = World(rollouts, quota, latency_s)
    shared = [Environment(Limiter(lambda: world.now_s)) for _ in range(environments)]
    for env in shared:
        world.after(random.uniform(0.0, 0.5), world.begin, env)
    world.run(warm_s)
    good, bad = len(world.served), len(world.rejected)
    for env in shared:
        env.served, env.longest_s = 0, 0.0
    world.run(until_s)
    good, bad = len(world.served) - good, len(world.rejected) - bad
    return Shared(
        served_per_s=good / (until_s - warm_s),
        rejected_share=bad / max(1, good + bad),
        least=min(env.served for env in shared) * environments / max(1, good),
        longest_s=max(env.longest_s for env in shared),
    )
