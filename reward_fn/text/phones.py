"""Telephone numbers: international, North American, and those after a label such as "Tel."."""

import re
from collections.abc import Iterator

from reward_fn.text.findings import Finding
from reward_fn.text.lazy import lazy
from reward_fn.text.number_context import is_other

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
"""A number in North America: area and exchange begin with 2 to 9, and area 555 has no subscribers."""
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


def find_phones(text: str) -> Iterator[Finding]:
    """Every telephone number in a text; numbers made up for examples and films are left out."""
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
