"""The run to be scored anew: its records, the judge that answered, and what it was asked."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reward_fn.errors import DefinitionNotFoundError
from reward_fn.types.definition import Definition
from rewardctl.judges import STAND_IN
from rewardctl.judges.choice import OWN, JudgeChoice
from rewardctl.judges.registry import BRAINS
from rewardctl.replay.rubric_marks import marks_of, read_marks
from rewardctl.replay.stored import StoredVerdicts
from rewardctl.runs.folder import INFO, read_info
from rewardctl.runs.records import Record, RecordsError, read_records

OFFLINE = (STAND_IN, *BRAINS)
"""Judges whose calls in a record name them, since they are no models."""


@dataclass(frozen=True, slots=True)
class StoredRun:
    """A run folder, a file of records, or a folder of traces.

    ``first`` is its first record, ``info`` the content of ``run.json`` ({} without one).
    """

    path: Path
    first: Record
    info: Mapping[str, Any]

    @property
    def judge(self) -> str:
        """The name that chose the judge; a function has the definition's own."""
        if self.info and not self.info.get("target"):
            return str(self.info["judge"])
        offline = [call["model"] for call in self.first.get("calls") or () if call["model"] in OFFLINE]
        return offline[0] if offline else OWN

    @property
    def version(self) -> str:
        """Name and version of the definition that scored it."""
        return f"{self.first.get('definition')} {self.first.get('definition_version')}"

    def definition(self, named: str | None = None) -> Definition | None:
        """The definition that scored it, as its judge answered; None if it is not at hand as it was then.

        ``named`` is the name or path to look at, instead of those in the run. Raises DefinitionError,
        RunError and JudgeChoiceError.
        """
        about = self.info.get("definition")
        path = about.get("path") if isinstance(about, dict) else None
        for name in (named,) if named else (path, self.first.get("definition")):
            with suppress(DefinitionNotFoundError):
                if name and self._is_same(definition := JudgeChoice(self.judge).definition(str(name))):
                    return definition
        return None

    def _is_same(self, definition: Definition) -> bool:
        sha256 = self.first.get("definition_sha256")
        if sha256:
            return bool(definition.sha256 == sha256)
        return bool(definition.version == self.first.get("definition_version"))


def open_run(path: Path) -> StoredRun:
    """The run at a path. Raises RecordsError and RunError."""
    first = next(read_records(path), None)
    if first is None:
        raise RecordsError(f"{path} holds no record; score a data set with `rewardctl score` first")
    return StoredRun(path, first, read_info(path) if (path / INFO).is_file() else {})


def stored_verdicts(run: StoredRun, was: str | None = None) -> StoredVerdicts:
    """The verdicts of a run, with the marks of the rubric that they answer.

    The marks are in ``run.json``. Traces and older runs have none: then the definition that scored them must
    be at hand, if need be named by ``was``. Raises RecordsError if it is not, and what
    :meth:`StoredRun.definition` raises.
    """
    version = str(run.first.get("definition_version"))
    if "rubric" in run.info and not was:
        return StoredVerdicts(str(run.path), version, read_marks(run.info["rubric"]))
    definition = run.definition(was)
    if definition is None:
        raise RecordsError(
            f"{run.path} was scored by {run.version}, and no definition at hand is that version, so the "
            "questions can't be compared; name the file as it was then by --was"
        )
    marks = marks_of(definition.judge) if definition.judge else None
    return StoredVerdicts(str(run.path), version, marks)
