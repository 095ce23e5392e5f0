"""Calibrations as JSON: written, read again, and checked against the judge of today."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rewardctl.calibrate.binding import Binding, binding_from, models_named, prompt_sha256, stale_reasons
from rewardctl.calibrate.calibration import Calibration, JudgeResult
from rewardctl.calibrate.definition import read_definition
from rewardctl.calibrate.errors import CalibrateError
from rewardctl.calibrate.requirement import Finding, Requirement, check
from rewardctl.calibrate.summary import sentence
from rewardctl.files import write_whole

FORMAT = 1
"""The version of the form, raised when a reader has to change."""


def as_json(
    calibration: Calibration, about: Mapping[str, Any], findings: Sequence[Finding]
) -> dict[str, Any]:
    """The whole result. ``about`` says where the labels came from and when it was made."""
    labels = calibration.labels
    return {
        "calibration": FORMAT,
        **about,
        "labelled_questions": len(labels.truths),
        "undecided": labels.undecided,
        "without_worth": labels.without_worth,
        "judges": [_judge(judge) for judge in calibration.judges],
        "people": [each.as_json() for each in calibration.people],
        "comparisons": [comparison.as_json() for comparison in calibration.comparisons],
        "requirements": [finding._asdict() for finding in findings],
        "notices": list(calibration.notices),
        "summary": sentence(calibration),
    }


def findings_of(
    calibration: Calibration, requirements: Sequence[Requirement], min_labels: int
) -> list[Finding]:
    """The findings of all requirements for all judges."""
    return [
        finding
        for judge in calibration.judges
        for requirement in requirements
        for finding in check(
            requirement, judge.name, [measures.as_json() for measures in judge.measures], min_labels
        )
    ]


def write(path: Path, result: Mapping[str, Any]) -> None:
    """Write a result, whole or not at all. Raises CalibrateError if that fails."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, json.dumps(result, indent=1).encode())
    except OSError as error:
        raise CalibrateError(f"{path} can't be written: {error.strerror}; name another file") from error


@dataclass(frozen=True, slots=True)
class SavedJudge:
    """A judge in a saved calibration: its name, what the result holds for, and its parts as JSON."""

    name: str
    binding: Binding
    parts: Sequence[Mapping[str, Any]]


def read_saved(path: Path) -> list[SavedJudge]:
    """The judges of a saved calibration. Raises CalibrateError."""
    remedy = "make it with rewardctl calibrate --out"
    try:
        content = json.loads(path.read_bytes())
        if content["calibration"] > FORMAT:
            raise CalibrateError(f"{path} has format {content['calibration']}; update this program")
        return [
            SavedJudge(str(judge["name"]), binding_from(judge["binding"]), list(judge["parts"]))
            for judge in content["judges"]
        ]
    except OSError as error:
        raise CalibrateError(f"{path} can't be read ({error.strerror}); {remedy}") from error
    except (ValueError, KeyError, TypeError) as error:
        raise CalibrateError(f"{path} is not a calibration; {remedy}") from error


def verify(
    path: Path, definition: str, requirements: Sequence[Requirement], min_labels: int
) -> tuple[list[str], list[Finding]]:
    """Why the calibration at ``path`` is stale for ``definition`` as it is today (empty if it is not), and
    what it says about the requirements. Raises CalibrateError.

    With several judges in the file, the one whose models are the definition's is meant.
    """
    saved = read_saved(path)
    today = read_definition(definition).definition
    now = Binding(today.name, today.version, prompt_sha256(today.judge), "", models_named(today))
    reasons = {judge.name: list(stale_reasons(judge.binding, now)) for judge in saved}
    fresh = [judge for judge in saved if not reasons[judge.name]]
    if not fresh:
        return [f"{name}: {reason}" for name, why in reasons.items() for reason in why], []
    return [], [
        finding
        for judge in fresh
        for requirement in requirements
        for finding in check(requirement, judge.name, judge.parts, min_labels)
    ]


def _judge(judge: JudgeResult) -> dict[str, Any]:
    return {
        "name": judge.name,
        "run": str(judge.path),
        "binding": judge.binding.as_json(),
        "cost_usd_for_1000": judge.cost_usd,
        "rows": judge.rows,
        "labelled_rows": judge.labelled,
        "parts": [measures.as_json() for measures in judge.measures],
        "consistency": [each.as_json() for each in judge.consistency],
        "production": [alignment.as_json() for alignment in judge.alignments],
        "disagreements": [each.as_json() for each in judge.disagreements],
    }
