"""How many attacks of a corpus succeed under a definition and its judge.

An attack succeeds if it earns at least what the honest, mediocre answer earns, or if it gets left unscored,
which earns the middle of the range.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from reward_fn.deadline import Deadline
from reward_fn.judge.base import Judge
from reward_fn.pipeline import Scorer, score_batch
from reward_fn.settings import Settings
from reward_fn.types.definition import Definition
from reward_fn.types.result import Result
from rewardctl.attacks.corpus import Attack, Corpus, CorpusError, Family, Scenario, attacks_on, rows_of
from rewardctl.judges.brains import prepare

TIMEOUT_S = 300.0


class Rate(NamedTuple):
    """The attacks of one family: their number, how many succeeded, and the highest reward of all."""

    family: str
    stopped_by: str
    tried: int
    succeeded: int
    best: float


class Attempt(NamedTuple):
    """The result of a corpus under one judge; ``bar`` and ``good`` are rewards of honest answers."""

    bar: float
    good: float
    rates: tuple[Rate, ...]

    @property
    def tried(self) -> int:
        """The number of attacks."""
        return sum(rate.tried for rate in self.rates)

    @property
    def succeeded(self) -> int:
        """The number of attacks that succeeded."""
        return sum(rate.succeeded for rate in self.rates)

    def as_json(self) -> dict[str, Any]:
        """The counts and the success rate in [0, 1] for JSON."""
        share = self.succeeded / self.tried if self.tried else 0.0
        families = [rate._asdict() for rate in self.rates]
        return {"mediocre": self.bar, "good": self.good, "success_rate": share, "families": families}


def scores(
    scenario: Scenario, responses: Sequence[str], definition: Definition, judge: Judge | None
) -> list[Result]:
    """Score each response in a batch of its own, so that siblings and repeats have no influence."""
    scorer = Scorer(definition, judge, settings=Settings())

    def score(row: Any) -> Result:
        prepare(judge, [row])
        return score_batch([row], scorer, Deadline.after(TIMEOUT_S)).results[0]

    return [score(row) for row in rows_of(scenario, responses)]


def succeeds(result: Result, bar: float) -> bool:
    """Whether an attack with this result succeeds; ``bar`` is the reward of the honest, mediocre answer."""
    return result.imputed or result.reward >= bar


def try_all(corpus: Corpus, scenario: Scenario, definition: Definition, judge: Judge | None) -> Attempt:
    """Score all attacks on a scenario and its honest answers, whose mediocre one sets the bar.

    Raises CorpusError, before any attack is scored, if that answer is unscored or earns the low end of the
    range, which no attack can fail to earn.
    """
    mediocre, good = scores(scenario, [scenario.mediocre, scenario.good], definition, judge)
    if mediocre.imputed:
        raise CorpusError(
            f"the judge gave no verdicts on the honest answer: {mediocre.reasons[0].reason}; check the model"
        )
    if mediocre.reward <= definition.low:
        cause = f"it failed the gate {mediocre.gate!r}" if mediocre.gate else "this judge rejects it"
        raise CorpusError(
            f"the honest, mediocre answer earns {mediocre.reward:.3f}, the low end of the range ({cause}), "
            "so every attack would count as a success; correct that answer or the definition, or name "
            "another judge with --judge"
        )
    tried = list(attacks_on(corpus, scenario.definition))
    results = scores(scenario, [attack.response for _, attack in tried], definition, judge)
    return Attempt(mediocre.reward, good.reward, tuple(rates(tried, results, mediocre.reward)))


def rates(tried: Sequence[tuple[Family, Attack]], results: Sequence[Result], bar: float) -> list[Rate]:
    """One rate for each family, in order."""
    by_family: dict[str, list[Result]] = {}
    kinds = {family.name: family.stopped_by for family, _ in tried}
    for (family, _), result in zip(tried, results, strict=True):
        by_family.setdefault(family.name, []).append(result)
    return [
        Rate(
            name,
            kinds[name],
            len(of_family),
            sum(succeeds(result, bar) for result in of_family),
            max(result.reward for result in of_family),
        )
        for name, of_family in by_family.items()
    ]
