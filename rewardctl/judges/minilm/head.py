"""The trained head: a logistic regression on the features of a pair, kept as JSON."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reward_fn.text.digest import digest
from rewardctl.files import write_whole
from rewardctl.judges.minilm.encoder import MinilmError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Head:
    """Probability of a yes = 1 / (1 + exp(-(bias + weights · features))).

    ``trained_on`` are the hashes of the texts that it learned from, see :func:`text_hash`. ``about`` says
    from which files, with how many pairs and which penalty.
    """

    weights: tuple[float, ...]
    bias: float
    trained_on: frozenset[str]
    about: Mapping[str, Any]

    def probabilities(self, features: Floats) -> list[float]:
        """One for each row of ``features``. Raises MinilmError for features of another number."""
        import numpy as np

        if features.shape[1] != len(self.weights):
            raise MinilmError("the head is of another version of this program; train it again")
        scores = features @ np.array(self.weights) + self.bias
        return [float(value) for value in 1 / (1 + np.exp(-np.clip(scores, -500, 500)))]

    @property
    def sha256(self) -> str:
        """A hash of what decides: weights and bias."""
        return hashlib.sha256(repr((self.weights, self.bias)).encode()).hexdigest()

    def save(self, path: Path) -> None:
        """Write the head, whole. Raises MinilmError."""
        fields = {**asdict(self), "trained_on": sorted(self.trained_on), "minilm_head": FORMAT}
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(path, json.dumps(fields).encode())
        except OSError as error:
            raise MinilmError(f"{path} can't be written: {error.strerror}") from error


def read_head(path: Path) -> Head:
    """The head in a file. Raises MinilmError."""
    remedy = "train one with `rewardctl train-minilm`"
    try:
        fields = json.loads(path.read_bytes())
        if fields["minilm_head"] != FORMAT:
            raise MinilmError(f"{path} is of another version of this program; {remedy}")
        head = Head(
            weights=tuple(map(float, fields["weights"])),
            bias=float(fields["bias"]),
            trained_on=frozenset(map(str, fields["trained_on"])),
            about=dict(fields["about"]),
        )
        if not all(map(math.isfinite, (*head.weights, head.bias))):
            raise ValueError("a weight is not finite")
        return head
    except OSError as error:
        raise MinilmError(f"{path} can't be read ({error.strerror}); {remedy}") from error
    except (ValueError, KeyError, TypeError) as error:
        if isinstance(error, MinilmError):
            raise
        raise MinilmError(f"{path} is not a trained head; {remedy}") from error


def text_hash(text: str) -> str:
    """16 hex digits, equal for texts that differ only in case and white space."""
    return digest(" ".join(text.lower().split()))[:16]


def overlap_of(texts: Iterable[str], trained_on: frozenset[str]) -> int:
    """How many of the texts are among the hashes."""
    return sum(text_hash(text) in trained_on for text in texts)
