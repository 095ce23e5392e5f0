"""Fences around the pieces of a prompt, which no text can forge.

A fence is a line ``<<CODE begin KIND NAME>>`` before each piece of material, and ``<<CODE end>>`` after the
last one. The code around a response is random for each call; that around the shared material is part of a
hash of the material, so that the prompt's prefix stays the same for a group and caches hit. Neither stands
anywhere in the text that it fences, so no text can forge a fence.
"""

import re
import secrets
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

CODE_DIGITS = 8
"""Of a fence: a hexadecimal digit costs most of a token, and each item has two codes."""

RandomCode = Callable[[], str]

_MARKER = re.compile(r"^<<([0-9a-f]{8,64}) begin (\w+) (\S+)>>$", re.MULTILINE)
_SURROGATES = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Section:
    """One fenced piece of a prompt."""

    kind: str
    name: str
    text: str


def new_code() -> str:
    """A random code."""
    return secrets.token_hex(CODE_DIGITS // 2)


def sections(text: str) -> list[Section]:
    """The fenced pieces of a prompt, in order. What stands inside a fence is never looked into."""
    found, position = [], 0
    while match := _MARKER.search(text, position):
        code, kind, name = match.groups()
        end = text.find(f"\n<<{code} ", match.end())
        if end < 0:
            break
        found.append(Section(kind, name, text[match.end() + 1 : end]))
        position = end + 1
    return found


def fenced(pieces: Iterable[Section], code: str, items: int = 0) -> str:
    """The pieces between marker lines; the last one says how many items there are, since no schema does."""
    text = "".join(f"<<{code} begin {s.kind} {s.name}>>\n{s.text}\n" for s in pieces)
    end = f"end, items: {items}" if items else "end"
    return _SURROGATES.sub("\ufffd", f"{text}<<{code} {end}>>")


def unused_code(pieces: Iterable[Section], random_code: RandomCode) -> str:
    """A code that stands in none of the texts."""
    texts = [s.text for s in pieces]
    while True:
        code = random_code()
        if not any(code in text for text in texts):
            return code


def code_in(hashed: str, pieces: Sequence[Section]) -> str:
    """The first digits of the pieces' own hash that stand in none of them; the same in every environment."""
    codes = (hashed[i : i + CODE_DIGITS] for i in range(0, len(hashed), CODE_DIGITS))
    return next((code for code in codes if not any(code in piece.text for piece in pieces)), hashed)
