"""The experiments: what is asked of stored answers, and the signals that answer it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from rewardctl.simulate.stored.answers import Answers, Bools, Floats
from rewardctl.simulate.stored.grpo import RIGHT, Signal
from rewardctl.simulate.stored.policies import FILLS
from rewardctl.simulate.stored.read import Source
from rewardctl.simulate.stored.scored import DEAD, LONG, MIXED, rewards_under
from rewardctl.simulate.stored.siblings import agreeing

PERFECT = "perfect"
FAILING_LONGEST, FAILING_OTHERS = 0.5, 0.05
"""The probabilities that judging fails: for a prompt's longest answer, and for all others."""
FAILING_AT_RANDOM = 0.3
NOISE_SD = 0.25


@dataclass(frozen=True, slots=True, eq=False)
class Scenario:
    """One reward signal for some answers; scenarios of one ``topic`` are compared with each other.

    ``provoked`` says that the policy can set off failures, by a habit that all prompts share.
    """

    topic: str
    name: str
    answers: Answers
    signal: Signal
    note: str = ""
    provoked: bool = False


JUDGE, NOISE, RANDOM, HARD, GOOD, EASY, DEFINITION = (
    "judge", "noise", "random failures", "provoked, hard", "provoked, easy, longest right", "provoked, easy",
    "definition",
)  # fmt: skip
TITLES: Mapping[str, str] = {
    JUDGE: "A perfect judge, a biased one, and random errors at the same rates",
    NOISE: "Noise on the reward",
    RANDOM: f"{FAILING_AT_RANDOM:.0%} of all judge calls fail at random",
    HARD: "Judging the longest answer fails in 50 % of calls, others in 5 %; at most a quarter right",
    GOOD: "The same failures; at least three quarters right, the longest answer among them",
    EASY: "The same failures; at least three quarters right",
    DEFINITION: "A definition that can be hacked, and one with a dead component",
}
"""What each topic shows."""


def scenarios(source: Source) -> Iterator[Scenario]:
    """All experiments that the answers allow."""
    for topic in (_judges, _noise, _failures, _definitions):
        yield from topic(source)


def _judges(source: Source) -> Iterator[Scenario]:
    answers = source.answers
    yield Scenario(JUDGE, PERFECT, answers, Signal(answers.truth))
    if source.is_math:
        for name, least in (("siblings", 1), ("2 siblings", 2)):
            yield from _with_random_twin(answers, name, agreeing(answers, least).astype(float))
    if source.has_truth and not np.array_equal(answers.truth, answers.reward):
        yield from _with_random_twin(answers, "this run", answers.reward)
    yield Scenario(JUDGE, "constant yes", answers, Signal(answers.present.astype(float)))


def _with_random_twin(answers: Answers, name: str, score: Floats) -> Iterator[Scenario]:
    """A judge, and random errors at its rates, where both rates are defined."""
    right, says_yes = (answers.truth > RIGHT) & answers.present, score > RIGHT
    wrong = answers.present & ~right
    yield Scenario(JUDGE, name, answers, Signal(score), _rates_text(right, wrong, says_yes))
    if right.any() and wrong.any():
        rates = float(says_yes[right].mean()), float(says_yes[wrong].mean())
        yield Scenario(JUDGE, f"random as {name}", answers, Signal(score, rates), "same rates")


def _rates_text(right: Bools, wrong: Bools, says_yes: Bools) -> str:
    parts = [("TPR", right), ("FPR", wrong)]
    return ", ".join(f"{name} {says_yes[mask].mean():.2f}" for name, mask in parts if mask.any())


def _noise(source: Source) -> Iterator[Scenario]:
    answers = source.answers
    yield Scenario(NOISE, f"sd {NOISE_SD}", answers, Signal(answers.truth, noise_sd=NOISE_SD))
    yield Scenario(NOISE, f"sd {2 * NOISE_SD}", answers, Signal(answers.truth, noise_sd=2 * NOISE_SD))


def _failures(source: Source) -> Iterator[Scenario]:
    answers, share = source.answers, source.answers.right_share()
    at_random = np.full(answers.present.shape, FAILING_AT_RANDOM)
    yield from _each_policy(RANDOM, answers, lambda part: at_random[: len(part.truth)])
    easy, right = share >= 0.75, (answers.truth * answers.longest()).sum(1) > RIGHT
    for topic, chosen in ((HARD, share <= 0.25), (GOOD, easy & right), (EASY, easy)):
        if chosen.any():
            yield from _each_policy(topic, answers.where(chosen), _provoked, provoked=True)


def _provoked(answers: Answers) -> Floats:
    failing: Floats = np.where(answers.longest(), FAILING_LONGEST, FAILING_OTHERS)
    return failing


def _each_policy(
    topic: str, answers: Answers, failing: Callable[[Answers], Floats], *, provoked: bool = False
) -> Iterator[Scenario]:
    for name, fill in FILLS.items():
        signal = Signal(answers.truth, failing=failing(answers), fill=fill)
        yield Scenario(topic, name, answers, signal, provoked=provoked)


def _definitions(source: Source) -> Iterator[Scenario]:
    answers = source.answers
    definitions = {"longer is better": LONG}
    if source.is_math:
        definitions |= {"right and short": MIXED, "dead component, short": DEAD}
    for name, definition in definitions.items():
        yield Scenario(DEFINITION, name, answers, Signal(rewards_under(answers, definition)))
