"""The pair judge as a brain."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from reward_fn.types.rubric import Criterion
from reward_fn.types.verdict import Leaf
from rewardctl.judges.brains import Brain, Opinion, Subject
from rewardctl.judges.minilm.encoder import encoder
from rewardctl.judges.minilm.features import Encodes, Pair, Remembering, features
from rewardctl.judges.minilm.head import Head, read_head, text_hash

ENOUGH = 0.5
"""From this probability on the answer is a yes."""


def minilm_brain(path: Path) -> Brain:
    """The brain with the head in that file. Raises MinilmError if it, or a package, is missing."""
    return brain_of(read_head(path), Remembering(encoder()))


def brain_of(head: Head, encodes: Encodes) -> Brain:
    """The brain that judges pairs by ``head``."""

    def brain(subject: Subject, leaf: Leaf) -> Opinion | None:
        """The opinion on one leaf; None if the head has learned from this very text."""
        text = judged_text(subject, leaf)
        if text_hash(text) in head.trained_on:
            return None
        [probability] = head.probabilities(features([Pair(leaf.criterion.question, text)], encodes))
        return opinion(leaf.criterion, probability)

    return brain


def opinion(criterion: Criterion, probability: float) -> Opinion:
    """A yes from ENOUGH on; for a criterion with choices, the choice at the probability's place."""
    words = f"probability of a yes {probability:.2f}"
    if not criterion.choices:
        return Opinion("yes" if probability >= ENOUGH else "no", words)
    return Opinion(criterion.choices[round(probability * (len(criterion.choices) - 1))], words)


def judged_text(subject: Subject, leaf: Leaf) -> str:
    """The text that a leaf is about: the answer of the response, or one of its items."""
    material = subject.material
    if leaf.item is None or material.items is None:
        return material.rollout.answer.text or material.rollout.response
    item: Any = material.items[leaf.item]
    return item if isinstance(item, str) else json.dumps(item, ensure_ascii=False)


def opener(path: Path) -> Callable[[], Brain]:
    """A function that makes the brain when a judge is opened."""
    return lambda: minilm_brain(path)
