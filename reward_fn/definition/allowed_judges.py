"""Which judges a definition may name: any that can be, and of a stored definition's only those allowed.

Whoever may change a stored definition spends the function's money; the list keeps that to known models.
"""

import re
from collections.abc import Collection

from reward_fn.definition.form import unknown
from reward_fn.judge.models.catalogue import TIERS, profile


def judge_mistake(model: str, allowed: Collection[str] | None) -> str:
    """Why a definition may not ask this tier or model, "" where it may.

    A stored one may ask those ``allowed``, however either names them, in the region that they name; None
    allows all.
    """
    named = profile(model)
    if not re.search(r"[.:]", named.model_id):
        return f"{unknown('tier', model, TIERS)}; or give a model id"
    if allowed is None or named.name in {profile(each).name for each in allowed}:
        return ""
    known = ", ".join(sorted(allowed)) or "none"
    return (
        f"the model {model!r} is not among those that a stored definition may ask here ({known}); add it to "
        "JUDGES_ALLOWED and to what the function's role may invoke, or name another"
    )
