"""What the judge lacks on data: documents, items and their keys, criteria that never apply. Pure."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from reward_fn.event.material import find_material
from reward_fn.types.material import Material
from reward_fn.types.rubric import JudgeSpec
from reward_fn.types.unscored import Reason, Unscored
from rewardctl.checking.finding import Finding, finding_of
from rewardctl.checking.readable import DataRow


def judge_findings(rows: Sequence[DataRow], spec: JudgeSpec) -> Iterator[Finding]:
    """What the judge lacks, and criteria that are never asked.

    ``rows`` are those that pass all gates.
    """
    materials = [(row, find_material(row.rollout, spec)) for row in rows]
    unusable = [
        (row, m) for row, m in materials if isinstance(m, Unscored) and m.reason is not Reason.NO_SOURCE
    ]
    if unusable:
        message = f"the rollout's own criteria can't be used ({unusable[0][1].detail})"
        yield finding_of("judge", message, [row for row, _ in unusable], rows, is_mistake=False)
    usable = [(row, m) for row, m in materials if isinstance(m, Material)]
    for need in _needs(spec):
        examined = [(row, material) for row, material in usable if need.tries(material)]
        lacking = [row for row, material in examined if not need.is_met(material)]
        if lacking and (need.is_needed or len(lacking) == len(examined)):
            is_mistake = need.is_mistake and len(lacking) == len(examined)
            yield finding_of(
                need.place, need.message, lacking, [row for row, _ in examined], is_mistake=is_mistake
            )


def _always(_: Material) -> bool:
    return True


def _has_items(material: Material) -> bool:
    return bool(material.items)


class _Need(NamedTuple):
    """What material must have for a part to work; ``message`` says that it lacks it.

    ``tries`` chooses the material that is examined. Without ``is_needed`` single rows may lack it, without
    ``is_mistake`` all of them may.
    """

    place: str
    message: str
    is_met: Callable[[Material], bool]
    tries: Callable[[Material], bool] = _always
    is_needed: bool = False
    is_mistake: bool = True


def _needs(spec: JudgeSpec) -> Iterator[_Need]:
    if spec.items:
        message = f"the answer has no list {spec.items!r} with items, so its criteria are not asked"
        yield _Need("judge.items", message, _has_items, is_needed=True)
    for key in spec.item_fields:
        yield _Need(f"judge.item_fields {key!r}", "no item has this key", _has_key(key), _has_items)
    if spec.own_rubric:
        message = "no criteria under metadata.rubric"
        yield _Need("judge.own_rubric", message, _has_own_criteria, is_mistake=False)
    for criterion in spec.criteria:
        if criterion.quote_of:
            message = f"no item has the key {criterion.quote_of!r} of quote_of"
            yield _Need(f"criterion {criterion.name}", message, _has_key(criterion.quote_of), _has_items)


def _has_own_criteria(material: Material) -> bool:
    return bool(material.rollout.metadata.get("rubric"))


def _has_key(key: str) -> Callable[[Material], bool]:
    return lambda m: any(isinstance(item, Mapping) and key in item for item in m.items or ())
