"""What a judge's failures do to the advantages that train the policy: GRPO simulated with our own rules.

Groups of eight; an advantage is (reward - mean) / standard deviation of the group, 0 where all are the same.
The figures are those that the design rests on (docs/decisions/scoring.md).
"""

import random
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from statistics import correlation, fmean, pstdev

import pytest

from reward_fn.score.aggregate import aggregate
from reward_fn.types.batch import Examined
from reward_fn.types.definition import Definition
from reward_fn.types.unscored import Reason, Unscored
from reward_fn.types.verdict import Judged, Leaf, Outcome, Verdict
from tests import factory
from tests.unit.rubric import criterion, definition

GROUP = 8
GROUPS = 1500
LOST = 0.1
CRITERIA = [criterion(f"C{i}") for i in range(6)]
THROTTLED = Unscored(Reason.THROTTLED)

Rollouts = Sequence[Mapping[Leaf, bool]]


def advantages(rewards: Sequence[float]) -> list[float]:
    spread = pstdev(rewards)
    return [(reward - fmean(rewards)) / spread if spread > 1e-9 else 0.0 for reward in rewards]


def scored(groups: Sequence[Sequence[Outcome]], served: Definition) -> list[list[float]]:
    """The rewards that this package gives, group by group."""
    found = []
    for number, outcomes in enumerate(groups):
        entries = [Examined(factory.rollout("a", index=i, prompt=str(number)), {}) for i in range(GROUP)]
        found.append([result.reward for result in aggregate(entries, dict(enumerate(outcomes)), served)])
    return found


def flat(groups: Sequence[Sequence[float]]) -> list[float]:
    return [advantage for rewards in groups for advantage in advantages(rewards)]


def verdicts(said: Mapping[Leaf, str]) -> Judged:
    return Judged({leaf: Verdict(answer) for leaf, answer in said.items()})


# ------------------------------------------------------------------ whole rollouts are lost


SOUND = Leaf(criterion("Sound"))


@cache
def pass_or_fail(rate: float) -> tuple[list[list[bool]], list[list[bool]]]:
    """Who passes and who is lost, group by group."""
    chance = random.Random(1)
    passes = [[chance.random() < rate for _ in range(GROUP)] for _ in range(GROUPS)]
    lost = [[chance.random() < LOST for _ in range(GROUP)] for _ in range(GROUPS)]
    return passes, lost


def under(policy: str, passes: list[list[bool]], lost: list[list[bool]]) -> list[float]:
    """The advantages where those that are lost get what the policy gives them."""
    served = definition(SOUND.criterion, on_error=policy if policy != "floor" else "neutral")
    gone = Unscored(Reason.FILTERED) if policy == "floor" else THROTTLED

    def outcome(passed: bool, is_lost: bool) -> Outcome:
        return gone if is_lost else verdicts({SOUND: "yes" if passed else "no"})

    groups = [list(map(outcome, ok, away)) for ok, away in zip(passes, lost, strict=True)]
    return flat(scored(groups, served))


@cache
def without_failures(rate: float) -> list[float]:
    """The advantages where no rollout is lost: the same under each policy."""
    return under("neutral", pass_or_fail(rate)[0], [[False] * GROUP] * GROUPS)


@pytest.mark.parametrize(("rate", "handed"), [(0.95, -1.70), (0.05, 1.70), (0.5, 0.0)])
def test_a_constant_half_hands_an_unscored_rollout_an_advantage_of_its_own(
    rate: float, handed: float
) -> None:
    passes, lost = pass_or_fail(rate)
    found = under("neutral", passes, lost)
    of_lost = [a for a, away in zip(found, (f for row in lost for f in row), strict=True) if away]
    assert fmean(of_lost) == pytest.approx(handed, abs=0.06)


@pytest.mark.parametrize(("policy", "agreement"), [("neutral", 0.63), ("floor", 0.55), ("siblings", 0.94)])
def test_the_mean_of_valid_siblings_keeps_the_signal_that_constants_spoil(
    policy: str, agreement: float
) -> None:
    """Correlation of all advantages with those without failures, at a pass rate of 95 %."""
    passes, lost = pass_or_fail(0.95)
    clean = without_failures(0.95)
    assert correlation(clean, under(policy, passes, lost)) == pytest.approx(agreement, abs=0.02)


# ------------------------------------------------------------------ single criteria are lost


@cache
def rubric_groups() -> tuple[list[list[dict[Leaf, bool]]], list[list[set[Leaf]]]]:
    """What holds of each rollout, and which criteria can't be assessed: 5 % of six.

    Rollouts differ in quality, Beta(3.3, 0.7): most of them good, some bad. How the
    design's own simulation drew them is not on record, so its figures are met within 0.035.
    """
    chance = random.Random(3)
    leaves = [Leaf(c) for c in CRITERIA]

    def rollout() -> dict[Leaf, bool]:
        quality = chance.betavariate(3.3, 0.7)
        return {leaf: chance.random() < quality for leaf in leaves}

    holds = [[rollout() for _ in range(GROUP)] for _ in range(GROUPS)]
    failed = [
        [{leaf for leaf in leaves if chance.random() < 0.05} for _ in range(GROUP)] for _ in range(GROUPS)
    ]
    return holds, failed


def with_failed(said: str, min_coverage: float = 0.5) -> Callable[..., list[float]]:
    """The advantages where a criterion that failed is answered so."""
    served = definition(*CRITERIA, min_coverage=min_coverage)

    def found(holds: list[list[dict[Leaf, bool]]], failed: list[list[set[Leaf]]]) -> list[float]:
        def outcome(true: dict[Leaf, bool], gone: set[Leaf]) -> Outcome:
            return verdicts({leaf: said if leaf in gone else "yes" if true[leaf] else "no" for leaf in true})

        groups = [list(map(outcome, true, gone)) for true, gone in zip(holds, failed, strict=True)]
        return flat(scored(groups, served))

    return found


@pytest.mark.parametrize(
    ("answers", "agreement"),
    [
        (with_failed("cannot_assess", min_coverage=1.0), 0.63),  # the whole rollout to 0.5
        (with_failed("no"), 0.87),  # the criterion taken for false
        (with_failed("cannot_assess"), 0.98),  # left out, the rest renormalised: what this package does
    ],
    ids=["whole-to-neutral", "false", "renormalised"],
)
def test_leaving_out_a_criterion_keeps_the_signal_best(
    answers: Callable[..., list[float]], agreement: float
) -> None:
    holds, failed = rubric_groups()
    clean = answers(holds, [[set() for _ in range(GROUP)] for _ in range(GROUPS)])
    assert correlation(clean, answers(holds, failed)) == pytest.approx(agreement, abs=0.035)
