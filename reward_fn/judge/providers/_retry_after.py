"""The header Retry-After of a refused request."""

import re


def seconds_in(header: str | None) -> float:
    """The seconds of the header; 0 if it is missing, malformed or in its other form, a date."""
    text = str(header or "").strip()
    return float(text) if re.fullmatch(r"[0-9]{1,6}", text) else 0.0
