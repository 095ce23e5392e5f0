"""1 for a text of ordinary characters, falling to 0 with the share of noise.

Overtrained models emit noise: control, private, unassigned and replacement characters, lone surrogates,
needless zero-width characters, stacked accents, words in two alphabets. Text in any language, emoji,
mathematics and typography are not noise.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from reward_fn.checks._answer_texts import answer_texts
from reward_fn.checks._linear_score import SHARES, linear_score
from reward_fn.paths import PATHS, find_texts
from reward_fn.text.unicode_noise import KINDS, find_noise
from reward_fn.types.check import Check, CheckResult
from reward_fn.types.rollout import Rollout

FREE_SHARE, ZERO_SHARE = 0.0, 0.02

PARAMETERS: Mapping[str, Any] = {
    "type": "object",
    "properties": {
        "kinds": {"type": "array", "items": {"enum": list(KINDS)}, "minItems": 1, "uniqueItems": True},
        **SHARES,
        "allow": {"type": "string", "minLength": 1, "maxLength": 1000},
        "allow_from": PATHS,
    },
    "additionalProperties": False,
}


def build(parameters: Mapping[str, Any], folder: Path) -> Check:
    """``kinds`` are the kinds of noise that count, by default all.

    The score is 1 up to ``free_share`` of the characters, 0 from ``zero_share`` on, and linear between them.
    Characters of ``allow``, and of the texts under ``allow_from``, are not noise. Raises ValueError if
    ``free_share`` is not below ``zero_share``.
    """
    kinds = frozenset(parameters.get("kinds", KINDS))
    score_of = linear_score(parameters, FREE_SHARE, ZERO_SHARE)
    allow, allow_from = frozenset(parameters.get("allow", "")), parameters.get("allow_from", ())

    def check(rollout: Rollout) -> CheckResult:
        text = "\n".join(answer_texts(rollout))
        noise = [(kind, characters) for kind, characters in find_noise(text) if kind in kinds]
        if noise and (allow or allow_from):
            allowed = allow.union(*find_texts(rollout, allow_from))
            noise = [(kind, characters) for kind, characters in noise if not allowed.issuperset(characters)]
        if not noise:
            return CheckResult(1.0)
        share = min(1.0, sum(len(characters) for _, characters in noise) / len(text))
        score = score_of(share)
        if score == 1.0:
            return CheckResult(1.0)
        return CheckResult(
            score,
            f"{share:.2%} of the characters are noise: {', '.join(sorted({kind for kind, _ in noise}))}",
        )

    return check
