"""Which rollouts are labelled, and in which order: a sampling by the results of runs or by labels. Pure.

Records of runs are read here only. Nothing of them reaches the screen or the file of labels.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rewardctl.labels import sampling
from rewardctl.labels.agreement import rows_apart
from rewardctl.labels.label import Judgement, LabelError, id_key
from rewardctl.labels.sampling import Way
from rewardctl.labels.subjects import Subject

_RUNS: Mapping[Way, tuple[int, int]] = {
    "random": (0, 0),
    "reward": (1, 1),
    "verdict": (1, 1),
    "disagreement": (1, 2),
    "boundary": (0, 0),
}
"""The fewest and the most runs that each sampling takes."""

Record = Mapping[str, Any]
Records = Mapping[str, Record]
"""The record of each row of a run, by the row's key."""


def by_key(records: Iterable[Record]) -> dict[str, Record]:
    """The records by their rows' keys; the last one counts for an id that occurs again, as in epochs."""
    return {id_key(record["id"]): record for record in records}


def default_way(runs: int) -> Way:
    """The sampling for that number of runs, if none is named."""
    return "disagreement" if runs > 1 else "reward" if runs else "random"


def choose(
    subjects: Sequence[Subject],
    way: Way,
    size: int | None,
    seed: int,
    *,
    runs: Sequence[Records] = (),
    judgements: Iterable[Judgement] = (),
    criteria: Sequence[str] = (),
) -> list[Subject]:
    """The rollouts to label, in order; ``size`` None for all.

    ``random`` takes no run. ``reward`` keeps the shares of the quarters of the rewards of a run. ``verdict``
    takes as many of each combination of the judge's answers to ``criteria`` (() for all). ``disagreement``
    takes those on which two runs differ most, or the votes of one. ``boundary`` takes those on which
    ``judgements`` differ or that they mark as boundary cases. Raises LabelError if that is not possible.
    """
    fewest, most = _RUNS[way]
    if not fewest <= len(runs) <= most:
        count = "no run" if not most else "a run" if most == 1 else "one or two runs"
        raise LabelError(f"the sampling {way!r} takes {count}, and --run names {len(runs)}")
    by_id = {subject.key: subject for subject in subjects}
    size = len(by_id) if size is None else size
    if way == "random":
        keys = sampling.random_order(list(by_id), seed)[:size]
    elif way == "boundary":
        keys = sampling.random_order([key for key in rows_apart(judgements) if key in by_id], seed)[:size]
    else:
        keys = _by_runs([_known(run, by_id) for run in runs], way, size, seed, criteria)
    if subjects and not keys:
        raise LabelError(f"the sampling {way!r} leaves no rollout to label; choose another with --sampling")
    return [by_id[key] for key in keys]


def _known(run: Records, subjects: Mapping[str, Subject]) -> Records:
    known = {key: record for key, record in run.items() if key in subjects}
    if not known:
        raise LabelError("the run holds none of the rollouts of DATA; give the run of the same data")
    return known


def _by_runs(runs: Sequence[Records], way: Way, size: int, seed: int, criteria: Sequence[str]) -> list[str]:
    if way == "reward":
        rewards = {key: float(record["reward"]) for key, record in runs[0].items()}
        return sampling.in_proportion(sampling.quarters(rewards), size, seed)
    if way == "verdict":
        answers = {key: _answers(record, criteria) for key, record in runs[0].items()}
        return sampling.in_equal_parts(answers, size, seed)
    distances = _distances(runs[0], runs[1]) if len(runs) > 1 else _vote_distances(runs[0])
    return sampling.largest_first({key: far for key, far in distances.items() if far}, size, seed)


def _answers(record: Record, criteria: Sequence[str]) -> tuple[tuple[str, int, str], ...]:
    """The judge's answers to the criteria, as a stratum."""
    return tuple(
        sorted(
            (verdict["criterion"], -1 if verdict["item"] is None else verdict["item"], verdict["answer"])
            for verdict in record["verdicts"]
            if not criteria or verdict["criterion"] in criteria
        )
    )


def _distances(one: Records, other: Records) -> dict[str, float]:
    """For each row of both runs the share of verdicts that differ, plus the difference of the rewards."""
    return {key: _distance(one[key], other[key]) for key in one if key in other}


def _distance(one: Record, other: Record) -> float:
    first, second = _by_leaf(one["verdicts"]), _by_leaf(other["verdicts"])
    common = first.keys() & second.keys()
    differ = sum(first[leaf] != second[leaf] for leaf in common)
    return (differ / len(common) if common else 0.0) + abs(float(one["reward"]) - float(other["reward"]))


def _vote_distances(run: Records) -> dict[str, float]:
    """For each row the share of leaves on which the votes differ. Raises LabelError if no row has votes."""
    if not any(record["votes"] for record in run.values()):
        raise LabelError(
            "the run has no votes of several judges, so there is no disagreement in it; give a second --run"
        )
    return {key: _vote_distance(record) for key, record in run.items()}


def _vote_distance(record: Record) -> float:
    votes = [_by_leaf(vote["verdicts"]) for vote in record["votes"]]
    leaves = {leaf for vote in votes for leaf in vote}
    differ = sum(len({vote[leaf] for vote in votes if leaf in vote}) > 1 for leaf in leaves)
    return differ / len(leaves) if leaves else 0.0


def _by_leaf(verdicts: Iterable[Mapping[str, Any]]) -> dict[tuple[str, int | None], str]:
    return {(verdict["criterion"], verdict["item"]): verdict["answer"] for verdict in verdicts}
