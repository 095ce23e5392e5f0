"""Score cases and compare their rewards with what they expect."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from reward_fn.event.parse import parse_rows
from reward_fn.pipeline import examine
from reward_fn.score.aggregate import aggregate
from reward_fn.types.batch import Examined
from reward_fn.types.definition import Definition
from reward_fn.types.material import Material
from reward_fn.types.result import Result
from reward_fn.types.verdict import Outcome
from rewardctl.cases.case import Case, CaseError
from rewardctl.cases.scripted import scripted
from rewardctl.labels.label import id_key

Score = Callable[[Case], Sequence[Result]]
"""Scores a case by a judge that is asked."""


class CaseResult(NamedTuple):
    """A case with its rewards by id; ``failures`` says what is wrong, () if it passed.

    ``is_asked`` says that a judge was asked for its verdicts.
    """

    case: Case
    rewards: dict[str, float]
    failures: tuple[str, ...]
    is_asked: bool = False


def run_cases(cases: Sequence[Case], definition: Definition, by_judge: Score) -> list[CaseResult]:
    """The result of each case, in order. A case that can't be scored has failed."""
    return [_run(case, definition, by_judge) for case in cases]


def needs_judge(case: Case, definition: Definition) -> bool:
    """Whether a judge must be asked: the case has no verdicts, and a row of it reaches the judge."""
    return case.verdicts is None and any(True for _ in materials_of(case, definition))


def materials_of(case: Case, definition: Definition) -> Iterator[Material]:
    """The material of each row that reaches the judge."""
    for entry in parse_rows(case.rows):
        examined = examine(entry, definition)
        if isinstance(examined, Examined) and examined.material is not None:
            yield examined.material


def _run(case: Case, definition: Definition, by_judge: Score) -> CaseResult:
    is_asked = needs_judge(case, definition)
    try:
        results = by_judge(case) if is_asked else _by_script(case, definition)
    except CaseError as error:
        return CaseResult(case, {}, (str(error),))
    by_id = {id_key(result.id): result for result in results}
    rewards = {key: result.reward for key, result in by_id.items()}
    failures = (*_unscored(by_id.values()), *_outside(case, rewards), *_reversed(case, rewards))
    return CaseResult(case, rewards, failures, is_asked)


def _by_script(case: Case, definition: Definition) -> list[Result]:
    """The results with the verdicts of the case; no judge is asked."""
    examined = [examine(entry, definition) for entry in parse_rows(case.rows)]
    outcomes: dict[int, Outcome] = {}
    for entry in examined:
        if isinstance(entry, Examined) and entry.material is not None:
            key = id_key(entry.rollout.id)
            verdicts = (case.verdicts or {}).get(key)
            if verdicts is None:
                raise CaseError(f"no verdicts on the row {key!r}, which reaches the judge; add them")
            outcomes[entry.rollout.index] = scripted(entry.material, verdicts)
    return aggregate(examined, outcomes, definition)


def _unscored(results: Iterable[Result]) -> Iterator[str]:
    """A reward that is filled in must not satisfy a case by chance."""
    for result in results:
        if result.imputed:
            why = result.reasons[-1] if result.reasons else None
            reason = f"{why.reason.value}, {why.detail}" if why else "no reason is known"
            yield f"{id_key(result.id)} is unscored ({reason})"


def _outside(case: Case, rewards: dict[str, float]) -> Iterator[str]:
    for key, bound in case.bounds.items():
        if not bound.holds(rewards[key]):
            yield f"{key} earns {rewards[key]:.6g}, expected {bound}"


def _reversed(case: Case, rewards: dict[str, float]) -> Iterator[str]:
    for better, worse in case.pairs:
        if not rewards[better] > rewards[worse]:
            yield f"{better} earns {rewards[better]:.6g}, no more than {worse} with {rewards[worse]:.6g}"
