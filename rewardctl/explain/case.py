"""Which rule fixed a recorded reward; see :data:`rewardctl.explain.types.Case`."""

from reward_fn.score.rubric import RubricScore, rubric_score
from reward_fn.types.unscored import Reason
from rewardctl.explain.recorded import Recorded
from rewardctl.explain.types import Case


def case_of(recorded: Recorded) -> Case:
    """The first rule that applies, told by the flags of the record."""
    if recorded.record.get("imputed"):
        return _imputed(recorded)
    if recorded.flag("gate_failed"):
        return _settled(recorded)
    if recorded.flag("provoked"):
        return "provoked"
    if recorded.definition is None:
        return "unknown"
    scored = scored_rubric(recorded)
    if scored.essential_failed if scored else _essential_by_metrics(recorded):
        return "essential"
    return "formula"


def scored_rubric(recorded: Recorded) -> RubricScore | None:
    """The rubric's score by the scoring code; None without verdicts."""
    if not recorded.verdicts or recorded.definition is None:
        return None
    return rubric_score(recorded.verdicts, recorded.definition.min_coverage)


def failed_gate(recorded: Recorded) -> str:
    """The name of the gate or list that fixed the reward; from the metrics if the record does not name it."""
    if name := recorded.record.get("gate"):
        return str(name)
    served = recorded.definition
    for spec in served.gates if served else ():
        if recorded.metrics.get(spec.name, 1.0) < spec.min_score:
            return spec.name
    return served.judge.items if served and served.judge else ""


def _essential_by_metrics(recorded: Recorded) -> bool:
    """Whether an essential criterion explains a reward at the lower end, in a record without verdicts."""
    served = recorded.definition
    if served is None or recorded.reward != served.low:
        return False
    return any(c.essential and recorded.metrics.get(c.name, 1.0) < 1.0 for c in recorded.criteria)


def _settled(recorded: Recorded) -> Case:
    served = recorded.definition
    gates = {spec.name for spec in served.gates} if served else {*recorded.results}
    return "gate" if failed_gate(recorded) in gates else "list"


def _imputed(recorded: Recorded) -> Case:
    if recorded.record.get("group") is None or recorded.flag("no_response"):
        return "rejected"
    if recorded.flag("rejected"):
        return "blocked"
    if not recorded.flag("judge_error"):
        return "unsound"
    last = recorded.reasons[-1].reason if recorded.reasons else None
    answered = recorded.record.get("verdicts") or any(c.name in recorded.metrics for c in recorded.criteria)
    if last is Reason.CANNOT_ASSESS or (last is None and answered):
        return "not_covered"
    return "judge_failed"
