"""The checks of a definition with their results in one record."""

from collections.abc import Mapping

from reward_fn.types.check import CheckResult, CheckSpec
from reward_fn.types.unscored import Unscored
from rewardctl.explain.case import failed_gate
from rewardctl.explain.contributions import own_contributions
from rewardctl.explain.parts import CheckLine, CheckState, Role
from rewardctl.explain.recorded import Recorded
from rewardctl.explain.types import Case

_WEIGHED = ("score", "penalty")


def check_lines(recorded: Recorded, case: Case) -> tuple[CheckLine, ...]:
    """One line for each check of the definition, in its order; without it, for each check of the record."""
    served = recorded.definition
    if served is None:
        return tuple(_without_definition(name, result) for name, result in recorded.results.items())
    roles: list[tuple[Role, tuple[CheckSpec, ...]]] = [
        ("gate", served.gates),
        ("score", served.scores),
        ("penalty", served.penalties),
        ("metric", served.metrics),
    ]
    effects = _effects(recorded, case)
    return tuple(_line(spec, role, recorded, effects) for role, specs in roles for spec in specs)


def _line(spec: CheckSpec, role: Role, recorded: Recorded, effects: Mapping[str, float]) -> CheckLine:
    weight = spec.weight if role in _WEIGHED else None
    result = recorded.results.get(spec.name)
    if result is None:
        return CheckLine(spec.name, role, "not run", None, _why_not_run(recorded), weight)
    if isinstance(result, Unscored):
        return CheckLine(spec.name, role, "could not run", None, result.detail or result.reason, weight)
    passes_from = spec.min_score if role == "gate" else None
    state = _state(result.score, passes_from)
    return CheckLine(spec.name, role, state, result.score, result.detail, weight, effects.get(spec.name))


def _state(score: float, passes_from: float | None) -> CheckState:
    if passes_from is not None:
        return "passed" if score >= passes_from else "failed"
    return "passed" if score >= 1.0 else "partial" if score > 0.0 else "failed"


def _effects(recorded: Recorded, case: Case) -> Mapping[str, float]:
    """What each check contributed to the reward, if the formula made it."""
    if recorded.definition is None or case != "formula":
        return {}
    parts = own_contributions(recorded, recorded.definition)
    return {component.name: value for component, value in parts.items() if component.role in _WEIGHED}


def _why_not_run(recorded: Recorded) -> str:
    if recorded.flag("gate_failed"):
        return f"the gate {failed_gate(recorded)} failed first"
    if recorded.rollout is None:
        return "the row can't be scored"
    if recorded.flag("rejected"):
        return "another check could not run"
    return "the record has no result"


def _without_definition(name: str, result: CheckResult | Unscored) -> CheckLine:
    if isinstance(result, Unscored):
        return CheckLine(name, "unknown", "could not run", None, result.detail or result.reason)
    return CheckLine(name, "unknown", _state(result.score, None), result.score, result.detail)
