"""All judge calls of one batch at once, bounded, and never past the deadline.

One fan-out serves one invocation: its executor, its lists and its abandonment flag are new each time. A
call that is still running when the deadline comes is left behind; when it wakes, perhaps in a later
invocation, it finds the flag set, tries nothing again, and writes only into this object, which nobody reads
any more.
"""

import math
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from functools import partial
from types import TracebackType

from reward_fn.deadline import Deadline
from reward_fn.errors import JudgeFailure
from reward_fn.judge.ask.inquiry import Inquiry
from reward_fn.judge.base import Judge, Question
from reward_fn.judge.cache.verdicts import BatchCache
from reward_fn.judge.call.caller import Caller
from reward_fn.judge.call.prefix_leader import Leads
from reward_fn.judge.limit.cost_cap import Budget
from reward_fn.judge.limit.gates import Gates
from reward_fn.judge.models.catalogue import ModelProfile
from reward_fn.judge.vote.panel import Electorate, Voter
from reward_fn.judge.vote.voting import Poll
from reward_fn.types.rubric import JudgeSpec
from reward_fn.types.unscored import Reason
from reward_fn.types.usage import Recalled, Usage
from reward_fn.types.verdict import Outcome, Verdicts

LOOK_UP_S = 0.1
"""What a table of verdicts may take before the batch goes on without it."""


class FanOut:
    """Use as a context: :meth:`submit` inquiries as they come, then :meth:`collect` the outcomes.

    With ``lead`` one call goes ahead for each prompt prefix that its model can cache. An attempt takes
    ``attempt_s`` at most, and half of the time that is left at the start, so that there is time for another
    one.
    """

    def __init__(
        self,
        judge: Judge,
        spec: JudgeSpec,
        *,
        max_workers: int,
        max_attempts: int,
        deadline: Deadline,
        attempt_s: float = math.inf,
        cache: BatchCache | None = None,
        lead: bool = False,
        gates: Gates | None = None,
        max_cost_usd: float = 0.0,
    ) -> None:
        self._electorate = Electorate.of(spec)
        self._deadline = deadline
        self._pool = ThreadPoolExecutor(max_workers, thread_name_prefix="judge")
        self._abandoned = threading.Event()
        self._cache = cache
        self._recalled: Recalled | None = None
        self._leads = Leads(self._submit) if lead else None
        self._budget = Budget(max_cost_usd)
        self._gates = gates or Gates()
        self._caller = Caller(
            judge,
            max_attempts=max_attempts,
            attempt_s=min(attempt_s, deadline.remaining_s() / 2),
            deadline=deadline,
            abandoned=self._abandoned,
            gates=self._gates,
            cache=cache,
            budget=self._budget,
        )
        self._polls: dict[tuple[str, ...], Poll] = {}
        self._sought: list[tuple[Inquiry, Poll]] = []
        self._running: list[Future[list[Verdicts]]] = []
        self._left_behind = 0
        self._has_threads = False

    def __enter__(self) -> "FanOut":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._abandoned.set()
        self._caller.leave_behind()  # no-op unless an exception skipped collect()
        self._caller.close()
        if self._leads is not None:
            self._leads.close()
        self._pool.shutdown(wait=False, cancel_futures=True)

    def look_up(self, inquiries: Sequence[Inquiry]) -> None:
        """Read at once, from the table of verdicts, all that may be asked; a tenth of the time at most."""
        if self._cache is not None:
            within_s = min(LOOK_UP_S, self._deadline.remaining_s() / 10)
            self._cache.look_up(self._may_be_asked(inquiries), within_s)

    def _may_be_asked(self, inquiries: Sequence[Inquiry]) -> Iterator[tuple[Question, ModelProfile, int]]:
        second = self._electorate.second
        asked = (*self._electorate.first, *([second] if second else ()))
        for inquiry in inquiries:
            yield from (
                (question, model, voter.vote)
                for question in inquiry.questions
                for voter in asked
                for model in voter.models
            )
            yield from self._may_be_asked(inquiry.otherwise)

    def submit(self, inquiry: Inquiry) -> None:
        """Ask all voters; inquiries that would get the same answer share it."""
        poll = self._polls.get(inquiry.key)
        if poll is None:
            ask = self._submit if self._leads is None else self._leads.ask
            poll = self._polls[inquiry.key] = Poll(inquiry, self._electorate, ask)
            poll.begin()
        self._sought.append((inquiry, poll))

    def collect(self) -> dict[int, Outcome]:
        """The outcome for each submitted index, at the latest at the deadline."""
        wait([poll.done for poll in self._polls.values()], timeout=self._deadline.remaining_s())
        for future in self._running:
            self._left_behind += not future.done() and not future.cancel()  # one not begun never will be
        self._caller.leave_behind()
        if self._cache is not None:
            self._recalled = self._cache.end()
        answers = [(inquiry.indices, poll.outcomes()) for inquiry, poll in self._sought]
        return dict(pair for places, found in answers for pair in zip(places, found, strict=True))

    def usage(self) -> Usage:
        """What was spent up to now; of calls still running only the cost is in it."""
        return Usage(
            calls=tuple(self._caller.calls),
            retries=len(self._caller.retried),
            shared=len(self._sought) - len(self._polls),
            abandoned=self._left_behind,
            recalled=self._recalled,
            cost_usd=self._budget.spent_usd,
            events=self._gates.take_events(),
            keys={index: keys for inquiry, _ in self._sought for index, keys in inquiry.keys_of_each()},
        )

    def _submit(self, questions: Sequence[Question], voter: Voter) -> Future[list[Verdicts]]:
        provoked, ask = self._electorate.provoked, self._caller.ask
        call = partial(ask, questions, voter.models, provoked, patient=voter.patient, vote=voter.vote)
        answer: Future[list[Verdicts]] = Future()
        try:
            self._pool.submit(_answer, answer, call)
            self._has_threads = True
        except RuntimeError as error:
            # The executor queues a call before it starts a thread for it. If that fails, a thread that is
            # already there takes the call; without one, or after shutdown, nobody would.
            if not self._has_threads or self._abandoned.is_set():
                answer.set_exception(JudgeFailure(Reason.INTERNAL_ERROR, str(error)))
        self._running.append(answer)
        return answer


def _answer(answer: Future[list[Verdicts]], call: Callable[[], list[Verdicts]]) -> None:
    """Run a call, unless it was cancelled at the deadline, or failed since no thread could be started."""
    if answer.done() or not answer.set_running_or_notify_cancel():
        return
    try:
        answer.set_result(call())
    except BaseException as error:  # noqa: BLE001 - handed on, as an executor does
        answer.set_exception(error)
