"""One inquiry on its way: its calls, those that follow from them, and what it has come to so far."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from functools import partial

from reward_fn.errors import JudgeFailure
from reward_fn.judge.base import Question
from reward_fn.judge.inquiry import Ballot, Inquiry
from reward_fn.judge.votes import Voter, agreement, together, unsure
from reward_fn.rubric import Judged, Outcome, Reason, Unscored, Verdicts

Ask = Callable[[Question, Voter], "Future[Verdicts]"]


class Poll:
    """Calls end in many threads; every step here is one under a lock. ``done`` is set when nothing follows.

    Where more than half of the voters have voted, their ballots count; the deadline may cut off the rest.
    """

    def __init__(
        self, inquiry: Inquiry, first: Sequence[Voter], second: Voter | None, rule: str, ask: Ask
    ) -> None:
        self.done: Future[None] = Future()
        self._inquiry = inquiry
        self._first, self._second = first, second
        self._rule, self._ask = rule, ask
        self._lock = threading.RLock()
        self._waiting = 0
        self._replies: dict[Voter, dict[int, Verdicts | Unscored]] = {}
        self._others: list[Poll] = []
        self._escalated = False
        self._broken: Unscored | None = None

    def begin(self) -> None:
        """Ask all voters all questions."""
        self._put(self._first)

    def outcomes(self) -> list[Outcome]:
        """One for each rollout: what all is known by now comes to."""
        with self._lock:
            if self._broken:
                return [self._broken] * len(self._inquiry.indices)
            if self._others:
                return [outcome for other in self._others for outcome in other.outcomes()]
            ballots = self._ballots(self._first)
            if 2 * len(ballots) <= len(self._first):
                return [self._failure()] * len(self._inquiry.indices)
            return [self._judged(place, ballots) for place in range(len(self._inquiry.indices))]

    def _put(self, asked: Sequence[Voter]) -> None:
        with self._lock:
            pairs = [(voter, place) for voter in asked for place in range(len(self._inquiry.questions))]
            self._waiting += len(pairs)
        for voter, place in pairs:
            future = self._ask(self._inquiry.questions[place], voter)
            future.add_done_callback(partial(self._arrived, voter, place))

    def _arrived(self, voter: Voter, place: int, future: "Future[Verdicts]") -> None:
        with self._lock:
            self._replies.setdefault(voter, {})[place] = _reply(future)
            self._waiting -= 1
            if self._waiting:
                return
            try:
                follows = self._what_follows()
            except Exception as error:  # noqa: BLE001 - a fault of ours must not leave the batch waiting
                self._broken = Unscored(Reason.INTERNAL_ERROR, type(error).__name__)
                follows = None
        if follows is None:
            self.done.set_result(None)
        else:
            follows()

    def _what_follows(self) -> Callable[[], None] | None:
        """The next step when all calls so far have ended; None where there is none."""
        ballots = self._ballots(self._first)
        if 2 * len(ballots) <= len(self._first):
            return self._ask_otherwise if self._inquiry.otherwise and not self._others else None
        if self._second is None or self._escalated or not any(map(unsure, _by_rollout(ballots))):
            return None
        self._escalated = True
        return partial(self._put, [self._second])

    def _ask_otherwise(self) -> None:
        """The inquiries in place of this one; it is done when they are."""
        self._others = [
            Poll(inquiry, self._first, self._second, self._rule, self._ask)
            for inquiry in self._inquiry.otherwise
        ]
        left = len(self._others)

        def ended(_: "Future[None]") -> None:
            nonlocal left
            with self._lock:
                left -= 1
                last = left == 0
            if last:
                self.done.set_result(None)

        for other in self._others:
            other.begin()
            other.done.add_done_callback(ended)

    def _ballots(self, asked: Sequence[Voter]) -> list[Sequence[Ballot]]:
        """For each voter who has answered everything, a ballot for each rollout."""
        complete = []
        for voter in asked:
            replies = self._replies.get(voter, {})
            said = [r for _, r in sorted(replies.items()) if not isinstance(r, Unscored)]
            if len(said) == len(self._inquiry.questions):
                complete.append(self._inquiry.read(said))
        return complete

    def _judged(self, place: int, ballots: Sequence[Sequence[Ballot]]) -> Judged:
        cast = [ballot[place] for ballot in ballots]
        verdicts = [ballot.verdicts for ballot in cast]
        combined = dict(together(verdicts, self._rule))
        second = self._ballots([self._second]) if self._escalated and self._second else []
        open_leaves = unsure(verdicts) if second else frozenset()
        combined.update({leaf: second[0][place].verdicts[leaf] for leaf in open_leaves})
        return Judged(combined, agreement(verdicts), bool(open_leaves), sum(b.flips for b in cast))

    def _failure(self) -> Unscored:
        """Why there are no verdicts: the first failure there was, or the deadline."""
        replies = [reply for voter in self._replies.values() for reply in voter.values()]
        failed = [reply for reply in replies if isinstance(reply, Unscored)]
        return failed[0] if failed else Unscored(Reason.DEADLINE, "no answer before the deadline")


def _by_rollout(ballots: Sequence[Sequence[Ballot]]) -> list[list[Verdicts]]:
    return [[ballot.verdicts for ballot in cast] for cast in zip(*ballots, strict=True)]


def _reply(future: "Future[Verdicts]") -> Verdicts | Unscored:
    if future.cancelled():
        return Unscored(Reason.DEADLINE, "no answer before the deadline")
    error = future.exception()
    if error is None:
        return future.result()
    if isinstance(error, JudgeFailure):
        return Unscored(error.reason, error.detail)
    # A fault of ours in one reply must not cost the batch; its text may quote the rollout, its type not.
    return Unscored(Reason.INTERNAL_ERROR, type(error).__name__)
