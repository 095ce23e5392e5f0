"""Score batches in several processes, always handing them back in order."""

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack, contextmanager
from dataclasses import replace

from rewardctl.data import Line
from rewardctl.engine.local import LocalWork, Scoring, open_scoring
from rewardctl.engine.outcome import Outcome
from rewardctl.runs.folder import RunError

AHEAD = 3
"""Batches in hand for each process: one at work, and two so that it never waits for this process."""


def score_in_processes(
    batches: Iterable[Sequence[Line]], work: LocalWork, processes: int
) -> Iterator[Outcome]:
    """The outcome of each batch, in order. ``work.workers`` are shared out among the processes.

    If the generator is closed before its end, or fails, the processes are ended at once. Raises what scoring
    a batch raises, and RunError if a process dies.
    """
    share = replace(work, workers=max(1, work.workers // processes)) if work.workers else work
    others = set(multiprocessing.active_children())
    # A new interpreter for each: a fork would copy locks that threads of this process hold.
    pool = ProcessPoolExecutor(processes, multiprocessing.get_context("spawn"), _begin, (share,))
    waiting: deque[Future[Outcome]] = deque()
    try:
        for batch in batches:
            with _without_interrupts():
                waiting.append(pool.submit(_score, batch))
            if len(waiting) >= AHEAD * processes:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    except BaseException as error:
        for process in set(multiprocessing.active_children()) - others:
            process.terminate()
        if isinstance(error, BrokenProcessPool):
            raise RunError(
                "a process that scores ended early, perhaps for lack of memory; the rows before are kept. "
                "Give the same command again, with a smaller --processes"
            ) from error
        raise
    finally:
        pool.shutdown(cancel_futures=True)


@contextmanager
def _without_interrupts() -> Iterator[None]:
    """Block Ctrl-C for a moment, in which processes start: they inherit the block for good.

    The terminal sends Ctrl-C to all of them. This process alone acts on it, and ends the others.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


_scoring: Scoring | None = None
_stack = ExitStack()


def _begin(work: LocalWork) -> None:
    """In a process of the pool: open once, keep until the process ends."""
    threading.Thread(target=_end_with_parent, name="parent", daemon=True).start()
    globals()["_scoring"] = _stack.enter_context(open_scoring(work))


def _end_with_parent() -> None:
    """End this process when the one that started it is gone, even if it was killed: nobody reads results."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _score(batch: Sequence[Line]) -> Outcome:
    if _scoring is None:
        raise RuntimeError("the process was not prepared")
    return _scoring.score(batch)
