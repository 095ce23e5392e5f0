"""Read calendar dates in the notations that people and models use."""

import re
from datetime import date

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NAMES = "january february march april may june july august september october november december sept".split()
# Compiled when the first date is compared, to keep it out of the cold start.
_YEAR_FIRST = r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?:[T ]\d{1,2}:\d{2}\S*(?: ?[A-Za-z]+)?)?"
_COMPACT = r"(\d{4})(\d{2})(\d{2})"
_YEAR_LAST = r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4})"
_DAY_FIRST = r"(\d{1,2})(?:st|nd|rd|th)?\.?(?: of)?[ -]([a-z]+)[.,]?[ -](\d{4})"
_MONTH_FIRST = r"([a-z]+)\.? (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})"
_WEEKDAY = r"^(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?,? "


def dates_in(text: str) -> frozenset[date]:
    """The dates that a text can mean if it is a date and nothing else; two for "03/04/2025".

    Read are: year first; the month as an English word; year last, where the day comes first with dots, and
    may come first or second with slashes or hyphens. A time of day after a year-first date is ignored.
    """
    text = " ".join(text.split())
    if match := re.fullmatch(_YEAR_FIRST, text):
        return _dates((match[1], match[3], match[4]))
    if match := re.fullmatch(_COMPACT, text):
        return _dates((match[1], match[2], match[3]))
    if match := re.fullmatch(_YEAR_LAST, text):
        one, separator, other, year = match.groups()
        both = [(year, other, one)] if separator == "." else [(year, other, one), (year, one, other)]
        return _dates(*both)
    text = re.sub(_WEEKDAY, "", text.lower())
    if match := re.fullmatch(_DAY_FIRST, text):
        return _dates((match[3], _month(match[2]), match[1]))
    if match := re.fullmatch(_MONTH_FIRST, text):
        return _dates((match[3], _month(match[1]), match[2]))
    return frozenset()


def _month(name: str) -> str:
    """The number of an English month name as text; "0", an invalid month, for any other word."""
    known = name in _MONTHS or name in _NAMES
    return str(_MONTHS.index(name[:3]) + 1) if known else "0"


def _dates(*parts: tuple[str, str, str]) -> frozenset[date]:
    """The existing dates among triples of year, month and day."""
    dates = set()
    for year, month, day in parts:
        try:
            dates.add(date(int(year), int(month), int(day)))
        except ValueError:
            continue
    return frozenset(dates)
