"""0 for an answer without content (empty, only punctuation, only an opener, "N/A"), else 1.

Such "master keys" pass a judge in 80 to 90 % of cases (arXiv 2507.08794), so they must not reach one.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from reward_fn.checks._answer_place import ANSWER, answer_of
from reward_fn.text.hollow import why_empty
from reward_fn.types.check import Check, CheckResult
from reward_fn.types.rollout import Rollout

PARAMETERS: Mapping[str, Any] = {
    "type": "object",
    "properties": {"answer": ANSWER},
    "additionalProperties": False,
}


def build(parameters: Mapping[str, Any], folder: Path) -> Check:
    """``answer`` is the place of the answer in a response."""
    find = answer_of(parameters)

    def check(rollout: Rollout) -> CheckResult:
        why = why_empty(find(rollout).text)
        return CheckResult(0.0, why) if why else CheckResult(1.0)

    return check
