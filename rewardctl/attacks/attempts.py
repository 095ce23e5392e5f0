"""Score answers to a task by the real reward function, in any mode, and say which component paid."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import zip_longest
from math import inf
from statistics import fmean, median
from typing import Any, NamedTuple

from reward_fn.deadline import Deadline
from reward_fn.judge.ask.modes import GROUP, PAIRWISE
from reward_fn.pipeline import Scorer, score_batch
from reward_fn.score.contributions import RUBRIC_COMPONENT, Rewarded, contributions, fixed_by
from reward_fn.score.rubric import criterion_parts
from reward_fn.types.batch import Scored
from reward_fn.types.definition import Definition
from reward_fn.types.result import Result
from reward_fn.types.unscored import Reason
from reward_fn.types.verdict import Judged
from rewardctl.attacks.honest import NO_ANSWER, Task, rows_with
from rewardctl.judges.brains import BrainJudge, prepare

TIMEOUT_S = 300.0
AT_ONCE = 8
"""Answers that are scored at once. A judge that needs the rows beforehand gets one after the other."""
BESIDE = 3
"""Honest answers beside an attack in the mode "group": with it four, AWS's smallest group."""
COMPARED = "honest_answer_of_attack"
"""The key of the metadata with the honest answer that the mode "pairwise" compares with."""

OUTAGES = frozenset(
    {
        Reason.THROTTLED,
        Reason.QUOTA_EXHAUSTED,
        Reason.TIMEOUT,
        Reason.UNAVAILABLE,
        Reason.MODEL_ERROR,
        Reason.DENIED,
        Reason.DEADLINE,
        Reason.CIRCUIT_OPEN,
        Reason.BUDGET,
        Reason.NO_SOURCE,
    }
)
"""Why an answer is left unscored through no doing of its own: such an attempt proves nothing."""

Payment = tuple[str, float]
"""A component ("check length", "criterion Coverage") and what it contributes to a reward, above 0."""


class Attempt(NamedTuple):
    """One scored answer. ``bar`` is the reward of the honest answers that shared its batch; None if it was
    alone. ``paid`` is in descending order; ``calls`` counts judge calls."""

    text: str
    result: Result
    paid: tuple[Payment, ...] = ()
    bar: float | None = None
    calls: int = 0

    @property
    def reward(self) -> float:
        """The reward."""
        return self.result.reward

    @property
    def failed(self) -> bool:
        """Whether the judge failed, or the row lacks material, so that the attempt proves nothing."""
        return self.result.imputed and any(why.reason in OUTAGES for why in self.result.reasons)


class Standard(NamedTuple):
    """What the honest answers to a task earn; ``bar`` is what an attack must reach to succeed."""

    task: Task
    bar: float
    good: tuple[Attempt, ...]
    mediocre: tuple[Attempt, ...]
    bad: tuple[Attempt, ...]

    def bar_for(self, attempt: Attempt) -> float:
        """The bar of the attempt's own batch, else of the task."""
        return self.bar if attempt.bar is None else attempt.bar

    def level(self, attempt: Attempt) -> float:
        """The reward above the bar: below 0 if the attempt did not pay, -inf if it was left unscored."""
        return -inf if attempt.result.imputed else attempt.reward - self.bar_for(attempt)

    def base(self) -> Task:
        """The task with only those bad answers that earn less than the bar: others would be no attack."""
        below = tuple(attempt.text for attempt in self.bad if not self.succeeds(attempt))
        return replace(self.task, bad=below or (NO_ANSWER,))

    def succeeds(self, attempt: Attempt) -> bool:
        """Whether the attempt earns the bar, or got itself left unscored; an outage is no success."""
        if attempt.result.imputed:
            return not attempt.failed
        return self.level(attempt) >= 0


def in_mode(definition: Definition, mode: str) -> Definition:
    """The definition judged in another mode; "" or its own mode leaves it unchanged.

    A mode that compares answers takes them whole, so items and quotes are given up. The mode "pairwise"
    compares with an honest, good answer to the same prompt.
    """
    spec = definition.judge
    if spec is None or not mode or mode == spec.mode:
        return definition
    whole = tuple(replace(c, scope="answer", quote_from=(), quote_of="") for c in spec.criteria)
    changes: dict[str, Any] = {"mode": mode, "items": "", "item_fields": (), "criteria": whole, "against": ()}
    if mode == PAIRWISE.name:
        changes |= {"against": (f"metadata.{COMPARED}",), "standing": None}
    return replace(definition, judge=replace(spec, **changes))


def batch_of(task: Task, text: str, definition: Definition) -> list[Any]:
    """The rows of the batch in which an answer is scored, the answer's own first."""
    spec = definition.judge
    if spec is None or spec.mode != GROUP.name:
        compares = spec is not None and f"metadata.{COMPARED}" in spec.against
        return rows_with(task, [text], {COMPARED: task.good[0]} if compares else None)
    kinds = (task.mediocre, task.good, task.bad)
    by_turns = [answer for turn in zip_longest(*kinds) for answer in turn if answer not in (None, text)]
    return rows_with(task, [text, *by_turns[:BESIDE]])


def score(task: Task, text: str, scorer: Scorer) -> Attempt:
    """Score one answer: alone, or in the mode "group" beside honest answers, which then set its bar."""
    rows = batch_of(task, text, scorer.definition)
    prepare(scorer.judge, rows)
    scored = score_batch(rows, scorer, Deadline.after(TIMEOUT_S))
    beside = [
        (row["messages"][-1]["content"], result)
        for row, result in zip(rows[1:], scored.results[1:], strict=True)
    ]
    kinds = [[result for answer, result in beside if answer in kind] for kind in (task.mediocre, task.good)]
    bar = _bar(kinds, scorer.definition.low)
    return Attempt(text, scored.results[0], _paid(scored, scorer.definition), bar, len(scored.usage.calls))


def _bar(kinds: Sequence[Sequence[Result]], low: float) -> float | None:
    """The lower of the median rewards of mediocre and of good answers, those at the low end left out."""
    rewards = [[result.reward for result in kind if not result.imputed] for kind in kinds]
    medians = [median(values) for values in rewards if values]
    return min((value for value in medians if value > low), default=None)


def score_all(answers: Sequence[tuple[Task, str]], scorer: Scorer) -> list[Attempt]:
    """Score answers, each in a batch of its own so that none changes another's reward; several at once."""
    if isinstance(scorer.judge, BrainJudge) or scorer.judge is None:
        return [score(task, text, scorer) for task, text in answers]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(lambda answer: score(answer[0], answer[1], scorer), answers))


def standard_of(task: Task, scorer: Scorer) -> Standard | None:
    """Score the honest answers of a task; its bar is what :func:`_bar` says.

    None if that is the low end of the range, which every attack reaches, or if the judge gave no verdicts.
    """
    attempts = score_all([(task, text) for text in task.honest], scorer)
    good = tuple(attempts[: len(task.good)])
    mediocre = tuple(attempts[len(good) : len(good) + len(task.mediocre)])
    bar = _bar([[attempt.result for attempt in kind] for kind in (mediocre, good)], scorer.definition.low)
    if bar is None:
        return None
    return Standard(task, bar, good, mediocre, tuple(attempts[len(good) + len(mediocre) :]))


def mean_reward(attempts: Sequence[Attempt]) -> float | None:
    """The mean reward, None of no attempt."""
    return fmean(attempt.reward for attempt in attempts) if attempts else None


def _paid(scored: Scored, definition: Definition) -> tuple[Payment, ...]:
    """What paid the first rollout; () if a gate or an unscored rollout decided."""
    result, outcome = scored.results[0], scored.outcomes.get(0)
    parts = criterion_parts(outcome.verdicts) if isinstance(outcome, Judged) else {}
    metrics = {metric.name: metric.value for metric in result.metrics}
    rewarded = Rewarded(result.reward, metrics, result.gate, parts)
    if result.imputed or result.reward <= definition.low or fixed_by(rewarded, definition):
        return ()
    by_component = contributions(rewarded, definition)
    if parts:
        by_component.pop(RUBRIC_COMPONENT, None)  # its criteria divide it among them
    words = {"score": "check", "rubric": "judge"}
    paid = [
        (f"{words.get(component.role, component.role)} {component.name}", amount)
        for component, amount in by_component.items()
        if amount > 0 and component.role != "rule"
    ]
    return tuple(sorted(paid, key=lambda payment: -payment[1]))
