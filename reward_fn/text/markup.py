"""Texts as a reader sees them: without the signs of Markdown and HTML, and with divided words in one
piece."""

import re
from functools import lru_cache

from reward_fn.text.lazy import lazy
from reward_fn.text.normalise import folded

_NOT_SAID = lazy(r"(?<!~)~~[^~\n]{1,200}~~(?!~)|</?(?:b|i|u|em|strong|p)>", re.IGNORECASE)
_BARE_BOX = lazy(r"\\(?:boxed|fbox)\s?(-?\d[\d.,]*|[A-Z])(?!\w)")
_DIVIDED = lazy("(?<=[^\\W\\d_])[-\\u2010\\u00ad][ \\t]*\\r?\\n[ \\t>]*(?=[^\\W\\d_])")
_LINK = lazy(r"!?\[([^\[\]\n]{1,300})\]\([^()\s]{0,500}\)")
_TAG = lazy(r"</?(?:b|i|u|s|em|strong|mark|span|sup|sub|code|a|p|br|li)\b[^<>\n]{0,200}>", re.IGNORECASE)
_LINE_START = lazy(r"^[ \t]*(?:>[> \t]*|#{1,6}[ \t]+|[-*+\u2022][ \t]+|\|[ \t]*)+", re.MULTILINE)
_EMPHASIS = lazy(
    r"\*\*+(?!\d)|(?<!\d)\*\*+|~~|`+|(?<![\w*_])[*_]+(?=\S)|(?<=\S)[*_]+(?![\w*_])|[ \t]*\|(?=[ \t\r\n]|\Z)"
)
_SIGNS = lazy(r"[*_~`|<\[]|^[ \t]*[>#+\u2022-]|[-\u2010\u00ad][ \t]*\r?\n", re.MULTILINE)


def unmarked(text: str, *, joint: str = "") -> str:
    """A text without emphasis, links' addresses, headings' and lists' signs, rules of tables and inline tags.

    What a line's end divides is joined by ``joint``: "" for "invoi-ces", "-" for "long-term".
    """
    if not _SIGNS.search(text):
        return text
    text = _LINK.sub(r"\1", _DIVIDED.sub(joint, text))
    return _EMPHASIS.sub("", _LINE_START.sub("", _TAG.sub("", text)))


def without_emphasis(text: str) -> str:
    """An answer without bold type, inline tags and what is struck out, and with braces for every box."""
    text = text.replace("**", " ").replace("__", " ")
    if "~~" in text or "</" in text:
        text = _NOT_SAID.sub(" ", text)
    return _BARE_BOX.sub(r"\\boxed{\1}", text) if "\\" in text else text


@lru_cache(maxsize=32)
def readings(source: str) -> tuple[str, ...]:
    """A source folded, in each form that a quote of it may have; remembered, since a group shares its
    documents.

    The first has no markup, if the source has some, and the last is the source as it is.
    """
    forms = [unmarked(source), *([unmarked(source, joint="-")] if _DIVIDED.search(source) else []), source]
    return tuple(dict.fromkeys(map(folded, forms)))
