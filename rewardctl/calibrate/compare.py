"""Two judges side by side on the same labels, and whether the dearer one is worth its price."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rewardctl.calibrate.cases import ALL_CRITERIA, OVERALL_NAME, Case, Part
from rewardctl.calibrate.stats.estimate import Estimate
from rewardctl.calibrate.stats.paired import Answers, McNemar, kappa_difference, mcnemar


@dataclass(frozen=True, slots=True)
class Judge:
    """A judge to compare: its name, its parts, and US dollars for a thousand rollouts (None if unknown)."""

    name: str
    parts: Sequence[Part]
    cost_usd: float | None = None


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two judges on the ``labels`` of one part that both answered. ``gain`` is ``second``'s kappa less
    ``first``'s."""

    part: str
    first: Judge
    second: Judge
    labels: int
    test: McNemar
    gain: Estimate

    @property
    def is_better(self) -> bool:
        """Whether the second judge agrees more with people, beyond what chance explains."""
        return self.gain.interval is not None and self.gain.interval.low > 0

    @property
    def is_worse(self) -> bool:
        """Whether the second judge agrees less with people, beyond what chance explains."""
        return self.gain.interval is not None and self.gain.interval.high < 0

    def as_json(self) -> dict[str, Any]:
        """All of it for JSON."""
        test = {"only_first": self.test.only_first, "only_second": self.test.only_second, "p": self.test.p}
        return {
            "part": self.part,
            "first": self.first.name,
            "second": self.second.name,
            "labels": self.labels,
            "mcnemar": test,
            "kappa_gain": self.gain.as_json(),
        }


def by_cost(judges: Sequence[Judge]) -> list[Judge]:
    """The judges from the cheapest to the dearest; those of unknown cost keep their order at the end."""
    return sorted(judges, key=lambda judge: (judge.cost_usd is None, judge.cost_usd or 0.0))


def compare(judges: Sequence[Judge]) -> list[Comparison]:
    """The cheapest judge against each other one, on each part that both have."""
    first, *others = by_cost(judges)
    comparisons = []
    for second in others:
        parts = {part.name: part for part in second.parts}
        for part in first.parts:
            if part.name in parts:
                comparisons.append(_comparison(first, second, part, parts[part.name]))
    return comparisons


def advice(judges: Sequence[Judge], comparisons: Sequence[Comparison]) -> tuple[str, str]:
    """The name of the judge to take, "" for none, and one sentence that says so and why.

    The part that decides is the whole answer if it was labelled, else all criteria, else the only criterion.
    A judge is worth its price if the 95 % interval of its gain in kappa lies above 0; of several, the one
    with the largest gain. Without such evidence the cheapest judge stays.
    """
    first = by_cost(judges)[0]
    names = [comparison.part for comparison in comparisons]
    preferred = [name for name in (OVERALL_NAME, ALL_CRITERIA) if name in names]
    decisive = [*preferred, *names, ""][0]
    deciding = [c for c in comparisons if c.part == decisive and c.labels]
    if not deciding:
        return "", "The judges have no answered question in common, so they can't be compared."
    better = [comparison for comparison in deciding if comparison.is_better]
    best = max(better or deciding, key=lambda comparison: comparison.gain.value or 0.0)
    price = _price(first, best.second)
    if better:
        return best.second.name, f"{best.second.name} is worth it, because {_words(best)}{price}."
    verdict = "so it is worse beyond chance" if best.is_worse else "which chance explains"
    return first.name, f"Stay with {first.name}: {_words(best)}, {verdict}{price}."


def _words(comparison: Comparison) -> str:
    test, gain = comparison.test, comparison.gain
    p = "" if test.p is None else f", McNemar p = {test.p:.2g}"
    change = (
        ""
        if gain.value is None or gain.interval is None
        else (f" (kappa {gain.value:+.2f} [{gain.interval.low:+.2f}, {gain.interval.high:+.2f}]{p})")
    )
    return (
        f"{comparison.second.name} is right on {test.only_second} of {comparison.labels} labels where "
        f"{comparison.first.name} is wrong, and wrong on {test.only_first} where that is right{change}"
    )


def _price(first: Judge, second: Judge) -> str:
    if first.cost_usd is None or second.cost_usd is None:
        return "; what they cost is not known"
    dollars = f"${second.cost_usd:.2f} instead of ${first.cost_usd:.2f} for 1,000 rollouts"
    return f"; it costs {dollars}" if second.cost_usd != first.cost_usd else "; both cost the same"


def _comparison(first: Judge, second: Judge, one: Part, two: Part) -> Comparison:
    answers, prompts = _paired(one.clear, two.clear)
    test, gain = mcnemar(answers), kappa_difference(answers, prompts)
    return Comparison(one.name, first, second, len(answers), test, gain)


def _paired(one: Sequence[Case], two: Sequence[Case]) -> tuple[list[Answers], list[str]]:
    """The answers to the questions that both judges answered, and the prompt of each."""
    seconds = {case.key: case for case in two}
    both = [(case, seconds[case.key]) for case in one if case.key in seconds]
    answers = [Answers(a.judge_yes, b.judge_yes, a.truth.is_yes) for a, b in both]
    return answers, [a.prompt for a, _ in both]
