"""Fences around the sections of a prompt, which no text can forge.

A fence is a line ``<<CODE begin KIND NAME>>`` before each section, and ``<<CODE end>>`` after the last one.
The code around a response is random for each call. The code around the shared material is taken from a hash
of that material, so that the prompt's prefix is the same for a group and prompt caches hit. No code occurs in
the text that it fences, so no text can forge a fence.
"""

import re
import secrets
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

CODE_DIGITS = 8
"""The length of a code. A hexadecimal digit costs most of a token, and each item has a fence of its own."""

RandomCode = Callable[[], str]

_MARKER = re.compile(r"^<<([0-9a-f]{8,64}) begin (\w+) (\S+)>>$", re.MULTILINE)
_SURROGATES = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Section:
    """One fenced section of a prompt: ``kind`` and ``name`` stand in the fence before ``text``."""

    kind: str
    name: str
    text: str


def new_code() -> str:
    """A random code."""
    return secrets.token_hex(CODE_DIGITS // 2)


def sections(text: str) -> list[Section]:
    """The sections of a prompt, in order. Fences inside of a section's text are not read."""
    result, position = [], 0
    while match := _MARKER.search(text, position):
        code, kind, name = match.groups()
        end = text.find(f"\n<<{code} ", match.end())
        if end < 0:
            break
        result.append(Section(kind, name, text[match.end() + 1 : end]))
        position = end + 1
    return result


def fenced(pieces: Iterable[Section], code: str, items: int = 0) -> str:
    """The sections with their fences. The last fence tells the number of items, since the schema does not."""
    text = "".join(f"<<{code} begin {s.kind} {s.name}>>\n{s.text}\n" for s in pieces)
    end = f"end, items: {items}" if items else "end"
    return _SURROGATES.sub("\ufffd", f"{text}<<{code} {end}>>")


def unused_code(pieces: Iterable[Section], random_code: RandomCode) -> str:
    """A random code that occurs in none of the texts."""
    texts = [s.text for s in pieces]
    while True:
        code = random_code()
        if not any(code in text for text in texts):
            return code


def code_in(hashed: str, pieces: Sequence[Section]) -> str:
    """A code from the sections' hash that occurs in none of their texts; the same in every environment."""
    codes = (hashed[i : i + CODE_DIGITS] for i in range(0, len(hashed), CODE_DIGITS))
    return next((code for code in codes if not any(code in piece.text for piece in pieces)), hashed)
