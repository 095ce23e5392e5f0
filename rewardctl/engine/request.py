"""What a run is asked for, and what it comes to."""

from dataclasses import dataclass
from pathlib import Path

from reward_fn.types.definition import Definition
from rewardctl.judges import STAND_IN
from rewardctl.judges.choice import JudgeChoice
from rewardctl.judges.variation import Variation
from rewardctl.replay.stored import StoredVerdicts
from rewardctl.runs.state import Progress
from rewardctl.runs.verdicts import Spent

EMULATED = "emulated"
"""The target that stands for the function as deployed, under this machine's runtime emulator."""


class Stopped(Exception):
    """The run ended early. The message says why, and what to do."""

    def __init__(self, message: str, exit_code: int) -> None:
        self.exit_code = exit_code
        super().__init__(message)

    @property
    def is_error(self) -> bool:
        """Whether something was wrong, rather than stopped or at its cap."""
        return self.exit_code == 1


@dataclass(frozen=True, slots=True)
class RunRequest:
    """The options of ``rewardctl score``, and those of commands that score in their own way.

    ``stored`` are verdicts in the data, which are then records; with ``no_calls`` they must do. ``variation``
    changes what the judge is asked.
    """

    data: str
    definition: str
    judge: str = STAND_IN
    max_usd: float = 0.0
    yes: bool = False
    profile: str | None = None
    region: str | None = None
    folder: Path | None = None
    out: str | None = None
    target: str = ""
    concurrency: int = 12
    workers: int | None = None
    processes: int = 1
    limit: int = 0
    batch: str = ""
    batch_role: str = ""
    stored: StoredVerdicts | None = None
    no_calls: bool = False
    variation: Variation | None = None

    @property
    def choice(self) -> JudgeChoice:
        """The judge."""
        return JudgeChoice(self.judge, self.profile, self.region, self.variation, self.no_calls)

    @property
    def is_deployed(self) -> bool:
        """Whether a deployed function scores, by its own judge."""
        return bool(self.target) and self.target != EMULATED

    def conflict(self) -> str:
        """Options that exclude each other, with the remedy; "" if there are none."""
        if self.target and self.judge != STAND_IN:
            return "--target scores with the function's own judge: leave --judge out"
        if self.target and self.max_usd:
            return "--max-usd does not reach into a function: set MAX_COST_USD there, and leave --max-usd out"
        if self.max_usd and self.processes > 1:
            return "--max-usd needs --processes 1: several processes could overshoot the cap together"
        if self.out and self.out != "-" and Path(self.out).resolve() == Path(self.data).resolve():
            return f"-o would replace the data {self.data}; name another file"
        return ""


@dataclass(frozen=True, slots=True)
class FinishedRun:
    """A run that came to its end."""

    folder: Path
    definition: Definition
    judge: str
    progress: Progress
    spent: Spent
    was_complete: bool = False
