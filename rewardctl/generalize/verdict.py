"""The result in words, and whether it meets a requirement. Pure."""

from collections.abc import Iterator

from rewardctl.calibrate.stats.estimate import Estimate
from rewardctl.generalize.measure import Generalisation, Measured


def failures(result: Generalisation, require: float) -> list[str]:
    """Why the requirement is not met, [] if it is.

    Each change of the prompt must keep at least the share ``require`` of the signs, and turn no criterion
    round. What is undefined fails.
    """
    if not result.prompts:
        return ["no change of the prompt was tried"]
    return [words for run in result.prompts for words in _failures(run, require)]


def _failures(run: Measured, require: float) -> Iterator[str]:
    if run.kept.value is None:
        yield f"{run.name}: nothing can be compared, {run.kept.undefined}"
    elif run.kept.value < require:
        yield f"{run.name} keeps {run.kept.value:.1%} of the advantage signs, less than {require:.1%}"
    for name in run.contradictions:
        share = next(criterion.share for criterion in run.criteria if criterion.name == name)
        yield f"{run.name} turns {share:.0%} of the verdicts on {name} round"


def summary(result: Generalisation) -> str:
    """One sentence: the stability, the worst change, and whether it is more than the judge's own noise."""
    worst, stability = result.worst, result.stability
    if stability.value is None:
        return f"Nothing can be said: {stability.undefined}; score several answers to each prompt."
    share = share_words(stability)
    beyond = [run.name for run in result.prompts if run.is_beyond_noise]
    noise = f"The judge alone keeps {share_words(result.noise)}"
    if beyond:
        return f"{share} of the advantage signs survive. {noise}; beyond that noise: {', '.join(beyond)}."
    lost = [run for run in result.prompts if run.drift and (run.drift.value or 0.0) > 0]
    if worst and any(run.drift and run.drift.interval is None for run in lost):
        few = f"{result.groups} groups are too few to tell {worst.name} from noise"
        return f"{share} of the advantage signs survive. {noise}; {few}."
    return f"{share} of the advantage signs survive. {noise}; no change does more than that noise."


def share_words(estimate: Estimate) -> str:
    """A share with its interval, "-" if it is undefined."""
    if estimate.value is None:
        return "-"
    if estimate.interval is None:
        return f"{estimate.value:.1%}"
    return f"{estimate.value:.1%} [{estimate.interval.low:.1%}, {estimate.interval.high:.1%}]"
