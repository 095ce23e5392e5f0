"""Alignment of criteria with the production metrics that they stand for (``maps_to``)."""

import csv
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reward_fn.types.rubric import Criterion
from rewardctl.calibrate.answers import Answers
from rewardctl.calibrate.errors import CalibrateError
from rewardctl.calibrate.stats.estimate import Estimate, undefined
from rewardctl.calibrate.stats.ranking import area_under_curve, spearman
from rewardctl.labels.label import id_key

Columns = Mapping[str, Mapping[str, float]]
"""The value of each column for each row, by the row's key: ``{column: {row: value}}``."""


@dataclass(frozen=True, slots=True)
class Alignment:
    """A criterion's answers against the production metric ``column``, over ``rows`` rows.

    ``auc`` is undefined unless the column holds two values only.
    """

    criterion: str
    column: str
    rows: int
    spearman: Estimate
    auc: Estimate

    def as_json(self) -> dict[str, Any]:
        """All of it for JSON."""
        figures = {"spearman": self.spearman.as_json(), "auc": self.auc.as_json()}
        return {"criterion": self.criterion, "column": self.column, "rows": self.rows, **figures}


def read_columns(path: Path) -> dict[str, dict[str, float]]:
    """The columns of numbers in a CSV file, or in JSON Lines, with a column ``id``.

    true and false count as 1 and 0; other values that are not numbers are left out. Raises CalibrateError
    if the file can't be read or has no id.
    """
    columns: dict[str, dict[str, float]] = {}
    try:
        text = path.read_text(encoding="utf-8-sig")
        rows = csv.DictReader(text.splitlines()) if path.suffix == ".csv" else _json_lines(text)
        for number, row in enumerate(rows, 1):
            if not isinstance(row, dict) or row.get("id") is None:
                raise CalibrateError(f"{path}, row {number} has no id; add the id of the rollout")
            for name, value in row.items():
                if name != "id" and (number_of := _number(value)) is not None:
                    columns.setdefault(str(name), {})[id_key(row["id"])] = number_of
    except (OSError, UnicodeDecodeError, ValueError) as error:
        raise CalibrateError(f"{path} can't be read as CSV or JSON Lines: {error}") from error
    return columns


def align(criteria: Sequence[Criterion], answers: Answers, columns: Columns) -> list[Alignment]:
    """Each criterion with a ``maps_to`` that is among ``columns``, against that column.

    The score of a row is the mean of the criterion's answers over its items.
    """
    mapped = [criterion for criterion in criteria if criterion.maps_to in columns]
    return [_alignment(criterion, answers, columns[criterion.maps_to]) for criterion in mapped]


def _alignment(criterion: Criterion, answers: Answers, column: Mapping[str, float]) -> Alignment:
    scores: dict[str, list[float]] = {}
    for key, answer in answers.kept.items():
        if key.criterion == criterion.name and answer.score is not None and key.row in column:
            scores.setdefault(key.row, []).append(answer.score)
    means = [math.fsum(values) / len(values) for values in scores.values()]
    outcomes = [column[row] for row in scores]
    prompts = [answers.rows[row].prompt for row in scores]
    is_binary = len(set(outcomes)) == 2
    high = max(outcomes, default=0.0)
    auc = (
        area_under_curve(means, [outcome == high for outcome in outcomes], prompts)
        if is_binary
        else undefined("the column does not hold two values")
    )
    return Alignment(criterion.name, criterion.maps_to, len(means), spearman(means, outcomes, prompts), auc)


def _json_lines(text: str) -> Iterator[Any]:
    return (json.loads(line) for line in text.splitlines() if line.strip())


def _number(value: Any) -> float | None:
    words = {"true": 1.0, "false": 0.0}
    try:
        number = words.get(value.strip().lower(), value) if isinstance(value, str) else value
        return float(number) if math.isfinite(float(number)) else None
    except (TypeError, ValueError):
        return None
