"""The share of required words, phrases and patterns that a text contains; or 1 if it contains any.

The definition lists them, or each rollout brings its own phrases. A phrase or pattern counts as missing if
the search can't decide: the text is too long, or the pattern runs out of time.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from reward_fn.checks import _term_search
from reward_fn.types.check import Check, CheckResult
from reward_fn.types.rollout import Rollout
from reward_fn.types.unscored import Unscored

PARAMETERS: Mapping[str, Any] = {
    "type": "object",
    "properties": {**_term_search.PARAMETERS, "need": {"enum": ["all", "any"]}},
    "additionalProperties": False,
}


def build(parameters: Mapping[str, Any], folder: Path) -> Check:
    """``need`` is "all" (default: the score is the share that the text contains) or "any".

    The other parameters are those of :func:`reward_fn.checks._term_search.term_search`, which raises
    ValueError. A rollout whose list of phrases is empty scores 1.
    """
    search, any_is_enough = _term_search.term_search(parameters), parameters.get("need") == "any"

    def check(rollout: Rollout) -> CheckResult | Unscored:
        matches = search(rollout)
        if isinstance(matches, Unscored):
            return matches
        count = sum(match is True for match in matches)
        if count == len(matches) or (any_is_enough and count):
            return CheckResult(1.0)
        detail = f"{count} of {len(matches)} required terms are present"
        return CheckResult(0.0 if any_is_enough else count / len(matches), detail)

    return check
