"""Stored answers to prompts, as arrays: what a policy chooses from."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]


class StoredError(ValueError):
    """The rollouts can't be simulated. The message names the reason and the remedy."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A stored rollout: its truth and its reward, in [0, 1]; None for a reward of a failure policy.

    ``row`` is the rollout as a row of an event; ``length`` is in characters.
    """

    prompt: str
    truth: float
    reward: float | None
    length: int
    row: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Answers:
    """Groups of answers; each array has a row a prompt and a column an answer.

    ``present`` is False where a prompt has fewer answers than the largest group; other arrays hold 0 there.
    ``unscored`` marks answers without a reward of their own; their ``reward`` is 0.
    """

    truth: Floats
    reward: Floats
    unscored: Bools
    length: Ints
    present: Bools
    rows: Sequence[Sequence[dict[str, Any]]]
    left_out: int = 0

    @classmethod
    def of(cls, answers: Sequence[Answer]) -> "Answers":
        """Answers by prompt, in the order of first appearance; prompts with one answer teach nothing.

        Raises StoredError if no prompt has two answers.
        """
        groups: dict[str, list[Answer]] = {}
        for answer in answers:
            groups.setdefault(answer.prompt, []).append(answer)
        kept = [group for group in groups.values() if len(group) > 1]
        if not kept:
            raise StoredError(
                f"no prompt has two answers or more ({len(groups)} prompts with one): a group of one has no "
                "advantage. Score several rollouts of each prompt"
            )
        shape = (len(kept), max(map(len, kept)))
        truth, reward, unscored = np.zeros(shape), np.zeros(shape), np.zeros(shape, bool)
        length, present = np.zeros(shape, int), np.zeros(shape, bool)
        for place, group in enumerate(kept):
            for column, answer in enumerate(group):
                truth[place, column], length[place, column] = answer.truth, answer.length
                present[place, column], unscored[place, column] = True, answer.reward is None
                reward[place, column] = answer.reward or 0.0
        rows = [[answer.row for answer in group] for group in kept]
        return cls(truth, reward, unscored, length, present, rows, len(groups) - len(kept))

    @property
    def start(self) -> float:
        """The expected truth of the first policy, which chooses evenly."""
        return float((self.truth.sum(1) / self.present.sum(1)).mean())

    @property
    def ceiling(self) -> float:
        """The truth of the best policy: each prompt's best answer."""
        return float(np.where(self.present, self.truth, -np.inf).max(1).mean())

    def where(self, prompts: Bools) -> "Answers":
        """The answers of some prompts, at least one."""
        rows = [group for group, kept in zip(self.rows, prompts, strict=True) if kept]
        arrays = {
            name: getattr(self, name)[prompts]
            for name in ("truth", "reward", "unscored", "length", "present")
        }
        return replace(self, rows=rows, **arrays)

    def right_share(self) -> Floats:
        """The share of right answers of each prompt."""
        share: Floats = self.truth.sum(1) / self.present.sum(1)
        return share

    def longest(self) -> Bools:
        """Marks the longest answer of each prompt, the first of equals."""
        marks = np.zeros(self.length.shape, bool)
        marks[np.arange(len(marks)), np.where(self.present, self.length, -1).argmax(1)] = True
        return marks
