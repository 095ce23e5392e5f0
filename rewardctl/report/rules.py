"""The rules by which a run is healthy or not. Each looks at the figures and yields what it finds.

A rule is a function with a threshold that has a source or a reason. Add one to ``RULES``, in the order of
importance: the first of the worst findings becomes the page's first three sentences.
"""

from collections.abc import Callable, Iterator, Sequence

from rewardctl.report.component_rules import components_alike, failing_gates, idle_components
from rewardctl.report.figures import Figures
from rewardctl.report.findings import MIN_GROUPS, Finding, rollouts
from rewardctl.report.judge_rules import (
    failing_judge,
    provoked_judge,
    stand_in_judge,
    unreadable_rows,
    voters_differ,
)
from rewardctl.report.words import percent

TIED_GROUPS = 0.9
"""The share of groups without variance at which nearly nothing is learned: that of the alarm "zero-variance"
in template.yaml."""
MANY_TIED_GROUPS = 1 / 3
"""From here on the same number of useful groups needs 1 / (1 - 1/3) = 1.5 times as many rollouts."""
END_OF_RANGE = 0.02
"""A mean reward this near to an end of the range: that of the alarm "reward-collapse" in template.yaml."""
LENGTH_R = 0.5
"""docs/metrics.md: a correlation of reward and length above 0.5 means that length pays."""
NOTABLE_R = 0.3
"""r = 0.3 explains a tenth of the variance (r^2 = 0.09), enough for a policy to follow."""


def all_alike(figures: Figures) -> Iterator[Finding]:
    """One reward for everything: no group can have an advantage."""
    if _is_constant(figures):
        yield Finding(
            "all_alike",
            "problem",
            f"all {rollouts(figures.reward.count)} earn the same reward, {figures.reward.quantiles['0']:.3g}",
            "without differences no rollout has an advantage, so training learns nothing",
            "Read a few rollouts below: a gate or a check decides everything, or all answers are alike.",
        )


def tied_groups(figures: Figures) -> Iterator[Finding]:
    """Groups in which all rewards are equal have no advantage."""
    groups, share = figures.groups, figures.groups.zero_variance_share
    if groups.compared < MIN_GROUPS or share is None or share < MANY_TIED_GROUPS or _is_constant(figures):
        return
    cost = (
        f"the same signal takes {1 / (1 - share):.1f} times as many rollouts" if share < 1 else "none trains"
    )
    high, low = groups.all_high, groups.all_low
    if low >= 2 * high and low > groups.zero_variance / 3:
        advice = "Most of these groups earn nothing: use easier prompts, or give partial credit."
    elif high >= 2 * low and high > groups.zero_variance / 3:
        advice = "Most of these groups earn everything: use harder prompts, or ask for more."
    else:
        advice = "Give the reward more levels (unequal weights, scores, not gates), or sample larger groups."
    yield Finding(
        "tied_groups",
        "problem" if share >= TIED_GROUPS else "warning",
        f"{percent(share)} of the groups have the same reward for all their rollouts",
        f"such groups train nothing ({low:,} at the low end, {high:,} at the high end), so {cost}",
        advice,
    )


def end_of_range(figures: Figures) -> Iterator[Finding]:
    """A mean near an end of the range leaves little to learn."""
    level = figures.reward.level
    if level is None or END_OF_RANGE < level < 1 - END_OF_RANGE or _is_constant(figures):
        return
    where, advice = ("low", "Use easier prompts, or give partial credit.")
    if level > 0.5:
        where, advice = (
            "high",
            "Use harder prompts, or check whether something earns the reward too easily.",
        )
    yield Finding(
        "end_of_range",
        "problem",
        f"the mean reward, {figures.reward.mean or 0.0:.3g}, lies at the {where} end of the range",
        "nearly all answers earn the same, so few groups have an advantage",
        advice,
    )


def length_pays(figures: Figures) -> Iterator[Finding]:
    """Length that earns, or costs, reward among answers to one prompt."""
    within, overall = figures.length.within_r, figures.length.r
    has_groups = figures.groups.compared >= MIN_GROUPS
    r = within if has_groups else overall
    if r is not None and abs(r) >= NOTABLE_R:
        longer = "longer" if r > 0 else "shorter"
        yield Finding(
            "length_pays",
            "problem" if abs(r) >= LENGTH_R else "warning",
            f"{longer} answers earn more: reward and length correlate by r = {r:.2f}"
            + (" within groups" if has_groups else ""),
            f"length alone explains {percent(r * r)} of what is rewarded, and a policy learns that first",
            "Read long and short answers of one group; add a penalty on length, or a question about padding.",
        )
    elif has_groups and overall is not None and within is not None and abs(overall) >= 0.2:
        yield Finding(
            "length_of_prompts",
            "note",
            f"reward and length correlate by r = {overall:.3f} over all, by {within:.3f} within groups",
            "the length differs with the prompt, and within groups, which is what trains, it hardly matters",
            "Nothing needs to be done.",
        )


def place_matters(figures: Figures) -> Iterator[Finding]:
    """A reward that depends on the place in the batch: an order of the data, or of the judge's."""
    has_groups = figures.groups.compared >= MIN_GROUPS
    r = figures.place.within_r if has_groups else figures.place.r
    if r is not None and abs(r) >= NOTABLE_R:
        yield Finding(
            "place_matters",
            "note",
            f"the place in the batch and the reward correlate by r = {r:.2f}"
            + (" within groups" if has_groups else ""),
            "either the answers of a group were sorted, or the judge prefers a place",
            "If the answers were not sorted on purpose, shuffle them and score again.",
        )


def mixed_definitions(figures: Figures) -> Iterator[Finding]:
    """Rewards of different definitions can't be compared."""
    if figures.definitions > 1:
        yield Finding(
            "mixed_definitions",
            "warning",
            f"the records come from {figures.definitions} definitions or versions of one",
            "their rewards can't be compared, and no share of the advantage is right for all of them",
            "Report on each definition by itself.",
        )


Rule = Callable[[Figures], Iterator[Finding]]
RULES: Sequence[Rule] = (
    unreadable_rows,
    provoked_judge,
    all_alike,
    failing_judge,
    stand_in_judge,
    failing_gates,
    end_of_range,
    components_alike,
    idle_components,
    tied_groups,
    length_pays,
    mixed_definitions,
    voters_differ,
    place_matters,
)


def _is_constant(figures: Figures) -> bool:
    quantiles = figures.reward.quantiles
    return figures.reward.count > 1 and quantiles["0"] == quantiles["1"]
