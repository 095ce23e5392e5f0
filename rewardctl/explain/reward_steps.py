"""The arithmetic from the parts to the reward, step by step."""

from collections.abc import Iterator, Sequence

from reward_fn.types.definition import Definition
from rewardctl.explain.case import failed_gate
from rewardctl.explain.formula import Formula, Part, formula_of
from rewardctl.explain.numbers import number
from rewardctl.explain.recorded import Recorded
from rewardctl.explain.types import Case, Step

TOLERANCE = 1e-9
"""The sum is made in another order than the reward's own, so the last digits may differ."""
FLOOR = "the lower end of the range"


def reward_steps(recorded: Recorded, case: Case, siblings: Sequence[Recorded]) -> tuple[Step, ...]:
    """The steps; the last one has exactly the record's reward as its value.

    If the definition's sum gives another number, a last step says so.
    """
    steps = list(_steps(recorded, case, siblings))
    reward = recorded.reward
    if steps and abs(steps[-1].value - reward) <= TOLERANCE:
        steps[-1] = Step(steps[-1].label, steps[-1].formula, reward)
        return tuple(steps)
    why = f"the definition at hand gives {number(steps[-1].value)}" if steps else "no sum can be made"
    return (*steps, Step("as recorded", why, reward))


def _steps(recorded: Recorded, case: Case, siblings: Sequence[Recorded]) -> Iterator[Step]:
    served = recorded.definition
    if case == "gate":
        yield _gate(recorded)
    elif case == "list":
        fixed = f"its length is not allowed: the reward is fixed at {number(recorded.reward)}"
        yield Step(f"list {failed_gate(recorded)}", fixed, recorded.reward)
    elif served is None:
        return
    elif case == "provoked":
        yield Step("judge failed", f"through the rollout's own text: {FLOOR}", served.low)
    elif case == "essential":
        names = ", ".join(failed_essentials(recorded))
        yield Step("essential criterion failed", f"{names}: {FLOOR}", served.low)
    elif case == "formula":
        if formula := formula_of(recorded):
            yield from _formula(formula)
    else:
        yield from _imputed(recorded, served, siblings)


def failed_essentials(recorded: Recorded) -> list[str]:
    """The names of the essential criteria that were answered no, or by the worst choice."""
    failed = [
        leaf.criterion.name
        for leaf, verdict in recorded.verdicts.items()
        if leaf.criterion.essential and (leaf.value(verdict) == 0.0 or verdict.answer == leaf.criterion.worst)
    ]
    by_metrics = [
        c.name for c in recorded.criteria if c.essential and recorded.metrics.get(c.name, 1.0) < 1.0
    ]
    return list(dict.fromkeys(failed or by_metrics))


def _gate(recorded: Recorded) -> Step:
    """The step of a failed gate. Its value is the reward that the definition sets."""
    name, served = failed_gate(recorded), recorded.definition
    spec = next((spec for spec in served.gates if spec.name == name), None) if served else None
    score = recorded.metrics.get(name)
    if spec is None:
        return Step(f"gate {name}", "failed: the reward is fixed", recorded.reward)
    scored = "failed" if score is None else f"score {number(score)}, at least {number(spec.min_score)} needed"
    return Step(f"gate {name}", f"{scored}: the reward is fixed at {number(spec.reward)}", spec.reward)


def _imputed(recorded: Recorded, served: Definition, siblings: Sequence[Recorded]) -> Iterator[Step]:
    middle = f"({number(served.low)} + {number(served.high)}) / 2"
    yield Step("no reward of its own", f"the middle of the range: {middle}", served.neutral)
    if abs(recorded.reward - served.neutral) <= TOLERANCE:
        return
    label = f"failure policy {served.on_error}"
    valid = [other.reward for other in in_same_batch(recorded, siblings) if not other.record.get("imputed")]
    mean = sum(valid) / len(valid) if valid else served.neutral
    if valid and abs(mean - recorded.reward) <= TOLERANCE:
        total = " + ".join(map(number, valid))
        yield Step(label, f"the mean of its siblings: ({total}) / {len(valid)}", recorded.reward)
    else:
        why = "the mean of the valid rewards of its group in its batch, not all of which are at hand"
        yield Step(label, why, recorded.reward)


def in_same_batch(recorded: Recorded, siblings: Sequence[Recorded]) -> list[Recorded]:
    """The siblings that came in the same invocation."""
    batch = recorded.record.get("request_id")
    return [other for other in siblings if other.record.get("request_id") == batch]


def _formula(formula: Formula) -> Iterator[Step]:
    yield from _base(formula)
    share = formula.base
    for part in formula.penalties:
        share -= part.weight * (1.0 - part.score)
        yield Step(f"penalty {part.name}", f"- {number(part.weight)} × (1 - {number(part.score)})", share)
    value = formula.low + formula.span * formula.share
    if (formula.low, formula.span) != (0.0, 1.0):
        low, high = number(formula.low), number(formula.low + formula.span)
        sum_text = f"{low} + {number(formula.span)} × {number(formula.share)}"
        yield Step(f"range {low} to {high}", sum_text, value)
    if abs(formula.clipped) > TOLERANCE:
        end = "least" if formula.clipped > 0 else "most"
        yield Step("clipped to the range", f"at {end} {number(formula.reward)}", formula.reward)


def _base(formula: Formula) -> Iterator[Step]:
    """The steps to the weighted mean, or to the smallest score."""
    scores = formula.scores
    if len(scores) == 1:
        yield Step(scores[0].name, "the only score", formula.base)
    elif formula.minimum:
        listed = ", ".join(f"{part.name} {number(part.score)}" for part in scores)
        yield Step("smallest score", f"the smallest of {listed}", formula.base)
    else:
        yield from _weighted(scores, formula.base)


def _weighted(scores: Sequence[Part], base: float) -> Iterator[Step]:
    total = 0.0
    for place, part in enumerate(scores):
        total += part.weight * part.score
        plus = "+ " if place else ""
        yield Step(part.name, f"{plus}{number(part.weight)} × {number(part.score)}", total)
    weights = " + ".join(number(part.weight) for part in scores)
    yield Step("weighted mean", f"{number(total)} / ({weights})", base)
