"""All figures of one part: a judge's answers to one criterion, or its rewards, against the labels."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rewardctl.calibrate.cases import Case, Part
from rewardctl.calibrate.stats.agreement import cohens_kappa, gwets_ac1
from rewardctl.calibrate.stats.estimate import Estimate
from rewardctl.calibrate.stats.length import partial_spearman
from rewardctl.calibrate.stats.prediction_powered import prediction_powered_mean
from rewardctl.calibrate.stats.ranking import area_under_curve, spearman
from rewardctl.calibrate.stats.rogan_gladen import corrected_pass_rate
from rewardctl.calibrate.stats.sample_size import labels_missing
from rewardctl.calibrate.stats.threshold import Scored, Threshold, best_threshold
from rewardctl.calibrate.stats.two_by_two import (
    Pair,
    Table,
    accuracy,
    constant_accuracy,
    tabulate,
    true_negative_rate,
    true_positive_rate,
    wilson,
)

FIGURES = {
    "kappa": "Cohen's kappa",
    "ac1": "Gwet's AC1",
    "tpr": "true positive rate",
    "tnr": "true negative rate",
    "accuracy": "accuracy",
    "auc": "AUC",
    "spearman": "Spearman, score and label",
    "spearman_partial": "the same, length partialled out",
    "spearman_length": "Spearman, score and length",
    "coverage": "labelled questions with an answer",
    "pass_rate": "pass rate, as judged",
    "pass_rate_rogan_gladen": "pass rate, corrected (Rogan-Gladen)",
    "pass_rate_prediction_powered": "pass rate, corrected (prediction-powered)",
}
"""Every figure of a part, by its name in JSON and in requirements, in the order of the tables."""


@dataclass(frozen=True, slots=True)
class Measures:
    """The figures of one part.

    ``labels`` counts the cases that were measured, without boundary cases. ``constant`` is the accuracy of a
    predictor that always gives the commoner label. ``missing`` is the number of further labels by which each
    of kappa, tpr and tnr would get the half-width ``half_width``; None where the figure is undefined.
    ``boundary`` are the figures of the boundary cases, None without any.
    """

    part: str
    labels: int
    at: float
    table: Table
    figures: Mapping[str, Estimate]
    constant: float | None
    missing: Mapping[str, int | None]
    half_width: float
    threshold: Threshold | None = None
    boundary: "Measures | None" = None

    def as_json(self) -> dict[str, Any]:
        """All of it for JSON."""
        threshold = self.threshold
        return {
            "part": self.part,
            "labels": self.labels,
            "counts_as_yes_from": self.at,
            "table": self.table.as_json(),
            **{name: estimate.as_json() for name, estimate in self.figures.items()},
            "constant": {"accuracy": self.constant, "kappa": 0.0, "auc": 0.5},
            "labels_missing": {"half_width": self.half_width, **self.missing},
            "threshold": {"at": threshold.at, "table": threshold.unseen.as_json()} if threshold else None,
            "boundary": self.boundary.as_json() if self.boundary else None,
        }


def measure(part: Part, half_width: float) -> Measures:
    """The figures of a part; ``half_width`` is what the missing labels are counted for."""
    boundary = Part(part.name, part.boundary, at=part.at)
    return _measure(
        part,
        part.clear,
        half_width,
        _measure(boundary, boundary.cases, half_width) if boundary.cases else None,
    )


def _measure(
    part: Part, cases: Sequence[Case], half_width: float, boundary: Measures | None = None
) -> Measures:
    table = tabulate(Pair(case.judge_yes, case.truth.is_yes) for case in cases)
    figures = {**_agreement(cases, table), **_ranking(cases), **_pass_rates(part, cases, table)}
    figures["coverage"] = wilson(len(part.cases), len(part.cases) + part.unanswered)
    scored = [Scored(case.score, case.truth.is_yes, case.prompt) for case in cases]
    sizes = {"kappa": table.total, "tpr": table.label_yes, "tnr": table.label_no}
    return Measures(
        part=part.name,
        labels=table.total,
        at=part.at,
        table=table,
        figures={name: figures[name] for name in FIGURES},
        constant=constant_accuracy(table),
        missing={name: labels_missing(figures[name], size, half_width) for name, size in sizes.items()},
        half_width=half_width,
        threshold=best_threshold(scored),
        boundary=boundary,
    )


def _agreement(cases: Sequence[Case], table: Table) -> dict[str, Estimate]:
    pairs = [Pair(case.judge_yes, case.truth.is_yes) for case in cases]
    prompts = [case.prompt for case in cases]
    return {
        "kappa": cohens_kappa(pairs, prompts),
        "ac1": gwets_ac1(pairs, prompts),
        "tpr": true_positive_rate(table),
        "tnr": true_negative_rate(table),
        "accuracy": accuracy(table),
    }


def _ranking(cases: Sequence[Case]) -> dict[str, Estimate]:
    scores, worths = [case.score for case in cases], [case.truth.worth for case in cases]
    lengths, prompts = [float(case.length_chars) for case in cases], [case.prompt for case in cases]
    return {
        "auc": area_under_curve(scores, [case.truth.is_yes for case in cases], prompts),
        "spearman": spearman(scores, worths, prompts),
        "spearman_partial": partial_spearman(scores, worths, lengths, prompts),
        "spearman_length": spearman(scores, lengths, prompts),
    }


def _pass_rates(part: Part, cases: Sequence[Case], table: Table) -> dict[str, Estimate]:
    """The share of yes among all questions of the part: as judged, and corrected in two ways."""
    others = [score >= part.at for score in part.other_scores]
    passed, judged = sum(others) + table.judge_yes, len(others) + table.total
    labels = [float(case.truth.is_yes) for case in cases]
    return {
        "pass_rate": wilson(passed, judged),
        "pass_rate_rogan_gladen": corrected_pass_rate(passed, judged, table),
        "pass_rate_prediction_powered": prediction_powered_mean(
            labels, [float(case.judge_yes) for case in cases], list(map(float, others))
        ),
    }
