"""A batch on its way: rollouts after their checks, and signs of the whole."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from reward_fn.types.check import CheckResult
from reward_fn.types.rollout import Rollout
from reward_fn.types.rubric import JudgeSpec
from reward_fn.types.unscored import Unscored


@dataclass(frozen=True, slots=True)
class Examined:
    """A rollout after its checks.

    ``settled`` is the reward that a failed gate or a list of impossible length fixed; ``settled_by`` its
    name. ``blocked`` says that a check which counts could not run, so the whole rollout is unscored.
    ``judge`` is set where it is to be judged: the definition's, with the rollout's own criteria where it may
    bring some.
    """

    rollout: Rollout
    results: Mapping[str, CheckResult | Unscored]
    settled: float | None = None
    settled_by: str = ""
    blocked: Unscored | None = None
    judge: JudgeSpec | None = None


class TextSigns(NamedTuple):
    """Signs in the responses alone: counts of rollouts, and shares in [0, 1]; None means unknown.

    ``repeated`` is the share whose response nearly equals one to another prompt, ``alike`` that of the
    rollouts in groups of two and more whose response nearly equals another one of the group.
    """

    hollow: int | None = 0
    injections: int | None = 0
    repeated: float | None = None
    alike: float | None = None


class Signs(NamedTuple):
    """All signs of a batch: ``texts``, and those that need the rewards; None means unknown.

    ``length_correlation`` in [-1, 1] is Pearson's, of reward and characters. ``canary_level`` is the highest
    reward of the ``canaries`` as a share of the range.
    """

    texts: TextSigns = TextSigns()
    length_correlation: float | None = None
    canaries: int = 0
    canary_level: float | None = None


UNKNOWN = TextSigns(None, None, None, None)
