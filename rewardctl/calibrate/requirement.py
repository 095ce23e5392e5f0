"""Requirements such as ``kappa=0.6``: a gate that only a defined figure can pass."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any, NamedTuple

from rewardctl.calibrate.cases import ALL_CRITERIA, OVERALL_NAME
from rewardctl.calibrate.errors import CalibrateError
from rewardctl.labels.label import OVERALL

FIGURES = ("kappa", "ac1", "tpr", "tnr", "accuracy", "auc", "spearman", "spearman_partial", "coverage")
"""The figures that can be required; more is better for each of them."""
ALL = "all"
"""The part ALL_CRITERIA in a requirement."""

_FORM = re.compile(r"(?P<name>[\w.]+)\s*>?=\s*(?P<bound>-?(?:\d+\.?\d*|\.\d+))")


@dataclass(frozen=True, slots=True)
class Requirement:
    """``figure`` of ``part`` must be at least ``bound``; with ``low``, the lower limit of its interval.

    ``part`` "" stands for every criterion and the whole answer.
    """

    text: str
    part: str
    figure: str
    low: bool
    bound: float


class Finding(NamedTuple):
    """The result of one requirement for one part of one judge; ``words`` say what was compared."""

    requirement: str
    judge: str
    part: str
    passed: bool
    words: str


def parse_requirement(text: str) -> Requirement:
    """Read ``[PART.]FIGURE[.low]=NUMBER``. Raises CalibrateError for anything else."""
    match = _FORM.fullmatch(text.strip())
    *part, figure = match["name"].removesuffix(".low").split(".") if match else [""]
    if not match or figure not in FIGURES or len(part) > 1:
        raise CalibrateError(
            f"--require {text}: write FIGURE=NUMBER, such as kappa=0.6, Criterion.tnr=0.8 or kappa.low=0.4; "
            f"the figures are {', '.join(FIGURES)}"
        )
    return Requirement(text, "".join(part), figure, match["name"].endswith(".low"), float(match["bound"]))


def parse_thresholds(options: Sequence[str]) -> dict[str, float]:
    """The score from which on a criterion counts as a yes, from ``[CRITERION=]SCORE``; a bare score is that
    of the whole answer. Raises CalibrateError."""
    thresholds: dict[str, float] = {}
    for option in options:
        name, _, text = option.rpartition("=")
        try:
            score = float(text)
        except ValueError as error:
            raise CalibrateError(f"--threshold {option}: {text!r} is not a number") from error
        if not isfinite(score):
            raise CalibrateError(f"--threshold {option}: {text!r} is no score; give a finite number")
        thresholds[OVERALL if name == OVERALL_NAME else name] = score
    return thresholds


def check(
    requirement: Requirement, judge: str, parts: Sequence[Mapping[str, Any]], min_labels: int
) -> list[Finding]:
    """The findings for one judge; ``parts`` are its measures as JSON, see Measures.as_json.

    What is undefined, has no interval, rests on fewer than ``min_labels`` labels, or is not there fails.
    """
    chosen = [part for part in parts if _is_meant(requirement, str(part["part"]))]
    if not chosen:
        what = requirement.part or "any criterion or the whole answer"
        return [Finding(requirement.text, judge, requirement.part, False, f"there are no labels of {what}")]
    return [_finding(requirement, judge, part, min_labels) for part in chosen]


def _is_meant(requirement: Requirement, part: str) -> bool:
    if not requirement.part:
        return part != ALL_CRITERIA
    return part == (ALL_CRITERIA if requirement.part == ALL else requirement.part)


def _finding(requirement: Requirement, judge: str, part: Mapping[str, Any], min_labels: int) -> Finding:
    figure, name = part[requirement.figure], str(part["part"])
    key = "low" if requirement.low else "value"
    value = figure.get(key)
    what = f"{requirement.figure}{'.low' if requirement.low else ''}"
    if part["labels"] < min_labels:
        words = f"{part['labels']} labels, fewer than {min_labels}"
    elif value is None or figure.get("low") is None:
        words = f"{what} can't be relied on: {figure.get('undefined', 'it has no interval')}"
    else:
        words = f"{what} {value:.3f} {'≥' if value >= requirement.bound else '<'} {requirement.bound:g}"
    is_defined = value is not None and figure.get("low") is not None and part["labels"] >= min_labels
    passed = is_defined and value >= requirement.bound
    return Finding(requirement.text, judge, name, passed, words)
