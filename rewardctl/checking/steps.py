"""What `rewardctl check` does with a valid definition: fit it to data, and run its cases."""

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from rich.console import Console

from reward_fn.definition.load import SHIPPED, load_definition, load_pinned
from reward_fn.definition.pin import is_stored, parse_pin
from reward_fn.errors import DefinitionStoreError
from reward_fn.types.definition import Definition
from rewardctl.cases.file import cases_beside, read_cases
from rewardctl.cases.score import CaseResult, run_cases
from rewardctl.checking.data_fit import findings, resolved
from rewardctl.checking.finding import Finding
from rewardctl.checking.path_lists import path_lists
from rewardctl.checking.readable import readable
from rewardctl.cloud.clients import boto3_environment
from rewardctl.data import rows_of
from rewardctl.judges.choice import JudgeChoice


class Loaded(NamedTuple):
    """A definition, the parsed TOML of its file, and the folder of that file; None for a stored one."""

    definition: Definition
    data: Mapping[str, Any]
    folder: Path | None


class Fit(NamedTuple):
    """How a definition fits ``rows`` rows. ``problems`` are lines without a readable row.

    ``paths`` maps each place with paths to the number of rows in which each path leads to a value.
    """

    rows: int
    problems: Sequence[tuple[int, str]]
    findings: Sequence[Finding]
    paths: Mapping[str, Mapping[str, int]]

    @property
    def has_mistakes(self) -> bool:
        """Whether a part of the definition works on no row, or no row can be read."""
        return not self.rows or any(finding.is_mistake for finding in self.findings)


class CasesRun(NamedTuple):
    """The results of the cases of a file."""

    file: Path
    results: Sequence[CaseResult]

    @property
    def failed(self) -> list[CaseResult]:
        """The cases that failed."""
        return [result for result in self.results if result.failures]


def load(name: str) -> Loaded:
    """A shipped definition, one at a path, or a stored one. Raises DefinitionError, DefinitionStoreError.

    Any judge of a stored one is accepted: only the function knows which ones it allows.
    """
    if not is_stored(name):
        path = Path(name) if "/" in name or name.endswith(".toml") else SHIPPED / f"{name}.toml"
        return Loaded(load_definition(name), tomllib.loads(path.read_text(encoding="utf-8")), path.parent)
    try:
        pin = parse_pin(name)
    except ValueError as error:
        raise DefinitionStoreError(name, str(error)) from error
    from reward_fn.aws.definition_store import fetch

    with boto3_environment():
        raw = fetch(pin)
    return Loaded(load_pinned(raw, name), tomllib.loads(raw.decode("utf-8")), None)


def fit_to(loaded: Loaded, source: str) -> Fit:
    """How the definition fits the rows of a source. Raises DataError."""
    rows, problems = readable(rows_of(source))
    lists = path_lists(loaded.data, loaded.folder)
    found = findings(rows, loaded.definition, lists) if rows else []
    return Fit(len(rows), problems, found, resolved(rows, lists))


def run_cases_of(
    name: str,
    definition: Definition,
    file: Path | None,
    choice: JudgeChoice,
    console: Console,
    *,
    max_usd: float,
    yes: bool,
) -> CasesRun | None:
    """Run the cases of ``file``, or those beside the definition; None if there are none.

    Raises CaseError, JudgeChoiceError, SettingsError and RunError.
    """
    from rewardctl.cases.judged import judge_of_cases

    place = file or cases_beside(name)
    if place is None:
        return None
    cases = read_cases(place)
    judged = definition if is_stored(name) else choice.definition(name)
    with judge_of_cases(cases, judged, choice, console, max_usd=max_usd, yes=yes) as by_judge:
        return CasesRun(place, run_cases(cases, judged, by_judge))
