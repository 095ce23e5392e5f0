"""The expected results beside an event: short rows for people, and the whole results that they stand for.

``events/README.md`` explains the form. ``events/usual_metrics.toml`` holds what a row need not state.
"""

import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from tests.factory import ROOT

EVENTS = ROOT / "events"
CASES = sorted(path for path in EVENTS.glob("*.json") if not path.name.endswith(".expected.json"))
KEYS = frozenset({"definition", "settings", "verdicts", "results", "answer", "error"})
DECIMALS = 6
"""Expected numbers are written, and compared, to so many decimal places."""

WIDTH = 110
"""So many characters of JSON go into a line, as in the code."""

_JUDGED_FLAGS = frozenset({"rubric", "judge_coverage", "unsupported_quotes"})
_OF_THE_ROW = frozenset({"id", "reward", "last_check"})

Result = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Expected:
    """What stands beside an event. Exactly one of ``results``, ``answer`` and ``error`` is not None.

    ``results`` are whole, in the form of the wire, with numbers of DECIMALS places. ``verdicts`` maps the id
    of each rollout that is judged to its verdicts by criterion.
    """

    definition: str
    settings: Mapping[str, str] = field(default_factory=dict)
    verdicts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    results: Sequence[Result] | None = None
    answer: Any = None
    error: str | None = None

    @property
    def envelope(self) -> str:
        """The RESPONSE_ENVELOPE under which the event is sent."""
        return self.settings.get("RESPONSE_ENVELOPE", "list")


def expected_file(event: Path) -> Path:
    """The path of the expected results of an event."""
    return event.with_suffix(".expected.json")


def read_expected(event: Path) -> Expected:
    """The expected results beside an event, whole. Raises AssertionError for a file out of form."""
    value = json.loads(expected_file(event).read_text(encoding="utf-8"))
    assert value.keys() <= KEYS, f"{event.name}: unknown keys {sorted(value.keys() - KEYS)}"
    assert len(value.keys() & {"results", "answer", "error"}) == 1, f"{event.name}: no single outcome"
    if "results" in value:
        value["results"] = [whole(row, value["definition"]) for row in value["results"]]
    return Expected(**value)


def whole(row: Mapping[str, Any], definition: str) -> dict[str, Any]:
    """The result that a short row stands for. Raises AssertionError for a metric that the row can't have."""
    usual = usual_metrics(definition, row)
    stated = {name: value for name, value in row.items() if name not in _OF_THE_ROW}
    assert stated.keys() <= usual.keys(), f"{row['id']!r}: {sorted(stated.keys() - usual.keys())}"
    metrics = {name: (stated.get(name, value), kind) for name, (value, kind) in usual.items()}
    return {
        "id": row["id"],
        "aggregate_reward_score": float(row["reward"]),
        "metrics_list": [
            {"name": name, "value": float(value), "type": kind}
            for name, (value, kind) in metrics.items()
            if value is not None
        ],
    }


def usual_metrics(definition: str, row: Mapping[str, Any]) -> dict[str, tuple[float, str]]:
    """Value and type of every metric that a row of this definition has, in the order of the wire.

    Where the row names its ``last_check``, nothing that comes after that check ran, the judge included.
    Metrics with capitals that the definition lacks are criteria of the rollout's own rubric.
    """
    usual, flags = _usual()[definition], _usual()["flags"]
    checks = {name: (value, "Metric") for name, value in usual["gates"].items()}
    checks |= {name: (value, "Reward") for name, value in usual["rewards"].items()}
    judged = bool(usual["criteria"]) and "last_check" not in row
    if row.get("last_check", "") is None:
        checks = {}
    elif "last_check" in row:
        names = list(checks)
        checks = {name: checks[name] for name in names[: names.index(row["last_check"]) + 1]}
    own = [name for name in row if name[:1].isupper()] if judged else []
    criteria = sorted({*usual["criteria"], *own}) if judged else []
    kept = {name: value for name, value in flags.items() if judged or name not in _JUDGED_FLAGS}
    return {
        **checks,
        **dict.fromkeys(criteria, (0.0, "Metric")),
        **{name: (value, "Reward" if name == "rubric" else "Metric") for name, value in kept.items()},
    }


def short(result: Result, definition: str) -> dict[str, Any]:
    """The row that stands for a result: what differs from the usual. The inverse of :func:`whole`."""
    values = {metric["name"]: metric["value"] for metric in result["metrics_list"]}
    row: dict[str, Any] = {"id": result["id"], "reward": _plain(result["aggregate_reward_score"])}
    usual = _usual()[definition]
    checks = [name for name in (*usual["gates"], *usual["rewards"]) if name in values]
    if len(checks) < len(usual["gates"]) + len(usual["rewards"]) or (
        "rubric" not in values and usual["criteria"]
    ):
        row["last_check"] = checks[-1] if checks else None
    own = {name for name in values if name[:1].isupper()} - set(usual["criteria"])
    metrics = usual_metrics(definition, {**row, **dict.fromkeys(own)})
    stated = {
        name: values.get(name)
        for name, (value, _) in metrics.items()
        if values.get(name) != value or name in own
    }
    return row | {name: value if value is None else _plain(value) for name, value in stated.items()}


def rounded(results: Any) -> Any:
    """Results as they come from JSON, with numbers of DECIMALS places."""
    if isinstance(results, float):
        return round(results, DECIMALS)
    if isinstance(results, dict):
        return {key: rounded(part) for key, part in results.items()}
    return [rounded(part) for part in results] if isinstance(results, list) else results


def as_text(value: Mapping[str, Any]) -> str:
    """The text of a file of expected results: one line for each row and for each rollout's verdicts."""
    lines = [f" {_line(key)}: {_part(key, part)}" for key, part in value.items()]
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _part(key: str, value: Any) -> str:
    if key == "results" and value:
        return "[\n" + ",\n".join(f"  {_line(row)}" for row in value) + "\n ]"
    if key == "verdicts":
        return "{\n" + ",\n".join(f"  {_line(name)}: {_line(own)}" for name, own in value.items()) + "\n }"
    return wrapped(value, 1)


def wrapped(value: Any, indent: int = 0) -> str:
    """JSON in which an object or list that does not fit into a line has a line for each of its parts.

    An object whose parts are all plain values stays in one line, however long its texts are.
    """
    line = _line(value)
    if len(line) + indent <= WIDTH or not isinstance(value, dict | list):
        return line
    if isinstance(value, dict) and not any(isinstance(part, dict | list) for part in value.values()):
        return line
    pad = " " * (indent + 1)
    if isinstance(value, dict):
        parts = [f"{pad}{_line(key)}: {wrapped(part, indent + 1)}" for key, part in value.items()]
        return "{\n" + ",\n".join(parts) + "\n" + " " * indent + "}"
    return "[\n" + ",\n".join(pad + wrapped(part, indent + 1) for part in value) + "\n" + " " * indent + "]"


_line = json.JSONEncoder(ensure_ascii=False).encode


def _plain(value: float) -> float:
    """A number as people write it: 1 and not 1.0, and at most DECIMALS places."""
    value = round(value, DECIMALS)
    return int(value) if value == int(value) else value


@cache
def _usual() -> dict[str, Any]:
    return tomllib.loads((EVENTS / "usual_metrics.toml").read_text(encoding="utf-8"))
