"""Prefix leaders: one call goes ahead for each prompt prefix, so that the others find it in the model's
cache.

A prefix can be read from the cache only after the call that wrote it has ended. Eight siblings sent at once
would write it eight times. A leader delays its siblings by one call, so prefix leaders are opt-in; see
docs/costs.md.
"""

import threading
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import partial

from reward_fn.judge.base import Question
from reward_fn.judge.vote.panel import Voter
from reward_fn.judge.vote.voting import Ask, Replies

LEADER_WAIT_S = 5.0
"""Followers wait no longer than this: a leader that hangs must not hold up its group."""


@dataclass(slots=True)
class _Group:
    timer: threading.Timer | None = None
    released: bool = False
    waiting: list[tuple[Sequence[Question], Voter, "Future[Replies]"]] = field(default_factory=list)


class PrefixLeaders:
    """Passes questions on to ``ask``: those of a prefix's first call at once, the others after it.

    Call :meth:`close` at the end: calls that are still waiting are then never sent.
    """

    def __init__(self, ask: Ask, *, wait_s: float = LEADER_WAIT_S) -> None:
        self._ask = ask
        self._wait_s = wait_s
        self._lock = threading.Lock()
        self._groups: dict[tuple[str, str, str], _Group] = {}

    def ask(self, questions: Sequence[Question], voter: Voter) -> "Future[Replies]":
        """Submit the questions now, or once the leader of their prefix has ended, with or without success."""
        model = voter.models[0]
        if not questions or not model.caches(questions[0].prefix_chars):
            return self._ask(questions, voter)
        with self._lock:
            prefix = (model.model_id, questions[0].system, questions[0].static)
            group = self._groups.get(prefix)
            if group is not None and not group.released:
                later: Future[Replies] = Future()
                group.waiting.append((questions, voter, later))
                if group.timer is None:
                    group.timer = self._timer(group)
                return later
            first = group is None
            if group is None:
                group = self._groups[prefix] = _Group()
        future = self._ask(questions, voter)
        if first:
            future.add_done_callback(lambda _: self._release(group))
        return future

    def _timer(self, group: _Group) -> threading.Timer | None:
        """Start the timer that releases the group; None if no thread can be started.

        Without it the group waits for its leader, which has a time limit of its own.
        """
        timer = threading.Timer(self._wait_s, self._release, [group])
        timer.daemon = True
        try:
            timer.start()
        except RuntimeError:
            return None
        return timer

    def close(self) -> None:
        """Drop the calls that are still waiting."""
        with self._lock:
            for group in self._groups.values():
                group.released = True
                group.waiting.clear()
                if group.timer is not None:
                    group.timer.cancel()

    def _release(self, group: _Group) -> None:
        with self._lock:
            group.released = True
            waiting, group.waiting = group.waiting, []
            if group.timer is not None:
                group.timer.cancel()
        for questions, voter, later in waiting:
            self._ask(questions, voter).add_done_callback(partial(_copy_result, later))


def _copy_result(later: "Future[Replies]", ended: "Future[Replies]") -> None:
    if ended.cancelled():
        later.cancel()
        later.set_running_or_notify_cancel()
    elif (error := ended.exception()) is not None:
        later.set_exception(error)
    else:
        later.set_result(ended.result())
