"""How much a reward moves under each change of its judge's prompt, beyond the judge's own noise."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rewardctl.calibrate.stats.estimate import Estimate
from rewardctl.calibrate.stats.ranking import spearman
from rewardctl.diff.moves import Move, moves_of
from rewardctl.diff.pairs import Paired, pair_up
from rewardctl.diff.stability import mean_by_group, signs_kept
from rewardctl.diff.verdict_flips import CriterionFlips, flips_by_criterion
from rewardctl.generalize.steps import Kind, Step
from rewardctl.runs.records import Record

CONTRADICTS = 0.5
"""A wording that turns more than half of a criterion's verdicts round does not ask the same."""
MIN_ANSWERED = 4
"""Fewer verdicts than these do not accuse a wording: two of three turn round by chance."""


@dataclass(frozen=True, slots=True)
class Measured:
    """One run beside the baseline.

    ``kept`` is the share of advantage signs that is kept, ``rank`` Spearman's correlation of the rewards.
    ``drift`` is what is lost beyond the judge's own noise: the share kept by its repetition less ``kept``, on
    the same rollouts; None for a repetition. ``rollouts`` are compared, ``unscored`` left out.
    """

    name: str
    kind: Kind
    kept: Estimate
    rank: Estimate
    drift: Estimate | None
    criteria: tuple[CriterionFlips, ...]
    rollouts: int
    unscored: int

    @property
    def flips(self) -> float:
        """The share of all verdicts that differ."""
        answered = sum(criterion.answered for criterion in self.criteria)
        return sum(criterion.flipped for criterion in self.criteria) / answered if answered else 0.0

    @property
    def is_beyond_noise(self) -> bool:
        """Whether the loss is larger than the judge's own noise, at 95 %."""
        interval = self.drift.interval if self.drift else None
        return interval is not None and interval.low > 0

    @property
    def contradictions(self) -> list[str]:
        """The criteria whose verdicts turn round with this change of the prompt."""
        if self.kind not in ("wording", "instructions", "order"):
            return []
        return [c.name for c in self.criteria if c.answered >= MIN_ANSWERED and c.share > CONTRADICTS]


@dataclass(frozen=True, slots=True)
class Generalisation:
    """The result: each run, the ``stability`` over all changes of the prompt together, and the worst of them.

    ``noise`` is the share of signs that the judge keeps on its own. ``steadiest`` is the wording of each
    criterion whose verdicts agree best with the other wordings, 0 for the original.
    """

    noise: Estimate
    runs: tuple[Measured, ...]
    stability: Estimate
    groups: int
    steadiest: Mapping[str, int]

    @property
    def prompts(self) -> list[Measured]:
        """The runs with a changed prompt."""
        return [run for run in self.runs if run.kind in ("wording", "instructions", "order")]

    @property
    def worst(self) -> Measured | None:
        """The change that keeps the fewest signs; None if none loses any."""
        losing = [run for run in self.prompts if run.kept.value is not None and run.kept.value < 1]
        return min(losing, key=lambda run: run.kept.value or 0.0, default=None)


def measure(steps: Sequence[Step], records: Mapping[str, Sequence[Record]]) -> Generalisation:
    """Compare each run with the first; ``records`` are those of each step."""
    baseline = records[steps[0].name]
    paired = {step.name: pair_up(baseline, records[step.name]) for step in steps[1:]}
    moves = {name: moves_of(pairs.groups()) for name, pairs in paired.items()}
    noise = [move for step in steps if step.kind == "repeat" for move in moves[step.name]]
    changed = [move for step in steps if step.is_prompt for move in moves[step.name]]
    runs = tuple(_measured(step, paired[step.name], moves[step.name], noise) for step in steps[1:])
    groups = {move.pair.group for move in noise}
    steadiest = steadiest_wordings([records[s.name] for s in steps if s.kind in ("baseline", "wording")])
    return Generalisation(signs_kept(noise), runs, signs_kept(changed), len(groups), steadiest)


def steadiest_wordings(runs: Sequence[Sequence[Record]]) -> dict[str, int]:
    """The number of the wording of each criterion that differs least from the others; the first one of ties.

    ``runs`` are one for each wording, the original first. {} for a single wording.
    """
    lost: dict[str, list[float]] = {}
    for place, one in enumerate(runs):
        for other in (*runs[:place], *runs[place + 1 :]):
            for criterion in flips_by_criterion(pair_up(one, other).pairs):
                lost.setdefault(criterion.name, [0.0] * len(runs))[place] += criterion.share
    return {name: shares.index(min(shares)) for name, shares in lost.items()}


def _measured(step: Step, paired: Paired, moves: Sequence[Move], noise: Sequence[Move]) -> Measured:
    pairs = paired.pairs
    return Measured(
        step.name,
        step.kind,
        signs_kept(moves),
        spearman([p.first.reward for p in pairs], [p.second.reward for p in pairs], [p.group for p in pairs]),
        None if step.kind == "repeat" else _drift(noise, moves),
        tuple(flips_by_criterion(pairs)),
        len(pairs),
        paired.unscored,
    )


def _drift(noise: Sequence[Move], changed: Sequence[Move]) -> Estimate:
    """The mean over rollouts of: share of repetitions that keep the sign, less 1 if the change keeps it."""
    repeated: dict[int, list[Move]] = {}
    for move in noise:
        repeated.setdefault(id(move.pair.first.record), []).append(move)
    both = [(repeated[key], move) for move in changed if (key := id(move.pair.first.record)) in repeated]
    counted = [(many, one) for many, one in both if one.counts or any(each.counts for each in many)]
    lost = [sum(each.is_kept for each in many) / len(many) - one.is_kept for many, one in counted]
    return mean_by_group(lost, [one.pair.group for _, one in counted], (1.0, -1.0))
