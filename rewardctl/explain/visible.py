"""Show hostile text on one terminal or page without harm: nothing in it moves, colours or hides anything.

Control characters, terminal escapes, and invisible and bidirectional characters are replaced by their codes
in angle brackets: ``<U+001B>``. Line breaks stay; a tab becomes spaces.
"""

import unicodedata

from reward_fn.text.normalise import INVISIBLE

_KEPT = "\n"
_HARMFUL = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
"""Unicode categories: controls, formats, surrogates, private use, unassigned, line and paragraph breaks."""


def visible(text: str) -> str:
    """The text with codes for characters that can't be seen. It has line breaks but no other controls."""
    text = text.replace("\r\n", "\n").replace("\t", "    ")
    if text.isascii() and text.isprintable():
        return text
    return "".join(map(_shown, text))


def one_line(text: str) -> str:
    """:func:`visible` on one line, with one space for each run of white space."""
    return visible(" ".join(text.split()))


def _shown(character: str) -> str:
    if character == _KEPT or (character.isascii() and character.isprintable()):
        return character
    hidden = ord(character) in INVISIBLE or unicodedata.category(character) in _HARMFUL
    return f"<U+{ord(character):04X}>" if hidden else character
