"""Find a quote in a text. White space, quotation marks, markup and case don't count; ellipses join parts."""

import re
from itertools import pairwise

from reward_fn.text.lazy import lazy
from reward_fn.text.markup import readings, together, unmarked
from reward_fn.text.normalise import folded
from reward_fn.text.words import has_length, ngrams, words

MIN_CHARS = 16
MIN_PART_CHARS = 12
MAX_CHARS = 20_000
MAX_GAP_CHARS = 1_000
MAX_PARTS = 6
MIN_WORDS = 3
MIN_SHARED_WORDS = 4
ENOUGH_CHARS = 100
MAX_SHORT_GAP_CHARS = 40
_ELLIPSIS = re.compile(r"\[? ?(?:\. ?\. ?\.|\u2026) ?\]?")
_NEGATIONS = frozenset(
    "not no never nor neither none nobody nothing without cannot unless except hardly scarcely barely refuse "
    "refuses refused dont doesnt didnt wont wouldnt shant shouldnt cant couldnt isnt arent wasnt werent "
    "hasnt havent hadnt mustnt neednt nicht kein keine keinen keiner nie ohne ne pas jamais sans non nunca "
    "sin mai senza niet geen inte ikke n\u00e3o sem bez \u4e0d \u672a \u52ff \u65e0 \u6ca1 \u6c92".split()
)
"""Written without apostrophes, as :func:`words` returns them."""
_LIMIT = lazy(
    r"\b(?:no|not) (?:less|fewer|more|greater|later|earlier|sooner|longer) than\b|\bnot (?:only|to exceed)\b"
)
"""In these phrases "no" and "not" set a limit and do not negate."""
_SENTENCE_END = re.compile(r"(?<=[^\W\d_]{4})\.(?!\w)|(?<=[)\"%\d])\.(?= [^\W\d])|[!?;\u3002\u0964]")
"""Skips the points of "sec. 12", "e.g." and "3.4": four letters must precede, or a word follow a number."""
_EDGES = " \"'.,;:()[]\u3002\u3001\u300c\u300d"

Span = tuple[int, int]
"""Start and end of a quote, counted in letters, which are about the same in each reading of a source."""
_NO_LETTERS = bytes(code for code in range(128) if not chr(code).isalpha())


def quote_parts(quote: str) -> tuple[str, ...]:
    """The folded parts of a quote between its ellipses; quotes with equal parts are the same quote."""
    quote = unmarked(quote)
    may_skip = ".." in quote or ". ." in quote or "\u2026" in quote
    pieces = _ELLIPSIS.split(" ".join(quote.split())) if may_skip else [quote]
    return tuple(filter(None, [together(folded(piece)).strip(_EDGES) for piece in pieces]))


def find_quote(quote: str, source: str, *, min_chars: int = MIN_CHARS) -> Span | None:
    """The place of ``quote`` in ``source``, or None if it is not there.

    Its parts between ellipses must be whole words, follow in that order, and have at most ``MAX_GAP_CHARS``
    characters between them. After folding, all parts together need at least ``min_chars`` characters; if
    there are several, each needs ``MIN_PART_CHARS``, and at most ``MAX_PARTS`` are allowed: otherwise any
    "the … of" would match. A character of Chinese, Japanese or Korean counts as three. An ellipsis may not
    leave out the "not" of a sentence. A quote longer than ``MAX_CHARS`` never matches.
    """
    parts = quote_parts(quote) if len(quote) <= MAX_CHARS else ()
    least = MIN_WORDS if min_chars >= MIN_CHARS else 1
    if not has_length("".join(parts), min_chars) or not _are_enough(parts, least):
        return None
    for text in readings(source):
        if span := _find_parts(parts, text):
            start, end = span
            before = _letters(text[:start])
            return before, before + _letters(text[start:end])
    return None


def _letters(text: str) -> int:
    """The number of letters in a text, in bytes; digits and signs, which also make up markup, don't count."""
    return len(text.encode("utf-8", "surrogatepass").translate(None, _NO_LETTERS))


def _find_parts(parts: tuple[str, ...], text: str) -> tuple[int, int] | None:
    """Start and end of all parts in a folded text, in characters; None if they don't follow one another."""
    first = start = _find_words(text, parts[0], 0)
    for part, following in pairwise(parts):
        if start < 0:
            return None
        end = start + len(part)
        start = _find_words(text, following, end)
        if start - end > MAX_GAP_CHARS or _drops_a_negation(text, end, start):
            return None
    return None if start < 0 else (first, start + len(parts[-1]))


def quote_stands_in(quote: str, source: str, *, min_chars: int = MIN_CHARS) -> bool:
    """Whether :func:`find_quote` finds ``quote`` in ``source``."""
    return (
        _occurs_verbatim(quote, source, min_chars)
        or find_quote(quote, source, min_chars=min_chars) is not None
    )


def _occurs_verbatim(quote: str, source: str, min_chars: int) -> bool:
    """Whether a quote occurs verbatim, is long enough and has whole words.

    This is the usual case, at a fifth of the cost of :func:`find_quote`.
    """
    place = source.find(quote)
    if place < 0 or not has_length(" ".join(quote.split()), max(min_chars, MIN_CHARS)):
        return False
    whole = not _joined(source, place) and not _joined(source, place + len(quote))
    return whole and _has_words(quote[:ENOUGH_CHARS], MIN_WORDS)


def share_a_passage(one: str, other: str) -> bool:
    """Whether two texts share a run of ``MIN_SHARED_WORDS`` words, or one of them contains all of the other.

    A text of fewer than ``MIN_CHARS`` characters shares nothing, since any word would match.
    """
    if has_length(one.strip(), MIN_CHARS) and one in other:
        return True
    shorter, longer = sorted((folded(one[:MAX_CHARS]), folded(other[:MAX_CHARS])), key=len)
    if not has_length(shorter, MIN_CHARS):
        return False
    if shorter in longer:  # the usual case: the judge quotes a part of the passage, or all of it
        return True
    few, many = words(shorter), words(longer)
    run = min(MIN_SHARED_WORDS, len(few))
    return bool(run) and not set(ngrams(few, run)).isdisjoint(ngrams(many, run))


def _are_enough(parts: tuple[str, ...], least_words: int) -> bool:
    """Whether the parts have enough words, and are not a table rule or fragments around left-out text."""
    if len(parts) > 1 and (
        len(parts) > MAX_PARTS or not all(has_length(part, MIN_PART_CHARS) for part in parts)
    ):
        return False
    return any(_has_words(part[:ENOUGH_CHARS], least_words) for part in parts)


def _has_words(text: str, count: int) -> bool:
    """Whether a short text has at least ``count`` words."""
    return len(words(text)) >= count


def _drops_a_negation(text: str, start: int, end: int) -> bool:
    """Whether the text left out between two parts negates the second part.

    A negation in the second part's own sentence does, and in a short gap any negation. One in an earlier
    sentence does not: whole sentences may be left out, and so may the end of the first part's sentence.
    """
    if start + MAX_SHORT_GAP_CHARS < end:
        start = max(
            (sentence_end.end() for sentence_end in _SENTENCE_END.finditer(text, start, end)), default=start
        )
    return start < end and not _NEGATIONS.isdisjoint(words(_LIMIT.sub(" ", text[start:end])))


def _find_words(text: str, part: str, start: int) -> int:
    """The first place from ``start`` on where ``part`` consists of whole words; -1 if there is none."""
    place = text.find(part, start)
    while place >= 0 and (_joined(text, place) or _joined(text, place + len(part))):
        place = text.find(part, place + 1)
    return place


def _joined(text: str, place: int) -> bool:
    """Whether a word continues across ``place``; never in scripts that are written without spaces."""
    pair = text[place - 1 : place + 1]  # of fewer than two characters at either end
    return pair.isalnum() and pair.isascii() and len(pair) == 2
