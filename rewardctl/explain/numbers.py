"""Numbers as explanations write them."""

from collections.abc import Iterable

DECIMALS = 4
"""Enough to tell apart the rewards of a group, and to follow a sum by hand."""


def number(value: float | None) -> str:
    """A number with at most ``DECIMALS`` decimals, without trailing zeros; "-" for None."""
    if value is None:
        return "-"
    text = f"{value:.{DECIMALS}f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def signed(value: float) -> str:
    """A number with its sign; 0 has none."""
    text = number(value)
    return text if text == "0" or text.startswith("-") else f"+{text}"


def ranges(values: Iterable[int]) -> str:
    """Whole numbers in rising order, with neighbours joined: "1-3, 5"."""
    runs: list[list[int]] = []
    for value in values:
        if runs and runs[-1][-1] == value - 1:
            runs[-1].append(value)
        else:
            runs.append([value])
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs)
