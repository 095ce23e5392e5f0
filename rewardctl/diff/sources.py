"""The two runs of a diff, read from disk or scored anew in memory."""

from dataclasses import dataclass
from pathlib import Path

from reward_fn.types.definition import Definition
from rewardctl.diff.comparison import Side, side_of
from rewardctl.judges.choice import JudgeChoice
from rewardctl.replay.in_memory import rescored
from rewardctl.replay.source import open_run, stored_verdicts
from rewardctl.runs.records import Record, RecordsError, read_records


@dataclass(frozen=True, slots=True)
class Read:
    """A run in memory. ``definition`` is None if the one that scored it is not at hand."""

    side: Side
    records: list[Record]
    definition: Definition | None


def read_run(path: Path, was: str | None = None) -> Read:
    """A run as it was scored. Raises what :func:`rewardctl.replay.source.open_run` raises."""
    run = open_run(path)
    definition = run.definition(was)
    return Read(side_of(path.name, run.version, run.judge, definition), list(read_records(path)), definition)


def read_as(path: Path, definition: str, was: str | None = None) -> Read:
    """A run as another definition scores it, by its stored verdicts alone.

    Raises RecordsError if every rollout that is judged would need a call.
    """
    run = open_run(path)
    stored = stored_verdicts(run, was)
    served = JudgeChoice(run.judge).definition(definition)
    reader = stored.reader(served)
    if reader.changed:
        raise RecordsError(
            f"{path} holds no verdicts for {served.name} {served.version} ({reader.why}): make a run with "
            f"`rewardctl replay {path} --definition {definition}`, and compare the two runs"
        )
    records = rescored(list(read_records(path)), served, stored)
    version = f"{served.name} {served.version}"
    return Read(side_of(f"{path.name}, scored anew", version, run.judge, served), records, served)
