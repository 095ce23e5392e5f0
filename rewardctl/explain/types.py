"""An explanation of one reward, as plain data without any markup. Read this first.

:func:`rewardctl.explain.explain.explain` builds it. Texts may be hostile: a terminal shows them by
:func:`rewardctl.explain.visible.visible`, a page by its template's escaping. Scores and shares are in [0, 1]
unless a docstring says otherwise; numbers are not rounded.
"""

from dataclasses import dataclass
from typing import Any, Literal

from rewardctl.explain.parts import CheckLine, CriterionLine, MarkedText, Turn

Case = Literal[
    "rejected", "blocked", "gate", "list", "provoked", "judge_failed", "not_covered", "essential", "unsound",
    "formula", "unknown",
]  # fmt: skip
"""Which rule fixed the reward, in the terms of :mod:`reward_fn.score.aggregate`.

- ``rejected``: the row can't be read. ``blocked``: a check that counts could not run, or a text is missing.
- ``gate``: a gate failed. ``list``: the list to be judged has an impossible length.
- ``provoked``: the judge failed through the rollout's own text. ``judge_failed``: it failed otherwise.
- ``not_covered``: too little of the rubric is answered. ``essential``: an essential criterion is a no.
- ``unsound``: the reward or a metric was not a usable number. ``formula``: the usual sum.
- ``unknown``: the definition of the record is not at hand, and the record alone does not tell.
"""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a sum: what it is, the calculation with its numbers, and the value after it."""

    label: str
    formula: str
    value: float


@dataclass(frozen=True, slots=True)
class RubricSum:
    """How the rubric's score adds up.

    ``score`` is at most 1 and lies below 0 by pitfalls; None if the rubric has none. ``coverage`` is the
    answered share of the rubric's weight. The last of ``steps`` has the score as its value.
    """

    score: float | None
    coverage: float
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Sibling:
    """A rollout of the same group; ``is_this`` marks the explained one.

    ``difference`` names the first component that differs from the explained rollout's, with both values.
    """

    id: Any
    line: int | None
    reward: float
    imputed: bool = False
    difference: str = ""
    is_this: bool = False


@dataclass(frozen=True, slots=True)
class Contribution:
    """A component's part of the difference between the reward and the group's mean, in reward units.

    ``value`` and ``group_mean`` are the component's score here and on average; None if there is none.
    ``part_of`` is "rubric" for a criterion, whose effect is already counted in the rubric's; else "".
    """

    name: str
    effect: float
    value: float | None = None
    group_mean: float | None = None
    part_of: str = ""


@dataclass(frozen=True, slots=True)
class GroupComparison:
    """The rewards of the group, best first, and the advantage that GRPO computes from them.

    ``std`` is the sample standard deviation (over n - 1), as in TRL and verl; None for a single rollout.
    ``advantage`` is (reward - mean) / std; None if the group has one rollout or no variance, and ``note``
    then says so. The effects of ``contributions`` with ``part_of`` "" add up to reward - mean. ``linear`` is
    False if a part of them is not the formula's; ``contributions_note`` says which.
    """

    siblings: tuple[Sibling, ...]
    mean: float
    std: float | None
    advantage: float | None
    note: str = ""
    contributions: tuple[Contribution, ...] = ()
    linear: bool = True
    contributions_note: str = ""


@dataclass(frozen=True, slots=True)
class CallLine:
    """One attempt at a judge; ``failure`` is "" if it gave verdicts."""

    model: str
    latency_s: float
    input_tokens: int
    output_tokens: int
    shared_by: int = 1
    failure: str = ""


@dataclass(frozen=True, slots=True)
class Explanation:
    """Everything that led to one rollout's reward.

    ``why`` is one sentence. The last of ``steps`` has ``reward`` as its value. ``rubric`` is None if no
    rubric was answered. ``low`` and ``high`` are the definition's range; None without a definition.
    ``notes`` are sentences about what the explanation can't know, such as a definition that has changed.
    ``items`` are the texts of the list elements that the judge was asked about one by one.
    """

    id: Any
    line: int | None
    definition: str
    definition_version: str
    group: str | None
    reward: float
    low: float | None
    high: float | None
    imputed: bool
    case: Case
    why: str
    prompt: tuple[Turn, ...]
    reference: str
    response: MarkedText
    checks: tuple[CheckLine, ...]
    criteria: tuple[CriterionLine, ...]
    rubric: RubricSum | None
    steps: tuple[Step, ...]
    comparison: GroupComparison
    calls: tuple[CallLine, ...] = ()
    notes: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
