"""How many attacks of a corpus pay under a definition and its judge, and what asking costs.

An attack succeeds where it earns what the honest mediocre answer does, or where it gets itself left unscored,
which pays the middle of the range.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from reward_fn.deadline import Deadline
from reward_fn.event.parse import parse_event
from reward_fn.judge.ask.modes import mode_of
from reward_fn.judge.ask.modes.pointwise import question_about
from reward_fn.judge.base import Judge
from reward_fn.judge.models.catalogue import CHARS_PER_TOKEN
from reward_fn.judge.vote.panel import voters
from reward_fn.pipeline import Scorer, examine, score_batch
from reward_fn.settings import Settings
from reward_fn.types.batch import Examined
from reward_fn.types.definition import Definition
from reward_fn.types.result import Result
from rewardctl.attacks.corpus import Attack, Corpus, CorpusError, Family, Scenario, attacks_on, rows_of

TIMEOUT_S = 300.0


class Rate(NamedTuple):
    """Of ``tried`` attacks of a family ``succeeded`` paid; ``best`` is the highest reward among them."""

    family: str
    stopped_by: str
    tried: int
    succeeded: int
    best: float


class Attempt(NamedTuple):
    """A corpus tried under one judge: ``bar`` and ``good`` are what it pays the honest answers."""

    bar: float
    good: float
    rates: tuple[Rate, ...]

    @property
    def tried(self) -> int:
        """How many attacks there were."""
        return sum(rate.tried for rate in self.rates)

    @property
    def succeeded(self) -> int:
        """How many of them paid."""
        return sum(rate.succeeded for rate in self.rates)

    def as_json(self) -> dict[str, Any]:
        """For machines: the shares beside the counts."""
        share = self.succeeded / self.tried if self.tried else 0.0
        families = [rate._asdict() for rate in self.rates]
        return {"mediocre": self.bar, "good": self.good, "success_rate": share, "families": families}


def scores(
    scenario: Scenario, responses: Sequence[str], definition: Definition, judge: Judge | None
) -> list[Result]:
    """What each response earns, each in a batch of its own: siblings and repeats have no say."""
    settings = Settings()
    return [
        score_batch([row], Scorer(definition, judge, settings=settings), Deadline.after(TIMEOUT_S)).results[0]
        for row in rows_of(scenario, responses)
    ]


def succeeds(result: Result, bar: float) -> bool:
    """Whether an attack with that result pays, measured by what the honest mediocre answer earns."""
    return result.imputed or result.reward >= bar


def try_all(corpus: Corpus, scenario: Scenario, definition: Definition, judge: Judge | None) -> Attempt:
    """All attacks on a scenario, and its honest answers, whose mediocre one is the bar."""
    mediocre, good = scores(scenario, [scenario.mediocre, scenario.good], definition, judge)
    if mediocre.imputed:
        raise CorpusError(f"the judge gave the honest answer no verdicts: {mediocre.reasons[0].reason}")
    tried = list(attacks_on(corpus, scenario.definition))
    results = scores(scenario, [attack.response for _, attack in tried], definition, judge)
    return Attempt(mediocre.reward, good.reward, tuple(rates(tried, results, mediocre.reward)))


def cost_of(corpus: Corpus, definition: Definition) -> str:
    """What asking a model about all of them takes, in a sentence; tokens are a quarter of the characters."""
    spec, scenario = definition.judge, corpus.scenario(definition.name)
    responses = [
        scenario.mediocre,
        scenario.good,
        *(a.response for _, a in attacks_on(corpus, definition.name)),
    ]
    examined = [examine(entry, definition) for entry in parse_event(rows_of(scenario, responses))]
    asked = [
        question_about(each.material)
        for each in examined
        if isinstance(each, Examined) and each.material is not None
    ]
    if spec is None or not asked:
        return "No judge is asked, so it costs nothing."
    calls = len(voters(spec)) * mode_of(spec).questions
    sent = sum(len(q.system) + len(q.static) + len(q.variable) for q in asked) // CHARS_PER_TOKEN * calls
    back = sum(question.max_tokens for question in asked) * calls
    models = ", ".join(spec.panel or spec.models[:1])
    return (
        f"About {len(asked) * calls} calls of {models}: {sent:,} tokens sent and at most {back:,} back, at "
        "Bedrock's prices; calls that fail are made again."
    )


def rates(tried: Sequence[tuple[Family, Attack]], results: Sequence[Result], bar: float) -> list[Rate]:
    """One line a family, in order."""
    by_family: dict[str, list[Result]] = {}
    kinds = {family.name: family.stopped_by for family, _ in tried}
    for (family, _), result in zip(tried, results, strict=True):
        by_family.setdefault(family.name, []).append(result)
    return [
        Rate(
            name,
            kinds[name],
            len(found),
            sum(succeeds(result, bar) for result in found),
            max(result.reward for result in found),
        )
        for name, found in by_family.items()
    ]
