"""1 where none of the words, phrases and patterns that must not be in a text is there, else 0.

They come from the definition, or each rollout brings its phrases along. What can't be decided, in a text that
is too long or on a pattern that runs out of time, counts as there.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from reward_fn.paths import PATHS, find_terms
from reward_fn.text.terms import PARAMETERS as TERMS
from reward_fn.text.terms import Terms
from reward_fn.types.check import Check, CheckResult
from reward_fn.types.rollout import Rollout
from reward_fn.types.unscored import Reason, Unscored

PARAMETERS: Mapping[str, Any] = {
    "type": "object",
    "properties": {**TERMS, "phrases_from": PATHS, "of": {"enum": ["answer", "response"]}},
    "additionalProperties": False,
}


def build(parameters: Mapping[str, Any], folder: Path) -> Check:
    """``phrases_from`` lists where a rollout's phrases are, a text or a list; an empty list forbids nothing.

    Raises ValueError where there is nothing to look for, or a pattern can't be used.
    """
    terms, sources = Terms(parameters), parameters.get("phrases_from", ())
    whole = parameters.get("of") == "response"

    def check(rollout: Rollout) -> CheckResult | Unscored:
        brought = find_terms(rollout, sources) if sources else []
        if brought is None:
            return Unscored(Reason.NO_SOURCE, f"no phrases under {' or '.join(sources)}")
        text = rollout.response if whole else rollout.answer.text
        there = [each is not False for each in terms.found_in(text, brought)]
        if not any(there):
            return CheckResult(1.0)
        return CheckResult(0.0, f"{sum(there)} of {len(there)} forbidden are there")

    return check
