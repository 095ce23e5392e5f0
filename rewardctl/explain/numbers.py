"""Numbers as explanations write them."""

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
