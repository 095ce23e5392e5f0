"""The 2x2 table of a judge's answers and the labels, and the rates in it with Wilson intervals."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from rewardctl.calibrate.stats.estimate import Estimate, bounded, undefined


class Pair(NamedTuple):
    """One answer of the judge and its label; True is a yes."""

    judge: bool
    label: bool


@dataclass(frozen=True, slots=True)
class Table:
    """Counts of pairs: ``true_yes`` and ``false_yes`` are the judge's yes with the label yes and no,
    ``false_no`` and ``true_no`` its no with the label yes and no."""

    true_yes: int
    false_yes: int
    false_no: int
    true_no: int

    @property
    def total(self) -> int:
        """The number of pairs."""
        return self.true_yes + self.false_yes + self.false_no + self.true_no

    @property
    def label_yes(self) -> int:
        """The number of labels that say yes."""
        return self.true_yes + self.false_no

    @property
    def label_no(self) -> int:
        """The number of labels that say no."""
        return self.true_no + self.false_yes

    @property
    def judge_yes(self) -> int:
        """The number of answers of the judge that say yes."""
        return self.true_yes + self.false_yes

    def __add__(self, other: "Table") -> "Table":
        """The table of both sets of pairs."""
        return Table(
            self.true_yes + other.true_yes,
            self.false_yes + other.false_yes,
            self.false_no + other.false_no,
            self.true_no + other.true_no,
        )

    def as_json(self) -> dict[str, int]:
        """The four counts."""
        return {
            "true_yes": self.true_yes,
            "false_yes": self.false_yes,
            "false_no": self.false_no,
            "true_no": self.true_no,
        }


def tabulate(pairs: Iterable[Pair]) -> Table:
    """Count the pairs."""
    counts = {(True, True): 0, (True, False): 0, (False, True): 0, (False, False): 0}
    for judge, label in pairs:
        counts[judge, label] += 1
    return Table(counts[True, True], counts[True, False], counts[False, True], counts[False, False])


def wilson(count: int, total: int, nothing: str = "no labels") -> Estimate:
    """A share with its Wilson interval; undefined, because of ``nothing``, if ``total`` is 0.

    With p = count / n and z = 1.96, the limits are (p + z²/2n ± z·sqrt(p(1-p)/n + z²/4n²)) / (1 + z²/n).
    Unlike p ± z·sqrt(p(1-p)/n) it has a width at 0 and at n. Assumes independent observations: where several
    rollouts of a prompt are labelled it is too narrow. Source: Wilson (1927), JASA 22, 209-212; computed by
    statsmodels' proportion_confint.
    """
    if total == 0:
        return undefined(nothing)
    from statsmodels.stats.proportion import proportion_confint

    low, high = proportion_confint(count, total, alpha=0.05, method="wilson")
    return bounded(count / total, float(low), float(high))


def true_positive_rate(table: Table) -> Estimate:
    """The share of the labels yes that the judge answers by yes (sensitivity, recall)."""
    return wilson(table.true_yes, table.label_yes, "no label says yes")


def true_negative_rate(table: Table) -> Estimate:
    """The share of the labels no that the judge answers by no (specificity)."""
    return wilson(table.true_no, table.label_no, "no label says no")


def accuracy(table: Table) -> Estimate:
    """The share of the labels that the judge matches. High by itself where one label is common."""
    return wilson(table.true_yes + table.true_no, table.total)


def constant_accuracy(table: Table) -> float | None:
    """The accuracy of a predictor that always gives the commoner label; None without labels.

    Its kappa is 0 and its AUC 0.5 by definition: what a judge has to beat.
    """
    return max(table.label_yes, table.label_no) / table.total if table.total else None
