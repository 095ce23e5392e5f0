"""Criteria that a rollout brings along in ``metadata.rubric``, where its definition allows it.

Criteria written for the instance beat any generic rubric (arXiv 2507.17746); a definition's own stay beside
them. They come from the data set, not from the policy, and are checked all the same.
"""

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator

from reward_fn.definition_form import definition_schema
from reward_fn.names import RESERVED
from reward_fn.types import Criterion, JudgeSpec, Reason, Rollout, Unscored

MAX_CRITERIA = 32
KEYS = ("name", "question", "weight", "essential", "may_not_apply", "quote_from")


def with_own_rubric(rollout: Rollout, spec: JudgeSpec) -> JudgeSpec | Unscored:
    """``spec`` with the rollout's criteria, of scope "answer", added.

    Unscored where there are none to judge by, or where they can't be used: which one, and why.
    """
    brought = rollout.metadata.get("rubric", [])
    if error := next(_validator().iter_errors(brought), None):
        place = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in error.absolute_path)
        return Unscored(Reason.BAD_ROW, f"metadata.rubric{place} breaks {error.validator!r}")
    required = {document.name for document in spec.documents if not document.optional}
    taken = {criterion.name for criterion in spec.criteria} | RESERVED
    for i, entry in enumerate(brought):
        if entry["name"] in taken or not required.issuperset(entry.get("quote_from", ())):
            return Unscored(
                Reason.BAD_ROW, f"metadata.rubric[{i}]: a name that is taken, or an unknown document"
            )
        taken = taken | {entry["name"]}
    criteria = (*spec.criteria, *map(_criterion, brought))
    if not any(criterion.weight > 0 for criterion in criteria):
        return Unscored(
            Reason.BAD_ROW, "no criterion with a weight above 0, in the definition or metadata.rubric"
        )
    return replace(spec, criteria=criteria)


def _criterion(entry: Mapping[str, Any]) -> Criterion:
    return Criterion(
        name=entry["name"],
        question=entry["question"].strip(),
        weight=float(entry.get("weight", 1.0)),
        essential=entry.get("essential", False),
        may_not_apply=entry.get("may_not_apply", False),
        quote_from=tuple(entry.get("quote_from", ())),
    )


@cache
def _validator() -> Draft202012Validator:
    definitions = definition_schema()["$defs"]
    criterion = definitions["criterion"]
    own = {**criterion, "properties": {key: criterion["properties"][key] for key in KEYS}}
    return Draft202012Validator(
        {"$defs": definitions, "type": "array", "items": own, "maxItems": MAX_CRITERIA}
    )
