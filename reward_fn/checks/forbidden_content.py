"""1 for a text without any of the forbidden words, phrases and patterns, else 0.

The definition lists them, or each rollout brings its own phrases. A phrase or pattern counts as present if
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
    "properties": _term_search.PARAMETERS,
    "additionalProperties": False,
}


def build(parameters: Mapping[str, Any], folder: Path) -> Check:
    """The parameters are those of :func:`reward_fn.checks._term_search.term_search`, which raises ValueError.

    A rollout whose list of phrases is empty scores 1.
    """
    search = _term_search.term_search(parameters)

    def check(rollout: Rollout) -> CheckResult | Unscored:
        matches = search(rollout)
        if isinstance(matches, Unscored):
            return matches
        count = sum(match is not False for match in matches)
        if not count:
            return CheckResult(1.0)
        return CheckResult(0.0, f"{count} of {len(matches)} forbidden terms are present")

    return check
