"""May the second definition or judge replace the first in the middle of a training job? Pure.

Yes, if all of these hold; ``docs/compare.md`` gives the reasons:

1. Both runs have the same range: the middle of the range is what a failure pays, and value estimates, KL
   weights and early stopping are set to it.
2. The share of advantage signs that is kept is at least ``MIN_KEPT``, or that of the judge's own repetition.
   A sign that flips at random with probability p leaves 1 - 2p of the expected advantage: .95 leaves 90 %.
3. The lower limit of its interval is at most ``MARGIN`` below that, which takes ten groups or more.
4. Not many more groups have equal rewards than before: such a group trains nothing.
5. Not many rollouts lack a reward, or lie, in only one of the runs.

Two identical runs are a yes, whatever their size.
"""

from typing import NamedTuple

from rewardctl.calibrate.stats.estimate import Estimate
from rewardctl.diff.comparison import Comparison

MIN_KEPT = 0.95
MARGIN = 0.05
"""The lower limit of the share's interval may lie this much below the share that is needed."""
MAX_MORE_TIED = 0.05
"""Of all groups: the signal that may be lost. A judge's noise alone moves a group in or out of a tie."""
MAX_UNSCORED = 0.05
"""As for ``rewardctl score --max-unscored``: the rollouts that are left out say nothing here."""


class Answer(NamedTuple):
    """The answer, and the one reason that decides it."""

    yes: bool
    why: str

    @property
    def words(self) -> str:
        """The answer as a line."""
        return f"{'yes' if self.yes else 'no'}, because {self.why}"


def answer_of(comparison: Comparison, noise: Estimate | None = None) -> Answer:
    """The first rule that says no, else yes.

    ``noise`` is the share of signs that the first judge keeps when it judges the same rollouts once more.
    """
    if not comparison.rollouts:
        return Answer(False, "the runs have no scored rollout in common")
    if comparison.is_identical:
        return Answer(True, "both runs give the same rewards and verdicts")
    rules = (_range(comparison), _missing(comparison), _kept(comparison, noise), _tied(comparison))
    for no in rules:
        if no:
            return Answer(False, no)
    return Answer(
        True, f"{_share(comparison.kept)} of the advantage signs are kept, and the range is the same"
    )


def _range(comparison: Comparison) -> str:
    first, second = comparison.first, comparison.second
    if None in (first.low, second.low) or (first.low, first.high) == (second.low, second.high):
        return ""
    return f"the range changes from {first.low:g}..{first.high:g} to {second.low:g}..{second.high:g}"


def _missing(comparison: Comparison) -> str:
    unpaired = comparison.other_text + comparison.only_first + comparison.only_second
    left_out = comparison.unscored_once + unpaired
    share = left_out / (left_out + comparison.rollouts)
    if share <= MAX_UNSCORED:
        return ""
    return f"{share:.0%} of the rollouts can be compared in one run only, more than {MAX_UNSCORED:.0%}"


def _kept(comparison: Comparison, noise: Estimate | None) -> str:
    kept = comparison.kept
    if kept.value is None:
        return f"nothing can be told: {kept.undefined}"
    needed = MIN_KEPT if noise is None or noise.value is None else min(MIN_KEPT, noise.value)
    beyond = "" if needed == MIN_KEPT else ", which is the judge's own noise"
    if kept.value < needed:
        return (
            f"only {_share(kept)} of the advantage signs are kept, less than {needed:.1%}{beyond}; "
            f"{comparison.sign_flips} of them flip"
        )
    if kept.interval is None:
        return f"the evidence is too thin: {kept.undefined}"
    if kept.interval.low < needed - MARGIN:
        return f"the evidence is too thin: {_share(kept)} of the advantage signs are kept"
    return ""


def _tied(comparison: Comparison) -> str:
    before, after = comparison.tied
    if after - before <= MAX_MORE_TIED * comparison.groups:
        return ""
    return f"{after} instead of {before} of {comparison.groups} groups have equal rewards and train nothing"


def _share(kept: Estimate) -> str:
    if kept.interval is None:
        return f"{kept.value:.1%}"
    return f"{kept.value:.1%} [{kept.interval.low:.1%}, {kept.interval.high:.1%}]"
