"""The judge that always agrees: what a calibration has to reject."""

from reward_fn.types.verdict import Leaf
from rewardctl.judges.brains import Opinion, Subject

QUOTE_WORDS = 8


def always_yes(subject: Subject, leaf: Leaf) -> Opinion:
    """Yes, or the best choice, with the first words of a document as its quote if one is needed."""
    criterion = leaf.criterion
    answer = criterion.choices[-1] if criterion.choices else "yes"
    texts = [text for name, text in subject.material.documents.items() if name in criterion.quote_from]
    return Opinion(answer, " ".join((texts or ["agreed"])[0].split()[:QUOTE_WORDS]))
