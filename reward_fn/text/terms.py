"""Which of some phrases and patterns stand in a text, and where: in time linear in the text, or undecided."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from reward_fn.text.normalise import folded
from reward_fn.text.patterns import Allowance, compile_pattern
from reward_fn.text.words import is_unspaced

MAX_CHARS = 400_000
"""A longer text is not searched for phrases; for patterns see :mod:`reward_fn.text.patterns`."""

PARAMETERS: Mapping[str, Any] = {
    "phrases": {
        "type": "array",
        "items": {"type": "string", "minLength": 1, "maxLength": 1000},
        "minItems": 1,
    },
    "patterns": {
        "type": "array",
        "items": {"type": "string", "minLength": 1},
        "minItems": 1,
        "maxItems": 50,
    },
    "where": {"enum": ["anywhere", "start", "end"]},
    "match_case": {"type": "boolean"},
}
"""The JSON Schema of the parameters that make :class:`Terms`."""

_AROUND = " \"'*_"
_ANCHORED = {"anywhere": "{}", "start": r"\A(?:{})", "end": r"(?:{})\Z"}


class Terms:
    """Phrases and patterns, and where they are looked for.

    A phrase stands in a text as whole words ("cap" is not in "escape"), whatever the quotation marks, dashes,
    invisible characters and white space, and the case unless ``match_case``. At the ``start`` or ``end`` of a
    text quotation marks and emphasis may stand around it.
    """

    def __init__(self, parameters: Mapping[str, Any]) -> None:
        """Raises ValueError for a pattern that can't be used, a phrase that nobody can see, and for none."""
        if not parameters.keys() & {"phrases", "patterns", "phrases_from"}:
            raise ValueError("needs phrases, patterns or phrases_from: there is nothing to look for")
        self._where = parameters.get("where", "anywhere")
        self._match_case = parameters.get("match_case", False)
        self._phrases = [self._folded(phrase) for phrase in parameters.get("phrases", ())]
        if "" in self._phrases:
            raise ValueError(f"phrases[{self._phrases.index('')}]: has no visible character")
        self._searches = []
        for i, pattern in enumerate(parameters.get("patterns", ())):
            anchored = _ANCHORED[self._where].format(pattern)
            try:
                self._searches.append(compile_pattern(anchored, ignore_case=not self._match_case))
            except ValueError as error:
                raise ValueError(f"patterns[{i}]: {error}") from error

    def found_in(self, text: str, brought: Sequence[str] = ()) -> Iterator[bool | None]:
        """For each phrase, each phrase ``brought`` along and each pattern; None for undecided."""
        text = text.strip()
        phrases = [*self._phrases, *filter(None, map(self._folded, brought))]
        if len(text) > MAX_CHARS:
            yield from (None for _ in phrases)
        elif phrases:
            searched = self._folded(text)
            yield from (_STANDS[self._where](searched, phrase) for phrase in phrases)
        allowance = Allowance()
        yield from (search(text, allowance) for search in self._searches)

    def _folded(self, text: str) -> str:
        return folded(text, keep_case=self._match_case)


def _anywhere(text: str, phrase: str) -> bool:
    place = text.find(phrase)
    while place >= 0 and not _is_whole(text, place, place + len(phrase)):
        place = text.find(phrase, place + 1)
    return place >= 0


def _at_start(text: str, phrase: str) -> bool:
    text = text.lstrip(_AROUND)
    return text.startswith(phrase) and _is_whole(text, 0, len(phrase))


def _at_end(text: str, phrase: str) -> bool:
    text = text.rstrip(_AROUND)
    return text.endswith(phrase) and _is_whole(text, len(text) - len(phrase), len(text))


def _is_whole(text: str, start: int, end: int) -> bool:
    """Whether no word goes on over either edge."""
    return not _goes_on(text, start) and not _goes_on(text, end)


def _goes_on(text: str, place: int) -> bool:
    if not 0 < place < len(text):
        return False
    before, after = text[place - 1], text[place]
    return before.isalnum() and after.isalnum() and not (is_unspaced(before) or is_unspaced(after))


_STANDS: Mapping[str, Callable[[str, str], bool]] = {
    "anywhere": _anywhere,
    "start": _at_start,
    "end": _at_end,
}
