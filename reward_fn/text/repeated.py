"""Measure how much of a text repeats itself: the share of its word sequences that occurred before.

Repetition that the task causes does not count: table cells, the frame of a schedule, of a quiz or of a list
of SQL statements. It differs from a loop in that each of its lines or sentences adds something new.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from reward_fn.text.lazy import lazy
from reward_fn.text.normalise import folded
from reward_fn.text.words import ngrams, short_units, units_of

MAX_CHARS = 50_000
"""Of a longer text only the lines in its first and last ``MAX_CHARS // 2`` characters are compared."""
RECORD_WORDS = 40
"""A line of more words is a paragraph; each of its sequences that occurred before counts."""
SENTENCE_WORDS = 10
"""A line of at least this many words, without digits or signs of code, counts at its first repetition."""
FREE_LINES = 6
"""Up to this many repeated lines in a row do not count: the hours of a day, the options of a question."""
FREE_NUMBERED = 12
"""Up to this many lines in a row may differ only in their number: the months of a year."""
FEW_NEW, FREE_FRAMES = 0.15, 30
"""A line with a smaller share of new words is a template; after ``FREE_FRAMES`` of them they count."""
_SENTENCE_END = lazy(r"(?<=[.!?])\s+|(?<=[\u3002\uff01\uff1f\u0964\u104b\u17d4])")
_ENUMERATOR = lazy(r"^[\s>*_#-]*(?:\(?\d{1,4}[.):]|[a-zA-Z][.)])\s+")
_NO_SENTENCE = lazy(r"[\d|{}();=<>\[\]]")

Window = tuple[str, ...]


class Line(NamedTuple):
    """One line or sentence, and how much of it is repeated.

    ``windows`` is its number of word sequences, at least 1. ``within`` counts the sequences that occurred
    before in the same line, ``earlier`` those that occurred in earlier lines. ``new_units`` counts its units
    outside of earlier sequences. ``seen`` says that the whole line occurred before, ``inline`` that another
    sentence precedes it on its line. ``text`` is folded.
    """

    units: list[str]
    windows: int
    within: int
    earlier: int
    new_units: int
    seen: bool
    inline: bool
    text: str


def looping_share(text: str, length: int) -> float:
    """The share, in [0, 1], of sequences of ``length`` words that occurred before and add nothing new."""
    if len(text) > MAX_CHARS:
        text = f"{text[: MAX_CHARS // 2]}\n{text[-MAX_CHARS // 2 :]}"
    lines = list(_lines(text, units_of(length, folded(text))))
    total = sum(line.windows for line in lines)
    counted = sum(line.within for line in lines)
    run: list[Line] = []
    numbered = frames = 0
    for before, line in zip([None, *lines], lines, strict=False):
        fresh = line.windows - line.within
        if len(line.units) > RECORD_WORDS:
            counted += min(line.earlier, fresh)
        elif _is_numbered(before, line):
            numbered += 1
            counted += fresh if numbered > FREE_NUMBERED else 0
            continue
        elif line.seen or not line.new_units:
            if _is_sentence(line) or (line.inline and line.seen):
                counted += fresh
            else:
                run.append(line)
            continue
        elif line.new_units < FEW_NEW * len(line.units):
            frames += 1
            counted += min(line.earlier, fresh) if frames > FREE_FRAMES else 0
        counted += _of_a_run(run)
        run, numbered = [], 0
    return min(1.0, (counted + _of_a_run(run)) / total) if total else 0.0


def _of_a_run(run: Sequence[Line]) -> int:
    """The sequences of consecutive repeated lines that are not counted yet; 0 up to ``FREE_LINES`` lines."""
    return sum(line.windows - line.within for line in run) if len(run) > FREE_LINES else 0


def _lines(text: str, length: int) -> Iterator[Line]:
    """The lines that have words, each compared with the lines before it."""
    known: set[Window] = set()
    seen: set[Window] = set()
    for raw, inline in _sentences(text):
        line = folded(raw)
        units = short_units(line)
        if not units:
            continue
        windows = list(ngrams(units, length))
        key, count = tuple(units), max(1, len(windows))
        counted, earlier_at = windows, [place for place, window in enumerate(windows) if window in known]
        new_units = len(units) if key not in seen else 0
        if len(units) <= RECORD_WORDS and windows:
            counted = [window for window in windows if not all(map(str.isdecimal, window))]
            new_units = len(units) - len({place + i for place in earlier_at for i in range(length)})
        yield Line(
            units,
            count,
            len(counted) - len(set(counted)),
            len(earlier_at),
            new_units,
            key in seen,
            inline,
            line,
        )
        known.update(windows)
        seen.add(key)


def _sentences(text: str) -> Iterator[tuple[str, bool]]:
    """The sentences of each line without its number, and whether another one precedes it on the line."""
    for line in text.splitlines():
        for place, sentence in enumerate(_SENTENCE_END.split(_ENUMERATOR.sub("", line))):
            yield sentence, place > 0


def _is_numbered(before: Line | None, line: Line) -> bool:
    """Whether two neighbouring lines differ only in a number that grows by one."""
    if before is None or len(before.units) != len(line.units):
        return False
    differing = [(a, b) for a, b in zip(before.units, line.units, strict=True) if a != b]
    if len(differing) != 1:
        return False
    one, other = differing[0]
    return one.isdecimal() and other.isdecimal() and len(other) < 9 and int(other) == int(one[:9]) + 1


def _is_sentence(line: Line) -> bool:
    return len(line.units) >= SENTENCE_WORDS and not _NO_SENTENCE.search(line.text)
