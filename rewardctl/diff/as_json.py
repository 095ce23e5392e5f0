"""A comparison as JSON. Pure."""

from dataclasses import asdict
from typing import Any

from rewardctl.diff.answer import Answer
from rewardctl.diff.causes import main_cause
from rewardctl.diff.comparison import Comparison, Mover
from rewardctl.diff.verdict_flips import CriterionFlips


def as_json(comparison: Comparison, answer: Answer) -> dict[str, Any]:
    """All figures, the rollouts to look at, and the answer."""
    return {
        "first": asdict(comparison.first),
        "second": asdict(comparison.second),
        "identical": comparison.is_identical,
        "deploy": {"answer": "yes" if answer.yes else "no", "why": answer.why},
        "rollouts": comparison.rollouts,
        "left_out": {
            "unscored": comparison.unscored,
            "other_text": comparison.other_text,
            "only_first": comparison.only_first,
            "only_second": comparison.only_second,
        },
        "groups": {"compared": comparison.groups, "of_one": comparison.alone},
        "groups_of_equal_rewards": list(comparison.tied),
        "rewards": {"changed": comparison.changed, "mean_change": comparison.mean_change},
        "ranks": {
            "changed": comparison.rank_changes,
            "pairs_reversed": comparison.order.reversed,
            "pairs": comparison.order.compared,
        },
        "signs": {
            "kept": comparison.kept.as_json(),
            "compared": sum(move.counts for move in comparison.moves),
            "flipped": comparison.sign_flips,
            "lost": comparison.lost,
            "gained": comparison.gained,
        },
        "components": dict(comparison.components),
        "criteria": [_criterion(criterion) for criterion in comparison.criteria],
        "largest": [_mover(mover) for mover in comparison.largest],
    }


def _criterion(criterion: CriterionFlips) -> dict[str, Any]:
    return {**asdict(criterion), "share": criterion.share}


def _mover(mover: Mover) -> dict[str, Any]:
    move = mover.move
    return {
        "id": move.pair.first.record.get("id"),
        "line": move.pair.first.record.get("line"),
        "group": move.pair.group,
        "rewards": [move.pair.first.reward, move.pair.second.reward],
        "ranks": list(move.ranks),
        "advantages": list(move.advantages),
        "sign_flips": move.is_flip,
        "cause": main_cause(mover.effects),
        "effects": dict(mover.effects),
        "verdicts": [asdict(flip) for flip in mover.flips],
    }
