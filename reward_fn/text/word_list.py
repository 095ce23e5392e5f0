"""Find words and phrases of a categorised list in a text: the text's words are looked up in sets."""

import re
from collections.abc import Iterator, Mapping, Sequence, Set

from reward_fn.text.disguise import AROUND, MAX_INSIDE_CHARS, in_plain_letters, mixes, signed, unstretched
from reward_fn.text.findings import Finding
from reward_fn.text.normalise import visible
from reward_fn.text.surroundings import FEW_LETTERS, Surroundings
from reward_fn.text.words import ascii_runs

FORMS = ("inside", "strong", "words", "english", "phrases")
"""The lists that a category may have; the head of the list file explains each."""
PLAIN = "plain"
"""The table of words and categories that can also be harmless, with the words beside them that show it."""

AROUND_CHARS = 60
"""This many characters on either side of a word decide its language and its meaning."""
MAX_PLACES = 5
"""At most this many occurrences of a word are examined."""
_COMMON = frozenset(
    """
    must where without only better a all am and are be by come d do for from get go going he her him how
    i if in is it ll m make me my of off on or out over re s should so that the them they this to up us
    was we were what will wish with would you your
    """.split()
)
_WORD = re.compile(r"[^\W_]+")
_TOKEN = re.compile(r"\w+")
MAX_TRIES = 5_000
MAX_APART = 5
"""The most other characters between two words of a phrase; words further apart are separate entries."""
_MEANT = str.maketrans("013457@$!", "oieastasi")
_MASKABLE = frozenset("*")
_TYPOGRAPHY = "\u2019\u2018\u201c\u201d\u2013\u2014\u2026\u00a0\u00a7\u20ac\u00a3\u2022"
_SHORT = 4


class WordList:
    """The list, compiled for the chosen categories."""

    def __init__(self, data: Mapping[str, Mapping[str, Sequence[str]]], categories: Set[str]) -> None:
        """``data`` maps categories to their lists (see ``FORMS``), and ``PLAIN`` to harmless meanings."""
        self._inside: list[tuple[str, str]] = []
        self._whole: dict[str, str] = {}
        self._strong: dict[str, str] = {}
        self._english: dict[str, str] = {}
        self._phrases: dict[str, list[tuple[str, str, frozenset[str]]]] = {}
        self._companions = {
            word: frozenset(beside) for term, beside in data.get(PLAIN, {}).items() for word in _forms([term])
        }
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
        """Yield each listed term in a text, once."""
        plain = _plain(text)
        runs = ascii_runs(plain) if plain.isascii() else _WORD.findall(plain)
        words = set(runs)
        joined = " ".join(words)
        yield from self._inside_of(words, joined, plain)
        if stretched := unstretched(words, joined):
            yield from self._inside_of(stretched, " ".join(stretched), "")
        if not plain.isascii() and (spelled := in_plain_letters(words)):
            yield from self._inside_of(spelled, " ".join(spelled), "")
        if known := words & self._known:
            yield from self._listed(known, words, plain)
        mixed = [word for word in words if not word.isalpha() and not word.isdigit()] if mixes(joined) else []
        yield from self._disguised({*mixed, *signed(plain)})

    def _inside_of(self, words: Set[str], joined: str, plain: str) -> Iterator[Finding]:
        """Terms inside longer words, unless every occurrence in ``plain`` of those words is harmless."""
        for term, category in self._inside:
            if term in joined:
                holders = [word for word in words if term in word and len(word) <= MAX_INSIDE_CHARS]
                if any(word not in self._companions or self._is_meant(word, plain) for word in holders):
                    yield Finding(category, term)

    def _is_meant(self, word: str, plain: str) -> bool:
        """Whether at least one occurrence of a word is not harmless."""
        return not plain or any(True for _ in self._meant_at(word, _line(plain)))

    def _listed(self, known: Set[str], words: Set[str], plain: str) -> Iterator[Finding]:
        """Words and phrases in English and in the listed meaning, outside identifiers with underscores."""
        phrases = [phrase for key in known & self._phrases.keys() for phrase in self._phrases[key]]
        terms = [(phrase, category) for phrase, category, parts in phrases if parts <= words]
        terms += [(word, self._whole[word]) for word in known & self._whole.keys()]
        names = known & self._english.keys()
        if not terms and not names:
            return
        line = _line(plain)
        nearby = Surroundings()
        for term, category in terms:
            if " " in term and not _is_together(term, plain):
                continue
            if any(
                nearby.are_english(around) is not False for around in self._meant_at(term, line, category)
            ):
                yield Finding(category, term)
        for word in names:
            if any(_is_english(around, nearby) for around in self._meant_at(word, line)):
                yield Finding(self._english[word], word)

    def _meant_at(self, term: str, line: str, category: str = "") -> Iterator[list[str]]:
        """The words around each occurrence of a term that no word beside it shows to be harmless."""
        nothing: frozenset[str] = frozenset()
        companions = self._companions.get(term, nothing) | self._companions.get(category, nothing)
        place = line.find(f" {term} ")
        for _ in range(MAX_PLACES):
            if place < 0:
                return
            end = place + len(term) + 1
            before = line[max(0, place - AROUND_CHARS) : place].split(" ")
            after = line[end : end + AROUND_CHARS].split(" ")
            around = [*(before if place <= AROUND_CHARS else before[1:]), *after]
            if companions.isdisjoint(around):
                yield list(filter(None, around))
            place = line.find(f" {term} ", end)

    def _disguised(self, tokens: Set[str]) -> Iterator[Finding]:
        """Strong words written with digits or signs for letters: "sh1t", "sh*t"."""
        for token in tokens:
            if len(token) <= 2 * AROUND and (category := self._meant(token)):
                yield Finding(category, token)

    def _meant(self, token: str) -> str:
        """The category of the word that a disguised token stands for, or ""."""
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
        """The category of a strong word, or of another word too long to be a coincidence; else ""."""
        category = self._strong.get(word) or (self._whole.get(word) if len(word) > _SHORT else None)
        return category or next((category for term, category in self._inside if term in word), "")


def _line(plain: str) -> str:
    """The words of a text, each with a space on either side."""
    return " ".join(["", *(token.strip("_") for token in _TOKEN.findall(plain)), ""])


def _is_english(around: Sequence[str], nearby: Surroundings) -> bool:
    """Whether a word that is harmless in other languages stands in English text."""
    english = nearby.are_english(around, FEW_LETTERS)
    return nearby.may_be_english(around) if english is None else english


def _is_together(phrase: str, text: str) -> bool:
    """Whether a phrase's words stand close together, at one of the first ``MAX_TRIES`` places."""
    first, *_ = words = phrase.split()
    pattern = re.compile(rf"[\W_]{{1,{MAX_APART}}}".join(words))
    place = text.find(first)
    for _ in range(MAX_TRIES):
        if place < 0 or pattern.match(text, place):
            break
        place = text.find(first, place + 1)
    return place >= 0


def _plain(text: str) -> str:
    """A text with compatibility forms, invisible characters and case folded. ASCII takes a short cut."""
    if not text.isascii():
        for sign in _TYPOGRAPHY:
            text = text.replace(sign, " ")
    return text.lower() if text.isascii() else visible(text).casefold()


def _forms(terms: Sequence[str]) -> Iterator[str]:
    """Expand "stem/a,b" to "stem", "stema" and "stemb"."""
    for term in terms:
        stem, _, endings = term.partition("/")
        yield stem
        yield from (stem + ending for ending in endings.split(",") if ending)


def _rarest(phrase: str) -> str:
    """The word of a phrase that is probably the rarest: a long one that is not common."""
    return max(phrase.split(), key=lambda word: (word not in _COMMON, len(word), word))
