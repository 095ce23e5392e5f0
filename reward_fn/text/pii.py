"""Personal data that has a recognisable form. A number with a checksum counts only if that is valid.

Precision comes first, so these don't count: examples (example.com, 555-0100 to 555-0199), amounts with a
sign, arithmetic, file names, versions of packages, git remotes, and numbers that the word before them calls
something else, such as an order, a part or an EAN.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Set
from itertools import islice

from reward_fn.text.emails import find_emails
from reward_fn.text.findings import Finding
from reward_fn.text.lazy import lazy
from reward_fn.text.national_ids import find_national_ids
from reward_fn.text.number_context import AFTER_CHARS, BEFORE_CHARS
from reward_fn.text.payment_numbers import find_cards, find_ibans
from reward_fn.text.phones import find_phones

CATEGORIES = ("email", "phone", "card", "iban", "national_id")


MAX_SPANS, MAX_CHARS = 2_000, 100_000
"""The most places of a text, and the most characters of them, that are searched."""
_SPAN = lazy(r"\d[\dA-Z ().\u00a0/+-]{6,}")
"""A place that may hold a number; only these places are searched."""
_SEPARATORS = b" ().+/-\xc2\xa0"
_ALIKE = bytes(48 if chr(code) in "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ" else code for code in range(256))
_RUN = b"0" * 7
"""Every number has such a run once digits and capitals are the same and separators are removed."""
_TORN_START, _TORN_END = lazy(r"\A[\w.,@/=+-]+"), lazy(r"[\w.,@/=+-]+\Z")


def find_pii(text: str, categories: Set[str]) -> Iterator[Finding]:
    """The personal data in a text that belongs to ``categories``, a subset of ``CATEGORIES``."""
    if "email" in categories and "@" in text:
        yield from find_emails(text)
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
    """A span with the text beside it, without words cut in half: half a number may look like a whole one."""
    start, end = max(0, span.start() - BEFORE_CHARS), span.end() + AFTER_CHARS
    before, after = text[start : span.start()], text[span.end() : end]
    if start:
        before = _TORN_START.sub("", before) or before[-1:]
    if end < len(text):
        after = _TORN_END.sub("", after) or after[:1]
    return before + span[0] + after


_FINDERS: Mapping[str, Callable[[str], Iterator[Finding]]] = {
    "phone": find_phones,
    "card": find_cards,
    "iban": find_ibans,
    "national_id": find_national_ids,
}
