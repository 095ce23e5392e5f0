"""How a definition fits data: paths without values, checks that can't run, criteria that never apply. Pure.

A finding is a mistake if a part of the definition works on no row at all: then it is the definition or the
data that is wrong, and not single rows.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from reward_fn.event.material import find_material
from reward_fn.paths import look_up
from reward_fn.types.check import CheckSpec
from reward_fn.types.definition import Definition
from reward_fn.types.material import Material
from reward_fn.types.rubric import JudgeSpec
from reward_fn.types.unscored import Reason, Unscored
from rewardctl.checking.path_lists import PathList
from rewardctl.checking.readable import DataRow

MAX_LINES = 5
"""So many lines are named as examples of rows on which a part does not work."""


class Finding(NamedTuple):
    """A part of the definition that does not work on ``failing`` of ``of`` rows, first those of ``lines``."""

    place: str
    message: str
    failing: int
    of: int
    lines: tuple[int, ...]
    is_mistake: bool

    def __str__(self) -> str:
        if self.failing == self.of:
            return f"{self.place}: {self.message}, in each of {self.of} rows"
        more = ", …" if self.failing > len(self.lines) else ""
        where = "line" if self.failing == 1 else "lines"
        lines = ", ".join(map(str, self.lines))
        return f"{self.place}: {self.message}, in {self.failing} of {self.of} rows ({where} {lines}{more})"


def findings(rows: Sequence[DataRow], definition: Definition, lists: Iterable[PathList]) -> list[Finding]:
    """All findings, in the order of the definition's parts."""
    answered = [row for row in rows if row.is_answered]
    found = [*_of_paths(rows, lists), *_of_checks(answered, definition)]
    if definition.judge is not None:
        found += _of_judge(answered, definition.judge)
    return found


def resolved(rows: Sequence[DataRow], lists: Iterable[PathList]) -> dict[str, dict[str, int]]:
    """For each place its paths, with the number of rows in which each leads to a value."""
    return {
        each.place: {path: sum(_has_value(row, path) for row in rows) for path in each.paths}
        for each in lists
    }


def _of_paths(rows: Sequence[DataRow], lists: Iterable[PathList]) -> Iterator[Finding]:
    """Lists of paths of which none leads to a value. One that is not needed counts if it never does."""
    for each in lists:
        empty = [row for row in rows if not any(_has_value(row, path) for path in each.paths)]
        if empty and (each.is_needed or len(empty) == len(rows)):
            message = f"nothing under {' or '.join(each.paths)}"
            is_mistake = each.is_needed and len(empty) == len(rows)
            yield _finding(each.place, message, empty, rows, is_mistake=is_mistake)


def _of_checks(rows: Sequence[DataRow], definition: Definition) -> Iterator[Finding]:
    """Checks that can't run for want of something in the row, and gates that no row passes."""
    roles = {
        "gate": definition.gates,
        "score": definition.scores,
        "penalty": definition.penalties,
        "metric": definition.metrics,
    }
    for role, specs in roles.items():
        for spec in specs:
            results = [(row, _result(spec, row)) for row in rows]
            unscored = [(row, result) for row, result in results if isinstance(result, Unscored)]
            place = f"{role} {spec.name}"
            if unscored:
                why = unscored[0][1]
                message = f"can't run ({why.reason.value}: {why.detail})"
                all_rows = len(unscored) == len(rows)
                yield _finding(place, message, [row for row, _ in unscored], rows, is_mistake=all_rows)
            failed = [row for row, result in results if isinstance(result, float) and result < spec.min_score]
            if role == "gate" and failed and len(failed) == len(rows):
                yield _finding(place, "fails, so nothing else counts", failed, rows, is_mistake=False)


def _of_judge(rows: Sequence[DataRow], spec: JudgeSpec) -> Iterator[Finding]:
    """What the judge lacks, and criteria that are never asked or never answered yes."""
    materials = [(row, find_material(row.rollout, spec)) for row in rows]
    unusable = [
        (row, m) for row, m in materials if isinstance(m, Unscored) and m.reason is not Reason.NO_SOURCE
    ]
    if unusable:
        message = f"the rollout's own criteria can't be used ({unusable[0][1].detail})"
        yield _finding("judge", message, [row for row, _ in unusable], rows, is_mistake=False)
    usable = [(row, m) for row, m in materials if isinstance(m, Material)]
    for need in _needs(spec):
        tried = [(row, material) for row, material in usable if need.tries(material)]
        lacking = [row for row, material in tried if not need.is_met(material)]
        if lacking and (need.is_needed or len(lacking) == len(tried)):
            is_mistake = len(lacking) == len(tried)
            yield _finding(
                need.place, need.message, lacking, [row for row, _ in tried], is_mistake=is_mistake
            )


def _always(_: Material) -> bool:
    return True


def _has_items(material: Material) -> bool:
    return bool(material.items)


class _Need(NamedTuple):
    """What material must have for a part to work; ``message`` says that it lacks it.

    ``tries`` chooses the material that is examined. Without ``is_needed`` single rows may lack it.
    """

    place: str
    message: str
    is_met: Callable[[Material], bool]
    tries: Callable[[Material], bool] = _always
    is_needed: bool = False


def _needs(spec: JudgeSpec) -> Iterator[_Need]:
    if spec.items:
        message = f"the answer has no list {spec.items!r} with items"
        yield _Need("judge.items", message, _has_items, is_needed=True)
    for key in spec.item_fields:
        yield _Need(f"judge.item_fields {key!r}", "no item has this key", _has_key(key), _has_items)
    if spec.own_rubric:
        yield _Need("judge.own_rubric", "no criteria under metadata.rubric", _has_own_criteria)
    for criterion in spec.criteria:
        place = f"criterion {criterion.name}"
        if criterion.quote_from:
            message = f"none of its documents is there to quote from ({', '.join(criterion.quote_from)})"
            yield _Need(place, message, _has_document(criterion.quote_from))
        if criterion.quote_of:
            message = f"no item has the key {criterion.quote_of!r} of quote_of"
            yield _Need(place, message, _has_key(criterion.quote_of), _has_items)
        if criterion.scope == "item" and spec.items:
            yield _Need(place, "it is never asked: the answer has no items", _has_items)


def _has_own_criteria(material: Material) -> bool:
    return bool(material.rollout.metadata.get("rubric"))


def _has_key(key: str) -> Callable[[Material], bool]:
    return lambda m: any(isinstance(item, Mapping) and key in item for item in m.items or ())


def _has_document(names: Sequence[str]) -> Callable[[Material], bool]:
    return lambda m: any(name in m.documents for name in names)


def _result(spec: CheckSpec, row: DataRow) -> float | Unscored:
    try:
        result = spec.check(row.rollout)
    except Exception as error:  # noqa: BLE001 - a custom check may raise anything; the pipeline counts it too
        return Unscored(Reason.INTERNAL_ERROR, type(error).__name__)
    return result if isinstance(result, Unscored) else float(result.score)


def _has_value(row: DataRow, path: str) -> bool:
    if path == "response" and not row.is_answered:
        return True
    value: Any = look_up(row.rollout, path)
    return value not in (None, {}, []) and not (isinstance(value, str) and not value.strip())


def _finding(
    place: str, message: str, lacking: Sequence[DataRow], rows: Sequence[DataRow], *, is_mistake: bool
) -> Finding:
    lines = tuple(row.line for row in lacking[:MAX_LINES])
    return Finding(place, message, len(lacking), len(rows), lines, is_mistake)
