"""What identifies a run, and how far it is. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

MAX_PROBLEMS = 200
"""Lines with a problem that ``run.json`` lists one by one; all are counted by reason."""


@dataclass(frozen=True, slots=True)
class RunIdentity:
    """What must be equal for a run to be continued: definition, judge, data and target."""

    definition: Mapping[str, str]
    judge: str
    data: str
    data_key: str
    target: str = ""
    limit: int = 0


@dataclass(frozen=True, slots=True)
class Progress:
    """What is in the folder: whole batches, their bytes, the last line, and counts."""

    batches: int = 0
    bytes: int = 0
    last_line: int = 0
    rows: int = 0
    scored: int = 0
    wall_s: float = 0.0
    reward_sum: float = 0.0
    unscored: Mapping[str, int] = field(default_factory=dict)
    problems: tuple[Mapping[str, Any], ...] = ()

    def plus(self, other: "Progress") -> "Progress":
        """This and the next batch together."""
        unscored = dict(self.unscored)
        for reason, count in other.unscored.items():
            unscored[reason] = unscored.get(reason, 0) + count
        return Progress(
            batches=self.batches + other.batches,
            bytes=self.bytes + other.bytes,
            last_line=other.last_line or self.last_line,
            rows=self.rows + other.rows,
            scored=self.scored + other.scored,
            wall_s=self.wall_s + other.wall_s,
            reward_sum=self.reward_sum + other.reward_sum,
            unscored=unscored,
            problems=(*self.problems, *other.problems)[:MAX_PROBLEMS],
        )
