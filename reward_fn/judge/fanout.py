"""All judge calls of one batch at once, bounded, and never past the deadline.

One fan-out serves one invocation: its executor, its lists and its abandonment flag are new each time. A
call that is still running when the deadline comes is left behind; when it wakes, perhaps in a later
invocation, it finds the flag set, tries nothing again, and writes only into this object, which nobody reads
any more.
"""

import threading
import time
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from types import TracebackType

from reward_fn.deadline import Deadline
from reward_fn.errors import JudgeFailure
from reward_fn.judge.base import Judge, Question
from reward_fn.judge.models import ModelProfile, profile
from reward_fn.judge.reply import read_verdicts
from reward_fn.judge.retry import with_retries
from reward_fn.types import JudgeSpec, Outcome, Reason, Unscored, Verdicts


@dataclass(frozen=True, slots=True)
class Call:
    """One attempt at one model: what it took, and ``failure`` where it gave no verdicts."""

    model_id: str
    latency_s: float
    input_tokens: int = 0
    output_tokens: int = 0
    failure: Reason | None = None


@dataclass(frozen=True, slots=True)
class Usage:
    """What a batch asked of its judges: ``retries`` counts waits, ``shared`` questions that needed no call of
    their own, ``abandoned`` calls that were still running at the deadline."""

    calls: tuple[Call, ...] = ()
    retries: int = 0
    shared: int = 0
    abandoned: int = 0


class FanOut:
    """Use as a context: :meth:`submit` questions as they come, then :meth:`collect` the outcomes."""

    def __init__(
        self, judge: Judge, spec: JudgeSpec, *, max_workers: int, max_attempts: int, deadline: Deadline
    ) -> None:
        self._judge = judge
        self._spec = spec
        self._models = tuple(profile(model, spec.structure) for model in spec.models)
        self._max_attempts = max_attempts
        self._deadline = deadline
        self._pool = ThreadPoolExecutor(max_workers, thread_name_prefix="judge")
        self._abandoned = threading.Event()
        self._futures: dict[str, Future[Verdicts]] = {}
        self._keys: dict[int, str] = {}
        self._calls: list[Call] = []
        self._retried: list[Reason] = []
        self._left_behind = 0

    def __enter__(self) -> "FanOut":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._abandoned.set()
        self._pool.shutdown(wait=False, cancel_futures=True)

    def submit(self, index: int, question: Question) -> None:
        """Ask ``question`` for the rollout at ``index``; identical questions share one call."""
        self._keys[index] = question.key
        if question.key not in self._futures:
            try:
                self._futures[question.key] = self._pool.submit(self._ask, question)
            except RuntimeError as error:  # no thread could be started
                future: Future[Verdicts] = Future()
                future.set_exception(JudgeFailure(Reason.INTERNAL_ERROR, str(error)))
                self._futures[question.key] = future

    def collect(self) -> dict[int, Outcome]:
        """The outcome for each submitted index, at the latest at the deadline."""
        wait(self._futures.values(), timeout=self._deadline.remaining_s())
        outcomes = {key: self._outcome(future) for key, future in self._futures.items()}
        return {index: outcomes[key] for index, key in self._keys.items()}

    def usage(self) -> Usage:
        """What was spent up to now; calls still running are not in it."""
        return Usage(
            calls=tuple(self._calls),
            retries=len(self._retried),
            shared=len(self._keys) - len(self._futures),
            abandoned=self._left_behind,
        )

    def _outcome(self, future: Future[Verdicts]) -> Outcome:
        if not future.done():
            self._left_behind += not future.cancel()  # one that has not begun never will
            return Unscored(Reason.DEADLINE, "no answer before the deadline")
        error = future.exception()
        if error is None:
            return future.result()
        if isinstance(error, JudgeFailure):
            return Unscored(error.reason, error.detail)
        # A fault of ours in one reply must not cost the batch; its text may quote the rollout, its type not.
        return Unscored(Reason.INTERNAL_ERROR, type(error).__name__)

    def _ask(self, question: Question) -> Verdicts:
        failures: list[JudgeFailure] = []
        for model in self._models:
            try:
                return self._ask_model(question, model)
            except JudgeFailure as failure:
                failures.append(failure)
        raise next((f for f in failures if f.reason in self._spec.provoked), failures[-1])

    def _ask_model(self, question: Question, model: ModelProfile) -> Verdicts:
        asked = question

        def noted(failure: JudgeFailure) -> None:
            nonlocal asked
            self._retried.append(failure.reason)
            if failure.reason is Reason.TRUNCATED:
                asked = replace(question, max_tokens=2 * question.max_tokens)

        return with_retries(
            lambda: self._attempt(asked, model),
            max_attempts=self._max_attempts,
            deadline=self._deadline,
            abandoned=self._abandoned,
            on_retry=noted,
            patient=model is self._models[-1],
        )

    def _attempt(self, question: Question, model: ModelProfile) -> Verdicts:
        begun, reply = time.monotonic(), None
        failure: Reason | None = Reason.INTERNAL_ERROR
        try:
            reply = self._judge.ask(question, model)
            verdicts = read_verdicts(reply, question)
            failure = None
            return verdicts
        except JudgeFailure as error:
            failure = error.reason
            raise
        finally:
            tokens = (reply.input_tokens, reply.output_tokens) if reply else (0, 0)
            self._calls.append(Call(model.model_id, time.monotonic() - begun, *tokens, failure))


def failures_by_reason(calls: tuple[Call, ...]) -> Mapping[Reason, int]:
    """How many attempts failed, by reason."""
    counts: dict[Reason, int] = {}
    for call in calls:
        if call.failure:
            counts[call.failure] = counts.get(call.failure, 0) + 1
    return counts
