"""The experiments: what is asked of stored answers, and the signals that answer it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from rewardctl.simulate.stored.answers import Answers, Bools, Floats
from rewardctl.simulate.stored.grpo import RIGHT, Signal
from rewardctl.simulate.stored.policies import FILLS
from rewardctl.simulate.stored.read import Source
from rewardctl.simulate.stored.scored import DEAD, LONG, MIXED, rewards_under
from rewardctl.simulate.stored.siblings import agreed

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


JUDGE, NOISE, OWN, RANDOM, HARD, GOOD, EASY, DEFINITION = (
    "judge", "noise", "failures of the run", "random failures", "provoked, hard",
    "provoked, easy, longest right", "provoked, easy", "definition",
)  # fmt: skip
TITLES: Mapping[str, str] = {
    JUDGE: "A perfect judge, a biased one, and random errors at the same rates",
    NOISE: "Noise on the reward",
    OWN: "Answers that this run could not judge fail each time",
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
        for name, least in (("1 sibling", 1), ("2 siblings", 2)):
            yield from _with_random_twin(answers, name, agreed(answers, least).astype(float))
    scored = answers.present & ~answers.unscored
    if source.has_truth and not np.array_equal(answers.truth[scored], answers.reward[scored]):
        yield from _with_random_twin(answers, "this run", answers.reward, scored)
    yield Scenario(JUDGE, "constant yes", answers, Signal(answers.present.astype(float)))


def _with_random_twin(
    answers: Answers, name: str, score: Floats, judged: Bools | None = None
) -> Iterator[Scenario]:
    """A judge, and random errors at its rates where both exist; answers not ``judged`` fail each time."""
    among = answers.present if judged is None else judged
    right, wrong = among & (answers.truth > RIGHT), among & (answers.truth <= RIGHT)
    says_yes = score > RIGHT
    failing = (answers.present & ~among).astype(float)
    signal = Signal(score, failing=failing if failing.any() else None)
    yield Scenario(JUDGE, name, answers, signal, _rates_text(right, wrong, says_yes))
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
    if answers.unscored.any():
        yield from _each_policy(OWN, answers, answers.reward, answers.unscored.astype(float))
    at_random = np.full(answers.present.shape, FAILING_AT_RANDOM)
    yield from _each_policy(RANDOM, answers, answers.truth, at_random)
    easy, right = share >= 0.75, (answers.truth * answers.longest()).sum(1) > RIGHT
    for topic, chosen in ((HARD, share <= 0.25), (GOOD, easy & right), (EASY, easy)):
        if chosen.any():
            part = answers.where(chosen)
            yield from _each_policy(topic, part, part.truth, _provoked(part), provoked=True)


def _provoked(answers: Answers) -> Floats:
    failing: Floats = np.where(answers.longest(), FAILING_LONGEST, FAILING_OTHERS)
    return failing


def _each_policy(
    topic: str, answers: Answers, score: Floats, failing: Floats, *, provoked: bool = False
) -> Iterator[Scenario]:
    for name, fill in FILLS.items():
        signal = Signal(score, failing=failing, fill=fill)
        yield Scenario(topic, name, answers, signal, provoked=provoked)


def _definitions(source: Source) -> Iterator[Scenario]:
    answers = source.answers
    definitions = {"longer is better": LONG}
    if source.is_math:
        definitions |= {"right and short": MIXED, "dead component, short": DEAD}
    for name, definition in definitions.items():
        yield Scenario(DEFINITION, name, answers, Signal(rewards_under(answers, definition)))
