"""The fan-out: all judge calls of one batch, in a bounded pool of threads, never past the deadline.

One fan-out serves one invocation: its executor, lists and abandonment flag are new each time. A call that is
still running at the deadline is left behind. Its thread may freeze with the environment and wake in a later
invocation. It then finds the flag set, retries nothing, and writes only into this object,
which nothing reads afterwards.
"""

import math
import random
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from functools import partial
from types import TracebackType

from reward_fn.deadline import Deadline
from reward_fn.errors import JudgeFailure
from reward_fn.judge.ask.inquiry import Inquiry
from reward_fn.judge.base import Judge, Model, Question
from reward_fn.judge.cache.base import BatchVerdicts
from reward_fn.judge.call.caller import Caller
from reward_fn.judge.call.prefix_leader import PrefixLeaders
from reward_fn.judge.call.retry_policy import Jitter
from reward_fn.judge.limit.cost_cap import CostCap
from reward_fn.judge.limit.gates import Gates
from reward_fn.judge.vote.panel import Electorate, Voter
from reward_fn.judge.vote.voting import Voting
from reward_fn.types.rubric import JudgeSpec
from reward_fn.types.unscored import Reason
from reward_fn.types.usage import Recalled, Usage
from reward_fn.types.verdict import Outcome, Verdicts

LOOK_UP_S = 0.1
"""The longest that reading the verdict table may take before the batch goes on without it."""


class FanOut:
    """A context manager: :meth:`submit` inquiries as they come, then :meth:`collect` their outcomes.

    With ``prefix_leaders`` one call goes ahead for each prompt prefix that its model can cache. An attempt
    takes at most ``attempt_s`` seconds, and at most half of the time left at the start, so that a second
    attempt is possible.
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
        cache: BatchVerdicts | None = None,
        prefix_leaders: bool = False,
        gates: Gates | None = None,
        max_cost_usd: float = 0.0,
        jitter: Jitter = random.uniform,
    ) -> None:
        self._electorate = Electorate.of(spec)
        self._deadline = deadline
        self._pool = ThreadPoolExecutor(max_workers, thread_name_prefix="judge")
        self._abandoned = threading.Event()
        self._cache = cache
        self._recalled: Recalled | None = None
        self._leaders = PrefixLeaders(self._submit) if prefix_leaders else None
        self._cost_cap = CostCap(max_cost_usd)
        self._gates = gates or Gates()
        self._caller = Caller(
            judge,
            max_attempts=max_attempts,
            attempt_s=min(attempt_s, deadline.remaining_s() / 2),
            deadline=deadline,
            abandoned=self._abandoned,
            gates=self._gates,
            cache=cache,
            cost_cap=self._cost_cap,
            jitter=jitter,
        )
        self._votings: dict[tuple[str, ...], Voting] = {}
        self._submitted: list[tuple[Inquiry, Voting]] = []
        self._running: list[Future[list[Verdicts]]] = []
        self._abandoned_calls = 0
        self._has_threads = False

    def __enter__(self) -> "FanOut":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._abandoned.set()
        self._caller.leave_behind()  # no-op unless an exception skipped collect()
        self._caller.close()
        if self._leaders is not None:
            self._leaders.close()
        self._pool.shutdown(wait=False, cancel_futures=True)

    def look_up(self, inquiries: Sequence[Inquiry]) -> None:
        """Read the verdicts on all questions that may be asked from the table, in one request.

        Takes at most LOOK_UP_S seconds, and at most a tenth of the time left.
        """
        if self._cache is not None:
            within_s = min(LOOK_UP_S, self._deadline.remaining_s() / 10)
            self._cache.look_up(self._may_be_asked(inquiries), within_s)

    def _may_be_asked(self, inquiries: Sequence[Inquiry]) -> Iterator[tuple[Question, Model, int]]:
        second = self._electorate.second
        voters = (*self._electorate.first, *([second] if second else ()))
        for inquiry in inquiries:
            yield from (
                (question, model, voter.vote)
                for question in inquiry.questions
                for voter in voters
                for model in voter.models
            )
            yield from self._may_be_asked(inquiry.otherwise)

    def submit(self, inquiry: Inquiry) -> None:
        """Ask all voters. Inquiries with equal questions share one voting."""
        voting = self._votings.get(inquiry.key)
        if voting is None:
            ask = self._submit if self._leaders is None else self._leaders.ask
            voting = self._votings[inquiry.key] = Voting(inquiry, self._electorate, ask)
            voting.begin()
        self._submitted.append((inquiry, voting))

    def collect(self) -> dict[int, Outcome]:
        """The outcome for each submitted rollout, by its index in the batch; returns at the deadline at the
        latest."""
        wait([voting.done for voting in self._votings.values()], timeout=self._deadline.remaining_s())
        for future in self._running:
            self._abandoned_calls += (
                not future.done() and not future.cancel()
            )  # a call that has not begun never will
        self._caller.leave_behind()
        if self._cache is not None:
            self._recalled = self._cache.end()
        outcomes = [(inquiry.indices, voting.outcomes()) for inquiry, voting in self._submitted]
        return dict(pair for indices, of_each in outcomes for pair in zip(indices, of_each, strict=True))

    def usage(self) -> Usage:
        """What the batch has used so far. Calls in flight count only in the cost."""
        return Usage(
            calls=tuple(self._caller.calls),
            retries=len(self._caller.retried),
            shared=len(self._submitted) - len(self._votings),
            abandoned=self._abandoned_calls,
            recalled=self._recalled,
            cost_usd=self._cost_cap.spent_usd,
            events=self._gates.take_events(),
            keys={index: keys for inquiry, _ in self._submitted for index, keys in inquiry.keys_of_each()},
        )

    def _submit(self, questions: Sequence[Question], voter: Voter) -> Future[list[Verdicts]]:
        provoked, ask = self._electorate.provoked, self._caller.ask
        call = partial(ask, questions, voter.models, provoked, patient=voter.patient, vote=voter.vote)
        answer: Future[list[Verdicts]] = Future()
        try:
            self._pool.submit(_answer, answer, call)
            self._has_threads = True
        except RuntimeError as error:
            # The executor queues a call before it starts a thread for it. If no thread can be started, an
            # existing thread takes the call. Without any thread, or after shutdown, none ever would.
            if not self._has_threads or self._abandoned.is_set():
                answer.set_exception(JudgeFailure(Reason.INTERNAL_ERROR, str(error)))
        self._running.append(answer)
        return answer


def _answer(answer: Future[list[Verdicts]], call: Callable[[], list[Verdicts]]) -> None:
    """Run a call, unless it was cancelled at the deadline or has failed for lack of a thread."""
    if answer.done() or not answer.set_running_or_notify_cancel():
        return
    try:
        answer.set_result(call())
    except BaseException as error:  # noqa: BLE001 - passed on, as an executor does
        answer.set_exception(error)
