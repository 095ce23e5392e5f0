"""What a criterion asks for, told from the words of its question and from what there is to compare with.

The kinds, and the words that speak for them, are the whole of it: no criterion is known by its name.

- QUOTE: the criterion names documents to quote from.
- COVERAGE: it is asked of the whole answer and speaks of covering, completeness or missing things; or the
  answer is a list of items, and the question names a document and speaks of nothing below.
- ACTION: it speaks of what can be acted on (concrete, clear, practical ...) more than of agreement.
- MENTION: it speaks of stating or naming something, and of no document.
- SUPPORT: everything else: do the answer's words stand in the sources?

A question that begins by asking for a fault ("Does the comment contradict ...") is answered the other way
round. A "not", "without" or "than" shortly before such a word takes that back.
"""

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from rewardctl.emulate.words import split, split_name, stem, stems, word_set


class Kind(StrEnum):
    """What is compared with what."""

    QUOTE = "quote"
    COVERAGE = "coverage"
    ACTION = "action"
    MENTION = "mention"
    SUPPORT = "support"


@dataclass(frozen=True, slots=True)
class Criterion:
    """One question, as a prompt's criteria section or, failing that, a schema gives it.

    ``evidence_words`` is how many words of evidence it asks for at most, None where it does not say.
    """

    name: str
    question: str
    scope: str = "answer"
    quote_from: tuple[str, ...] = ()
    evidence_words: int | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """A criterion understood: ``named`` are the documents whose names its question speaks."""

    kind: Kind
    reverse: bool
    named: tuple[str, ...]
    words: frozenset[str]
    stems: frozenset[str]


def _stems(text: str) -> frozenset[str]:
    return stems(split(text))


_COVERAGE = _stems(
    "cover covers covered covering coverage complete completeness comprehensive thorough exhaustive "
    "miss misses missed missing omit omits omitted overlook overlooks overlooked"
)
_ACTION = _stems(
    "action actions actionable concrete specific clear precise practical feasible implement implementable "
    "instruct instruction executable carry directly"
)
_SUPPORT = _stems(
    "consistent consistency consistently agree agrees agreement accord accords accordance follow follows "
    "conform conforms align aligned aligns support supported supports match matches compatible faithful "
    "grounded contradict contradicts contradiction correct correctly accurate"
)
_MENTION = _stems(
    "mention mentions mentioned state states stated say says name names named identify identifies include "
    "includes included note notes explain explains give gives list lists contain contains address addresses "
    "discuss discusses cite cites describe describes"
)
_FAULTS = _stems(
    "contradict contradicts misquote misquotes invent invents invented fabricate fabricates fabricated "
    "hallucinate hallucinates mislead misleads misleading misstate misstates misrepresent misrepresents "
    "distort distorts unsupported vague generic irrelevant incorrect wrong unclear hollow miss misses "
    "missed missing omit omits omitted overlook overlooks overlooked"
)
_NEGATIONS = word_set("no not nor never without than avoid avoids free instead cannot")
_FAULT_WITHIN = 8
_NEGATION_WITHIN = 3
_COMMON_NAMES = word_set("doc document documents file source sources text answer")
_ASKING = _MENTION | _stems(
    "answer answers response responses comment comments item items reply model does correct correctly yes"
)


@lru_cache(maxsize=4096)
def read(criterion: Criterion, documents: tuple[str, ...], *, has_items: bool) -> Reading:
    """Understand a criterion beside the documents of those names."""
    words = split_name(criterion.question)
    found = stems(words)
    named = tuple(name for name in documents if _name_words(name) & set(words))
    return Reading(
        kind=_kind(criterion, found, named, has_items=has_items),
        reverse=not criterion.quote_from and _asks_for_a_fault(words),
        named=named,
        words=frozenset(words),
        stems=found - _ASKING,
    )


def _kind(criterion: Criterion, found: frozenset[str], named: tuple[str, ...], *, has_items: bool) -> Kind:
    if criterion.quote_from:
        return Kind.QUOTE
    action, support, mention = (len(found & words) for words in (_ACTION, _SUPPORT, _MENTION))
    over_all = has_items and named and not (action or support or mention)
    if criterion.scope != "item" and (found & _COVERAGE or over_all):
        return Kind.COVERAGE
    if action > support or (action and action == support and not named):
        return Kind.ACTION
    if mention and not support and not named:
        return Kind.MENTION
    return Kind.SUPPORT


def _name_words(name: str) -> set[str]:
    """The words of a document's name; those that any document could bear count only alone."""
    words = set(split_name(name))
    return words - _COMMON_NAMES or words


def _asks_for_a_fault(words: list[str]) -> bool:
    for place, word in enumerate(words[:_FAULT_WITHIN]):
        if stem(word) in _FAULTS:
            return not _NEGATIONS.intersection(words[max(0, place - _NEGATION_WITHIN) : place])
    return False
