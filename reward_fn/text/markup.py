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
_APART = ((" -- ", "-"), ("--", "-"), (" - ", "-"), (" \u00b0", "\u00b0"), (" %", "%"), ("\u00a7 ", "\u00a7"))
"""Signs that may stand with or without spaces, each with its one form."""
_PAGE = lazy(
    r"^[ \t\f]*(?:[-\u2013\u2014] ?\d{1,4} ?[-\u2013\u2014]"
    r"|(?:page|seite|p\.) ?\d{1,4}(?: ?(?:of|von|/) ?\d{1,4})?)[ \t]*$",
    re.IGNORECASE | re.MULTILINE,
)
"""A line that only numbers the page."""
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

    The first has no markup and no page numbers, where the source has some; the last has no quotation marks.
    """
    forms = [unmarked(source), *([unmarked(source, joint="-")] if _DIVIDED.search(source) else []), source]
    if _PAGE.search(source):
        forms.insert(0, unmarked(_PAGE.sub("", source)))
    plain = [together(folded(form)) for form in forms]
    return tuple(dict.fromkeys([*plain, plain[0].replace('"', "")]))


def together(text: str) -> str:
    """A folded text without spaces beside dashes, degrees, percent and section signs."""
    for apart, joined in _APART:
        text = text.replace(apart, joined)
    return text
