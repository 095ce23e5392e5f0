"""Train the head of the pair judge."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from rewardctl.judges.minilm.encoder import MinilmError
from rewardctl.judges.minilm.features import Encodes, features
from rewardctl.judges.minilm.fit import fit
from rewardctl.judges.minilm.head import Head, overlap_of, text_hash
from rewardctl.judges.minilm.pairs import LabelledPair

MIN_OF_EACH = 20
"""With fewer pairs of a label, what is learned are these texts."""


class Trained(NamedTuple):
    """A head, and its mean log loss on texts that it was not trained on (chance is 0.69)."""

    head: Head
    log_loss: float


def without_texts(pairs: Sequence[LabelledPair], held_out: Sequence[str]) -> list[LabelledPair]:
    """The pairs whose text is not held out, in whatever case and spacing."""
    hashes = {text_hash(text) for text in held_out}
    return [labelled for labelled in pairs if text_hash(labelled.pair.text) not in hashes]


def train(
    pairs: Sequence[LabelledPair], held_out: Sequence[str], encodes: Encodes, sources: Sequence[str]
) -> Trained:
    """Train on ``pairs``, which came from ``sources``.

    Raises MinilmError if a text is among those ``held_out`` to test on, or if there are too few pairs of a
    label.
    """
    trained_on = frozenset(text_hash(pair.text) for pair, _ in pairs)
    if shared := overlap_of(held_out, trained_on):
        raise MinilmError(
            f"{shared} of the {len(held_out)} held-out texts are among those to train on, and a judge looks "
            "better than it is on what it learned; leave them out with --drop-held-out"
        )
    yes = sum(label for _, label in pairs)
    if min(yes, len(pairs) - yes) < MIN_OF_EACH:
        raise MinilmError(
            f"{yes} pairs are labelled yes and {len(pairs) - yes} no; train on {MIN_OF_EACH} of each at least"
        )
    matrix = features([pair for pair, _ in pairs], encodes)
    fitted = fit(matrix, [label for _, label in pairs], [pair.text for pair, _ in pairs])
    about: dict[str, Any] = {
        "sources": list(sources),
        "pairs": len(pairs),
        "yes": yes,
        "penalty": fitted.penalty,
        "held_out_log_loss": fitted.log_loss,
    }
    head = Head(tuple(map(float, fitted.weights)), fitted.bias, trained_on, about)
    return Trained(head, fitted.log_loss)
