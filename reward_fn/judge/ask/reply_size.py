"""The room for a reply, in tokens. It counts against Bedrock's token quota before the reply is written.

Counted with the Tekken tokenizer (``tekken_240911.json`` of mistral-common 1.13.1) on verdicts as JSON with
spaces. Beside the criterion's name and the evidence, a verdict with evidence takes 18 tokens at most, a bare
one 8, an item 8. A word of evidence takes 1.1 tokens in English, 1.5 in French, 1.7 in German, 2.2 in Hindi;
15 words' worth of Japanese take 30.
"""

from collections.abc import Iterable, Mapping
from functools import lru_cache

from reward_fn.types.rubric import Criterion, Evidence

EVIDENCE_WORDS: Mapping[Evidence, int] = {"quote": 12, "reason": 12, "none": 0}
"""The most words of evidence that the prompt asks for (``prompts/quote.txt`` and ``prompts/reason.txt``)."""

TOKENS_PER_WORD = 3
"""Room for one word of evidence: the most that a language took, and a third more for judges that overrun."""

CHARS_PER_NAME_TOKEN = 3
"""A criterion's name has 4 to 5 characters a token; this leaves a margin for other tokenizers."""

MAX_VERDICTS = 80
"""The most verdicts that one reply may have to hold."""

OPENING_TOKENS = 64
"""Room for the tool call itself."""

ITEM_TOKENS = 8
VERDICT_TOKENS: Mapping[Evidence, int] = {"quote": 19, "reason": 19, "none": 8}
LEAST_VERDICT_TOKENS: Mapping[Evidence, int] = {"quote": 30, "reason": 30, "none": 15}
"""Tokens of a verdict with the shortest name and evidence; a definition's ``max_tokens`` can't be lower."""


@lru_cache(maxsize=256)
def reply_tokens(criteria: tuple[Criterion, ...], items: int) -> int:
    """Room for a reply to ``criteria`` about ``items`` items, in tokens.

    A reply that is cut off is requested once more, with twice the room.
    """
    return (
        OPENING_TOKENS
        + ITEM_TOKENS * items
        + sum(count * _verdict_tokens(criterion) for criterion, count in _counts(criteria, items))
    )


@lru_cache(maxsize=256)
def least_tokens(criteria: tuple[Criterion, ...], items: int) -> int:
    """The least room, in tokens, for such a reply."""
    return sum(count * LEAST_VERDICT_TOKENS[c.evidence_kind] for c, count in _counts(criteria, items))


def _counts(criteria: Iterable[Criterion], items: int) -> Iterable[tuple[Criterion, int]]:
    return ((criterion, items if criterion.scope == "item" else 1) for criterion in criteria)


def _verdict_tokens(criterion: Criterion) -> int:
    kind = criterion.evidence_kind
    name = -(-len(criterion.name) // CHARS_PER_NAME_TOKEN)
    return VERDICT_TOKENS[kind] + name + TOKENS_PER_WORD * EVIDENCE_WORDS[kind]
