"""Criteria that a rollout brings along in ``metadata.rubric``, where its definition allows it.

Criteria written for the instance beat any generic rubric (arXiv 2507.17746); a definition's own stay beside
them. They come from the data set, not from the policy, and are checked all the same.
"""

import json
import math
from collections.abc import Mapping, Set
from dataclasses import replace
from functools import cache, lru_cache
from typing import Any

from reward_fn.definition.criterion import criterion_mistakes, criterion_of, most_verdicts
from reward_fn.definition.form import definition_schema, errors_in
from reward_fn.judge.ask.modes import MAX_VERDICTS
from reward_fn.reserved_names import RESERVED
from reward_fn.types.rollout import Rollout
from reward_fn.types.rubric import JudgeSpec
from reward_fn.types.unscored import Reason, Unscored

MAX_CRITERIA = 32
KEYS = (
    *("name", "question", "weight", "essential", "may_not_apply", "quote_from", "choices", "values"),
    "evidence",
)

MAX_SHARED_CHARS = 20_000
"""Of a rubric as JSON: 32 criteria of 600 characters. A longer one is read anew for each rollout, which keeps
what is remembered below 3 MB."""


def with_own_rubric(rollout: Rollout, spec: JudgeSpec) -> JudgeSpec | Unscored:
    """``spec`` with the rollout's criteria, of scope "answer", added.

    Unscored where there are none to judge by, or where they can't be used: which one, and why. Rubrics of the
    same content give the same object, so that what is made of its criteria is made once.
    """
    brought = rollout.metadata.get("rubric", [])
    try:
        text = json.dumps(brought)
    except (TypeError, ValueError, RecursionError):  # not from JSON
        return _combined(brought, spec)
    return _of_text(text, spec) if len(text) <= MAX_SHARED_CHARS else _combined(brought, spec)


@lru_cache(maxsize=128)
def _of_text(text: str, spec: JudgeSpec) -> JudgeSpec | Unscored:
    """As many rubrics as a batch may have prompts; equal texts are equal values, to the type of a number."""
    return _combined(json.loads(text), spec)


def _combined(brought: Any, spec: JudgeSpec) -> JudgeSpec | Unscored:
    if error := next(iter(errors_in(_own_schema(), brought)), None):
        place = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in error.absolute_path)
        return Unscored(Reason.BAD_ROW, f"metadata.rubric{place} breaks {error.validator!r}")
    required = {document.name for document in spec.documents if not document.optional}
    taken = {*RESERVED, *spec.taken, *(criterion.name for criterion in spec.criteria)}
    for i, entry in enumerate(brought):
        if why := _unusable(entry, spec, taken, required):
            return Unscored(Reason.BAD_ROW, f"metadata.rubric[{i}]: {why}")
        taken.add(entry["name"])
    criteria = (*spec.criteria, *map(criterion_of, brought))
    if not any(criterion.weight > 0 for criterion in criteria):
        return Unscored(
            Reason.BAD_ROW, "no criterion with a weight above 0, in the definition or metadata.rubric"
        )
    # By the longest list allowed: a policy must not be able to choose whether its rollout is judged.
    if (verdicts := most_verdicts(criteria, spec.max_items)) > MAX_VERDICTS:
        much = f"makes up to {verdicts} verdicts, but {MAX_VERDICTS} fit a reply; bring fewer"
        return Unscored(Reason.BAD_ROW, f"metadata.rubric: {much}")
    return replace(spec, criteria=criteria)


def _unusable(entry: Mapping[str, Any], spec: JudgeSpec, taken: Set[str], required: Set[str]) -> str:
    """Why a criterion of right form can't be used, "" where it can; not quoting it."""
    if entry["name"] in taken:
        return "a name that is taken"
    if not all(map(math.isfinite, (entry.get("weight", 1.0), *entry.get("values", ())))):
        return "a number that is not finite"  # which JSON has none of, and Python's parser lets pass
    if entry.get("quote_from") and spec.mode == "pairwise":
        return "quote_from can't be asked of a comparison"
    if not required >= set(entry.get("quote_from", ())):
        return "an unknown document"
    if any(criterion_mistakes(entry, "", dict.fromkeys(required, False), has_items=False)):
        return "essential with a weight below 0, or choices and values that don't fit"
    return ""


@cache
def _own_schema() -> dict[str, Any]:
    definitions = definition_schema()["$defs"]
    criterion = definitions["criterion"]
    own = {**criterion, "properties": {key: criterion["properties"][key] for key in KEYS}}
    return {"$defs": definitions, "type": "array", "items": own, "maxItems": MAX_CRITERIA}
