"""A small evolutionary search: change honest, bad answers until the reward function pays them.

A population of answers, first the honest, bad ones. Each round takes a few of the fittest, changes each once
or twice, scores the results by the real reward function, and drops the worst. The fitness is the reward above
the bar of the answer's prompt. The same seed gives the same search if the judge answers the same.
"""

import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from reward_fn.pipeline import Scorer
from rewardctl.attacks.attempts import AT_ONCE, Attempt, Standard, score_all
from rewardctl.attacks.mutations import Pool, mutate, pool_of
from rewardctl.attacks.nearness import Nearness, honest_share, share_edited
from rewardctl.attacks.probes import Known
from rewardctl.judge_demand import calls_a_rollout

POPULATION = 24
TOURNAMENT = 3
"""The parent is the fittest of so many answers drawn at random."""
SCORINGS_A_CALL = 20
"""Answers that a gate stops cost no call, so scorings are limited too, to so many times the budget."""
MAX_MISSES = 200
"""Changes in a round that give a text already scored, after which the round ends."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """An answer of the population: how it was made from ``origin``, an honest answer, and what it earned."""

    standard: Standard
    attempt: Attempt
    origin: str
    steps: tuple[str, ...] = ()
    ancestors: tuple[float, ...] = ()

    @property
    def fitness(self) -> float:
        """The reward above the bar."""
        return self.standard.level(self.attempt)


class Exploit(NamedTuple):
    """The best answer that the search found, and how near it is to honest answers."""

    candidate: Candidate
    nearness: Nearness

    @property
    def succeeds(self) -> bool:
        """Whether it earns the bar, or was left unscored."""
        return self.candidate.standard.succeeds(self.candidate.attempt)

    def as_json(self) -> dict[str, Any]:
        """All that is known about it."""
        candidate, attempt = self.candidate, self.candidate.attempt
        return {
            "succeeds": self.succeeds,
            "reward": attempt.reward,
            "bar": candidate.standard.bar_for(attempt),
            "unscored": attempt.result.imputed,
            "prompt": candidate.standard.task.id,
            "text": attempt.text,
            "made_from": candidate.origin,
            "steps": list(candidate.steps),
            "rewards_on_the_way": [*candidate.ancestors, attempt.reward],
            "paid_by": [{"component": name, "contribution": amount} for name, amount in attempt.paid],
            "honest_share": self.nearness.honest_share,
            "edited": self.nearness.edited,
            "steps_made": self.nearness.steps,
        }


@dataclass(slots=True)
class Search:
    """A search and how far it is. ``budget`` counts judge calls, or scorings for a definition without a
    judge; honest answers are paid before it. ``stopped`` says why it ended."""

    scorer: Scorer
    known: Known
    budget: int
    seed: int
    calls: int = 0
    scorings: int = 0
    first_success: int | None = None
    stopped: str = ""
    population: list[Candidate] = field(default_factory=list)
    best: Candidate | None = None

    @property
    def spent(self) -> int:
        """What the budget counts, so far."""
        return self.calls if self.scorer.definition.judge else self.scorings

    def run(self, standards: Sequence[Standard]) -> Exploit | None:
        """The best answer found; None if every bad answer earns the bar already, so there is nothing to find.

        Ctrl-C ends the search, and what was found is kept.
        """
        rng = random.Random(self.seed)
        self.population = list(_first(standards))
        pools = {standard.task.id: pool_of(standard.base(), self.known) for standard in standards}
        if not self.population:
            self.stopped = "every bad answer earns the bar as it is"
            return None
        self.best = max(self.population, key=_rank)
        try:
            self._evolve(rng, pools)
        except KeyboardInterrupt:
            self.stopped = "interrupted"
        return self._exploit(self.best)

    def _evolve(self, rng: random.Random, pools: Mapping[str, Pool]) -> None:
        seen = {(c.standard.task.id, c.attempt.text) for c in self.population}
        while (size := self._room()) and (children := self._children(rng, pools, seen, size)):
            attempts = score_all([(c.standard.task, c.attempt.text) for c in children], self.scorer)
            for child, attempt in zip(children, attempts, strict=True):
                self.calls += attempt.calls
                self.scorings += 1
                self._add(replace(child, attempt=attempt))

    def _children(
        self, rng: random.Random, pools: Mapping[str, Pool], seen: set[tuple[str, str]], size: int
    ) -> list[Candidate]:
        """At most ``size`` new answers, each with the attempt of its parent but the new text."""
        children: list[Candidate] = []
        misses = 0
        while len(children) < size and misses <= MAX_MISSES:
            parent = max(rng.choices(self.population, k=TOURNAMENT), key=_rank)
            task, text, steps = parent.standard.task, parent.attempt.text, parent.steps
            for _ in range(rng.choice((1, 1, 2))):
                text, name = mutate(rng, text, pools[task.id])
                steps = (*steps, name)
            if (task.id, text) in seen:
                misses += 1
                continue
            seen.add((task.id, text))
            unscored = parent.attempt._replace(text=text)
            ancestors = (*parent.ancestors, parent.attempt.reward)
            children.append(Candidate(parent.standard, unscored, parent.origin, steps, ancestors))
        if not children:
            self.stopped = "no new text can be made"
        return children

    def _room(self) -> int:
        """How many more answers fit into the budget, at most AT_ONCE; 0 ends the search."""
        spec = self.scorer.definition.judge
        most_calls = math.ceil(calls_a_rollout(spec)) if spec else 1
        size = min(AT_ONCE, (self.budget - self.spent) // most_calls)
        if size <= 0:
            self.stopped = "the budget is spent"
        elif self.scorings >= SCORINGS_A_CALL * self.budget:
            self.stopped = "gates stop nearly all answers"
        return 0 if self.stopped else size

    def _add(self, candidate: Candidate) -> None:
        self.population.append(candidate)
        self.population.sort(key=_rank, reverse=True)
        del self.population[POPULATION:]
        if self.best is None or _rank(candidate) > _rank(self.best):
            self.best = candidate
        if self.first_success is None and candidate.standard.succeeds(candidate.attempt):
            self.first_success = self.spent

    def _exploit(self, best: Candidate) -> Exploit:
        attempt = best.attempt
        nearness = Nearness(
            honest_share(attempt.text, best.standard.task.honest),
            share_edited(attempt.text, best.origin),
            len(best.steps),
        )
        return Exploit(best, nearness)


def _first(standards: Sequence[Standard]) -> list[Candidate]:
    """The honest, bad answers below the bar."""
    return [
        Candidate(standard, attempt, attempt.text)
        for standard in standards
        for attempt in standard.bad
        if not standard.succeeds(attempt)
    ][:POPULATION]


def _rank(candidate: Candidate) -> tuple[bool, float, int, int]:
    """Higher is better: it succeeds, its fitness; then few steps and a short text, as a policy samples."""
    attempt = candidate.attempt
    succeeds = candidate.standard.succeeds(attempt)
    return succeeds, candidate.fitness, -len(candidate.steps), -len(attempt.text)
