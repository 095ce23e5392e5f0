"""Text of a rollout for a terminal: characters that steer a terminal or hide text become visible. Pure."""

from unicodedata import category

MAX_CHARS = 200_000
"""Longer texts are cut, so that a screen comes at once."""
TAB = "    "
_KEPT = frozenset("\n\u200c\u200d")
"""Line breaks, and the joiners that spellings and emoji need."""
_HIDDEN = frozenset(("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"))
_SYMBOLS = 0x2400
"""Unicode's pictures of the 32 C0 controls begin here: ESC (U+001B) is shown as U+241B."""
_C0 = 0x20


def visible(text: str) -> str:
    """The text with each control, direction mark, surrogate and other invisible character made visible.

    A C0 control becomes its picture, any other such character its code point: ⟨U+202E⟩. A text of more than
    MAX_CHARS characters is cut, and says so at its end.
    """
    result = text[:MAX_CHARS].replace("\r\n", "\n").replace("\t", TAB)
    if not result.isascii() or not result.replace("\n", "").isprintable():
        result = "".join(map(_visible, result))
    left = len(text) - MAX_CHARS
    return f"{result}\n[… {left:,} more characters are not shown]" if left > 0 else result


def _visible(character: str) -> str:
    if character in _KEPT or category(character) not in _HIDDEN:
        return character
    code = ord(character)
    return chr(_SYMBOLS + code) if code < _C0 else f"⟨U+{code:04X}⟩"
