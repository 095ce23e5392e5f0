"""What a text says over again: the share of its sequences of words that stood in it before.

What repeats because the task does is left out: the cells of a table, the frame of a schedule, a quiz or a
list of SQL statements. It is told from a loop by its lines and sentences: each of them says something new.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from reward_fn.text.lazy import lazy
from reward_fn.text.normalise import folded
from reward_fn.text.words import ngrams, short_units, units_of

MAX_CHARS = 50_000
"""Of a longer text the lines of the first and the last half of this are compared."""
RECORD_WORDS = 40
"""A line of more words is a paragraph, whose sequences count wherever they stood before."""
SENTENCE_WORDS = 10
"""A line of so many words without figures or signs of code is no refrain: given twice it counts at once."""
FREE_LINES = 6
"""So many lines in a row may be old ones: the hours of a day, the options of a question."""
FREE_NUMBERED = 12
"""So many lines in a row may differ in their number alone: the months of a year."""
FEW_NEW, FREE_FRAMES = 0.15, 30
"""A line with a smaller share of new words is a frame with one slot; from the 31st on such lines count."""
_SENTENCE_END = lazy(r"(?<=[.!?])\s+|(?<=[\u3002\uff01\uff1f\u0964\u104b\u17d4])")
_ENUMERATOR = lazy(r"^[\s>*_#-]*(?:\(?\d{1,4}[.):]|[a-zA-Z][.)])\s+")
_NO_SENTENCE = lazy(r"[\d|{}();=<>\[\]]")

Window = tuple[str, ...]


class Line(NamedTuple):
    """A line or sentence: ``old`` is how many of its sequences stood in earlier lines, ``own`` in itself.

    ``inline`` says that another sentence stands before it on its line, ``seen`` that it stood there before.
    """

    units: list[str]
    windows: int
    own: int
    old: int
    new_units: int
    seen: bool
    inline: bool
    text: str


def looping_share(text: str, length: int) -> float:
    """The share of sequences of ``length`` words that stood there before and say nothing new, in [0, 1]."""
    if len(text) > MAX_CHARS:
        text = f"{text[: MAX_CHARS // 2]}\n{text[-MAX_CHARS // 2 :]}"
    lines = list(_lines(text, units_of(length, folded(text))))
    total = sum(line.windows for line in lines)
    counted = sum(line.own for line in lines)
    run: list[Line] = []
    numbered = frames = 0
    for before, line in zip([None, *lines], lines, strict=False):
        fresh = line.windows - line.own
        if len(line.units) > RECORD_WORDS:
            counted += min(line.old, fresh)
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
            counted += min(line.old, fresh) if frames > FREE_FRAMES else 0
        counted += _of_a_run(run)
        run, numbered = [], 0
    return min(1.0, (counted + _of_a_run(run)) / total) if total else 0.0


def _of_a_run(run: Sequence[Line]) -> int:
    return sum(line.windows - line.own for line in run) if len(run) > FREE_LINES else 0


def _lines(text: str, length: int) -> Iterator[Line]:
    """The lines that have words, each compared with those before it."""
    known: set[Window] = set()
    seen: set[Window] = set()
    for raw, inline in _sentences(text):
        line = folded(raw)
        units = short_units(line)
        if not units:
            continue
        windows = list(ngrams(units, length))
        whole, count = tuple(units), max(1, len(windows))
        told, old_at = windows, [place for place, window in enumerate(windows) if window in known]
        new = len(units) if whole not in seen else 0
        if len(units) <= RECORD_WORDS and windows:
            told = [window for window in windows if not all(map(str.isdecimal, window))]
            new = len(units) - len({place + i for place in old_at for i in range(length)})
        yield Line(units, count, len(told) - len(set(told)), len(old_at), new, whole in seen, inline, line)
        known.update(windows)
        seen.add(whole)


def _sentences(text: str) -> Iterator[tuple[str, bool]]:
    """The sentences of each line without its number, and whether another stands before it there."""
    for line in text.splitlines():
        for place, sentence in enumerate(_SENTENCE_END.split(_ENUMERATOR.sub("", line))):
            yield sentence, place > 0


def _is_numbered(before: Line | None, line: Line) -> bool:
    """Whether a line is the one before it with the next number."""
    if before is None or len(before.units) != len(line.units):
        return False
    differing = [(a, b) for a, b in zip(before.units, line.units, strict=True) if a != b]
    if len(differing) != 1:
        return False
    one, other = differing[0]
    return one.isdecimal() and other.isdecimal() and len(other) < 9 and int(other) == int(one[:9]) + 1


def _is_sentence(line: Line) -> bool:
    return len(line.units) >= SENTENCE_WORDS and not _NO_SENTENCE.search(line.text)
