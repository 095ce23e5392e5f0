"""Personal data that can be told by their form: where there is a checksum, it must be right.

Numbers made up for examples and films are none: example.com, 555-0100 to 555-0199.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Set
from importlib import import_module

from reward_fn.text.findings import Finding

CATEGORIES = ("email", "phone", "card", "iban", "national_id")

_AT = re.compile(r"(?<=[\w+-])@([A-Za-z0-9][A-Za-z0-9.-]{0,252}\.[A-Za-z]{2,24})(?![\w-])")
_LOCAL_CHARS = 64
_LOCAL = re.compile(r"[\w.%+-]+\Z")
_EXAMPLE = re.compile(
    r"(?:^|\.)(?:example(?:\.(?:com|org|net))?|test|invalid|localhost|local)$", re.IGNORECASE
)

_SPAN = re.compile(r"\d[\dA-Z ().\u00a0/+-]{6,}")
"""Where a number may be: nothing else is looked at closely."""
_SEPARATORS = b" ().+/-\xc2\xa0"
_ALIKE = bytes(48 if chr(code) in "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ" else code for code in range(256))
_RUN = b"0" * 7
"""With digits and capitals alike and separators gone, every number that is looked for has such a run."""
_BEFORE, _AFTER = 20, 3
_LABELLED = re.compile(
    r"\b(?:tel|(?:tele)?phone|fax|mobile)\b(?: number)?[.:]{0,2} {0,2}(\+?\d[\d ()./-]{6,18}\d)(?![\d-])",
    re.IGNORECASE,
)
_INTERNATIONAL = re.compile(r"(?<![\w+])\+[1-9](?:[ .()/-]{0,2}\d){7,14}(?![\d-])")
_AMERICAN = re.compile(
    r"(?<![\w.+-])(?:1[ .-])?(?:\([2-9]\d\d\) ?|[2-9]\d\d[.-])[2-9]\d\d[.-]\d{4}(?![\w-]|\.\d)"
)
_FILM = re.compile(r"555\D?01\d\d$")
_CARD = re.compile(
    r"(?<![\w.,-])[2-6]\d{3}(?:([ -]?)\d{4}\1\d{4}\1\d{1,7}|([ -]?)\d{6}\2\d{4,5})(?![\w-]|[.,]\d)"
)
_ISSUERS = {
    13: re.compile("4"),
    14: re.compile("3(?:0[0-5]|[68])"),
    15: re.compile("3[47]"),
    16: re.compile("4|5[1-5]|2(?:22[1-9]|2[3-9]|[3-6]|7[01]|720)|35|6(?:011|4[4-9]|5|2)"),
    19: re.compile("4|62"),
}
"""What the number of a card begins with, by its length."""
_IBAN = re.compile(r"\b[A-Z]{2}\d\d(?:[ -]?[A-Z0-9]{4}){2,7}(?:[ -]?[A-Z0-9]{1,3})?\b")


def _valid(module: str) -> Callable[[str], bool]:
    """python-stdnum's checksum of that module, imported for the first number of the form."""
    return lambda number: bool(import_module(f"stdnum.{module}").is_valid(number))


_NATIONAL: tuple[tuple[re.Pattern[str], Callable[[str], bool]], ...] = (
    (re.compile(r"(?<![\w-])\d{3}-\d\d-\d{4}(?![\w-])"), _valid("us.ssn")),
    (re.compile(r"(?<![\w-])\d{3}-\d{3}-\d{3}(?![\w-])"), _valid("ca.sin")),
    (re.compile(r"(?<![\w.-])\d{3}\.\d{3}\.\d{3}-\d\d(?![\w-])"), _valid("br.cpf")),
    (re.compile(r"(?<![\w.-])756\.\d{4}\.\d{4}\.\d\d(?!\w)"), _valid("ch.ssn")),
    (re.compile(r"(?<![\w-])[12] ?\d\d ?\d\d ?\d[\dAB] ?\d{3} ?\d{3} ?\d\d(?!\w)"), _valid("fr.nir")),
    (re.compile(r"(?<![\w-])[2-9]\d{3} \d{4} \d{4}(?! ?\w)"), _valid("in_.aadhaar")),
    (re.compile(r"\b[A-Z]{6}\d\d[A-EHLMPRST]\d\d[A-Z]\d{3}[A-Z]\b"), _valid("it.codicefiscale")),
    (
        re.compile(r"\b(?!BG|GB|KN|NK|NT|TN|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z](?: ?\d\d){3} ?[A-D]\b"),
        lambda _: True,
    ),
)
"""Social security and tax numbers of the United States, Canada, Brazil and more; see the modules."""


def find_pii(text: str, categories: Set[str]) -> Iterator[Finding]:
    """What stands in a text of some of ``CATEGORIES``."""
    if "email" in categories and "@" in text:
        yield from _emails(text)
    finders = [finder for category, finder in _FINDERS.items() if category in categories]
    if not finders:
        return
    if _RUN not in text.encode("utf-8", "ignore").translate(_ALIKE, _SEPARATORS):
        return
    spans = (text[max(0, m.start() - _BEFORE) : m.end() + _AFTER] for m in _SPAN.finditer(text))
    if around := "\n".join(spans):
        for finder in finders:
            yield from finder(around)


def _emails(text: str) -> Iterator[Finding]:
    for match in _AT.finditer(text):
        local = _LOCAL.search(text[max(0, match.start() - _LOCAL_CHARS) : match.start()])
        if local and not _EXAMPLE.search(match[1]):
            yield Finding("email", local[0] + match[0])


def _phones(text: str) -> Iterator[Finding]:
    for pattern in (_INTERNATIONAL, _AMERICAN, _LABELLED):
        for match in pattern.finditer(text):
            number = match[match.lastindex or 0].strip()
            if not _FILM.search(number) and 7 <= sum(map(str.isdigit, number)) <= 15:
                yield Finding("phone", number)


def _cards(text: str) -> Iterator[Finding]:
    for match in _CARD.finditer(text):
        digits = re.sub(r"\D", "", match[0])
        issuer = _ISSUERS.get(len(digits))
        if issuer and issuer.match(digits) and _valid("luhn")(digits):
            yield Finding("card", match[0])


def _is_iban(number: str) -> bool:
    return bool(import_module("stdnum.iban").is_valid(number, check_country=False))


def _ibans(text: str) -> Iterator[Finding]:
    for match in _IBAN.finditer(text):
        # What follows may look like more of it: "GB82 WEST 1234 5698 7654 32 DATED".
        words = match[0].split(" ")
        candidates = (" ".join(words[:count]) for count in range(len(words), 0, -1))
        if number := next((each for each in candidates if _is_iban(each)), ""):
            yield Finding("iban", number)


def _national_ids(text: str) -> Iterator[Finding]:
    for pattern, is_valid in _NATIONAL:
        yield from (Finding("national_id", found) for found in pattern.findall(text) if is_valid(found))


_FINDERS: Mapping[str, Callable[[str], Iterator[Finding]]] = {
    "phone": _phones,
    "card": _cards,
    "iban": _ibans,
    "national_id": _national_ids,
}
