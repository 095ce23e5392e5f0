"""One pass over the records of a run: a few numbers a row, in flat arrays, and counters. No text is kept."""

import math
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from enum import IntFlag
from typing import Any, NamedTuple

from reward_fn.reserved_names import FLAGS
from rewardctl.report.calls import CallCounts
from rewardctl.report.values import NAN, id_text, number, response_length


class Flag(IntFlag):
    """What happened to a rollout."""

    IMPUTED = 1
    REJECTED = 2
    NO_RESPONSE = 4
    JUDGE_ERROR = 8
    PROVOKED = 16


_FLAG_METRICS = {
    "rejected": Flag.REJECTED,
    "no_response": Flag.NO_RESPONSE,
    "judge_error": Flag.JUDGE_ERROR,
    "provoked": Flag.PROVOKED,
}


class DefinitionName(NamedTuple):
    """The definition that scored a row."""

    name: str
    version: str
    sha256: str


class Names:
    """Numbers texts from 0, in order of first appearance."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._names: list[str] = []

    def number(self, name: str) -> int:
        """Return the number of a text, a new one for a new text."""
        number = self._numbers.setdefault(name, len(self._names))
        if number == len(self._names):
            self._names.append(name)
        return number

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __getitem__(self, number: int) -> str:
        return self._names[number]

    def __len__(self) -> int:
        return len(self._names)


class Columns:
    """The numbers of a run, one column a quantity, one row a rollout; NaN stands for "not there".

    ``group`` and ``gate`` hold numbers of names, -1 for none. ``line`` is the row's line in its source, or
    its place in the run, from 1. ``place`` is the index in its batch. ``length`` counts the characters of the
    response. ``judge_s`` is the sum of seconds over the rollout's judge calls; a call that several rollouts
    share counts in parts. ``scores`` holds the value of every metric that is not a flag, by name,
    and ``trains`` the names of those that are parts of the reward.
    """

    def __init__(self, *, priced: bool = True) -> None:
        self.ids: list[str] = []
        self.reward, self.line, self.place = array("d"), array("d"), array("d")
        self.length, self.judge_s = array("d"), array("d")
        self.agreement = array("d")
        self.group, self.gate = array("q"), array("q")
        self.flags = array("B")
        self.scores: dict[str, array[float]] = {}
        self.trains: set[str] = set()
        self.groups, self.gates = Names(), Names()
        self.definitions: Counter[DefinitionName] = Counter()
        self.reasons: Counter[str] = Counter()
        self.calls = CallCounts(priced=priced)

    def __len__(self) -> int:
        return len(self.reward)

    @classmethod
    def read(cls, records: Iterable[Mapping[str, Any]], *, priced: bool = True) -> "Columns":
        """Read all records, in one pass. Without ``priced`` the judge's calls cost nothing."""
        columns = cls(priced=priced)
        for record in records:
            columns.add(record)
        for values in columns.scores.values():
            _pad(values, len(columns))
        return columns

    def add(self, record: Mapping[str, Any]) -> None:
        """Add one record as the next row."""
        row = len(self)
        self.ids.append(id_text(record.get("id")))
        self.reward.append(number(record.get("reward")))
        line = number(record.get("line"))
        self.line.append(row + 1 if math.isnan(line) else line)
        self.place.append(number(record.get("index")))
        self.length.append(response_length(record.get("row")))
        group, gate = record.get("group"), record.get("gate")
        self.group.append(self.groups.number(str(group)) if group else -1)
        self.gate.append(self.gates.number(str(gate)) if gate else -1)
        self._add_metrics(record, row)
        self._add_calls(record.get("calls") or ())
        name = DefinitionName(
            *(str(record.get(f"definition{key}", "")) for key in ("", "_version", "_sha256"))
        )
        self.definitions[name] += 1
        for reason in {str(why.get("reason")) for why in record.get("reasons") or ()}:
            self.reasons[reason] += 1

    def _add_metrics(self, record: Mapping[str, Any], row: int) -> None:
        flags = Flag.IMPUTED if record.get("imputed") else Flag(0)
        agreement = NAN
        for metric in record.get("metrics") or ():
            name, value = str(metric.get("name")), number(metric.get("value"))
            if name == "judge_agreement":
                agreement = value
            elif name in FLAGS:
                flags |= _FLAG_METRICS.get(name, Flag(0)) if value > 0 else Flag(0)
            else:
                _set(self.scores.setdefault(name, array("d")), row, value)
                if metric.get("type") == "Reward":
                    self.trains.add(name)
        self.flags.append(int(flags))
        self.agreement.append(agreement)

    def _add_calls(self, calls: Iterable[Mapping[str, Any]]) -> None:
        seconds = 0.0
        for call in calls:
            part = 1.0 / max(int(call.get("shared_by") or 1), 1)
            seconds += part * number(call.get("latency_s"), 0.0)
            self.calls.add(call, part)
        self.judge_s.append(seconds)


def _pad(values: "array[float]", length: int) -> None:
    values.extend([NAN] * (length - len(values)))


def _set(values: "array[float]", row: int, value: float) -> None:
    """Set the value of a row at or after the end of the column; the rows between have none."""
    _pad(values, row)
    values.append(value)
