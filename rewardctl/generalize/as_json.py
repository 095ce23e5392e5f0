"""The result as JSON. Pure."""

from dataclasses import asdict
from typing import Any

from rewardctl.generalize.measure import Generalisation, Measured


def as_json(result: Generalisation, spec: dict[str, Any]) -> dict[str, Any]:
    """All figures, and the plot as a Vega-Lite specification."""
    worst = result.worst
    return {
        "stability": result.stability.as_json(),
        "worst": worst.name if worst else None,
        "noise": result.noise.as_json(),
        "groups": result.groups,
        "runs": [_run(run) for run in result.runs],
        "steadiest_wording": dict(result.steadiest),
        "plot": spec,
    }


def _run(run: Measured) -> dict[str, Any]:
    return {
        "name": run.name,
        "kind": run.kind,
        "rollouts": run.rollouts,
        "unscored": run.unscored,
        "signs_kept": run.kept.as_json(),
        "rank_correlation": run.rank.as_json(),
        "drift": run.drift.as_json() if run.drift else None,
        "beyond_noise": run.is_beyond_noise,
        "verdicts_flipped": run.flips,
        "criteria": [{**asdict(criterion), "share": criterion.share} for criterion in run.criteria],
        "contradictions": run.contradictions,
    }
