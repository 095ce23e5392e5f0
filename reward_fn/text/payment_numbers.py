"""Numbers of payment cards and bank accounts (IBAN), with a valid checksum."""

import re
from collections.abc import Iterator
from importlib import import_module

from reward_fn.text.findings import Finding
from reward_fn.text.lazy import lazy
from reward_fn.text.national_ids import is_valid_by
from reward_fn.text.number_context import AFTER_CHARS, BEFORE_CHARS, is_other

_CARD = lazy(
    r"(?<![\w.,@/-])(?:[2-6]\d{3}([ -])\d{4}\1\d{4}\1\d{4}"
    r"|3[47]\d\d([ -])\d{6}\2\d{5}|[2-6]\d{14,15})(?![\w/@-]|[.,]\d)"
)
_TEST_CARDS = frozenset(
    """
    4242424242424242 4111111111111111 4012888888881881 4000056655665556 5555555555554444 5105105105105100
    2223003122003222 6011111111111117 3566002020360505 378282246310005 371449635398431 4000000000000002
    """.split()
)
"""Test numbers, https://docs.stripe.com/testing. They are left out if a word such as "test" is near."""
_FOR_TESTS = lazy(r"test|sandbox|stripe|dummy|fake|sample|demo", re.IGNORECASE)
_ISSUERS = {
    15: lazy("3[47]"),
    16: lazy("4|5[1-5]|2(?:22[1-9]|2[3-9]|[3-6]|7[01]|720)|35(?:2[89]|[3-8])|6(?:011|4[4-9]|5|2)"),
}
"""The first digits of a card number, by the number's length."""
_IBAN = lazy(r"\b([A-Z]{2})\d\d(?:[ -]?[A-Z0-9]{4}){2,7}(?:[ -]?[A-Z0-9]{1,3})?\b")
_IBAN_CHARS = {
    pair[:2]: int(pair[2:])
    for pair in """
    AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DK18 DO28 EE20 EG29 ES24
    FI18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32
    LI21 LT20 LU20 LV21 MC27 MD24 ME22 MK19 MR27 MT31 MU30 NL18 NO15 PK24 PL28 PS29 PT25 QA29 RO24 RS22 SA24
    SE24 SI19 SK24 SM27 TN24 TR26 UA29 VA22 VG24 XK20
    """.split()
}
"""The countries of the IBAN registry, each with the length of its numbers."""


def find_cards(text: str) -> Iterator[Finding]:
    """Every number of a payment card in a text, by its issuer's prefix and its checksum."""
    for match in _CARD.finditer(text):
        digits = re.sub(r"\D", "", match[0])
        issuer = _ISSUERS.get(len(digits))
        if digits in _TEST_CARDS and _FOR_TESTS.search(_beside(match)):
            continue
        if issuer and issuer.match(digits) and not is_other(match) and is_valid_by("luhn")(digits):
            yield Finding("card", match[0])


def _beside(match: re.Match[str]) -> str:
    """The text just before and after a number."""
    text, start, end = match.string, match.start(), match.end()
    return text[max(0, start - BEFORE_CHARS) : start] + text[end : end + AFTER_CHARS]


def _is_iban(number: str) -> bool:
    compact = re.sub("[ -]", "", number)
    fits = len(compact) == _IBAN_CHARS.get(compact[:2])
    return fits and bool(import_module("stdnum.iban").is_valid(number, check_country=False))


def find_ibans(text: str) -> Iterator[Finding]:
    """Every international bank account number in a text, by its country's length and its checksum."""
    for match in _IBAN.finditer(text):
        # The next word may look like a part of the number: "GB82 WEST 1234 5698 7654 32 DATED".
        words = match[0].split(" ")
        candidates = (" ".join(words[:count]) for count in range(len(words), 0, -1))
        if number := next((iban for iban in candidates if _is_iban(iban)), ""):
            yield Finding("iban", number)
