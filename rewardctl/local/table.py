"""Print results as a table: one row a rollout, one column a check or criterion, flags in words."""

from collections.abc import Collection, Mapping, Sequence
from itertools import groupby
from typing import Any

from rich.console import Console
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from reward_fn.reserved_names import FLAGS

SHARES = ("judge_coverage", "judge_agreement")
"""Shares of weight with a verdict and of voters who agree; printed only below 1."""

ABSENT = "·"
MAX_ID_CHARS = 32
MAX_WIDTH = 10_000


def print_results(
    results: Sequence[Mapping[str, Any]], console: Console, ends: Collection[int] = frozenset()
) -> None:
    """Print all results in order, with columns of rewards before columns of metrics.

    A blank line follows each row whose place is in ``ends``. A terminal that is too narrow for one table gets
    several, each with the ids. Other output gets one table of the necessary width.
    """
    names = column_names(results)
    if not console.is_terminal:
        console.width = max(
            console.width, _width(_table(results, names, ends, first=True, last=True), console)
        )
    first = True
    while first or names:
        count = len(names)
        table = _table(results, names, ends, first=first, last=True)
        while count > 1 and _width(table, console) > console.width:
            count -= 1
            table = _table(results, names[:count], ends, first=first, last=False)
        console.print(table)
        names, first = names[count:], False


def _width(table: Table, console: Console) -> int:
    return Measurement.get(console, console.options.update(max_width=MAX_WIDTH), table).maximum


def _table(
    results: Sequence[Mapping[str, Any]],
    names: Sequence[str],
    ends: Collection[int],
    *,
    first: bool,
    last: bool,
) -> Table:
    """A table of the columns `names`; the first table has the reward, the last one the flags."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("id", overflow="fold")
    for name in (["reward"] if first else []) + [header_of(name) for name in names]:
        table.add_column(name, justify="right", no_wrap=True)
    if last:
        table.add_column("flags", overflow="fold")
    for place, result in enumerate(results):
        values = values_of(result)
        reward = [Text(number_text(result.get("aggregate_reward_score")), style="bold")] if first else []
        cells = [number_text(values.get(name)) for name in names]
        table.add_row(id_text(result.get("id")), *reward, *cells, *([flags_text(values)] if last else []))
        if place in ends:
            table.add_row()
    return table


def column_names(results: Sequence[Mapping[str, Any]]) -> list[str]:
    """Names of rewards, then of metrics, without flags, each in order of first appearance."""
    types: dict[str, str] = {}
    for result in results:
        for entry in result.get("metrics_list", ()):
            types.setdefault(str(entry["name"]), str(entry["type"]))
    names = [name for name in types if name not in FLAGS]
    return sorted(names, key=lambda name: types[name] != "Reward")


def values_of(result: Mapping[str, Any]) -> dict[str, float]:
    """The values of a result's `metrics_list` by name."""
    return {str(entry["name"]): float(entry["value"]) for entry in result.get("metrics_list", ())}


def flags_text(values: Mapping[str, float]) -> str:
    """The flags that are set, with counts above 1, and the shares below 1."""
    words = []
    for name in FLAGS:
        value = values.get(name, 0.0)
        if value and name not in SHARES:
            words.append(name if value == 1 else f"{name} {number_text(value)}")
    words += [f"{name} {number_text(values[name])}" for name in SHARES if values.get(name, 1.0) < 1]
    return ", ".join(words)


def number_text(value: Any) -> str:
    """A number with at most three decimals, without trailing zeros; ABSENT for None."""
    if value is None:
        return ABSENT
    return f"{float(value):.3f}".rstrip("0").rstrip(".")


def id_text(value: Any) -> str:
    """An id of any type on one line, shortened in the middle to MAX_ID_CHARS."""
    text = value if isinstance(value, str) else repr(value)
    text = text.replace("\n", " ")
    half = (MAX_ID_CHARS - 1) // 2
    return text if len(text) <= MAX_ID_CHARS else f"{text[:half]}…{text[-half:]}"


def header_of(name: str) -> str:
    """A column's name with line breaks at underscores and between camel-case words."""
    parts = []
    for word in name.split("_"):
        kinds = groupby(enumerate(word), key=lambda at: _word_number(word, at[0]))
        parts += ["".join(letter for _, letter in letters) for _, letters in kinds]
    return "\n".join(parts)


def _word_number(word: str, index: int) -> int:
    starts = (i for i in range(1, index + 1) if word[i].isupper() and word[i - 1].islower())
    return sum(1 for _ in starts)
