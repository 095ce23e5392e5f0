"""Read the text beside a number: a label of something else, an amount, a calculation."""

import re

from reward_fn.text.lazy import lazy

BEFORE_CHARS, AFTER_CHARS = 32, 16
"""The number of characters that are read before and after a number."""
_THING = (
    r"order|matter|docket|claim|part|item|article|art|sku|serial|s/n|model|batch|lot|ean|gtin|upc|isbn|issn|doi|imei|case|ticket|invoice"
    r"|tracking|parcel|version|build|revision|commit|timestamp|epoch|hash|seed|port|bestellnummer|artikel\w*"
    r"|rechnung\w*|range|rfc|pmid|arxiv|mrn|pnr|vin|isin|account"
)
_RECORD = r"id|uid|guid|uuid|code|reference|ref"
_BETWEEN = r"(?:[ _-](?:number|no|nr|id|code|part))?[\"']?[.:#= ]{0,3}[\"']?\Z"
_OF_A_THING = lazy(rf"(?<![^\W_])(?:{_THING})(?![^\W_]){_BETWEEN}", re.IGNORECASE)
_OF_A_RECORD = lazy(rf"(?<![^\W_])(?:{_RECORD})(?![^\W_]){_BETWEEN}", re.IGNORECASE)
"""Labels directly before a number. An id may be a person's, but not a card's or a telephone's."""
_ASSIGNED = lazy(r"(\w*)[\"'\])]*\s?=\s?[-+\"']?\Z")
_PERSONAL = lazy(
    r"phone|tel|mobile|cell|fax|contact|card|pan|ssn|number|nino|sin|cpf|tax|person", re.IGNORECASE
)
_SUM_BEFORE = lazy(r"(?:[\d)\]]\s?[*/x×÷+-]|[*/^%]\s?[-+]?|[<>]\s[-+]?|\w\(|\d|\d{5},)\s?\Z")
_SUM_AFTER = lazy(
    r"\s?(?:[*×÷=^%€$£¥]|[+-]\s?\d)|\s[/<>]\s|"
    r"\s?(?:EUR|USD|GBP|CHF|JPY|HUF|dollars?|euros?|pounds?|francs?|pesos?|rupees?|rubles?|forints?|kron\w{1,3}|z[lł]oty"
    r"|yen|won|yuan|million|billion|bytes?|units?|people|inhabitants|users|votes|cells|tonnes?|km|kg|ms)\b"
)


def is_other(match: re.Match[str], *, of_a_person: bool = False) -> bool:
    """Whether a number is not personal: its label names something else, or it is in a calculation or list.

    ``of_a_person`` is for national ids, which may also be labelled "id".
    """
    text, start, end = match.string, match.start(), match.end()
    before = text[max(0, start - BEFORE_CHARS) : start].rpartition("\n")[2]
    assigned = _ASSIGNED.search(before)
    return bool(
        _OF_A_THING.search(before)
        or (_OF_A_RECORD.search(before) and not of_a_person)
        or (assigned and not _PERSONAL.search(assigned[1]))
        or (match[0].isdigit() and before.rstrip().endswith("["))
        or _SUM_BEFORE.search(before)
        or _SUM_AFTER.match(text, end)
    )
