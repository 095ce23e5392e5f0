"""Criteria that a rollout brings in ``metadata.rubric``, if its definition has ``own_rubric``.

Criteria written for the instance beat any generic rubric (arXiv 2507.17746); the definition's own criteria
apply as well. They come from the data set and not from the policy, but are checked all the same.
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
"""A rubric of at most this many characters of JSON (32 criteria of 600) is cached; a longer one is read for
each rollout. This keeps the cache below 3 MB."""


def with_own_rubric(rollout: Rollout, spec: JudgeSpec) -> JudgeSpec | Unscored:
    """``spec`` with the rollout's criteria added, all of scope "answer".

    Unscored, with the criterion and the reason, if one can't be used, or if there is no criterion to judge
    by. Rubrics with the same content give the same object, so that work on its criteria is done once.
    """
    entries = rollout.metadata.get("rubric", [])
    try:
        text = json.dumps(entries)
    except (TypeError, ValueError, RecursionError):  # not from JSON
        return _combined(entries, spec)
    return _of_text(text, spec) if len(text) <= MAX_SHARED_CHARS else _combined(entries, spec)


@lru_cache(maxsize=128)
def _of_text(text: str, spec: JudgeSpec) -> JudgeSpec | Unscored:
    """Cached for a batch of 128 prompts; equal texts hold equal values and types."""
    return _combined(json.loads(text), spec)


def _combined(entries: Any, spec: JudgeSpec) -> JudgeSpec | Unscored:
    if error := next(iter(errors_in(_rubric_schema(), entries)), None):
        place = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in error.absolute_path)
        return Unscored(Reason.BAD_ROW, f"metadata.rubric{place} breaks {error.validator!r}")
    required = {document.name for document in spec.documents if not document.optional}
    taken = {*RESERVED, *spec.taken, *(criterion.name for criterion in spec.criteria)}
    for i, entry in enumerate(entries):
        if why := _unusable(entry, spec, taken, required):
            return Unscored(Reason.BAD_ROW, f"metadata.rubric[{i}]: {why}")
        taken.add(entry["name"])
    criteria = (*spec.criteria, *map(criterion_of, entries))
    if not any(criterion.weight > 0 for criterion in criteria):
        return Unscored(
            Reason.BAD_ROW, "no criterion with a weight above 0, in the definition or metadata.rubric"
        )
    # Counted for the longest list allowed, so that a policy can't choose whether its rollout is judged.
    if (verdicts := most_verdicts(criteria, spec.max_items)) > MAX_VERDICTS:
        why = f"makes up to {verdicts} verdicts, but {MAX_VERDICTS} fit a reply; bring fewer criteria"
        return Unscored(Reason.BAD_ROW, f"metadata.rubric: {why}")
    return replace(spec, criteria=criteria)


def _unusable(entry: Mapping[str, Any], spec: JudgeSpec, taken: Set[str], required: Set[str]) -> str:
    """Why a criterion of right form can't be used, "" if it can. The reason does not quote it."""
    if entry["name"] in taken:
        return "a name that is taken"
    if not all(map(math.isfinite, (entry.get("weight", 1.0), *entry.get("values", ())))):
        return "a number that is not finite"  # not JSON, but Python's parser accepts it
    if entry.get("quote_from") and not mode_of(spec).takes_quote_from:
        return f"quote_from does not apply in the mode {spec.mode!r}"
    if not required >= set(entry.get("quote_from", ())):
        return "an unknown document"
    if any(criterion_mistakes(entry, "", dict.fromkeys(required, False), has_items=False)):
        return "essential with a weight below 0, or choices and values that don't fit"
    return ""


@cache
def _rubric_schema() -> dict[str, Any]:
    definitions = definition_schema()["$defs"]
    criterion = definitions["criterion"]
    allowed = {**criterion, "properties": {key: criterion["properties"][key] for key in KEYS}}
    return {"$defs": definitions, "type": "array", "items": allowed, "maxItems": MAX_CRITERIA}
