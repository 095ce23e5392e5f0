"""The time of a batch belongs to that batch alone."""

import contextlib
import math
import threading
from contextvars import copy_context

from reward_fn.deadline import Deadline
from reward_fn.pipeline import Scorer, score_batch
from reward_fn.text import batch_time
from reward_fn.text.batch_time import BatchTime
from reward_fn.types.check import CheckResult, CheckSpec
from reward_fn.types.definition import Definition
from reward_fn.types.rollout import Rollout
from tests.factory import row


def test_all_checks_of_a_batch_share_a_budget_and_the_next_batch_has_a_fresh_one() -> None:
    seen: list[BatchTime] = []

    def spend(rollout: Rollout) -> CheckResult:
        budget = batch_time.current()
        assert budget.searches_s == (0.0 if rollout.index == 0 else 7.0)
        budget.searches_s = 7.0
        seen.append(budget)
        return CheckResult(1.0)

    definition = Definition("d", "1", 0.0, 1.0, scores=(CheckSpec("spend", spend),))
    for _ in range(2):
        scored = score_batch([row("a"), row("b")], scorer=Scorer(definition), deadline=Deadline.after(60.0))
        assert [result.reward for result in scored.results] == [1.0, 1.0]
    assert [seen[0] is budget for budget in seen] == [True, True, False, False]
    assert seen[2] is seen[3]


def test_a_batch_knows_how_long_its_checks_may_run() -> None:
    now = [2.0]
    with batch_time.of_batch(Deadline(10.0, lambda: now[0]).remaining_s) as budget:
        assert budget is batch_time.current()
        assert budget.remaining_s() == 8.0
        now[0] = 11.0
        assert budget.remaining_s() == 0.0


def test_outside_a_batch_nothing_is_kept_and_nothing_is_limited() -> None:
    batch_time.current().searches_s = 5.0
    assert batch_time.current().searches_s == 0.0
    assert batch_time.current().remaining_s() == math.inf


def test_a_batch_that_fails_leaves_no_budget_behind() -> None:
    with contextlib.suppress(RuntimeError), batch_time.of_batch(lambda: 60.0):
        raise RuntimeError
    assert batch_time.current().remaining_s() == math.inf


def test_a_thread_of_an_earlier_batch_spends_the_time_of_that_batch() -> None:
    go = threading.Event()

    def late() -> None:
        go.wait()
        batch_time.current().searches_s += 3.0

    with batch_time.of_batch(lambda: 60.0) as first:
        thread = threading.Thread(target=copy_context().run, args=(late,))
        thread.start()
    with batch_time.of_batch(lambda: 60.0) as second:
        go.set()
        thread.join()
    assert (first.searches_s, second.searches_s) == (3.0, 0.0)
