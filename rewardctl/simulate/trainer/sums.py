"""The task: sums of two numbers of two digits, and the behaviours that the model is taught before it learns.

A policy can only learn what it sometimes samples, so the model starts with a mixture of right and wrong
behaviours.
"""

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

RIGHT, CARRY, OFF_BY_ONE, HEDGE, HOLLOW, OTHER = (
    "right", "forgotten carry", "off by one", "hedge", "hollow", "other",
)  # fmt: skip
MIXTURE = {RIGHT: 0.08, CARRY: 0.12, OFF_BY_ONE: 0.30, HEDGE: 0.28, HOLLOW: 0.22}
"""The share of each behaviour in the mixture. A forgotten carry is right where there is nothing to carry, in
55 % of the sums, and the model confuses behaviours now and then: about 0.22 of its answers are right."""
HOLLOW_TEXT = "Let us see."
_ANSWER = re.compile(r"A: (\d+)(?: or (\d+))?\Z")


class Sum(NamedTuple):
    """Two numbers from 10 to 99."""

    left: int
    right: int

    @property
    def prompt(self) -> str:
        """The text that the model completes."""
        return f"{self.left}+{self.right}="

    @property
    def answer(self) -> int:
        """The right number."""
        return self.left + self.right

    @property
    def without_carry(self) -> int:
        """The sum if the carry from the ones to the tens is forgotten."""
        return self.answer - 10 * (self.left % 10 + self.right % 10 > 9)


@dataclass(frozen=True, slots=True)
class Split:
    """The sums for training and the ones that no training sees."""

    train: Sequence[Sum]
    held_out: Sequence[Sum]


def split(held_out: int = 400) -> Split:
    """All 8,100 sums in an order that is always the same, divided."""
    sums = [Sum(left, right) for left in range(10, 100) for right in range(10, 100)]
    random.Random(0).shuffle(sums)
    return Split(sums[held_out:], sums[:held_out])


def completion(task: Sum, behaviour: str, rng: random.Random) -> str:
    """The completion of a sum in the manner of a behaviour."""
    if behaviour == HOLLOW:
        return HOLLOW_TEXT
    if behaviour == HEDGE:
        first, second = rng.sample([task.answer, _other(task)], 2)
        return f"A: {first} or {second}"
    numbers = {RIGHT: task.answer, CARRY: task.without_carry, OFF_BY_ONE: task.answer + rng.choice([-1, 1])}
    return f"A: {numbers[behaviour]}"


def _other(task: Sum) -> int:
    """The wrong number of a hedge: the sum with the carry forgotten, or one carry too many."""
    return task.without_carry if task.without_carry != task.answer else task.answer + 10


def mixed(task: Sum, rng: random.Random) -> str:
    """A completion of a sum by a behaviour drawn from the mixture."""
    behaviour = rng.choices(list(MIXTURE), list(MIXTURE.values()))[0]
    return completion(task, behaviour, rng)


def behaviour_of(task: Sum, text: str) -> str:
    """The behaviour that a completion shows: ``right`` only if its one number is the sum."""
    match = _ANSWER.match(text)
    if match is None:
        return HOLLOW if text == HOLLOW_TEXT else OTHER
    if match[2] is not None:
        return HEDGE
    number = int(match[1])
    if number == task.answer:
        return RIGHT
    if number == task.without_carry:
        return CARRY
    return OFF_BY_ONE if abs(number - task.answer) == 1 else OTHER


def row(task: Sum, text: str) -> dict[str, Any]:
    """A completion as a row of an event."""
    return {
        "id": f"{task.left}+{task.right}",
        "messages": [{"role": "user", "content": task.prompt}, {"role": "assistant", "content": text}],
        "reference_answer": {"answer": str(task.answer)},
    }
