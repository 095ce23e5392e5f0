"""What is labelled: rollouts with the material that their judge would be shown, and the questions. Pure."""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from reward_fn.event.parse import parse_rows
from reward_fn.judge.ask.modes.pointwise import shown_items
from reward_fn.judge.ask.verdict_schema import leaves_of
from reward_fn.pipeline import examine
from reward_fn.types.batch import Examined
from reward_fn.types.definition import Definition
from reward_fn.types.material import Material
from reward_fn.types.rollout import Rejected, Rollout
from reward_fn.types.rubric import Criterion
from reward_fn.types.verdict import Leaf
from rewardctl.labels.label import OVERALL, LabelError, id_key

WHOLE_ANSWER = Criterion(OVERALL, "All in all, is this a good answer to the prompt?")
"""The question about the whole answer; the only one if the definition has no judge."""
_MISSING = re.compile(r"missing-\d+(\.\d+)?")
"""The id of a row that was sent without one."""


class Subject(NamedTuple):
    """One rollout to label.

    ``key`` is its id as :func:`~rewardctl.labels.label.id_key` returns it. ``documents``, ``items`` and
    ``reference`` are what the judge would be shown beside the response, ``instructions`` the definition's
    own words to it; ``items`` () if no list is judged.
    ``leaves`` are the questions to answer, those of one item together.
    """

    key: str
    rollout: Rollout
    documents: Mapping[str, str]
    items: tuple[str, ...]
    reference: str
    leaves: tuple[Leaf, ...]
    instructions: str = ""


class Subjects(NamedTuple):
    """``left_out`` counts rows that no judge would see, by reason; ``nameless`` counts rows without id."""

    subjects: tuple[Subject, ...]
    left_out: Counter[str]
    nameless: int


def find_subjects(
    rows: Sequence[Any], definition: Definition, *, criteria: Collection[str] = (), overall: bool = False
) -> Subjects:
    """The rollouts that reach the definition's judge, or all where it has none.

    ``criteria`` chooses criteria by name, () for all. With ``overall`` the whole answer is judged too. Raises
    LabelError for a criterion that no rollout has, and for an id that two rows share.
    """
    subjects: list[Subject] = []
    left_out: Counter[str] = Counter()
    for entry in parse_rows(rows):
        result = _subject(entry, definition)
        if isinstance(result, Subject):
            subjects.append(result)
        else:
            left_out[result] += 1
    _require_unique(subjects)
    known = {leaf.criterion.name for subject in subjects for leaf in subject.leaves}
    if subjects and (unknown := [name for name in criteria if name not in known]):
        raise LabelError(f"no rollout has a criterion {unknown[0]!r}; choose from {', '.join(sorted(known))}")
    nameless = sum(_MISSING.fullmatch(subject.key) is not None for subject in subjects)
    asking = (_asking(subject, criteria, overall=overall) for subject in subjects)
    return Subjects(tuple(subject for subject in asking if subject.leaves), left_out, nameless)


def _asking(subject: Subject, criteria: Collection[str], *, overall: bool) -> Subject:
    """The subject with the questions of the chosen criteria only, and with the one about the whole answer."""
    leaves = [leaf for leaf in subject.leaves if not criteria or leaf.criterion.name in criteria]
    if overall and Leaf(WHOLE_ANSWER) not in leaves:
        leaves.append(Leaf(WHOLE_ANSWER))
    return subject._replace(leaves=tuple(leaves))


def _subject(entry: Rollout | Rejected, definition: Definition) -> Subject | str:
    """The subject with all its questions, or why no judge would see the row."""
    if isinstance(entry, Rejected):
        return f"rejected: {entry.reason.value}"
    if definition.judge is None:
        return Subject(id_key(entry.id), entry, {}, (), "", (Leaf(WHOLE_ANSWER),))
    examined = examine(entry, definition)
    if not isinstance(examined, Examined) or examined.material is None:
        return _why_not_judged(examined)
    material = examined.material
    items = tuple(shown_items(material))
    leaves = tuple(_leaves(material))
    instructions = material.spec.instructions
    return Subject(
        id_key(entry.id), entry, material.documents, items, material.reference, leaves, instructions
    )


def _leaves(material: Material) -> Iterable[Leaf]:
    """All questions but those that place a rollout among others, which a person sees one at a time."""
    leaves = leaves_of(material.spec.criteria, len(material.items or ()))
    return (leaf for leaf in leaves if not leaf.criterion.relative)


def _why_not_judged(examined: Examined | Rejected) -> str:
    if isinstance(examined, Examined) and examined.settled_by:
        return f"settled before the judge by {examined.settled_by}"
    blocked = examined.blocked if isinstance(examined, Examined) else None
    return f"unscored: {blocked.reason.value}, {blocked.detail}" if blocked else "not judged"


def _require_unique(subjects: Sequence[Subject]) -> None:
    counts = Counter(subject.key for subject in subjects)
    if shared := [key for key, count in counts.items() if count > 1]:
        raise LabelError(
            f"{len(shared)} ids stand on several rows, among them {shared[0][:80]!r}; a label names its row "
            "by the id, so give each row its own"
        )
