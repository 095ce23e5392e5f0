"""A rollout's own criteria, in ``metadata.rubric``, if its definition allows them.

Criteria written for one prompt beat a generic rubric (arXiv 2507.17746); the definition's criteria stay
beside them. They come from the data set, not from the policy, and are checked all the same.
"""

import json
import math
from collections.abc import Mapping, Set
from dataclasses import replace
from functools import cache, lru_cache
from typing import Any

from reward_fn.definition.criterion import criterion_mistakes, criterion_of, most_verdicts
from reward_fn.definition.form import definition_schema, errors_in
from reward_fn.judge.ask.modes import mode_of
from reward_fn.judge.ask.reply_size import MAX_VERDICTS
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
"""The longest rubric, as JSON, that is cached: 32 criteria of 600 characters. A longer one is read again for
each rollout, which keeps the cache below 3 MB."""


def with_own_rubric(rollout: Rollout, spec: JudgeSpec) -> JudgeSpec | Unscored:
    """``spec`` with the rollout's own criteria added; they have the scope "answer".

    Unscored if a criterion can't be used (the detail names it and says why), or if there is no criterion to
    earn anything by. Equal rubrics give the same object, so that text and schema are made once for all of
    them.
    """
    brought = rollout.metadata.get("rubric", [])
    try:
        text = json.dumps(brought)
    except (TypeError, ValueError, RecursionError):  # not from JSON
        return _combined(brought, spec)
    return _of_text(text, spec) if len(text) <= MAX_SHARED_CHARS else _combined(brought, spec)


@lru_cache(maxsize=128)
def _of_text(text: str, spec: JudgeSpec) -> JudgeSpec | Unscored:
    """Cached for as many rubrics as a batch may have prompts; equal texts hold equal values and types."""
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
    """Why a criterion that fits the schema can't be used, "" if it can; the text quotes nothing of it."""
    if entry["name"] in taken:
        return "a name that is taken"
    if not all(map(math.isfinite, (entry.get("weight", 1.0), *entry.get("values", ())))):
        return "a number that is not finite"  # not JSON, but Python's parser accepts it
    if entry.get("quote_from") and not mode_of(spec).takes_quote_from:
        return f"quote_from can't be asked in the mode {spec.mode!r}"
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
