"""One sentence that says why a rollout got its reward."""

from collections.abc import Iterator

from reward_fn.reserved_names import RUBRIC
from reward_fn.score.rubric import criterion_parts
from reward_fn.types.check import CheckResult
from reward_fn.types.unscored import Unscored
from rewardctl.explain.case import failed_gate, scored_rubric
from rewardctl.explain.formula import Formula, formula_of
from rewardctl.explain.numbers import number
from rewardctl.explain.recorded import Recorded
from rewardctl.explain.reward_steps import failed_essentials
from rewardctl.explain.types import Case

MAX_LOSSES = 3
"""The most losses that the sentence names."""
_LEAST_LOSS = 1e-9


def why_sentence(recorded: Recorded, case: Case) -> str:
    """The sentence. It quotes no prompt and no response."""
    if case == "gate":
        return _gate(recorded)
    if case == "list":
        return _list(recorded)
    if case == "formula":
        formula = formula_of(recorded)
        return _formula(recorded, formula) if formula else "The record lacks a score that the formula needs."
    if case == "provoked":
        why = _reason_text(recorded)
        return f"The judge failed through the rollout's own text ({why}), so it gets {_lower_end(recorded)}."
    if case == "essential":
        names = " and ".join(failed_essentials(recorded))
        return f"It failed the essential criterion {names}, so its reward is {_lower_end(recorded)}."
    if case == "unknown":
        return "The definition of this record is not at hand, so its sum can't be shown."
    return _imputed(recorded, case)


def _gate(recorded: Recorded) -> str:
    name, served = failed_gate(recorded), recorded.definition
    result = recorded.results.get(name)
    detail = result.detail if isinstance(result, CheckResult) else ""
    why = f": {detail}" if detail else ""
    asked = ", so the judge was not asked" if served is None or served.judge else ""
    return f"It failed the gate {name}{why}{asked}. A failure gets {number(recorded.reward)}."


def _list(recorded: Recorded) -> str:
    name, served = failed_gate(recorded), recorded.definition
    spec = served.judge if served else None
    parsed = recorded.rollout.parsed.value if recorded.rollout else None
    items = parsed.get(name) if isinstance(parsed, dict) else None
    if not isinstance(items, list):
        what = f"The answer has no list {name!r}"
    elif not items:
        what = f"The list {name!r} is empty"
    elif spec:
        what = (
            f"The list {name!r} has {len(items)} items, and {spec.min_items} to {spec.max_items} are allowed"
        )
    else:
        what = f"The list {name!r} has an impossible length"
    return f"{what}, so the judge was not asked and the reward is fixed at {number(recorded.reward)}."


def _imputed(recorded: Recorded, case: Case) -> str:
    why, served = _reason_text(recorded), recorded.definition
    causes = {
        "rejected": f"The row can't be scored ({why})",
        "blocked": f"A check or document that the reward needs is missing ({why})",
        "judge_failed": f"The judge gave no verdicts ({why}), which is not the rollout's fault",
        "unsound": f"A check or this package gave an unusable number ({why})",
        "not_covered": _not_covered(recorded),
    }
    middle = served is None or abs(recorded.reward - served.neutral) <= _LEAST_LOSS
    stand_in = "the middle of the range" if middle else "the mean of its siblings' rewards"
    return f"{causes[case]}, so it gets {stand_in}, {number(recorded.reward)}."


def _not_covered(recorded: Recorded) -> str:
    served, scored = recorded.definition, scored_rubric(recorded)
    coverage = scored.coverage if scored else recorded.metrics.get("judge_coverage", 0.0)
    if served and coverage < served.min_coverage:
        return f"The judge could assess {coverage:.0%} of the rubric, less than {served.min_coverage:.0%}"
    unanswered = {
        leaf.criterion.name
        for leaf, verdict in recorded.verdicts.items()
        if leaf.value(verdict) is None and (leaf.criterion.essential or leaf.criterion.weight < 0)
    }
    if unanswered:
        return f"The judge could not assess {' and '.join(sorted(unanswered))}, which must be answered"
    return "The judge assessed no criterion that can be earned"


def _reason_text(recorded: Recorded) -> str:
    if not recorded.reasons:
        return "the record gives no reason"
    last: Unscored = recorded.reasons[-1]
    return f"{last.reason}: {last.detail}" if last.detail else str(last.reason)


def _lower_end(recorded: Recorded) -> str:
    return f"the lower end of the range, {number(recorded.reward)}"


def _formula(recorded: Recorded, formula: Formula) -> str:
    best = formula.low + formula.span
    reward = f"The reward is {number(recorded.reward)} of at most {number(best)}"
    if formula.minimum and len(formula.scores) > 1:
        smallest = min(formula.scores, key=lambda part: part.score)
        return f"{reward}: the smallest score decides, {smallest.name} with {number(smallest.score)}."
    lost = sorted(_losses(recorded, formula), key=lambda loss: -loss[1])[:MAX_LOSSES]
    if not lost:
        return f"{reward}: nothing was lost."
    named = [f"{name} ({'-' + number(loss)}{_detail(recorded, name)})" for name, loss in lost]
    listed = " and ".join([", ".join(named[:-1]), named[-1]] if named[1:] else named)
    return f"{reward}: {'most was lost' if len(named) > 1 else 'lost'} by {listed}."


def _losses(recorded: Recorded, formula: Formula) -> Iterator[tuple[str, float]]:
    """What each check and criterion cost, in reward units, by name."""
    total = sum(part.weight for part in formula.scores)
    for part in formula.scores:
        share = formula.span * part.weight / total
        parts = criterion_parts(recorded.verdicts) if part.name == RUBRIC else {}
        criteria = {name: entry.possible - entry.earned for name, entry in parts.items()}
        for name, loss in (criteria or {part.name: 1.0 - part.score}).items():
            if share * loss > _LEAST_LOSS:
                yield name, share * loss
    for part in formula.penalties:
        if (loss := formula.span * part.weight * (1.0 - part.score)) > _LEAST_LOSS:
            yield part.name, loss


def _detail(recorded: Recorded, name: str) -> str:
    result = recorded.results.get(name)
    return f", {result.detail}" if isinstance(result, CheckResult) and result.detail else ""
