"""When a batch fails on purpose: too large a share of the rollouts for the judge has no reward of its own."""

import pytest

from reward_fn.errors import TooFewJudgedError
from reward_fn.score.too_few import require_enough_judged, unscored_share
from reward_fn.types.batch import Examined, Scored
from reward_fn.types.result import Result
from reward_fn.types.rollout import Rejected
from reward_fn.types.unscored import Reason
from reward_fn.types.usage import Usage
from tests import factory
from tests.unit.rubric import criterion, definition, judge_spec

SPEC = judge_spec(criterion("A"))


def batch(imputed: str) -> Scored:
    """A rollout for each letter: for the judge and imputed (i) or judged (j), settled (s) by a gate, or
    rejected (r), which is imputed too."""
    examined: list[Examined | Rejected] = []
    for index, kind in enumerate(imputed):
        rollout = factory.rollout("A", index=index)
        if kind == "r":
            examined.append(Rejected(index, "id", Reason.BAD_ROW, "no object"))
        elif kind == "s":
            examined.append(Examined(rollout, {}, settled=0.0, settled_by="gate"))
        else:
            examined.append(Examined(rollout, {}, material=factory.material(rollout, SPEC)))
    results = tuple(Result(i, "id", 0.5, (), imputed=kind in "ir") for i, kind in enumerate(imputed))
    return Scored(results, Usage(), (), tuple(examined))


@pytest.mark.parametrize(
    ("kinds", "share"),
    [
        ("", 0.0),
        ("rs", 0.0),  # nothing was for the judge
        ("jjjj", 0.0),
        ("ijjj", 0.25),
        ("ii", 1.0),
        ("ijrrss", 0.5),  # rejected and settled rollouts don't count
    ],
)
def test_the_share_is_of_the_rollouts_for_the_judge(kinds: str, share: float) -> None:
    scored = batch(kinds)
    assert unscored_share(scored.examined, scored.results) == share


def test_each_rollout_needs_its_result() -> None:
    scored = batch("ij")
    with pytest.raises(ValueError, match="shorter"):
        unscored_share(scored.examined, scored.results[:1])


def test_a_share_above_the_allowed_one_fails_the_batch_and_an_equal_one_does_not() -> None:
    served = definition(criterion("A"), fail_above=0.25)
    require_enough_judged(batch("ijjj"), served)
    with pytest.raises(TooFewJudgedError, match=r"33% of the rollouts could not be judged, .* allows 25%"):
        require_enough_judged(batch("ijj"), served)


def test_by_default_no_batch_fails() -> None:
    require_enough_judged(batch("iiii"), definition(criterion("A")))
