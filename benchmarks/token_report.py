"""The tokens of each side of a comparison: prices, goals, tables, and the figures of an earlier commit."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from benchmarks.results import Goal, Table
from reward_fn.judge.models.catalogue import TIERS
from reward_fn.judge.models.prices import price_of

PRICED = TIERS["medium"]
"""The model whose price is used for the tokens of all sides."""

OURS = "ours"


@dataclass(frozen=True, slots=True)
class Spent:
    """Mean tokens, calls and verdicts of one rollout."""

    read: float
    written: float
    calls: float
    verdicts: float

    @property
    def usd(self) -> float:
        """The price of one rollout."""
        return price_of(PRICED).of(1, 0) * self.read + price_of(PRICED).of(0, 1) * self.written


BEFORE_COMMIT = "3afed8e"
BEFORE_DATE = "2026-11-28"
BEFORE: Mapping[str, Spent] = {
    "contract-review, 5 comments": Spent(3490.0, 1296.25, 1.0, 16.0),
    "contract-review, 20 comments": Spent(8168.5, 4922.5, 1.0, 61.0),
    "rag-faithfulness": Spent(1458.6, 344.0, 1.0, 5.0),
    "instruction-following": Spent(1570.4, 536.9, 1.0, 84 / 11),
}
"""The same measurement at BEFORE_COMMIT. The verdict schema then listed every item, and every verdict had up
to 40 words of evidence. Random fences change the tokens read by 0.2 %."""

BEFORE_SHORT: Mapping[str, Spent] = {
    "contract-review, 5 comments": Spent(3490.0, 629.5, 1.0, 16.0),
    "contract-review, 20 comments": Spent(8168.5, 2384.75, 1.0, 61.0),
    "rag-faithfulness": Spent(1458.6, 167.4, 1.0, 5.0),
    "instruction-following": Spent(1570.4, 267.2, 1.0, 84 / 11),
}
"""The same with 12 words of evidence a verdict, to show what shorter evidence alone saves."""

MOST: Mapping[str, float] = {"contract-review, 5 comments": 0.6, "contract-review, 20 comments": 0.5}
"""The highest share of its earlier price that a case may cost."""


def goals_of(spent: Mapping[tuple[str, str], Spent], *, estimated: bool) -> list[Goal]:
    """Goals against the earlier commit and against the cheapest other library; [] for estimated tokens."""
    if estimated:
        return []
    goals = []
    for name, most in MOST.items():
        ratio = spent[name, OURS].usd / BEFORE[name].usd
        what = f"Tokens, {name}: price against commit {BEFORE_COMMIT}"
        goals.append(Goal(what, f"at most {most:g} times", ratio, most, f"{ratio:.2f} times"))
    for name in sorted({case for case, _ in spent}):
        others = {side: cost for (case, side), cost in spent.items() if case == name and side != OURS}
        if others:
            side = min(others, key=lambda other: others[other].usd)
            ratio = spent[name, OURS].usd / others[side].usd
            what = f"Tokens, {name}: price a verdict against the cheapest other ({side})"
            goals.append(Goal(what, "at most 1 time", ratio, 1.0, f"{ratio:.2f} times"))
    return goals


def table_of(spent: Mapping[tuple[str, str], Spent]) -> Table:
    """One row for each case and side."""
    rows = []
    names = list(dict.fromkeys(case for case, _ in spent))
    for name in names:
        sides: dict[str, Spent] = {side: cost for (case, side), cost in spent.items() if case == name}
        before = f"ours at {BEFORE_COMMIT}, {BEFORE_DATE}"
        sides = {
            OURS: sides.pop(OURS),
            before: BEFORE[name],
            f"{before}, with evidence cut to 12 words": BEFORE_SHORT[name],
            **sides,
        }
        rows += [_row(f"{name}: {side}", cost) for side, cost in sides.items()]
    columns = (
        *("side", "calls a rollout", "verdicts", "tokens in a 1,000", "tokens out a 1,000"),
        *("USD a 1,000 rollouts", "USD a 100,000 verdicts"),
    )
    return Table("Judging a thousand rollouts", columns, rows)


def _row(name: str, cost: Spent) -> tuple[str, ...]:
    return (
        name,
        f"{cost.calls:.1f}",
        f"{cost.verdicts:.1f}",
        f"{cost.read * 1000:,.0f}",
        f"{cost.written * 1000:,.0f}",
        f"{cost.usd * 1000:.2f}",
        f"{cost.usd / cost.verdicts * 100_000:.2f}",
    )


def as_data(cost: Spent) -> dict[str, Any]:
    """The means for JSON."""
    return {"read": cost.read, "written": cost.written, "calls": cost.calls, "usd": cost.usd}
