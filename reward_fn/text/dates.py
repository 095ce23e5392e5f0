"""Calendar dates as people and models write them."""

import re
from datetime import date

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NAMES = "january february march april may june july august september october november december sept".split()
# Compiled when the first date is compared: a cold start need not wait for it.
_YEAR_FIRST = r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?:[T ]\d{1,2}:\d{2}\S*(?: ?[A-Za-z]+)?)?"
_COMPACT = r"(\d{4})(\d{2})(\d{2})"
_YEAR_LAST = r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4})"
_DAY_FIRST = r"(\d{1,2})(?:st|nd|rd|th)?\.?(?: of)?[ -]([a-z]+)[.,]?[ -](\d{4})"
_MONTH_FIRST = r"([a-z]+)\.? (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})"
_WEEKDAY = r"^(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?,? "


def dates_in(text: str) -> frozenset[date]:
    """The dates that a text, which must be a date and nothing else, can mean; two for "03/04/2025".

    Year first, or the month as an English word, or year last: then with dots the day comes first, with
    slashes or hyphens either may. A time of day after a year-first date is left out.
    """
    text = " ".join(text.split())
    if found := re.fullmatch(_YEAR_FIRST, text):
        return _dates((found[1], found[3], found[4]))
    if found := re.fullmatch(_COMPACT, text):
        return _dates((found[1], found[2], found[3]))
    if found := re.fullmatch(_YEAR_LAST, text):
        one, separator, other, year = found.groups()
        both = [(year, other, one)] if separator == "." else [(year, other, one), (year, one, other)]
        return _dates(*both)
    text = re.sub(_WEEKDAY, "", text.lower())
    if found := re.fullmatch(_DAY_FIRST, text):
        return _dates((found[3], _month(found[2]), found[1]))
    if found := re.fullmatch(_MONTH_FIRST, text):
        return _dates((found[3], _month(found[1]), found[2]))
    return frozenset()


def _month(name: str) -> str:
    known = name in _MONTHS or name in _NAMES
    return str(_MONTHS.index(name[:3]) + 1) if known else "0"


def _dates(*parts: tuple[str, str, str]) -> frozenset[date]:
    """Those that exist, of years, months and days."""
    found = set()
    for year, month, day in parts:
        try:
            found.add(date(int(year), int(month), int(day)))
        except ValueError:
            continue
    return frozenset(found)
