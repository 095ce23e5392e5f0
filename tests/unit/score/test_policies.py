"""Failure policies: a registry of functions from results to results, which definitions name."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from reward_fn.errors import DefinitionError
from reward_fn.score.aggregate import aggregate
from reward_fn.score.policies import POLICIES, neutral, siblings
from reward_fn.types.batch import Examined
from reward_fn.types.result import Result
from reward_fn.types.unscored import Reason, Unscored
from tests import factory

JUDGED = 'name = "x"\n[judge]\nmodel = "medium"\n[[judge.criterion]]\nname = "A"\nquestion = "Is it right?"\n'


def result(reward: float, group: str | None, *, imputed: bool = False) -> Result:
    return Result(0, "id", reward, (), group=group, imputed=imputed)


def test_neutral_leaves_every_reward_as_it_is() -> None:
    results = [result(0.5, "g", imputed=True), result(1.0, "g")]
    assert neutral(results) == results


def test_siblings_gives_the_mean_of_the_groups_own_rewards() -> None:
    """Of 1.0 and 0.25, not of the imputed one, nor of another group's."""
    lost = result(0.5, "g", imputed=True)
    results = [lost, result(1.0, "g"), result(0.25, "g"), result(0.0, "other")]
    assert siblings(results) == [replace(lost, reward=0.625), *results[1:]]


@pytest.mark.parametrize("group", ["alone", None])
def test_without_siblings_the_middle_of_the_range_stays(group: str | None) -> None:
    lost = result(0.5, group, imputed=True)
    assert siblings([lost, result(1.0, "g"), result(1.0, None)])[0] == lost


def test_one_more_policy_is_one_function_in_the_registry(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def lowest(results: Sequence[Result]) -> list[Result]:
        low = min(result.reward for result in results)
        return [replace(r, reward=low) if r.imputed else r for r in results]

    monkeypatch.setitem(POLICIES, "lowest", lowest)
    served = factory.definition(tmp_path, f'{JUDGED}[on_error]\npolicy = "lowest"\n')
    entries = [
        Examined(factory.rollout("a", index=0), {}),
        Examined(factory.rollout("b", index=1), {}, settled=0.125, settled_by="gate"),
    ]
    results = aggregate(entries, {0: Unscored(Reason.THROTTLED)}, served)
    assert [(each.reward, each.imputed) for each in results] == [(0.125, True), (0.125, False)]


def test_an_unknown_policy_is_refused_with_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(DefinitionError, match=r"on_error\.policy: 'sibling' is not one of .*'siblings'"):
        factory.definition(tmp_path, f'{JUDGED}[on_error]\npolicy = "sibling"\n')
