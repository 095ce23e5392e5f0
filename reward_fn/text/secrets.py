"""Keys, tokens and passwords, told by the shape that their makers gave them, or by a name before them.

What is only a name and a value must look random as well: placeholders and plain words are no secrets.
"""

import math
import re
from collections import Counter
from collections.abc import Iterator

from reward_fn.text.findings import Finding

MIN_BITS = 3.0
"""Entropy of a character in a secret without a shape; words of ten letters have less than 3 bits."""

_LONG_SHAPES: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (literal, re.compile(pattern))
    for literal, pattern in (
        ("AKIA", r"\bAKIA[A-Z2-7]{16}\b"),
        ("ASIA", r"\bASIA[A-Z2-7]{16}\b"),
        *((f"gh{kind}_", rf"\bgh{kind}_[A-Za-z0-9]{{36,251}}\b") for kind in "pousr"),
        ("github_pat_", r"\bgithub_pat_[A-Za-z0-9_]{60,250}\b"),
        ("glpat-", r"\bglpat-[\w-]{20,64}"),
        ("xox", r"\bxox[abeoprs]-[A-Za-z0-9-]{20,250}"),
        ("k_live_", r"\b[rs]k_live_[A-Za-z0-9]{20,250}\b"),
        ("AIza", r"\bAIza[\w-]{35}(?![\w-])"),
        ("sk-", r"\bsk-(?:proj-|svcacct-|ant-[a-z]{3,8}\d\d-)?[\w-]{32,250}"),
        ("npm_", r"\bnpm_[A-Za-z0-9]{36}\b"),
        ("pypi-AgEI", r"\bpypi-AgEI[\w-]{50,250}"),
        ("hf_", r"\bhf_[A-Za-z]{34}\b"),
        ("SG.", r"\bSG\.[\w-]{22}\.[\w-]{43}(?![\w-])"),
        ("eyJ", r"\beyJ[\w-]{10,2000}\.eyJ[\w-]{10,4000}\.[\w-]{10,1000}"),
        ("AccountKey=", r"AccountKey=[A-Za-z0-9+/]{86}=="),
    )
)
_SHAPES = (
    ("PRIVATE KEY", re.compile(r"-----BEGIN (?:[A-Z0-9]{1,16} ){0,3}PRIVATE KEY(?: BLOCK)?-----")),
    ("://", re.compile(r"://[^\s/:@]{1,64}:([^\s/:@]{6,64})@[\w.-]")),
)
_NAMES = ("passw", "secret", "token", "key")
_KEY_OF = re.compile(r"(?:api|access|auth|encryption)[_ -]?\Z")
_VALUE = re.compile(r"(?:or)?d?[\"']?\s{0,3}(?:[:=]|is)\s{0,3}[\"'`]?([^\s\"'`,;<>{}]{10,128})")
MIN_CHARS = 20
"""No shape is shorter, so that only words of so many characters are looked at."""
_SOLID = bytes(32 if code < 128 and chr(code).isspace() else 120 for code in range(256))
_LONG = b"x" * MIN_CHARS
_PLACEHOLDER = re.compile(
    r"example|your|placeholder|changeme|change_me|redacted|xxxx|\*{3}|\.\.\.|dummy", re.IGNORECASE
)


def find_secrets(text: str) -> Iterator[Finding]:
    """Every secret that stands in a text."""
    long_words = "\n".join(_long_words(text))
    for shapes, searched in ((_SHAPES, text), (_LONG_SHAPES, long_words)):
        for literal, pattern in shapes:
            if literal in searched:
                found = (each for each in pattern.findall(searched) if not _PLACEHOLDER.search(each))
                yield from (Finding("secret", each) for each in found)
    lowered = text.lower()
    if len(lowered) == len(text):  # so that a place in one is the same place in the other
        yield from _assigned(text, lowered)


def _long_words(text: str) -> list[str]:
    """The words of ``MIN_CHARS`` characters and more; a table tells of most texts that there are none."""
    if _LONG not in text.encode("utf-8", "surrogatepass").translate(_SOLID):
        return []
    return [word for word in text.split() if len(word) >= MIN_CHARS]


def _assigned(text: str, lowered: str) -> Iterator[Finding]:
    """The values of what is called a password, token or key."""
    for name in _NAMES:
        place = lowered.find(name)
        while place >= 0:
            match = _VALUE.match(text, place + len(name))
            named = name != "key" or _KEY_OF.search(lowered, max(0, place - 12), place)
            if match and named and looks_random(match[1]):
                yield Finding("secret", match[1])
            place = lowered.find(name, place + len(name))


def looks_random(value: str) -> bool:
    """Whether a value may be a key or a strong password: letters and digits without a pattern."""
    if _PLACEHOLDER.search(value) or not (re.search(r"\d", value) and re.search("[A-Za-z]", value)):
        return False
    counts = Counter(value)
    bits = -math.fsum(n / len(value) * math.log2(n / len(value)) for n in counts.values())
    return bits >= MIN_BITS
