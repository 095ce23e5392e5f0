"""Count tokens: a JSON list of texts on standard input, their counts on standard output.

Started by ``token_environments`` with the Python of ``.build/tokens``; it imports nothing of this project.
"""

import base64
import json
import sys
from importlib.resources import files
from typing import Any

VOCABULARY = "tekken_240911.json"


def counts(texts: list[str]) -> list[int]:
    """The tokens of each text; special tokens count as text."""
    encoding = tekken()
    return [len(encoding.encode(text, disallowed_special=())) for text in texts]


def tekken() -> Any:
    """Mistral's Tekken tokenizer, from the vocabulary in the wheel of mistral-common."""
    import tiktoken  # type: ignore[import-not-found, unused-ignore]

    read = json.loads((files("mistral_common") / "data" / VOCABULARY).read_text(encoding="utf-8"))
    config = read["config"]
    size = config["default_vocab_size"] - config["default_num_special_tokens"]
    ranks = {base64.b64decode(entry["token_bytes"]): entry["rank"] for entry in read["vocab"][:size]}
    return tiktoken.Encoding("tekken", pat_str=config["pattern"], mergeable_ranks=ranks, special_tokens={})


if __name__ == "__main__":
    json.dump(counts(json.load(sys.stdin)), sys.stdout)
