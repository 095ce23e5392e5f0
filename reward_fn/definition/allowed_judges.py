"""The judges that a definition may name.

A shipped definition may name any model, a stored one only those in JUDGES_ALLOWED: whoever may change a
stored definition spends the function's money.
"""

import re
from collections.abc import Collection

from reward_fn.definition.form import unknown
from reward_fn.judge.models.catalogue import TIERS, profile
from reward_fn.judge.models.provider import DEFAULT, prefixes, unknown_prefix


def judge_mistake(model: str, allowed: Collection[str] | None) -> str:
    """Why a definition may not name this tier or model, "" if it may.

    A stored definition may name the models in ``allowed``, by any of their names, in the region that they
    name; None allows all.
    """
    named = profile(model)
    if not re.search(r"[.:]", named.name):
        return f"{unknown('tier', model, TIERS)}; or give a model id"
    if prefix := unknown_prefix(model):
        return f"{unknown('provider', prefix, prefixes().keys() - {DEFAULT})}; or give a model id of Bedrock"
    if allowed is None or named.name in {profile(each).name for each in allowed}:
        return ""
    known = ", ".join(sorted(allowed)) or "none"
    return (
        f"the model {model!r} is not among those that a stored definition may name here ({known}); add it to "
        "JUDGES_ALLOWED and to what the function's role may invoke, or name another"
    )
