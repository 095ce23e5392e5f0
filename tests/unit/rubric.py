"""Small rubrics, and what a judge answered to them, written down in a line."""

from collections.abc import Mapping
from typing import Any

from reward_fn.score.aggregate import aggregate
from reward_fn.types.batch import Examined
from reward_fn.types.check import CheckResult, CheckSpec
from reward_fn.types.definition import Definition
from reward_fn.types.result import Result
from reward_fn.types.rubric import Criterion, JudgeSpec
from reward_fn.types.unscored import Unscored
from reward_fn.types.verdict import Judged, Leaf, Outcome, Verdict, Verdicts
from tests.factory import rollout
from tests.unit.fake_judge import QUESTION_TEXT


def criterion(name: str, weight: float = 1.0, **fields: Any) -> Criterion:
    """A criterion with a question that no test cares about."""
    return Criterion(name, QUESTION_TEXT, weight, **fields)


def judge_spec(*criteria: Criterion, **fields: Any) -> JudgeSpec:
    """A rubric answered by the model "model-1" where the test names none."""
    return JudgeSpec(models=fields.pop("models", ("model-1",)), criteria=criteria, **fields)


def check_spec(name: str, weight: float = 1.0, score: float = 1.0, **fields: Any) -> CheckSpec:
    """A check that always gives ``score``."""
    return CheckSpec(name, lambda _: CheckResult(score), weight, **fields)


def definition(*criteria: Criterion, low: float = 0.0, high: float = 1.0, **fields: Any) -> Definition:
    """A definition; its judge, where there are criteria, weighs 1 unless ``judge`` says more.

    ``checks`` is one check by the name of its role's field.
    """
    fields |= {role: (check,) for role, check in fields.pop("checks", {}).items()}
    judge = fields.pop("judge", judge_spec(*criteria) if criteria else None)
    return Definition("test", "0" * 12, low, high, judge=judge, **fields)


def verdicts(*answers: tuple[Criterion, str] | tuple[Criterion, str, int]) -> Verdicts:
    """Verdicts from (criterion, answer) or (criterion, answer, item from 0)."""
    found: dict[Leaf, Verdict] = {}
    for criterion_, answer, *item in answers:
        found[Leaf(criterion_, *item)] = Verdict(answer)
    return found


def judged(*answers: tuple[Criterion, str] | tuple[Criterion, str, int]) -> Judged:
    """The outcome that has these verdicts."""
    return Judged(verdicts(*answers))


def result_of(
    definition: Definition,
    outcome: Outcome | Verdicts | None = None,
    results: Mapping[str, CheckResult | Unscored] | None = None,
    **examined: Any,
) -> Result:
    """The result of one rollout to whose checks and judge this happened."""
    entry = Examined(rollout("A"), results or {}, **examined)
    found = Judged(outcome) if isinstance(outcome, Mapping) else outcome
    (result,) = aggregate([entry], {} if found is None else {0: found}, definition)
    return result


def shown(result: Result) -> dict[str, float]:
    """The metrics of a result by name; a name that comes twice fails."""
    values = {metric.name: metric.value for metric in result.metrics}
    assert len(values) == len(result.metrics), "a metric's name comes twice"
    return values
