"""Figures in words, for terminals of 80 columns."""

from rewardctl.calibrate.stats.estimate import Estimate, Interval

ABSENT = "·"


def number(value: float | None, decimals: int = 2) -> str:
    """A number without the leading zero of a fraction; "·" for None."""
    if value is None:
        return ABSENT
    text = f"{value:.{decimals}f}"
    return text.replace("0.", ".", 1) if text.startswith(("0.", "-0.")) else text


def limits(interval: Interval) -> tuple[str, str]:
    """Both limits, with as many decimals as it takes to tell them apart: an interval always has a width."""
    pairs = ((number(interval.low, n), number(interval.high, n)) for n in range(2, 16))
    return next((pair for pair in pairs if pair[0] != pair[1]), (repr(interval.low), repr(interval.high)))


def cell(estimate: Estimate) -> str:
    """The value, and its interval on a second line."""
    if estimate.value is None or estimate.interval is None:
        return number(estimate.value)
    return f"{number(estimate.value)}\n{' '.join(limits(estimate.interval))}"


def inline(estimate: Estimate) -> str:
    """The value with its interval in brackets, or why there is none."""
    if estimate.value is None:
        return f"undefined ({estimate.undefined})"
    if estimate.interval is None:
        return f"{number(estimate.value)} ({estimate.undefined})"
    return f"{number(estimate.value)} [{', '.join(limits(estimate.interval))}]"


def dollars(usd: float | None) -> str:
    """A cost for 1,000 rollouts in words."""
    if usd is None:
        return "cost unknown"
    return "no cost" if usd == 0 else f"${usd:.2f} for 1,000 rollouts"
