"""The decision to fail a whole batch because too many of its rollouts could not be judged."""

from collections.abc import Sequence

from reward_fn.errors import TooFewJudgedError
from reward_fn.types.batch import Examined, Scored
from reward_fn.types.definition import Definition
from reward_fn.types.result import Result
from reward_fn.types.rollout import Rejected


def require_enough_judged(scored: Scored, definition: Definition) -> None:
    """Raise TooFewJudgedError if a larger share than ``fail_above`` of the judged rollouts is unscored."""
    share = unscored_share(scored.examined, scored.results)
    if share > definition.fail_above:
        raise TooFewJudgedError(share, definition.fail_above)


def unscored_share(entries: Sequence[Examined | Rejected], results: Sequence[Result]) -> float:
    """The share, in [0, 1], of the rollouts for the judge whose reward is imputed; 0 if there are none."""
    imputed = [
        result.imputed
        for entry, result in zip(entries, results, strict=True)
        if isinstance(entry, Examined) and entry.material
    ]
    return sum(imputed) / len(imputed) if imputed else 0.0
