"""The share of the words, phrases and patterns that must be in a text and are, or 1 where any is.

They come from the definition, or each rollout brings its phrases along. What can't be decided, in a text that
is too long or on a pattern that runs out of time, counts as missing.
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
    "properties": {
        **TERMS,
        "phrases_from": PATHS,
        "need": {"enum": ["all", "any"]},
        "of": {"enum": ["answer", "response"]},
    },
    "additionalProperties": False,
}


def build(parameters: Mapping[str, Any], folder: Path) -> Check:
    """``phrases_from`` lists where a rollout's phrases are, a text or a list; an empty list asks for nothing.

    ``need`` is all (default: the score is the share that is there) or any. Raises ValueError where
    there is nothing to look for, or a pattern can't be used.
    """
    terms, sources = Terms(parameters), parameters.get("phrases_from", ())
    whole, enough = parameters.get("of") == "response", parameters.get("need") == "any"

    def check(rollout: Rollout) -> CheckResult | Unscored:
        brought = find_terms(rollout, sources) if sources else []
        if brought is None:
            return Unscored(Reason.NO_SOURCE, f"no phrases under {' or '.join(sources)}")
        text = rollout.response if whole else rollout.answer.text
        found = [bool(each) for each in terms.found_in(text, brought)]
        if not found or all(found) or (enough and any(found)):
            return CheckResult(1.0)
        detail = f"{sum(found)} of {len(found)} required are there"
        return CheckResult(0.0 if enough else sum(found) / len(found), detail)

    return check
