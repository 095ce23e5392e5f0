"""Words and phrases by category, compiled to sets: the words of a text are looked up, not the list in it."""

import re
from collections.abc import Iterator, Mapping, Sequence, Set

from reward_fn.text.findings import Finding
from reward_fn.text.normalise import visible
from reward_fn.text.words import ascii_runs

FORMS = ("inside", "strong", "words", "english", "phrases")
"""What a category lists; what each means stands at the head of the list itself."""

FEW_WORDS = 6
_ENGLISH = frozenset(
    """
    the and you your of that this with are it is was for have not they what
    """.split()
)
_COMMON = frozenset(
    """
    must where without only better a all am and are be by come d do for from get go going he her him how
    i if in is it ll m make me my of off on or out over re s should so that the them they this to up us
    was we were what will wish with would you your
    """.split()
)
_KINDS = bytes(97 if chr(c).isalpha() else 48 if chr(c).isdigit() else 32 for c in range(128)) + b" " * 128
_WORD = re.compile(r"[^\W_]+")
_SIGNS = "@$!*"
MAX_SIGNS = 5_000
"""Of each sign no more are looked at."""
_MEANT = str.maketrans("013457@$!", "oieastasi")
_MASKABLE = frozenset("*")
_TYPOGRAPHY = "\u2019\u2018\u201c\u201d\u2013\u2014\u2026\u00a0\u00a7\u20ac\u00a3\u2022"
_SHORT = 4
_AROUND = 16
_EDGE = re.compile(r"[^a-z0-9@$!*]")


class WordList:
    """The list, compiled for some of its categories."""

    def __init__(self, data: Mapping[str, Mapping[str, Sequence[str]]], categories: Set[str]) -> None:
        """``data`` has the lists of ``FORMS`` under each category."""
        self._inside: list[tuple[str, str]] = []
        self._whole: dict[str, str] = {}
        self._strong: dict[str, str] = {}
        self._english: dict[str, str] = {}
        self._phrases: dict[str, list[tuple[str, str, frozenset[str]]]] = {}
        for category in (name for name in data if name in categories):
            lists = data[category]
            self._inside += [(term, category) for term in lists.get("inside", ())]
            self._strong.update((word, category) for word in _forms(lists.get("strong", ())) if len(word) > 3)
            for form in ("strong", "words"):
                self._whole.update((word, category) for word in _forms(lists.get(form, ())))
            self._english.update((word, category) for word in _forms(lists.get("english", ())))
            for phrase in lists.get("phrases", ()):
                parts = frozenset(phrase.split())
                self._phrases.setdefault(_rarest(phrase), []).append((phrase, category, parts))
        self._known = self._whole.keys() | self._english.keys() | self._phrases.keys()
        self._masks: dict[tuple[int, str, str], list[str]] = {}
        self._masked = {**self._strong, **dict(self._inside)}
        for word in self._masked:
            self._masks.setdefault((len(word), word[0], word[-1]), []).append(word)

    def find(self, text: str) -> Iterator[Finding]:
        """Each term that stands in a text, once."""
        plain = _plain(text)
        found = ascii_runs(plain) if plain.isascii() else _WORD.findall(plain)
        words = set(found)
        every = " ".join(words)
        known = words & self._known
        for word in known & self._whole.keys():
            yield Finding(self._whole[word], word)
        if (names := known & self._english.keys()) and (len(found) < FEW_WORDS or len(words & _ENGLISH) > 1):
            yield from (Finding(self._english[word], word) for word in names)
        yield from (Finding(category, term) for term, category in self._inside if term in every)
        phrases = [each for key in known & self._phrases.keys() for each in self._phrases[key]]
        if likely := [(category, phrase) for phrase, category, parts in phrases if parts <= words]:
            line = f" {' '.join(found)} "
            yield from (Finding(category, phrase) for category, phrase in likely if f" {phrase} " in line)
        mixed = [word for word in words if not word.isalpha() and not word.isdigit()] if _mixes(every) else []
        yield from self._disguised({*mixed, *_signed(plain)})

    def _disguised(self, tokens: Set[str]) -> Iterator[Finding]:
        """Strong words with digits or signs for letters: "sh1t", "sh*t"."""
        for token in tokens:
            if len(token) <= 2 * _AROUND and (category := self._meant(token)):
                yield Finding(category, token)

    def _meant(self, token: str) -> str:
        """The category of the word that a token stands for, or ""."""
        if sum(map(str.isalpha, token)) < 2:
            return ""
        for folded in (token.translate(_MEANT), token.replace("1", "l").translate(_MEANT)):
            if folded != token and (category := self._category(folded)):
                return category
            if _MASKABLE & set(folded):
                for word in self._masks.get((len(folded), folded[0], folded[-1]), ()):
                    if all(sign in (letter, "*") for sign, letter in zip(folded, word, strict=True)):
                        return self._masked[word]
        return ""

    def _category(self, word: str) -> str:
        """The category of a strong word, or of another that is too long to be an accident; "" for none."""
        found = self._strong.get(word) or (self._whole.get(word) if len(word) > _SHORT else None)
        return found or next((category for term, category in self._inside if term in word), "")


def _plain(text: str) -> str:
    """A text in one form: compatibility forms, invisible characters, case. Most take the short way."""
    if not text.isascii():
        for sign in _TYPOGRAPHY:
            text = text.replace(sign, " ")
    return text.lower() if text.isascii() else visible(text).casefold()


def _mixes(text: str) -> bool:
    """Whether a letter and a digit stand side by side; by a table, at a hundredth of a pattern's time."""
    if not text.isascii():
        return True
    kinds = text.encode("ascii").translate(_KINDS)
    return b"a0" in kinds or b"0a" in kinds


def _signed(text: str) -> Iterator[str]:
    """The words with signs in them."""
    for sign in _SIGNS:
        place = text.find(sign)
        for _ in range(MAX_SIGNS):
            if place < 0:
                break
            if text[place - 1 : place].isalpha() or text[place + 1 : place + 2].isalpha():
                before = _EDGE.split(text[max(0, place - _AROUND) : place])[-1]
                after = _EDGE.split(text[place : place + _AROUND], maxsplit=1)[0]
                yield (before + after).strip("!*")
            place = text.find(sign, place + 1)


def _forms(terms: Sequence[str]) -> Iterator[str]:
    """ "stem/a,b" as stem, stema and stemb."""
    for term in terms:
        stem, _, endings = term.partition("/")
        yield stem
        yield from (stem + ending for ending in endings.split(",") if ending)


def _rarest(phrase: str) -> str:
    """The word of a phrase that stands in the fewest texts: a long one that is not common."""
    return max(phrase.split(), key=lambda word: (word not in _COMMON, len(word), word))
