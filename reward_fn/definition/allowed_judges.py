"""The models that a definition may name: any for a shipped one, those in JUDGES_ALLOWED for a stored one.

Whoever may change a stored definition spends the function's money; the list limits that to known models.
"""

import re
from collections.abc import Collection

from reward_fn.definition.form import unknown
from reward_fn.judge.models.catalogue import TIERS, profile
from reward_fn.judge.models.provider import DEFAULT, prefixes, unknown_prefix


def judge_mistake(model: str, allowed: Collection[str] | None) -> str:
    """Why a definition may not name this tier or model; "" if it may.

    ``allowed`` lists tiers and models; None allows all. A tier and its model id are the same model, but a
    model in another region is a different one.
    """
    judge = profile(model)
    if not re.search(r"[.:]", judge.name):
        return f"{unknown('tier', model, TIERS)}; or give a model id"
    if prefix := unknown_prefix(model):
        return f"{unknown('provider', prefix, prefixes().keys() - {DEFAULT})}; or give a model id of Bedrock"
    if allowed is None or judge.name in {profile(name).name for name in allowed}:
        return ""
    known = ", ".join(sorted(allowed)) or "none"
    return (
        f"the model {model!r} is not allowed for a stored definition (allowed: {known}); add it to "
        "JUDGES_ALLOWED and to the models that the function's role may invoke, or name an allowed one"
    )
