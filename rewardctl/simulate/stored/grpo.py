"""Group relative policy optimisation of a policy that chooses among stored answers.

For each prompt the policy is a softmax over its answers. In each step it draws a group of them; the advantage
of a draw is its reward less the group's mean, over the group's standard deviation; the policy gradient moves
the logits.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from rewardctl.simulate.stored.answers import Answers, Bools, Floats, Ints
from rewardctl.simulate.stored.policies import Fill, masked

EPSILON = 1e-4
"""Added to the standard deviation, as TRL's trainer does."""
RIGHT = 0.5
"""A truth above this counts as right."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How the policy learns: steps, draws a prompt and step, and the size of a step of the logits.

    A table shares nothing between prompts, but a language model has habits. ``habit`` above 0 adds one: a
    logit of the longest answer, the same for all prompts, that moves by ``habit`` times ``rate`` times the
    mean gradient.
    """

    steps: int = 60
    group: int = 8
    rate: float = 1.0
    habit: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Signal:
    """What the policy is rewarded with; arrays have a row a prompt and a column an answer.

    ``score`` is the reward. With ``rates``, the pair of true and false positive rates, each draw is judged
    anew, right or wrong at random. ``noise_sd`` is added to each draw. ``failing`` is the probability that
    judging fails; ``fill`` decides on the reward then.
    """

    score: Floats
    rates: tuple[float, float] | None = None
    noise_sd: float = 0.0
    failing: Floats | None = None
    fill: Fill = masked


@dataclass(frozen=True, slots=True)
class Curve:
    """What a run shows before each step and after the last: expected truth, mean reward of the draws, and the
    share of failed draws. The last two have a value a step."""

    truth: Sequence[float]
    reward: Sequence[float]
    failed: Sequence[float]


def learn(answers: Answers, signal: Signal, plan: Plan, seed: int) -> Curve:
    """Train a policy from its even start; one seed gives the same curve again."""
    rng = np.random.default_rng(seed)
    logits, habit, longest = np.where(answers.present, 0.0, -np.inf), 0.0, answers.longest()
    truth, reward, failed = [], [], []
    chances = _softmax(logits)
    for _ in range(plan.steps):
        truth.append(_expected(chances, answers))
        drawn = _draw(chances, plan.group, rng)
        earned, lost = _rewards(answers, signal, drawn, rng)
        filled, counted = signal.fill(earned, lost)
        advantage = _advantages(filled, counted)
        step = _gradient(advantage, drawn, chances)
        logits = np.where(answers.present, logits + plan.rate * step, -np.inf)
        habit += plan.habit * plan.rate * float((step * longest).sum(1).mean())
        chances = _softmax(logits + habit * longest)
        reward.append(float(filled[counted].mean()) if counted.any() else 0.0)
        failed.append(float(lost.mean()))
    return Curve([*truth, _expected(chances, answers)], reward, failed)


def _softmax(logits: Floats) -> Floats:
    weights = np.exp(logits - logits.max(1, keepdims=True))
    chances: Floats = weights / weights.sum(1, keepdims=True)
    return chances


def _expected(chances: Floats, answers: Answers) -> float:
    return float((chances * answers.truth).sum(1).mean())


def _draw(chances: Floats, group: int, rng: np.random.Generator) -> Ints:
    """A column for each draw, a row a prompt."""
    below = chances.cumsum(1)[:, None, :-1]
    drawn: Ints = (rng.random((len(chances), group, 1)) > below).sum(2)
    return drawn


def _rewards(answers: Answers, signal: Signal, drawn: Ints, rng: np.random.Generator) -> tuple[Floats, Bools]:
    """The reward of each draw, and whether judging it failed."""
    if signal.rates is None:
        earned = np.take_along_axis(signal.score, drawn, 1)
    else:
        right = np.take_along_axis(answers.truth, drawn, 1) > RIGHT
        earned = (rng.random(drawn.shape) < np.where(right, *signal.rates)).astype(float)
    if signal.noise_sd:
        earned = earned + rng.normal(0.0, signal.noise_sd, drawn.shape)
    if signal.failing is None:
        return earned, np.zeros(drawn.shape, bool)
    return earned, rng.random(drawn.shape) < np.take_along_axis(signal.failing, drawn, 1)


def _advantages(rewards: Floats, counted: Bools) -> Floats:
    """Each counted reward less the mean of its group, over the group's deviation; 0 for all others."""
    count = np.maximum(counted.sum(1, keepdims=True), 1)
    mean = np.where(counted, rewards, 0.0).sum(1, keepdims=True) / count
    apart = np.where(counted, rewards - mean, 0.0)
    deviation = np.sqrt((apart**2).sum(1, keepdims=True) / count)
    advantages: Floats = apart / (deviation + EPSILON)
    return advantages


def _gradient(advantages: Floats, drawn: Ints, chances: Floats) -> Floats:
    """The mean over a group of advantage times the gradient of the draw's log probability."""
    prompts, columns = chances.shape
    places = np.arange(prompts)[:, None] * columns + drawn
    summed = np.bincount(places.ravel(), advantages.ravel(), prompts * columns).reshape(chances.shape)
    gradient: Floats = (summed - chances * advantages.sum(1, keepdims=True)) / advantages.shape[1]
    return gradient
