"""Search a text for phrases and patterns, in time linear in the text; a search may be undecided."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
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
    invisible characters and white space, and the case unless ``match_case``. Markdown's emphasis may stand in
    it, and a line's end may divide its words. A Korean particle may follow it, Hebrew and Arabic prefixes may
    stand before it, and their points don't count. At the ``start`` or ``end`` of a text quotation marks and
    emphasis may stand around it.
    """

    def __init__(self, parameters: Mapping[str, Any]) -> None:
        """Raises ValueError for an unusable pattern, an invisible phrase, or nothing to search for."""
        if not parameters.keys() & {"phrases", "patterns", "phrases_from"}:
            raise ValueError("set phrases, patterns or phrases_from; there is nothing to search for")
        self._where = parameters.get("where", "anywhere")
        self._match_case = parameters.get("match_case", False)
        self._phrases = [self._folded(phrase) for phrase in parameters.get("phrases", ())]
        if "" in self._phrases:
            raise ValueError(f"phrases[{self._phrases.index('')}]: has no visible character; remove it")
        self._searches = []
        for i, pattern in enumerate(parameters.get("patterns", ())):
            anchored = _ANCHORED[self._where].format(pattern)
            try:
                self._searches.append(compile_pattern(anchored, ignore_case=not self._match_case))
            except ValueError as error:
                raise ValueError(f"patterns[{i}]: {error}") from error

    def found_in(self, text: str, brought: Sequence[str] = ()) -> Iterator[bool | None]:
        """For each phrase, each phrase ``brought`` by the rollout and each pattern; None if undecided."""
        text = text.strip()
        phrases = [*self._phrases, *filter(None, map(self._folded, brought))]
        if len(text) > MAX_CHARS:
            yield from (None for _ in phrases)
        elif phrases:
            readings = self._readings(text)
            stands = _STANDS[self._where]
            yield from (
                any(stands(text, form) for text in readings for form in _forms(phrase)) for phrase in phrases
            )
        allowance = Allowance()
        yield from (search(text, allowance) for search in self._searches)

    def _readings(self, text: str) -> Sequence[str]:
        """The text as it is, and as a reader sees it, where that differs."""
        from reward_fn.text.markup import unmarked  # not in the cold start

        forms = (text, unmarked(text), unmarked(text, joint="-"))
        return tuple(dict.fromkeys(self._folded(form) for form in dict.fromkeys(forms)))

    def _folded(self, text: str) -> str:
        text = folded(text, keep_case=self._match_case)
        return text if text.isascii() else _points().sub("", text)


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
    """Whether no word goes on over either edge, but for a prefix or a particle."""
    return (not _goes_on(text, start) or _follows_a_prefix(text, start, end)) and (
        not _goes_on(text, end) or _precedes_a_particle(text, end)
    )


def _goes_on(text: str, place: int) -> bool:
    if not 0 < place < len(text):
        return False
    before, after = text[place - 1], text[place]
    return before.isalnum() and after.isalnum() and not (is_unspaced(before) or is_unspaced(after))


def _forms(phrase: str) -> tuple[str, ...]:
    """A phrase, and its form after the Arabic "to", which swallows the article's first letter."""
    return (phrase, f"\u0644\u0644{phrase[2:]}") if phrase.startswith("\u0627\u0644") else (phrase,)


def _follows_a_prefix(text: str, start: int, end: int) -> bool:
    """Whether only letters that Hebrew or Arabic writes together with a word stand before it."""
    if text[start].isascii() or end - start < MIN_AFTER_PREFIX:
        return False
    return _prefixes().search(text, max(0, start - MAX_PREFIX_CHARS), start) is not None


def _precedes_a_particle(text: str, end: int) -> bool:
    """Whether only Korean particles follow up to the word's end."""
    return "\uac00" <= text[end] <= "\ud7a3" and _particles().match(text, end) is not None


MIN_AFTER_PREFIX, MAX_PREFIX_CHARS = 3, 6
"""Shorter words with a prefix are often other words."""


@cache
def _prefixes() -> re.Pattern[str]:
    """Hebrew "and, that, in, as, to, from, the"; Arabic "and, so, in, as, to, will, the"."""
    hebrew = "(?<![\u05d0-\u05ea])[\u05d5\u05e9\u05d1\u05db\u05dc\u05de\u05d4]{1,4}"
    one, article = "[\u0628\u0643\u0644\u0633]", "\u0627\u0644"
    arabic = f"(?<![\u0620-\u064a])(?:[\u0648\u0641]?(?:{one}?{article}|\u0644\u0644|{one})|[\u0648\u0641])"
    return re.compile(rf"(?:{hebrew}|{arabic})\Z")


@cache
def _particles() -> re.Pattern[str]:
    """Particles of case and topic, the copula and the plural, up to three in a row."""
    words = """
    은 는 이 가 을 를 의 에 에서 에게 에게서 께 께서 한테 와 과 랑 이랑 하고 로 으로 로서 으로서 로써
    으로써 도 만 까지 부터 마저 조차 밖에 뿐 보다 처럼 같이 마다 나 이나 든지 이든지 라도 이라도 야 이야
    란 이란 라는 이라는 라고 이라고 며 이며 고 이고 다 이다 인 일 입니다 이었다 였다 들 님 씨
    """.split()
    longest_first = "|".join(sorted(words, key=len, reverse=True))
    return re.compile(f"(?:{longest_first}){{1,3}}(?![\uac00-\ud7a3])")


@cache
def _points() -> re.Pattern[str]:
    """Hebrew points, Arabic vowel signs and the line that stretches a word."""
    return re.compile("[\u0591-\u05bd\u05bf-\u05c7\u0640\u064b-\u0652\u0670]+")


_STANDS: Mapping[str, Callable[[str, str], bool]] = {
    "anywhere": _anywhere,
    "start": _at_start,
    "end": _at_end,
}
