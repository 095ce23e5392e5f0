"""Reduce a text to its prose: code, addresses, markup, formulas and identifiers have no language."""

import re
from functools import cache

from reward_fn.text.lazy import lazy

_CODE = lazy(r"```[^`]*(?:```|\Z)|`[^`\n]{1,500}`")
_MARKUP: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("://", lazy(r"\bhttps?://\S{1,2000}")),
    ("www.", lazy(r"\bwww\.\S{1,2000}")),
    ("@", lazy(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,64}\.[\w.-]{1,64}")),
    ("<", lazy(r"</?[A-Za-z][^<>\n]{0,200}>")),
    ("$$", lazy(r"\$\$[^$]{1,2000}\$\$")),
    ("\\", lazy(r"\\[A-Za-z]{1,40}")),
    ("_", lazy(r"(?<!\w)[^\W_]{0,64}_\w*")),
)
_NO_LETTERS = bytes(code for code in range(256) if not chr(code).isascii() or not chr(code).isalpha())
LETTERS = lazy(r"[^\W\d_]+")
_WIDE = "[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\U00020000-\U0003ffff]"


def without_code(text: str) -> str:
    """The text without code between backticks."""
    return _CODE.sub(" ", text) if "`" in text else text


def prose(text: str) -> str:
    """The text without addresses, markup, formulas and identifiers."""
    for sign, pattern in _MARKUP:
        if sign in text:
            text = pattern.sub(" ", text)
    return text


def letters_in(text: str) -> int:
    """The length of a text in letters; a Han, Kana or Hangul character counts as three."""
    if text.isascii():
        return len(text.encode("ascii").translate(None, _NO_LETTERS))
    return sum(map(len, LETTERS.findall(text))) + 2 * len(_wide().findall(text))


@cache
def _wide() -> re.Pattern[str]:
    """Compiled at first use: it takes milliseconds, and most texts are ASCII."""
    return re.compile(_WIDE)
