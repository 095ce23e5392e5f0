"""Personal data that can be told by their form: where there is a checksum, it must be right.

Precision comes first. Numbers made up for examples and films are no data: example.com, 555-0100 to 555-0199.
Neither are amounts with a sign, arithmetic, file names, versions of packages, remotes of git, nor numbers
that the word before them names as something else: an order, a part, an EAN.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Set
from importlib import import_module
from itertools import islice

from reward_fn.text.findings import Finding
from reward_fn.text.lazy import lazy
from reward_fn.text.national_ids import find_national_ids, is_valid_by
from reward_fn.text.number_context import BEFORE_CHARS, is_other

CATEGORIES = ("email", "phone", "card", "iban", "national_id")

_AT = lazy(r"(?<=[\w+-])@([A-Za-z0-9][A-Za-z0-9.-]{0,252}\.(?:[a-z]{2,24}|[A-Z]{2,24}))(?![\w-])")
_LOCAL_CHARS = 64
_LOCAL = lazy(r"[\w.%+-]+\Z")
_NO_ADDRESS = lazy(
    # made up for examples, or reached by nobody
    r"(?:^|\.)(?:(?:example|domain|your\w*|yourdomain|company|mycompany|corp|host|server|acme-?example)"
    r"(?:\.(?:com|org|net))?|test|invalid|localhost|local|internal|lan)$"
    # versions, sizes of pictures, names of files and code
    r"|^v?\d+(?:x|\.\d+)*\.|\.(?:png|jpe?g|gif|svg|webp|avif|ico|pdf|html?|css|scss|js|jsx|mjs|ts|tsx|vue|json|ya?ml"
    r"|toml|xml|txt|csv|md|rst|py|pyi|rb|go|java|kt|cpp|hpp|cs|php|sh|sql|zip|tar|gz|tgz|po|pot|patch|diff|whl|jar|exe|dll|so|log|conf"
    r"|cfg|ini|lock|service|timer|socket|mount|target|to|shape|dtype|[A-Z]|transpose|conj|dot|reshape|sum|mean)$",
    re.IGNORECASE,
)
_NO_PERSON = lazy(
    r"(?:git|hg|svn|no-?reply|do-?not-?reply|mailer-daemon|user|username|your\W?\w*|you|me|x|foo|test|name|someone"
    r"|first\W?name\W?(?:last\W?name)?|this|super|return|break|continue)$",
    re.IGNORECASE,
)
"""Accounts of machines, placeholders, and words of programs with a label after them."""
_REMOTE = lazy(r"\b(?:ssh|scp|rsync|sftp|mosh|ssh-copy-id)\b[^\n]{0,60}\Z")

MAX_SPANS, MAX_CHARS = 2_000, 100_000
"""So many places of a text are looked at, and so many characters of them."""
_SPAN = lazy(r"\d[\dA-Z ().\u00a0/+-]{6,}")
"""Where a number may be: nothing else is looked at closely."""
_SEPARATORS = b" ().+/-\xc2\xa0"
_ALIKE = bytes(48 if chr(code) in "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ" else code for code in range(256))
_RUN = b"0" * 7
"""With digits and capitals alike and separators gone, every number that is looked for has such a run."""
_AFTER = 16
_TORN_START, _TORN_END = lazy(r"\A[\w.,@/=+-]+"), lazy(r"[\w.,@/=+-]+\Z")
_LABELLED = lazy(
    r"(?:\b(?:tel|(?:tele)?phone|fax|mobile|cell|telefon\w{0,6}|mobil\w{0,8}|t[e\u00e9]l\u00e9phone|t[e\u00e9]l[e\u00e9]fono"
    r"|telefone|telefoon|celular|cellulare|m\u00f3vil|t[e\u00e9]l|tlf|rufnummer|handynummer|whatsapp"
    r"|\u0442\u0435\u043b(?:\u0435\u0444\u043e\u043d)?)\b"
    r"|\u96fb\u8a71(?:\u756a\u53f7)?|\u7535\u8bdd|\u624b\u673a\u53f7?|\uc804\ud654(?:\ubc88\ud638)?)"
    r"(?: number| no\.?)?[*]{0,2} ?[.:\uff1a]{0,2}[*]{0,2} {0,2}(\+?\d[\d ()./-]{6,18}\d)(?![\d-])",
    re.IGNORECASE,
)
_INTERNATIONAL = lazy(r"(?<![\w+])\+[1-9](?:[ .()/-]{0,2}\d){8,14}(?![\d-]|[.,]\d)")
_AMERICAN = lazy(
    r"(?<![\w.+/-])(?:1[ .-])?(?:\([2-9]\d\d\) ?|[2-9]\d\d([.-]))[2-9]\d\d(?:\1|-)\d{4}(?![\w/-]|\.\d)"
)
_NANP = lazy(r"1?(?!555)[2-9][0-8]\d(?!11|5551212)[2-9]\d{6}\Z")
"""A number in North America: area and exchange begin with 2 to 9, and no subscriber has the area 555."""
_CODES = lazy(
    r"1|7|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]"
    r"|2(?:1[1-368]|[2-4]\d|5[0-8]|6\d|9[01789])|3(?:5\d|7\d|8[0-35-79])|42[013]|50\d|59\d|67[0-9]|68\d|69[0-2]"
    r"|85[02356]|88[06]|96\d|97[0-79]|99[234568]"
)
"""Calling codes of countries, ITU-T E.164."""
_AMOUNT = lazy(r"\A\+\d{1,3}\.\d{6,}\Z|\A\+\d{1,3}(?:\.\d{3}){2,}\Z|\s-\d")
"""A fraction, thousands with points, a number with a sign after it."""
_FILM = lazy(r"555\D?01\d\d$")
_ROUND = lazy(r"0{5}$|(\d)\1{6}$|123456789")
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
"""Numbers for tests, https://docs.stripe.com/testing: nobody's where a word such as "test" is near."""
_FOR_TESTS = lazy(r"test|sandbox|stripe|dummy|fake|sample|demo", re.IGNORECASE)
_ISSUERS = {
    15: lazy("3[47]"),
    16: lazy("4|5[1-5]|2(?:22[1-9]|2[3-9]|[3-6]|7[01]|720)|35(?:2[89]|[3-8])|6(?:011|4[4-9]|5|2)"),
}
"""What the number of a card begins with, by its length."""
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
"""The countries of the IBAN registry and how long a number is."""


def find_pii(text: str, categories: Set[str]) -> Iterator[Finding]:
    """What stands in a text of some of ``CATEGORIES``."""
    if "email" in categories and "@" in text:
        yield from _emails(text)
    finders = [finder for category, finder in _FINDERS.items() if category in categories]
    if not finders:
        return
    if _RUN not in text.encode("utf-8", "ignore").translate(_ALIKE, _SEPARATORS):
        return
    around = "\n".join(_around(text, span) for span in islice(_SPAN.finditer(text), MAX_SPANS))
    if around:
        for finder in finders:
            yield from finder(around[:MAX_CHARS])


def _around(text: str, span: re.Match[str]) -> str:
    """A span with what stands beside it, up to the last word that is whole: half a number may look like
    one."""
    start, end = max(0, span.start() - BEFORE_CHARS), span.end() + _AFTER
    before, after = text[start : span.start()], text[span.end() : end]
    if start:
        before = _TORN_START.sub("", before) or before[-1:]
    if end < len(text):
        after = _TORN_END.sub("", after) or after[:1]
    return before + span[0] + after


def _emails(text: str) -> Iterator[Finding]:
    for match in _AT.finditer(text):
        local = _LOCAL.search(text[max(0, match.start() - _LOCAL_CHARS) : match.start()])
        if (
            not local
            or not local[0][0].isalnum()
            or _NO_ADDRESS.search(match[1])
            or _NO_PERSON.match(local[0])
        ):
            continue
        if not _is_of_a_machine(text, match.start() - len(local[0]), match.end()):
            yield Finding("email", local[0] + match[0])


def _is_of_a_machine(text: str, start: int, end: int) -> bool:
    """Whether what looks like an address is an account on a host: in a URL, a remote of git, a command."""
    before, after = text[max(0, start - 80) : start], text[end : end + 2]
    if before.endswith(("/", "@")) or (before.endswith(":") and "://" in before.rpartition(" ")[2]):
        return True
    return (after[:1] == ":" and not after[1:].isspace() and len(after) == 2) or bool(_REMOTE.search(before))


def _phones(text: str) -> Iterator[Finding]:
    for match in _INTERNATIONAL.finditer(text):
        digits = re.sub(r"\D", "", match[0])
        known = _NANP.match(digits) if digits[0] == "1" else _CODES.match(digits)
        if (
            known
            and not _AMOUNT.search(match[0])
            and not is_other(match)
            and not _ROUND.search(digits)
            and not _FILM.search(match[0])
        ):
            yield Finding("phone", match[0])
    for match in _AMERICAN.finditer(text):
        digits = re.sub(r"\D", "", match[0])
        if _NANP.match(digits) and not is_other(match) and not _FILM.search(match[0]):
            yield Finding("phone", match[0].strip())
    for match in _LABELLED.finditer(text):
        number = match[1].strip()
        if not _FILM.search(number) and 7 <= sum(map(str.isdigit, number)) <= 15:
            yield Finding("phone", number)


def _cards(text: str) -> Iterator[Finding]:
    for match in _CARD.finditer(text):
        digits = re.sub(r"\D", "", match[0])
        issuer = _ISSUERS.get(len(digits))
        if digits in _TEST_CARDS and _FOR_TESTS.search(_beside(match)):
            continue
        if issuer and issuer.match(digits) and not is_other(match) and is_valid_by("luhn")(digits):
            yield Finding("card", match[0])


def _beside(match: re.Match[str]) -> str:
    """What stands before and after a number."""
    text = match.string
    return (
        text[max(0, match.start() - BEFORE_CHARS) : match.start()] + text[match.end() : match.end() + _AFTER]
    )


def _is_iban(number: str) -> bool:
    compact = re.sub("[ -]", "", number)
    fits = len(compact) == _IBAN_CHARS.get(compact[:2])
    return fits and bool(import_module("stdnum.iban").is_valid(number, check_country=False))


def _ibans(text: str) -> Iterator[Finding]:
    for match in _IBAN.finditer(text):
        # What follows may look like more of it: "GB82 WEST 1234 5698 7654 32 DATED".
        words = match[0].split(" ")
        candidates = (" ".join(words[:count]) for count in range(len(words), 0, -1))
        if number := next((each for each in candidates if _is_iban(each)), ""):
            yield Finding("iban", number)


_FINDERS: Mapping[str, Callable[[str], Iterator[Finding]]] = {
    "phone": _phones,
    "card": _cards,
    "iban": _ibans,
    "national_id": find_national_ids,
}
