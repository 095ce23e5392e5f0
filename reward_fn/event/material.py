"""From a rollout to the material that its judge is shown; everything is looked up here, once."""

from collections.abc import Sequence
from typing import Any

from reward_fn.definition.rollout_rubric import with_own_rubric
from reward_fn.paths import find_text
from reward_fn.types.material import Material
from reward_fn.types.rollout import Rollout
from reward_fn.types.rubric import JudgeSpec
from reward_fn.types.unscored import Reason, Unscored


def find_material(rollout: Rollout, spec: JudgeSpec) -> Material | Unscored:
    """Look up the documents, the text to compare with, the criteria and the items of a rollout.

    Unscored if a document that is not optional, or the text to compare with, is missing, or if the rollout's
    own criteria can't be used. The number of items is not checked here.
    """
    documents: dict[str, str] = {}
    for document in spec.documents:
        text = find_text(rollout, document.sources)
        if text is not None:
            documents[document.name] = text
        elif not document.optional:
            return _missing(document.sources, f"for the document {document.name!r}")
    reference = find_text(rollout, spec.against) if spec.against else ""
    if reference is None:
        return _missing(spec.against, "to compare with")
    rubric = with_own_rubric(rollout, spec) if spec.own_rubric else spec
    if isinstance(rubric, Unscored):
        return rubric
    return Material(rollout, rubric, documents, _items(rollout, spec), reference)


def _missing(sources: Sequence[str], purpose: str) -> Unscored:
    return Unscored(Reason.NO_SOURCE, f"no text under {' or '.join(sources)} {purpose}")


def _items(rollout: Rollout, spec: JudgeSpec) -> list[Any] | None:
    """The list elements to judge one by one; None if the answer holds no such list."""
    value = rollout.parsed.value if spec.items else None
    items = value.get(spec.items) if isinstance(value, dict) else None
    return items if isinstance(items, list) else None
