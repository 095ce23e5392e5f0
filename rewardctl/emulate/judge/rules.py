"""The rules by which the stand-in decides one criterion about one text; see the package's docstring."""

import re
from dataclasses import dataclass
from functools import lru_cache

from reward_fn.text.quotes import quote_stands_in
from rewardctl.emulate.judge.material import Criterion, Material, Text

ENOUGH_SHARE = 0.5
"""A criterion holds if at least this share of a text's words occurs in the material."""

STEM_CHARS = 5
"""Words with this many first characters in common count as one word: "repair" and "repaired"."""

MIN_WORD_CHARS = 4
"""Shorter words ("the", "of") carry no meaning of their own; figures do, whatever their length."""

RUN_WORDS = 6
"""A whole response quotes a document if this many words in a row are in the document."""

MAX_RESPONSE_WORDS = 2_000
"""The number of words of a whole response, from its start, in which the judge looks for quotes."""

_WORD = re.compile(r"\w{1,64}")


@dataclass(frozen=True, slots=True)
class Decision:
    """``share`` in [0, 1] places the verdict on a scale of choices, 1 being the best for the writer."""

    holds: bool
    share: float
    evidence: str = ""


def decide(material: Material, criterion: Criterion, text: Text) -> Decision:
    """Whether a criterion holds for a text."""
    sources = [material.documents[name] for name in criterion.quote_from if name in material.documents]
    if sources:
        passage = next(filter(None, (_quoted(criterion, text, source) for source in sources)), "")
        return Decision(bool(passage), float(bool(passage)), _first_words(passage, criterion))
    share = _share_known(material, text)
    evidence = _first_words(text.without(()), criterion)
    return Decision((share >= ENOUGH_SHARE) is not criterion.is_pitfall, share, evidence)


def _quoted(criterion: Criterion, text: Text, source: str) -> str:
    """The passage that the text quotes from the source, "" if it quotes none."""
    if criterion.quote_of:
        quote = text.fields.get(criterion.quote_of, "")
        return quote if quote_stands_in(quote, source) else ""
    response, known = text.without(()), _in_a_row(source)
    spans = [match.span() for match in _WORD.finditer(response)][:MAX_RESPONSE_WORDS]
    words = [response[start:end].lower() for start, end in spans]
    for first in range(len(words) - RUN_WORDS + 1):
        if f" {' '.join(words[first : first + RUN_WORDS])} " in known:
            return response[spans[first][0] : spans[first + RUN_WORDS - 1][1]]
    return ""


def _share_known(material: Material, text: Text) -> float:
    """The share of a text's own words that occur in the documents, the prompt or the questions.

    What an item quotes is not its own; 0 for a text without words.
    """
    criteria = material.criteria.values()
    own = stems(text.without([criterion.quote_of for criterion in criteria if criterion.quote_of]))
    shown = (*material.documents.values(), *(criterion.question for criterion in criteria))
    return len(own & _stems_of_all(shown)) / len(own) if own else 0.0


@lru_cache(maxsize=256)
def stems(text: str) -> frozenset[str]:
    """The words of a text that carry meaning, each cut to its first characters, in lower case."""
    words = _WORD.findall(text.lower())
    return frozenset(word[:STEM_CHARS] for word in words if len(word) >= MIN_WORD_CHARS or word.isdigit())


@lru_cache(maxsize=64)
def _stems_of_all(texts: tuple[str, ...]) -> frozenset[str]:
    return frozenset().union(*map(stems, texts))


@lru_cache(maxsize=64)
def _in_a_row(source: str) -> str:
    """The words of a source in lower case, with one space around each."""
    return f" {' '.join(_WORD.findall(source.lower()))} "


def _first_words(text: str, criterion: Criterion) -> str:
    """As much of a text as the criterion allows for evidence."""
    words = list(re.finditer(r"\S+", text))[: criterion.evidence_words]
    return text[words[0].start() : words[-1].end()] if words else ""
