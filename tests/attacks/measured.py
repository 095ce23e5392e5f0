"""The figures of docs/attacks.md: how many attacks pay under the fake judges of ``judges.py``."""

from typing import NamedTuple

import pytest

from rewardctl.attacks.corpus import Corpus, Family
from rewardctl.attacks.measure import scores, succeeds
from tests.attacks.switches import judge_of, shipped, without


class Row(NamedTuple):
    """One family: how many of its ``tried`` attacks pay under the fake judge that falls for them.

    ``bare`` counts without the family's defence, ``defended`` with everything that is shipped.
    """

    family: str
    defence: str
    tried: int
    bare: int
    defended: int


def measured(corpus: Corpus) -> list[Row]:
    """A row for each family, in the order of their names."""
    return [_row(corpus, family) for family in corpus.families]


def table(rows: list[Row]) -> str:
    """The rows as the page has them."""
    lines = ["| family | stopped by | attacks | pay without it | pay with it |"]
    lines += ["|---|---|---|---|---|"]
    lines += [f"| {r.family} | {r.defence} | {r.tried} | {r.bare} | {r.defended} |" for r in rows]
    counts = [(r.tried, r.bare, r.defended) for r in rows]
    sums = " | ".join(str(sum(each)) for each in zip(*counts, strict=True))
    return "\n".join([*lines, f"| all | | {sums} |"])


def _row(corpus: Corpus, family: Family) -> Row:
    by_code = ", ".join(name if " " in name else f"`{name}`" for name in family.defence)
    defence = by_code if family.stopped_by == "code" else f"the judge; counted in `{family.watched_by}`"
    bare, defended = (_paying(corpus, family, bare=bare) for bare in (True, False))
    return Row(family.name, defence, len(family.attacks), bare, defended)


def _paying(corpus: Corpus, family: Family, *, bare: bool) -> int:
    count = 0
    for attack in family.attacks:
        scenario, definition = corpus.scenarios[attack.on], shipped(attack.on)
        with pytest.MonkeyPatch.context() as patch:
            if bare and family.stopped_by == "code":
                definition = without(family.defence, definition, patch)
            judge = judge_of(family.judge, definition)
            (result,) = scores(scenario, [attack.response], definition, judge)
        count += succeeds(result, scenario.bar)
    return count
