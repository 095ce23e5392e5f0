"""The rules about rows without a reward of their own, and about the judge."""

from collections.abc import Iterator, Mapping

from rewardctl.report.figures import Figures
from rewardctl.report.findings import Finding, rollouts
from rewardctl.report.words import percent

BAD_ROWS = 0.05
"""The share of rows without a reward of their own from which a run is not healthy: that of the alarms
"unread" and "unscored" in template.yaml."""
FAILED_CALLS = 0.05
AGREEMENT = 0.8
"""Of three voters, one that differs from the others on three questions in ten lowers the agreement to 0.8."""


def unreadable_rows(figures: Figures) -> Iterator[Finding]:
    """Rows that gave no rollout: a wrong path or form of the data looks like a result otherwise."""
    lost = figures.unreadable + figures.rejected + figures.no_response
    total = figures.rows + figures.unreadable
    if not lost:
        return
    reasons = {**figures.unreadable_reasons, **figures.reasons}
    cause = f"; the most frequent reason is {_most_frequent(reasons)}" if reasons else ""
    yield Finding(
        "unreadable_rows",
        "problem" if lost / total >= BAD_ROWS else "note",
        f"{lost:,} of {total:,} rows ({percent(lost / total)}) could not be scored",
        f"their rows are malformed, or lack a response, a reference or a document{cause}",
        "Correct these rows, or the paths in the definition, before you trust any figure here.",
    )


def stand_in_judge(figures: Figures) -> Iterator[Finding]:
    """Verdicts of the offline stand-in say nothing about quality."""
    if figures.facts.get("judge") == "stand-in" and figures.judge.calls:
        yield Finding(
            "stand_in_judge",
            "warning",
            "the judge was the offline stand-in, which compares words",
            "its verdicts show that the path works, and say nothing about the quality of an answer",
            "Score with the judge that you will train with, by --judge.",
        )


def failing_judge(figures: Figures) -> Iterator[Finding]:
    """Rewards that the failure policy filled in, or calls that failed and were made again."""
    judged = figures.imputed - figures.rejected - figures.no_response
    share = judged / figures.rows if figures.rows else 0.0
    calls, failed = figures.judge.calls, figures.judge.failed
    if judged > 0:
        yield Finding(
            "failing_judge",
            "problem" if share >= BAD_ROWS else "note",
            f"the judge left {rollouts(judged)} ({percent(share)}) without a reward of their own",
            f"most often by {_most_frequent(figures.reasons)}; the failure policy filled them in",
            "Look the reason up in docs/operating.md, then score these rows again.",
        )
    elif calls and not figures.provoked and failed / calls >= FAILED_CALLS:
        yield Finding(
            "failing_calls",
            "warning",
            f"{percent(failed / calls)} of the judge's calls failed and were made again",
            f"the most frequent reason is {_most_frequent(figures.judge.failures)}",
            "Check the judge's quota and time-out; retries cost time, and some of them money.",
        )


def provoked_judge(figures: Figures) -> Iterator[Finding]:
    """Failures that count as the rollouts' own look like rewards; many of them point to the judge."""
    count, share = figures.provoked, figures.provoked / figures.rows if figures.rows else 0.0
    if count:
        yield Finding(
            "provoked_judge",
            "problem" if share >= BAD_ROWS else "note",
            f"the judge failed on {rollouts(count)} ({percent(share)}) for what their text does to it",
            f"they earn the low end of the range; most often by {_most_frequent(figures.reasons)}",
            "Read some of them: a filter or context window that stops honest answers needs another judge.",
        )


def voters_differ(figures: Figures) -> Iterator[Finding]:
    """Judges that disagree."""
    agreement = figures.judge.agreement
    if agreement is not None and agreement < AGREEMENT:
        yield Finding(
            "voters_differ",
            "warning",
            f"the judge's voters agree on {percent(agreement)} of the answers only",
            "the questions leave room, or one of the voters is too weak",
            "Sharpen the questions that they answer differently, then run `rewardctl calibrate`.",
        )


def _most_frequent(reasons: Mapping[str, int]) -> str:
    return max(reasons, key=lambda reason: reasons[reason]) if reasons else "not recorded"
