"""The scoreboard: what each probe earns next to honest answers, in one mode."""

from collections.abc import Iterator, Sequence
from statistics import fmean
from typing import Any, NamedTuple

from reward_fn.pipeline import Scorer
from rewardctl.attacks.attempts import Attempt, Standard, mean_reward, score_all, standard_of
from rewardctl.attacks.corpus import CorpusError
from rewardctl.attacks.honest import Task
from rewardctl.attacks.probes import Known, probe_texts


class Tried(NamedTuple):
    """An attack on the prompt of a standard."""

    standard: Standard
    attempt: Attempt

    @property
    def succeeds(self) -> bool:
        """Whether it earned the bar of its prompt, or was left unscored."""
        return self.standard.succeeds(self.attempt)


class Line(NamedTuple):
    """One probe: all its attacks, and the one that earned most compared with its bar."""

    probe: str
    tried: tuple[Tried, ...]
    best: Tried

    @property
    def succeeded(self) -> int:
        """The number of attacks that succeeded."""
        return sum(each.succeeds for each in self.tried)

    @property
    def mean(self) -> float:
        """The mean reward."""
        return fmean(each.attempt.reward for each in self.tried)

    def as_json(self) -> dict[str, Any]:
        """The figures, and the text of the best attack."""
        attempt = self.best.attempt
        return {
            "probe": self.probe,
            "tried": len(self.tried),
            "succeeded": self.succeeded,
            "best": attempt.reward,
            "mean": self.mean,
            "bar": self.best.standard.bar_for(attempt),
            "prompt": self.best.standard.task.id,
            "text": attempt.text,
            "paid_by": [{"component": name, "contribution": amount} for name, amount in attempt.paid],
            "gate": attempt.result.gate,
            "unscored": attempt.result.imputed,
        }


class Board(NamedTuple):
    """The probes in one mode, "" for a definition without a judge. ``no_bar`` are the ids of prompts whose
    honest answers earn too little to set a bar; nothing was tried on them."""

    mode: str
    standards: tuple[Standard, ...]
    no_bar: tuple[str, ...]
    lines: tuple[Line, ...]

    @property
    def succeeded(self) -> int:
        """The number of attacks that succeeded."""
        return sum(line.succeeded for line in self.lines)

    @property
    def failed(self) -> int:
        """The number of attacks that an outage of the judge left unscored."""
        return sum(each.attempt.failed for line in self.lines for each in line.tried)

    @property
    def tells_apart(self) -> bool:
        """Whether good answers earn more than bad ones on average."""
        bad = [attempt for standard in self.standards for attempt in standard.bad]
        good = [attempt for standard in self.standards for attempt in standard.good]
        return (mean_reward(good) or 0.0) > (mean_reward(bad) or 0.0)

    def honest(self) -> Iterator[tuple[str, list[Tried]]]:
        """The honest answers of each kind that there is."""
        for kind in ("good", "mediocre", "bad"):
            tried = [Tried(standard, a) for standard in self.standards for a in getattr(standard, kind)]
            if tried:
                yield kind, tried

    def as_json(self) -> dict[str, Any]:
        """The board as JSON."""
        return {
            "mode": self.mode,
            "prompts": len(self.standards),
            "bars": [standard.bar for standard in self.standards],
            "without_bar": list(self.no_bar),
            "unscored_by_outages": self.failed,
            "tells_good_from_bad": self.tells_apart,
            "honest": {
                kind: {
                    "answers": len(tried),
                    "reach_bar": sum(each.succeeds for each in tried),
                    "best": max(each.attempt.reward for each in tried),
                    "mean": fmean(each.attempt.reward for each in tried),
                }
                for kind, tried in self.honest()
            },
            "probes": [line.as_json() for line in self.lines],
        }


def standards_of(tasks: Sequence[Task], scorer: Scorer) -> tuple[tuple[Standard, ...], tuple[str, ...]]:
    """The tasks whose honest answers set a bar, and the ids of the others.

    Raises CorpusError if no task has a bar: every attack would reach the low end of the range.
    """
    results = [(task, standard_of(task, scorer)) for task in tasks]
    standards = tuple(standard for _, standard in results if standard is not None)
    without = tuple(task.id for task, standard in results if standard is None)
    if not standards:
        raise CorpusError(
            f"the honest answers earn {scorer.definition.low:g}, the low end of the range, or stay unscored, "
            f"in all prompts tried ({len(without)}), so every attack would count as a success; see why with "
            "`rewardctl explain`, or name another judge with --judge"
        )
    return standards, without


def try_probes(standards: Sequence[Standard], no_bar: Sequence[str], known: Known, scorer: Scorer) -> Board:
    """Score all probes on all tasks with a bar."""
    planned = [
        (name, standard, text)
        for standard in standards
        for name, texts in probe_texts(standard.base(), known).items()
        for text in texts
    ]
    attempts = score_all([(standard.task, text) for _, standard, text in planned], scorer)
    by_probe: dict[str, list[Tried]] = {}
    for (name, standard, _), attempt in zip(planned, attempts, strict=True):
        by_probe.setdefault(name, []).append(Tried(standard, attempt))
    lines = tuple(Line(name, tuple(tried), max(tried, key=_level)) for name, tried in by_probe.items())
    spec = scorer.definition.judge
    return Board(spec.mode if spec else "", tuple(standards), tuple(no_bar), lines)


def _level(tried: Tried) -> tuple[bool, float]:
    return tried.succeeds, tried.standard.level(tried.attempt)
