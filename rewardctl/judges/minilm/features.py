"""The features of a pair: the question of a criterion, and a text that is to be judged by it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]

_WORD = re.compile(r"\w{4,64}")
STEM_CHARS = 5
"""Words with these first characters in common count as one word."""


class Pair(NamedTuple):
    """A question and a text."""

    question: str
    text: str


class Encodes(Protocol):
    """Turns texts into vectors of length 1."""

    def vectors(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """One row for each text."""
        ...


class Remembering:
    """An encoder that keeps vectors: all rollouts of a run are judged by the same few questions."""

    def __init__(self, encoder: Encodes, most: int = 4096) -> None:
        """``most`` is the number of vectors that are kept, 1.5 kB each; then it forgets all of them."""
        self._encoder = encoder
        self._most = most
        self._known: dict[str, npt.NDArray[np.float32]] = {}

    def vectors(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """One row for each text; only texts that it does not know are encoded."""
        import numpy as np

        known = self._known  # another thread may forget it meanwhile
        new = [text for text in texts if text not in known]
        found = dict(zip(new, self._encoder.vectors(new), strict=True)) if new else {}
        rows = np.array([found[text] if text in found else known[text] for text in texts])
        self._known = {**known, **found} if len(known) + len(found) <= self._most else found
        return rows


def features(pairs: Sequence[Pair], encoder: Encodes) -> Floats:
    """One row for each pair, with u and v the vectors of question and text:

    u·v element by element and \\|u - v\\|, then their cosine, the share of the question's words in the text,
    and the logarithms of both lengths in characters.
    """
    import numpy as np

    texts = list(dict.fromkeys(text for pair in pairs for text in pair))
    place = {text: number for number, text in enumerate(texts)}
    vectors = encoder.vectors(texts).astype(np.float64)
    u = vectors[[place[pair.question] for pair in pairs]]
    v = vectors[[place[pair.text] for pair in pairs]]
    product = u * v
    shares = [overlap(*pair) for pair in pairs]
    lengths = np.log1p([[len(pair.question), len(pair.text)] for pair in pairs])
    return np.column_stack([product, np.abs(u - v), product.sum(axis=1), shares, lengths])


def overlap(question: str, text: str) -> float:
    """The share of the question's words, cut to their stems, that the text holds; 0 without words."""
    asked = _stems(question)
    return len(asked & _stems(text)) / len(asked) if asked else 0.0


def _stems(text: str) -> set[str]:
    return {word[:STEM_CHARS] for word in _WORD.findall(text.lower())}
