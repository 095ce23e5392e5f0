"""Numbers as the page and the terminal write them."""


def number_text(value: float | None) -> str:
    """Return at most three decimals, without trailing zeros; "–" for None."""
    if value is None:
        return "–"
    return f"{value:.3f}".rstrip("0").rstrip(".") if abs(value) < 1000 else f"{value:,.0f}"


def signed_text(value: float | None) -> str:
    """Return the number with its sign; "–" for None."""
    return "–" if value is None else f"{'+' if value > 0 else ''}{number_text(value)}"


def percent(share: float) -> str:
    """Return a share as a percentage with one decimal, as "47.1 %"."""
    return f"{round(100 * share, 1) + 0.0:.1f} %".replace(".0 %", " %")


def percent_text(share: float | None) -> str:
    """Return :func:`percent`; "–" for None."""
    return "–" if share is None else percent(share)


def count_text(count: int) -> str:
    """Return a count with commas."""
    return f"{count:,}"


def id_line(value: str) -> str:
    """Return an id for a link's text: an empty one in words."""
    return value[:200] or "(empty id)"


def dollars_text(usd: float, *, paid: bool) -> str:
    """Return an amount; an estimate by prices says so."""
    text = f"${usd:,.2f}" if usd >= 1 or usd == 0 else f"${usd:.4f}"
    return text if paid else f"{text} by list prices"
