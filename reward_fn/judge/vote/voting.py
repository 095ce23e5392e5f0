"""The voting on one inquiry: its calls, the calls that follow from them, and the outcome so far."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from functools import partial

from reward_fn.errors import JudgeFailure
from reward_fn.judge.ask.inquiry import Ballot, Inquiry
from reward_fn.judge.base import Question
from reward_fn.judge.vote.panel import Electorate, Voter, agreement, combined, leaves_in_doubt
from reward_fn.types.rubric import VerdictClass
from reward_fn.types.unscored import Reason, Unscored
from reward_fn.types.verdict import Judged, Outcome, Verdict, Verdicts, Vote

Replies = list[Verdicts]
"""The verdicts of one voter, one entry for each question."""
Ask = Callable[[Sequence[Question], Voter], "Future[Replies]"]

_PASSING = frozenset({Reason.THROTTLED, Reason.UNAVAILABLE, Reason.CIRCUIT_OPEN})
"""Failures that may be over before the deadline and cost nothing. A time-out may be billed each time."""


class Voting:
    """One inquiry put to the voters. ``done`` is resolved once no further call follows.

    Calls end in many threads; each step here holds a lock. If more than half of the voters have voted, their
    ballots decide, so the deadline may cut off the others. If fewer have voted, voters that gave up early
    are asked once more, for as long as time allows.
    """

    def __init__(self, inquiry: Inquiry, electorate: Electorate, ask: Ask) -> None:
        self.done: Future[None] = Future()
        self._inquiry, self._electorate, self._ask = inquiry, electorate, ask
        self._first, self._second = electorate.first, electorate.second
        self._lock = threading.RLock()
        self._pending = 0
        self._ballots: dict[Voter, Sequence[Ballot]] = {}
        self._failures: dict[Voter, Unscored] = {}
        self._alternatives: list[Voting] = []
        self._asked_again: set[Voter] = set()
        self._internal_error: Unscored | None = None
        self._has_ended = False

    def begin(self) -> None:
        """Ask the first voters."""
        self._put_to(self._first)

    def outcomes(self) -> list[Outcome]:
        """The outcome for each rollout of the inquiry, by what is known now."""
        count = len(self._inquiry.indices)
        with self._lock:
            if self._internal_error:
                return [self._internal_error] * count
            if self._alternatives:
                return [outcome for voting in self._alternatives for outcome in voting.outcomes()]
            if not self._has_quorum():
                return [self._unscored()] * count
            return [self._judged(place) for place in range(count)]

    def _put_to(self, voters: Sequence[Voter]) -> None:
        with self._lock:
            self._pending += len(voters)
        self._send(voters)

    def _send(self, voters: Sequence[Voter], *, patient: bool = False) -> None:
        for voter in voters:
            addressed = voter._replace(patient=True) if patient else voter
            self._ask(self._inquiry.questions, addressed).add_done_callback(partial(self._on_reply, voter))

    def _on_reply(self, voter: Voter, future: "Future[Replies]") -> None:
        with self._lock:
            try:
                self._record(voter, future)
                self._pending -= 1
                next_step = self._next_step()
            except Exception as error:  # noqa: BLE001 - our own fault must not leave the batch waiting
                self._internal_error = Unscored(Reason.INTERNAL_ERROR, type(error).__name__)
                next_step = None
            is_over = not self._pending or self._internal_error is not None
            ends = next_step is None and is_over and not self._has_ended
            self._has_ended |= ends
        if next_step is not None:
            next_step()
        elif ends:
            self.done.set_result(None)

    def _record(self, voter: Voter, future: "Future[Replies]") -> None:
        """Keep a voter's ballots, or the reason why there are none."""
        if future.cancelled():
            self._failures[voter] = Unscored(Reason.DEADLINE, "no answer before the deadline")
        elif (error := future.exception()) is None:
            self._ballots[voter] = self._inquiry.read(future.result())
        elif isinstance(error, JudgeFailure):
            self._failures[voter] = Unscored(error.reason, error.cause)
        else:  # our own fault; its text may quote the rollout, its type does not
            self._failures[voter] = Unscored(Reason.INTERNAL_ERROR, type(error).__name__)

    def _next_step(self) -> Callable[[], None] | None:
        """The calls that follow from the replies so far; None if none do."""
        if again := self._voters_to_ask_again():
            self._pending += len(again)
            return partial(self._send, again, patient=True)
        if self._pending:
            return None
        if not self._has_quorum():
            has_alternative = self._inquiry.otherwise and not self._alternatives
            return self._ask_alternatives if has_alternative else None
        was_asked = self._second in self._ballots or self._second in self._failures
        if self._second is None or was_asked:
            return None
        places = range(len(self._inquiry.indices))
        in_doubt = any(leaves_in_doubt([b.verdicts for b in self._cast(place)]) for place in places)
        return partial(self._put_to, [self._second]) if in_doubt else None

    def _voters_to_ask_again(self) -> list[Voter]:
        """The voters that gave up early and are needed for a majority, each at most once.

        Their failures are forgotten.
        """
        failed = [voter for voter in self._first if voter in self._failures]
        if 2 * len(failed) < len(self._first):
            return []
        again = [
            voter
            for voter in failed
            if self._failures[voter].reason in _PASSING
            and not voter.patient
            and voter not in self._asked_again
        ]
        self._asked_again.update(again)
        for voter in again:
            del self._failures[voter]
        return again

    def _ask_alternatives(self) -> None:
        """Begin the inquiries that take the place of this one, equal ones once; it is done when they are."""
        votings = {i.key: Voting(i, self._electorate, self._ask) for i in self._inquiry.otherwise}
        self._alternatives = [votings[inquiry.key] for inquiry in self._inquiry.otherwise]
        left = len(votings)

        def ended(_: "Future[None]") -> None:
            nonlocal left
            with self._lock:
                left -= 1
                is_last = left == 0
            if is_last:
                self.done.set_result(None)

        for voting in votings.values():
            voting.begin()
            voting.done.add_done_callback(ended)

    def _has_quorum(self) -> bool:
        return 2 * sum(voter in self._ballots for voter in self._first) > len(self._first)

    def _cast(self, place: int) -> list[Ballot]:
        """The ballots of the first voters on the rollout at ``place`` in the inquiry."""
        return [self._ballots[voter][place] for voter in self._first if voter in self._ballots]

    def _judged(self, place: int) -> Judged:
        cast = self._cast(place)
        ballots = [ballot.verdicts for ballot in cast]
        verdicts = dict(combined(ballots, self._electorate.rule))
        second = self._ballots.get(self._second) if self._second else None
        in_doubt = leaves_in_doubt(ballots) if second else frozenset()
        if second:
            settling = second[place].verdicts
            verdicts.update({leaf: settling[leaf] for leaf in in_doubt if _settles(settling[leaf])})
        voters = (*self._first, *([self._second] if self._second else ()))  # not as their answers came
        votes = tuple(
            Vote(voter.models[0].model_id, self._ballots[voter][place].verdicts)
            for voter in voters
            if voter in self._ballots and len(self._ballots) > 1
        )
        flips = [ballot.flips for ballot in cast if ballot.flips is not None]
        total_flips = sum(flips) if flips else None
        return Judged(verdicts, agreement(ballots), bool(in_doubt), total_flips, votes)

    def _unscored(self) -> Unscored:
        """Why there are no verdicts: a failure that the rollout provoked, else the first voter's failure."""
        failures = [self._failures[voter] for voter in self._first if voter in self._failures]
        # An open circuit only sent the call elsewhere: another failure is the cause.
        failures = [failure for failure in failures if failure.reason is not Reason.CIRCUIT_OPEN]
        provoked = (failure for failure in failures if failure.reason in self._electorate.provoked)
        late = Unscored(Reason.DEADLINE, "no answer before the deadline")
        return next(provoked, failures[0] if failures else late)


def _settles(verdict: Verdict) -> bool:
    """Whether the second voter's verdict counts. If it can't assess, the first voters' verdict stands."""
    return verdict.answer != VerdictClass.CANNOT_ASSESS
