"""Where a quote stands in a text, in characters of that text."""

import re

from reward_fn.text.quotes import MAX_CHARS, MIN_CHARS, find_quote, quote_stands_in
from rewardctl.explain.parts import Place

WINDOW_CHARS = 80
"""The context shown on each side of a quote: about one line of a terminal."""
_WORD = re.compile(r"\w+")
_ELLIPSIS = re.compile(r"\[? ?(?:\.\s?\.\s?\.|\u2026) ?\]?")
_MAX_BETWEEN = 40
"""The most characters between two words of a quote: a line break, indentation, a page number's signs."""


def place_of(quote: str, document: str, text: str, *, min_chars: int = MIN_CHARS) -> Place | None:
    """The quote's place in the document of that name, with context; None if it does not stand there.

    :func:`reward_fn.text.quotes.quote_stands_in` decides, as it does for verdicts. A quote that differs in
    case, white space or markup is ``exact`` = False, and its ends may be off by a few characters.
    """
    quote = quote.strip()
    span = exact_span(quote, text)
    exact = span is not None
    if not quote_stands_in(quote, text, min_chars=min_chars):
        return None
    start, end = span or near_span(quote, text) or _by_letters(quote, text, min_chars)
    before = text[max(0, start - WINDOW_CHARS) : start]
    return Place(document, start, end, before, text[start:end], text[end : end + WINDOW_CHARS], exact)


def exact_span(quote: str, text: str, start: int = 0) -> tuple[int, int] | None:
    """Start and end of the quote as it is; None if it is not there or empty."""
    place = text.find(quote, start) if quote else -1
    return None if place < 0 else (place, place + len(quote))


def near_span(quote: str, text: str, start: int = 0) -> tuple[int, int] | None:
    """Start and end of the same words in the same order, whatever stands between them and in any case."""
    parts = [words for part in _ELLIPSIS.split(quote[:MAX_CHARS]) if (words := _WORD.findall(part))]
    first = end = -1
    for words in parts:
        pattern = rf"[\W_]{{1,{_MAX_BETWEEN}}}".join(map(re.escape, words))
        match = re.compile(rf"(?<!\w){pattern}(?!\w)", re.IGNORECASE).search(text, max(start, end))
        if match is None:
            return None
        first, end = match.start() if first < 0 else first, match.end()
    return (first, end) if parts else None


def _by_letters(quote: str, text: str, min_chars: int) -> tuple[int, int]:
    """About where ``find_quote`` found the quote: its span counts letters, which all readings share."""
    span = find_quote(quote, text, min_chars=min_chars) or (0, 0)
    letters, place, ends = 0, 0, []
    for wanted in (span[0] + 1, span[1]):
        while place < len(text) and letters < wanted:
            if text[place].isalpha() or not text[place].isascii():
                letters += len(text[place].encode("utf-8", "surrogatepass"))
            place += 1
        ends.append(place)
    return max(0, ends[0] - 1), ends[1]
