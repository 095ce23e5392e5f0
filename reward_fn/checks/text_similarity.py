"""F1 of the words that the answer and the reference share, in [0, 1].

A word counts as often as both texts have it; case, punctuation and order don't count. Of several references
the most similar one counts. An answer longer than ``MAX_CHARS`` characters scores 0.
"""

from collections import Counter
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from reward_fn.paths import ANSWERS, PATHS, find_answers
from reward_fn.text.words import overlap, word_counts
from reward_fn.types.check import Check, CheckResult
from reward_fn.types.rollout import Rollout
from reward_fn.types.unscored import Reason, Unscored

MAX_CHARS = 400_000

PARAMETERS: Mapping[str, Any] = {
    "type": "object",
    "properties": {
        "reference": PATHS,
        "min_similarity": {"type": "number", "exclusiveMinimum": 0, "maximum": 1},
    },
    "additionalProperties": False,
}


def build(parameters: Mapping[str, Any], folder: Path) -> Check:
    """``reference`` lists the paths of the reference; a similarity below ``min_similarity`` scores 0."""
    paths, least = parameters.get("reference", ANSWERS), parameters.get("min_similarity", 0.0)

    def check(rollout: Rollout) -> CheckResult | Unscored:
        references = [words for text in find_answers(rollout, paths) if (words := _reference(text))]
        if not references:
            return Unscored(Reason.NO_SOURCE, f"no text with words under {' or '.join(paths)}")
        answer = rollout.answer.text
        if len(answer) > MAX_CHARS:
            return CheckResult(0.0, f"longer than {MAX_CHARS} characters")
        counts = word_counts(answer)
        similarity = max(overlap(counts, reference) for reference in references)
        if similarity < least:
            return CheckResult(0.0, f"a similarity of {similarity:.3f}, below {least}")
        return CheckResult(similarity, "" if similarity == 1.0 else f"a similarity of {similarity:.3f}")

    return check


@lru_cache(maxsize=32)
def _reference(text: str) -> Counter[str]:
    """Cached, since the rollouts of a group share their reference."""
    return word_counts(text[:MAX_CHARS])
