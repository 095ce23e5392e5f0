"""Whether a run is healthy, in three sentences: the verdict, the reason, and what to do. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from rewardctl.report.figures import Figures
from rewardctl.report.findings import MIN_ROLLOUTS, SEVERITIES, Finding, rollouts
from rewardctl.report.rules import RULES
from rewardctl.report.words import percent

Verdict = Literal["healthy", "look closer", "not healthy", "too few to say"]
_VERDICTS: dict[str, Verdict] = {"problem": "not healthy", "warning": "look closer", "note": "healthy"}

CERTAIN = {"unreadable_rows", "failing_judge", "provoked_judge"}
"""The findings that are certain in any number of rollouts."""


@dataclass(frozen=True, slots=True)
class Health:
    """A verdict with its three sentences: ``is_healthy``, ``why`` and ``do``.

    ``findings`` are all that the rules found, the worst first.
    """

    verdict: Verdict
    is_healthy: str
    why: str
    do: str
    findings: tuple[Finding, ...] = ()


def health_of(figures: Figures) -> Health:
    """Return the verdict of all rules.

    Too few rollouts give no verdict, except that rows which can't be read, and a judge that fails, are a
    problem in any number: further rollouts would not help.
    """
    findings = sorted(
        (finding for rule in RULES for finding in rule(figures)),
        key=lambda finding: SEVERITIES.index(finding.severity),
    )
    is_certain = any(each.code in CERTAIN and each.severity == "problem" for each in findings)
    if figures.reward.count < MIN_ROLLOUTS and not is_certain:
        return Health(
            "too few to say",
            f"Too few rollouts to say whether this reward is healthy: {rollouts(figures.reward.count)} with "
            "a reward of their own.",
            f"Below {MIN_ROLLOUTS} rollouts a share of one half is known to ±18 points at best.",
            f"Score at least {MIN_ROLLOUTS} rollouts, in groups of several answers to one prompt.",
            tuple(findings),
        )
    worst = findings[0] if findings else None
    if worst is None or worst.severity == "note":
        return Health("healthy", *_healthy(figures), tuple(findings))
    verdict = _VERDICTS[worst.severity]
    return Health(
        verdict,
        f"{verdict.capitalize()}: {worst.what}.",
        _sentence(worst.why, _further(findings)),
        worst.remedy,
        tuple(findings),
    )


def _healthy(figures: Figures) -> tuple[str, str, str]:
    groups = figures.groups
    if groups.zero_variance_share is None:
        return (
            "Nothing found against this reward.",
            f"The mean reward of {rollouts(figures.reward.count)} is {figures.reward.mean:.3g}, but no "
            "prompt has two of them.",
            "Score several answers to each prompt: without them no advantage can be seen.",
        )
    why = (
        f"Rewards differ in {percent(1 - groups.zero_variance_share)} of {groups.compared:,} groups, and the "
        f"mean of {rollouts(figures.reward.count)} is {figures.reward.mean:.3g}."
    )
    return (
        "Healthy: nothing found that keeps this reward from training.",
        why,
        "Read the most surprising rollouts below, then train.",
    )


def _further(findings: Sequence[Finding]) -> str:
    """Name how many further problems and warnings there are."""
    more = sum(finding.severity != "note" for finding in findings) - 1
    if more <= 0:
        return ""
    return f"; there {'is' if more == 1 else 'are'} {more} more below"


def _sentence(clause: str, end: str = "") -> str:
    return f"{clause[0].upper()}{clause[1:]}{end}."
