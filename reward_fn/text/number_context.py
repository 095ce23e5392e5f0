"""What stands beside a number and says what it is: the label of something else, an amount, a sum."""

import re

BEFORE_CHARS = 32
_OTHER_NUMBER = re.compile(
    r"\b(?:order|part|item|article|art|sku|serial|s/n|model|batch|lot|ean|gtin|upc|isbn|issn|doi|imei|case|ticket"
    r"|invoice|tracking|parcel|reference|ref|version|build|revision|commit|timestamp|epoch|id|uid|guid|uuid|hash|seed"
    r"|port|code|bestellnummer|artikel\w*|rechnung\w*|range|rfc|pmid|arxiv|zbl|mr)\b"
    r"(?:[ _-](?:number|no|nr|id|code|part))?[\"']?[.:#= ]{0,3}[\"']?\Z",
    re.IGNORECASE,
)
"""A label at the end of what stands before a number: it is no phone's, card's or person's."""
_SUM_BEFORE = re.compile(r"(?:[\d)\]]\s?[*/x×÷=+-]|[=*/^<>%\[]\s?[-+]?|\w\(|\d|\d{5},)\s?\Z")
_SUM_AFTER = re.compile(
    r"\s?(?:[*/×÷=^%€$£¥]|[+-]\s?\d|<|>|EUR|USD|GBP|CHF|dollars?|euros?|pounds?|million|billion|bytes?|units?|km|kg|ms)"
)


def is_other(match: re.Match[str]) -> bool:
    """Whether a number that was found belongs to nobody: it has another label, or is part of a sum."""
    before = match.string[max(0, match.start() - BEFORE_CHARS) : match.start()].rpartition("\n")[2]
    return bool(
        _OTHER_NUMBER.search(before)
        or _SUM_BEFORE.search(before)
        or _SUM_AFTER.match(match.string, match.end())
    )
