"""A batch on its way: rollouts after their checks, signs of the whole batch, and the scored batch."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from reward_fn.types.check import CheckResult
from reward_fn.types.material import Material
from reward_fn.types.result import AnswerForm, Result
from reward_fn.types.rollout import Rejected, Rollout
from reward_fn.types.unscored import Unscored
from reward_fn.types.usage import Usage
from reward_fn.types.verdict import Outcome


@dataclass(frozen=True, slots=True)
class Examined:
    """A rollout after its checks. At most one of ``settled``, ``blocked`` and ``material`` is set.

    ``settled`` is the reward that a failed gate or a list of impossible length fixed, ``settled_by`` the name
    of that gate or list. ``blocked`` says why the whole rollout is unscored: a check that counts could not
    run, or the row lacks something that the judge needs. ``material`` is set if the judge is to be asked.
    """

    rollout: Rollout
    results: Mapping[str, CheckResult | Unscored]
    settled: float | None = None
    settled_by: str = ""
    blocked: Unscored | None = None
    material: Material | None = None


class TextSigns(NamedTuple):
    """Signs in the responses alone: counts of rollouts, and shares in [0, 1]; None means unknown.

    ``repeated`` is the share of rollouts whose response nearly equals a response to another prompt.
    ``alike`` is, of the rollouts in groups of two and more, the share whose response nearly equals another
    response of the same group.
    """

    hollow: int | None = 0
    injections: int | None = 0
    repeated: float | None = None
    alike: float | None = None


class Signs(NamedTuple):
    """All signs of a batch: ``texts``, and those that need the rewards; None means unknown.

    ``length_correlation`` in [-1, 1] is Pearson's correlation of reward and characters. ``canary_level`` is
    the highest reward of the ``canaries`` as a share of the range.
    """

    texts: TextSigns = TextSigns()
    length_correlation: float | None = None
    canaries: int = 0
    canary_level: float | None = None


UNKNOWN = TextSigns(None, None, None, None)


@dataclass(frozen=True, slots=True)
class Scored:
    """A scored batch: one result for each row, in order, and everything that the results were made of.

    ``usage`` counts the judge's calls. ``entries`` are the rows as parsed, ``examined`` the same after their
    checks, both in order; ``outcomes`` are the judge's, by index in the batch. ``texts`` are the signs in the
    responses. ``answer_form`` puts the results into the form that the caller reads; None means the envelope
    that the settings name.
    """

    results: tuple[Result, ...]
    usage: Usage
    entries: tuple[Rollout | Rejected, ...]
    examined: tuple[Examined | Rejected, ...] = ()
    outcomes: Mapping[int, Outcome] = field(default_factory=dict)
    texts: TextSigns = UNKNOWN
    answer_form: AnswerForm | None = None
