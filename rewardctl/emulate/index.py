"""A source text made ready for many questions: where its words stand, and what each passage is about."""

import re
from bisect import bisect_left
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from rewardctl.emulate.words import WORD, stems

MAX_SOURCE_CHARS = 400_000
"""The judge reads no further into a source than this."""

MAX_QUOTE_CHARS = 300
"""Evidence is cut, between words, to this length."""

WINDOW_WORDS = 6
"""Runs in prose are looked for by windows of so many words: every run of 11 words holds one of them."""

MAX_PASSAGES = 64
"""A word that stands in more passages than this is looked up in the first ones only."""

_BREAK = re.compile(r"(?<=[.;!?])\s+|\n+")


@dataclass(frozen=True, slots=True)
class Run:
    """Words that stand in a source one after another: how many, and the place of the first one there."""

    length: int = 0
    place: int = 0


class Source:
    """One source text. Reading it costs some microseconds a word; asking it costs next to nothing."""

    def __init__(self, text: str) -> None:
        self.text = text = text[:MAX_SOURCE_CHARS]
        self._spans = [match.span() for match in WORD.finditer(text)]
        self.words = [text[start:end].lower() for start, end in self._spans]
        self._joined = f" {' '.join(self.words)} "
        self.stems = stems(self.words)
        self.passages = self._split_passages()
        self.passage_stems = [stems(self.words[start:end]) for start, end in self.passages]
        self._passages_with = self._index_passages()

    def contains(self, words: Sequence[str]) -> bool:
        """Whether all of ``words``, one at least, stand one after another."""
        return bool(words) and f" {' '.join(words)} " in self._joined

    def find(self, words: Sequence[str]) -> Run:
        """Where all of ``words`` stand one after another; an empty run where they do not."""
        offset = self._joined.find(f" {' '.join(words)} ") if words else -1
        return Run(len(words), self._joined.count(" ", 0, offset)) if offset >= 0 else Run()

    def longest_run(self, words: Sequence[str]) -> Run:
        """The longest run of ``words`` found by a window, which finds all of 11 words and more."""
        best, start = Run(), 0
        while start + WINDOW_WORDS <= len(words):
            seed = self.find(words[start : start + WINDOW_WORDS])
            if seed.length:
                before = self._same(words, start - 1, seed.place - 1, step=-1)
                after = self._same(words, start + WINDOW_WORDS, seed.place + WINDOW_WORDS, step=1)
                here = Run(before + WINDOW_WORDS + after, seed.place - before)
                best = max(best, here, key=lambda run: run.length)
                start += after
            start += WINDOW_WORDS
        return best

    def nearest_passage(self, wanted: Collection[str]) -> tuple[str, int]:
        """The passage with most of the ``wanted`` stems, rare ones first, and how many; "" where none is."""
        scores: dict[int, int] = {}
        for each in wanted:
            weight, numbers = self._passages_with.get(each, (0, ()))
            for number in numbers:
                scores[number] = scores.get(number, 0) + weight
        if not scores:
            return "", 0
        highest = max(scores.values())
        best = min(number for number, score in scores.items() if score == highest)
        return self.passage(best), len(self.passage_stems[best].intersection(wanted))

    def passage(self, number: int) -> str:
        """A passage by its number, as a quote."""
        start, end = self.passages[number]
        return self.quote(Run(end - start, start))

    def quote(self, run: Run) -> str:
        """The words of a run (at least one), letter by letter, cut between words to MAX_QUOTE_CHARS."""
        spans = self._spans[run.place : run.place + run.length]
        start = spans[0][0]
        fitting = bisect_left(spans, start + MAX_QUOTE_CHARS + 1, key=lambda span: span[1])
        return self.text[start : spans[max(fitting, 1) - 1][1]]

    def _same(self, words: Sequence[str], start: int, place: int, step: int) -> int:
        """How many words are the same, from ``start`` in ``words`` and ``place`` in the source on."""
        length = 0
        while 0 <= start < len(words) and 0 <= place < len(self.words) and words[start] == self.words[place]:
            length, start, place = length + 1, start + step, place + step
        return length

    def _index_passages(self) -> dict[str, tuple[int, list[int]]]:
        """For each stem its weight, the greater the rarer, and the first passages that hold it."""
        places: dict[str, list[int]] = {}
        for number, found in enumerate(self.passage_stems):
            for each in found:
                places.setdefault(each, []).append(number)
        return {each: (1_000_000 // len(found), found[:MAX_PASSAGES]) for each, found in places.items()}

    def _split_passages(self) -> list[tuple[int, int]]:
        """Sentences and lines as ranges of words; one of fewer than four words joins the next one."""
        starts = [start for start, _ in self._spans]
        cuts = [bisect_left(starts, match.end()) for match in _BREAK.finditer(self.text)]
        passages, begin = [], 0
        for end in [*cuts, len(starts)]:
            if end - begin >= 4 or (end == len(starts) and end > begin):
                passages.append((begin, end))
                begin = end
        return passages


def cut(text: str) -> str:
    """A text cut, between words, to MAX_QUOTE_CHARS."""
    text = text.strip()
    if len(text) <= MAX_QUOTE_CHARS:
        return text
    return text[: MAX_QUOTE_CHARS + 1].rsplit(None, 1)[0][:MAX_QUOTE_CHARS]
