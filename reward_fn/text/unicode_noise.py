"""Find characters that no writer would put into a text and that overtrained models emit, kind by kind.

Emoji, bidirectional text, Indic and Persian joiners, mathematics and typography are not noise. The search
takes time linear in the text.
"""

import re
from collections import Counter
from collections.abc import Iterator
from functools import cache, lru_cache
from unicodedata import category

_JOINING = (
    "\u0590-\u08ff\u0900-\u0dff\u0e00-\u0fff\u1000-\u109f\u1700-\u18af\u1a20-\u1aaf\ua840-\ua8ff\ufb1d-\ufdff"
    "\ufe70-\ufefe\U00010a00-\U00011fff"
)
"""Scripts whose spelling uses joiners, direction marks and zero-width breaks."""
_PICTURES = (
    "\u00a9\u00ae\u203c\u2049\u20e3\u2122\u2139\u2190-\u21ff\u2300-\u27bf\u2900-\u297f\u2b00-\u2bff\u3030\u303d"
    "\u3297\u3299\U0001f000-\U0001faff"
)
_CONTROLS = (*range(9), 0x0B, 0x0C, *range(0x0E, 0x20), 0x7F, *range(0x80, 0x85), *range(0x86, 0xA0))
_ODD = {
    **dict.fromkeys(map(chr, _CONTROLS), "control"),
    **dict.fromkeys("\ufffd\ufffc\ufff9\ufffa\ufffb", "replacement"),
}
_LATER = (range(0x1F000, 0x20000), range(0x20000, 0x34000))
"""Emoji and Han may be newer than Python's tables, so characters without a category are not noise there."""


@cache
def _invisible() -> re.Pattern[str]:
    """Compiled at first use: few texts are not ASCII, and compiling takes milliseconds."""
    return re.compile(
        # joiners without neighbours to join; a zero-width space outside scripts that use it
        f"(?<![{_JOINING}{_PICTURES}\ufe0f])[\u200c\u200d]|(?<=[{_PICTURES}\ufe0f])[\u200c\u200d](?![{_PICTURES}])"
        f"|(?<![{_JOINING}])\u200b(?![{_JOINING}])"
        "|[\u202d\u202e\u2060\u180e\u115f\u1160\u3164\uffa0\u034f\u17b4\u17b5\u206a-\u206f]|(?<=[^\n])\ufeff|\u00ad{2,}"
        # variation selectors without a base character, and tag characters outside a flag
        f"|(?<![{_JOINING}{_PICTURES}\\d#*\u2000-\u2bff\u3000-\u9fff\U00020000-\U0003ffff])[\ufe00-\ufe0f]"
        "|(?<![\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff])[\U000e0100-\U000e01ef]"
        "|\U0001f3f4[\U000e0030-\U000e007a]{2,6}\U000e007f|[\U000e0000-\U000e007f]",
        re.DOTALL,
    )


_MAY_HIDE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0]"
)
_MAY_HIDE_BEYOND = re.compile("[\U000e0000-\U000e01ef]")
"""Separate, since characters beyond U+FFFF in a class make ``re`` ten times as slow."""
_FLAG = "\U0001f3f4"
_DIRECTION = re.compile("[\u200e\u200f\u061c\u202a-\u202c\u2066-\u2069]")
_RIGHT_TO_LEFT = re.compile("[\u05d0-\u05ea\u0620-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
_STACKED = re.compile("[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]{6,}")

_LATIN, _GREEK, _CYRILLIC = (
    "A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f",
    "\u0370-\u03ff\u1f00-\u1fff",
    "\u0400-\u052f",
)
_OTHERS = (
    "\u0530-\u058f\u10a0-\u10ff\u13a0-\u13ff\u0590-\u06ff\u0900-\u0dff\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"
)


@cache
def _mixed() -> re.Pattern[str]:
    """Compiled at first use: few texts are not ASCII, and compiling takes milliseconds."""
    return re.compile(
        # look-alike alphabets mixed within a word
        f"[{_LATIN}]+[{_CYRILLIC}][{_LATIN}{_CYRILLIC}]*|[{_CYRILLIC}]+[{_LATIN}][{_LATIN}{_CYRILLIC}]*"
        # Greek letters may be symbols or indices, but not several beside a lower-case Latin word
        f"|[a-z]{{3,}}[{_GREEK}]{{2,}}[{_LATIN}{_GREEK}]*|[{_GREEK}]{{2,}}[a-z]{{3,}}[{_LATIN}{_GREEK}]*"
        f"|[{_GREEK}]{{2,}}[{_CYRILLIC}]{{2,}}|[{_CYRILLIC}]{{2,}}[{_GREEK}]{{2,}}"
        # Cyrillic or Greek letters beside other scripts, and other scripts inside a Latin word
        f"|[{_CYRILLIC}][{_OTHERS}]+|[{_OTHERS}]+[{_CYRILLIC}]+|[{_GREEK}]{{2,}}[{_OTHERS}]+|[{_OTHERS}]+[{_GREEK}]{{2,}}"
        f"|[{_LATIN}][{_OTHERS}]{{1,9}}[{_LATIN}]+"
    )


@cache
def _inflected() -> re.Pattern[str]:
    """An acronym or a Latin name with a Cyrillic ending."""
    return re.compile(f"(?:[A-Z]{{2,}}|[A-Za-z]{{3,}}(?=[{_CYRILLIC}]{{2}}))[{_CYRILLIC}]+")


@cache
def _is_mixed() -> re.Pattern[str]:
    """Compiled at first use: few texts are not ASCII, and compiling takes milliseconds."""
    return re.compile(
        f"[{_LATIN}][{_CYRILLIC}{_GREEK}{_OTHERS}]|[{_CYRILLIC}{_OTHERS}][{_LATIN}{_GREEK}]"
        f"|[{_GREEK}][{_LATIN}{_CYRILLIC}{_OTHERS}]|[{_CYRILLIC}][{_OTHERS}]|[{_OTHERS}][{_CYRILLIC}]"
    )


_WORD_PIECE = re.compile(r"[^\W\d_]{1,40}")
_NO_CONTROLS = bytes(code for code in range(128) if code not in _CONTROLS)

KINDS = (
    "control",
    "private_use",
    "unassigned",
    "surrogate",
    "replacement",
    "invisible",
    "stacked",
    "mixed_script",
)
"""All kinds of noise."""


def find_noise(text: str) -> Iterator[tuple[str, str]]:
    """Yield each piece of noise: its kind, one of ``KINDS``, and its characters."""
    if text.isascii():
        controls = text.encode("ascii").translate(None, _NO_CONTROLS)
        yield from (("control", chr(code)) for code in controls)
        return
    odd = [character for character in set(text) if kind_of(character)]
    if odd:
        counts = Counter(text)
        yield from ((kind_of(character), character * counts[character]) for character in odd)
    yield from (("invisible", m[0]) for m in _invisible().finditer(text) if not m[0].startswith(_FLAG))
    if not _RIGHT_TO_LEFT.search(text):
        yield from (("invisible", mark) for mark in _DIRECTION.findall(text))
    yield from (("stacked", marks) for marks in _STACKED.findall(text))
    if _is_mixed().search(text):
        for word in _WORD_PIECE.findall(text):
            if word.isascii() or _inflected().fullmatch(word):
                continue
            if match := _mixed().search(word):
                yield "mixed_script", match[0]


def without_hidden(text: str) -> str:
    """The text without invisible characters that can hide content: tags, overrides, needless joiners.

    Invisible characters that a language's spelling or an emoji needs are kept. Time is linear in the text.
    """
    if text.isascii() or not (_MAY_HIDE.search(text) or _MAY_HIDE_BEYOND.search(text)):
        return text
    text = _invisible().sub(lambda match: match[0] if match[0].startswith(_FLAG) else "", text)
    return text if _RIGHT_TO_LEFT.search(text) else _DIRECTION.sub("", text)


@lru_cache(maxsize=4096)
def kind_of(character: str) -> str:
    """The kind of noise that a single character is, "" if it is none."""
    if kind := _ODD.get(character):
        return kind
    if character < "\u0378":  # all of these are assigned and public
        return ""
    unicode_category = category(character)
    if unicode_category == "Cs":
        return "surrogate"
    if unicode_category == "Co":
        return "private_use"
    if unicode_category == "Cn" and (
        (ord(character) & 0xFFFE) == 0xFFFE or not any(ord(character) in later for later in _LATER)
    ):
        return "unassigned"
    return ""
