"""Texts as a reader sees them: without Markdown and HTML signs, and with hyphenated words rejoined."""

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
"""Signs that may stand with or without spaces, and the form that replaces each."""
_PAGE = lazy(
    r"^[ \t\f]*(?:[-\u2013\u2014] ?\d{1,4} ?[-\u2013\u2014]"
    r"|(?:page|seite|p\.) ?\d{1,4}(?: ?(?:of|von|/) ?\d{1,4})?)[ \t]*$",
    re.IGNORECASE | re.MULTILINE,
)
"""A line that holds only a page number."""
_SIGNS = lazy(r"[*_~`|<\[]|^[ \t]*[>#+\u2022-]|[-\u2010\u00ad][ \t]*\r?\n", re.MULTILINE)


def unmarked(text: str, *, joint: str = "") -> str:
    """A text without emphasis, link addresses, heading and list signs, table rules and inline tags.

    The halves of a word hyphenated at a line end are joined by ``joint``: "" for "invoi-ces", "-" for
    "long-term".
    """
    if not _SIGNS.search(text):
        return text
    text = _LINK.sub(r"\1", _DIVIDED.sub(joint, text))
    return _EMPHASIS.sub("", _LINE_START.sub("", _TAG.sub("", text)))


def without_emphasis(text: str) -> str:
    """An answer without bold type, inline tags and struck-out text, and with braces in every box."""
    text = text.replace("**", " ").replace("__", " ")
    if "~~" in text or "</" in text:
        text = _NOT_SAID.sub(" ", text)
    return _BARE_BOX.sub(r"\\boxed{\1}", text) if "\\" in text else text


@lru_cache(maxsize=32)
def readings(source: str) -> tuple[str, ...]:
    """A source folded in each form in which a response may quote it.

    The first form has no markup and no page numbers; the last has no quotation marks. Cached, since the
    rollouts of a group share their documents.
    """
    forms = [unmarked(source), *([unmarked(source, joint="-")] if _DIVIDED.search(source) else []), source]
    if _PAGE.search(source):
        forms.insert(0, unmarked(_PAGE.sub("", source)))
    plain = [together(folded(form)) for form in forms]
    return tuple(dict.fromkeys([*plain, plain[0].replace('"', "")]))


def together(text: str) -> str:
    """A folded text without spaces beside dashes, degree, percent and section signs."""
    for spaced, joined in _APART:
        text = text.replace(spaced, joined)
    return text
