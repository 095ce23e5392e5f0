"""Figures in words, for terminals of 80 columns."""

from rewardctl.calibrate.stats.estimate import Estimate

ABSENT = "·"


def number(value: float | None) -> str:
    """Two decimals without the leading zero of a fraction; "·" for None."""
    if value is None:
        return ABSENT
    text = f"{value:.2f}"
    return text.replace("0.", ".", 1) if text.startswith(("0.", "-0.")) else text


def cell(estimate: Estimate) -> str:
    """The value, and its interval on a second line."""
    if estimate.value is None:
        return ABSENT
    if estimate.interval is None:
        return number(estimate.value)
    return f"{number(estimate.value)}\n{number(estimate.interval.low)} {number(estimate.interval.high)}"


def inline(estimate: Estimate) -> str:
    """The value with its interval in brackets, or why it is undefined."""
    if estimate.value is None:
        return f"undefined ({estimate.undefined})"
    if estimate.interval is None:
        return number(estimate.value)
    limits = estimate.interval
    return f"{number(estimate.value)} [{number(limits.low)}, {number(limits.high)}]"


def dollars(usd: float | None) -> str:
    """A cost for 1,000 rollouts in words."""
    if usd is None:
        return "cost unknown"
    return "no cost" if usd == 0 else f"${usd:.2f} for 1,000 rollouts"
