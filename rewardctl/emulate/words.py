"""Words for the lexical judge: splitting, stems, and the words that carry no meaning of their own."""

import re
from collections.abc import Iterable
from functools import lru_cache

WORD = re.compile(r"\w{1,64}")


def split(text: str) -> list[str]:
    """The words of a text in lower case, at most 64 characters each."""
    return WORD.findall(text.lower())


def word_set(text: str) -> frozenset[str]:
    """The words of a list that is written as one text."""
    return frozenset(split(text))


def split_name(name: str) -> list[str]:
    """The words of a text with names in it: "recommended_action" gives two."""
    return split(name.replace("_", " "))


_STOP = word_set(
    """
    a about above after again against all also although am an and any are as at be because been before being
    below between both but by can cannot could did do does doing done down during each either else every few
    for from further had has have having he her here hers him his how however i if in into is it its itself
    just least less like may me might more most much must my neither nor of off on once one only or other our
    ours out over own per rather same shall she should since so some such than that the their theirs them
    then there these they this those though through to too under until up upon us very was we were what when
    where whether which while who whom whose why will with within without would yet you your yours
    agreement agreements article clause clauses contract contracts party parties paragraph section sections
    """
)
_ENDINGS = ("ments", "ment", "ings", "ing", "ies", "ied", "ed", "es", "ly", "s")


def stems(words: Iterable[str]) -> frozenset[str]:
    """The stems of those words that carry meaning: numbers, and words of three letters and more."""
    found = set(map(stem, words))
    found.discard("")
    return frozenset(found)


@lru_cache(maxsize=65_536)
def stem(word: str) -> str:
    """A word without its ending, "" for a word without meaning of its own. Crude, and alike for alike."""
    if word in _STOP or (len(word) < 3 and not word.isdigit()):
        return ""
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            word = word[: -len(ending)]
            break
    return word.removesuffix("e") if len(word) > 4 else word
