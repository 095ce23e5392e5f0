"""One inquiry on its way: its calls, those that follow from them, and what it has come to so far."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from functools import partial

from reward_fn.errors import JudgeFailure
from reward_fn.judge.ask.inquiry import Ballot, Inquiry
from reward_fn.judge.base import Question
from reward_fn.judge.vote.panel import Electorate, Voter, agreement, together, unsure
from reward_fn.types.rubric import VerdictClass
from reward_fn.types.unscored import Reason, Unscored
from reward_fn.types.verdict import Judged, Outcome, Verdict, Verdicts, Vote

Replies = list[Verdicts]
"""One voter's, one for each question."""
Ask = Callable[[Sequence[Question], Voter], "Future[Replies]"]


class Poll:
    """Calls end in many threads; every step here is one under a lock. ``done`` is set when nothing follows.

    Where more than half of the voters have voted, their ballots count; the deadline may cut off the rest.
    Where fewer have, those that gave up early are asked again, for as long as time allows.
    """

    def __init__(self, inquiry: Inquiry, electorate: Electorate, ask: Ask) -> None:
        self.done: Future[None] = Future()
        self._inquiry, self._electorate, self._ask = inquiry, electorate, ask
        self._first, self._second = electorate.first, electorate.second
        self._lock = threading.RLock()
        self._waiting = 0
        self._ballots: dict[Voter, Sequence[Ballot]] = {}
        self._failed: dict[Voter, Unscored] = {}
        self._others: list[Poll] = []
        self._asked_again: set[Voter] = set()
        self._broken: Unscored | None = None
        self._over = False

    def begin(self) -> None:
        """Ask all voters."""
        self._put(self._first)

    def outcomes(self) -> list[Outcome]:
        """One for each rollout: what all is known by now comes to."""
        count = len(self._inquiry.indices)
        with self._lock:
            if self._broken:
                return [self._broken] * count
            if self._others:
                return [outcome for other in self._others for outcome in other.outcomes()]
            if not self._has_quorum():
                return [self._why()] * count
            return [self._judged(place) for place in range(count)]

    def _put(self, asked: Sequence[Voter]) -> None:
        with self._lock:
            self._waiting += len(asked)
        self._send(asked)

    def _send(self, asked: Sequence[Voter], *, patient: bool = False) -> None:
        for voter in asked:
            told = voter._replace(patient=True) if patient else voter
            self._ask(self._inquiry.questions, told).add_done_callback(partial(self._arrived, voter))

    def _arrived(self, voter: Voter, future: "Future[Replies]") -> None:
        with self._lock:
            try:
                self._take(voter, future)
                self._waiting -= 1
                again = self._take_back()
                self._waiting += len(again)
                if again:
                    follows: Callable[[], None] | None = partial(self._send, again, patient=True)
                else:
                    follows = None if self._waiting else self._what_follows()
            except Exception as error:  # noqa: BLE001 - a fault of ours must not leave the batch waiting
                self._broken, follows = Unscored(Reason.INTERNAL_ERROR, type(error).__name__), None
            ends = follows is None and not self._over and (not self._waiting or self._broken is not None)
            self._over |= ends
        if follows is not None:
            follows()
        elif ends:
            self.done.set_result(None)

    def _take(self, voter: Voter, future: "Future[Replies]") -> None:
        """Keep what a voter said, or why that is nothing."""
        if future.cancelled():
            self._failed[voter] = Unscored(Reason.DEADLINE, "no answer before the deadline")
        elif (error := future.exception()) is None:
            self._ballots[voter] = self._inquiry.read(future.result())
        elif isinstance(error, JudgeFailure):
            self._failed[voter] = Unscored(error.reason, error.cause)
        else:  # a fault of ours in one reply; its text may quote the rollout, its type not
            self._failed[voter] = Unscored(Reason.INTERNAL_ERROR, type(error).__name__)

    def _what_follows(self) -> Callable[[], None] | None:
        """The next step when all calls so far have ended; None where there is none."""
        if not self._has_quorum():
            return self._ask_otherwise if self._inquiry.otherwise and not self._others else None
        asked = self._second in self._ballots or self._second in self._failed
        if self._second is None or asked:
            return None
        places = range(len(self._inquiry.indices))
        doubtful = any(unsure([ballot.verdicts for ballot in self._cast(place)]) for place in places)
        return partial(self._put, [self._second]) if doubtful else None

    def _take_back(self) -> list[Voter]:
        """The voters that gave up early but are needed for a majority, each once; no longer failed."""
        failed = [voter for voter in self._first if voter in self._failed]
        if 2 * len(failed) < len(self._first):
            return []
        early = [voter for voter in failed if self._failed[voter].reason in _PASSING and not voter.patient]
        again = [voter for voter in early if voter not in self._asked_again]
        self._asked_again.update(again)
        for voter in again:
            del self._failed[voter]
        return again

    def _ask_otherwise(self) -> None:
        """The inquiries in place of this one, the same ones once; it is done when they are."""
        polls = {other.key: Poll(other, self._electorate, self._ask) for other in self._inquiry.otherwise}
        self._others = [polls[other.key] for other in self._inquiry.otherwise]
        left = len(polls)

        def ended(_: "Future[None]") -> None:
            nonlocal left
            with self._lock:
                left -= 1
                last = left == 0
            if last:
                self.done.set_result(None)

        for poll in polls.values():
            poll.begin()
            poll.done.add_done_callback(ended)

    def _has_quorum(self) -> bool:
        return 2 * sum(voter in self._ballots for voter in self._first) > len(self._first)

    def _cast(self, place: int) -> list[Ballot]:
        return [self._ballots[voter][place] for voter in self._first if voter in self._ballots]

    def _judged(self, place: int) -> Judged:
        cast = self._cast(place)
        verdicts = [ballot.verdicts for ballot in cast]
        combined = dict(together(verdicts, self._electorate.rule))
        second = self._ballots.get(self._second) if self._second else None
        doubtful = unsure(verdicts) if second else frozenset()
        if second:
            told = second[place].verdicts
            combined.update({leaf: told[leaf] for leaf in doubtful if _decides(told[leaf])})
        votes = tuple(
            Vote(voter.models[0].model_id, ballots[place].verdicts)
            for voter, ballots in self._ballots.items()
            if len(self._ballots) > 1
        )
        flips = [ballot.flips for ballot in cast if ballot.flips is not None]
        total_flips = sum(flips) if flips else None
        return Judged(combined, agreement(verdicts), bool(doubtful), total_flips, votes)

    def _why(self) -> Unscored:
        """Why there are no verdicts: what the rollout set off itself, else the first voter's failure."""
        failed = [self._failed[voter] for voter in self._first if voter in self._failed]
        failed = [why for why in failed if why.reason is not Reason.CIRCUIT_OPEN]  # others had the word
        provoked = (why for why in failed if why.reason in self._electorate.provoked)
        late = Unscored(Reason.DEADLINE, "no answer before the deadline")
        return next(provoked, failed[0] if failed else late)


_PASSING = frozenset({Reason.THROTTLED, Reason.UNAVAILABLE, Reason.CIRCUIT_OPEN})
"""Failures that may be over before the deadline, and cost nothing. Time-outs may each be billed."""


def _decides(verdict: Verdict) -> bool:
    """Whether the second voter's word counts; where it can't assess, what the first said stands."""
    return verdict.answer != VerdictClass.CANNOT_ASSESS
