"""How a definition fits data: paths without values, checks that can't run, gates that all rows fail. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from reward_fn.paths import look_up
from reward_fn.types.check import CheckSpec
from reward_fn.types.definition import Definition
from reward_fn.types.unscored import Reason, Unscored
from rewardctl.checking.finding import Finding, finding_of
from rewardctl.checking.judge_fit import judge_findings
from rewardctl.checking.path_lists import PathList
from rewardctl.checking.readable import DataRow


def findings(rows: Sequence[DataRow], definition: Definition, lists: Iterable[PathList]) -> list[Finding]:
    """All findings, in the order of the definition's parts."""
    answered = [row for row in rows if row.is_answered]
    results = [_CheckRun(role, spec, _results(spec, answered)) for role, spec in _specs(definition)]
    result = [*_of_paths(rows, lists), *_of_checks(answered, results)]
    if definition.judge is not None:
        gates = [run for run in results if run.role == "gate"]
        passing = [row for i, row in enumerate(answered) if all(gate.passes(i) for gate in gates)]
        result += judge_findings(passing, definition.judge)
    return result


def resolved(rows: Sequence[DataRow], lists: Iterable[PathList]) -> dict[str, dict[str, int]]:
    """For each place its paths, with the number of rows in which each leads to a value."""
    return {
        path_list.place: {path: sum(_has_value(row, path) for row in rows) for path in path_list.paths}
        for path_list in lists
    }


def _of_paths(rows: Sequence[DataRow], lists: Iterable[PathList]) -> Iterator[Finding]:
    """Lists of paths of which none leads to a value. One that is not needed counts if it never does."""
    for path_list in lists:
        empty = [row for row in rows if not any(_has_value(row, path) for path in path_list.paths)]
        if empty and (path_list.is_needed or len(empty) == len(rows)):
            message = f"nothing under {' or '.join(path_list.paths)}"
            is_mistake = path_list.is_needed and len(empty) == len(rows)
            yield finding_of(path_list.place, message, empty, rows, is_mistake=is_mistake)


class _CheckRun(NamedTuple):
    """A check and its results, a score or the reason for its absence, in the order of the answered rows."""

    role: str
    spec: CheckSpec
    results: Sequence[float | Unscored]

    def passes(self, place: int) -> bool:
        """Whether the row at that place passes the check as a gate."""
        result = self.results[place]
        return not isinstance(result, Unscored) and result >= self.spec.min_score


def _specs(definition: Definition) -> Iterator[tuple[str, CheckSpec]]:
    for role, specs in (
        ("gate", definition.gates),
        ("score", definition.scores),
        ("penalty", definition.penalties),
        ("metric", definition.metrics),
    ):
        yield from ((role, spec) for spec in specs)


def _of_checks(rows: Sequence[DataRow], runs: Iterable[_CheckRun]) -> Iterator[Finding]:
    """Checks that can't run for want of something in the row, and gates that no row passes."""
    for run in runs:
        place = f"{run.role} {run.spec.name}"
        pairs = list(zip(rows, run.results, strict=True))
        unscored = [(row, result) for row, result in pairs if isinstance(result, Unscored)]
        if unscored:
            why = unscored[0][1]
            message = f"can't run ({why.reason.value}: {why.detail})"
            lacking = [row for row, _ in unscored]
            yield finding_of(place, message, lacking, rows, is_mistake=len(lacking) == len(rows))
        elif run.role == "gate" and rows and not any(map(run.passes, range(len(rows)))):
            yield finding_of(place, "fails, so nothing else counts", rows, rows, is_mistake=False)


def _results(spec: CheckSpec, rows: Iterable[DataRow]) -> list[float | Unscored]:
    return [_result(spec, row) for row in rows]


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
