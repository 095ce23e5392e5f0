"""Records for the tests of the report: short ones written by hand, and real ones from the pipeline."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from reward_fn.deadline import Deadline
from reward_fn.pipeline import Scorer, score_batch
from reward_fn.report import trace
from reward_fn.types.definition import Definition
from rewardctl.report.columns import Columns
from rewardctl.report.figures import Figures
from rewardctl.report.measure import About, measure

Record = dict[str, Any]
AT = datetime(2026, 11, 28, tzinfo=UTC)


def record(
    reward: float | None = 1.0,
    group: str | None = "g",
    scores: Mapping[str, float] | None = None,
    response: str = "A",
    **fields: Any,
) -> Record:
    """A record; ``scores`` become metrics of the type Reward, ``fields`` replace or add keys."""
    metrics = [{"name": name, "value": value, "type": "Reward"} for name, value in (scores or {}).items()]
    messages = [{"role": "user", "content": "Q"}, {"role": "assistant", "content": response}]
    return {
        "trace": 1,
        "definition": "made-up",
        "definition_version": "v1",
        "definition_sha256": "",
        "id": "r",
        "index": 0,
        "group": group,
        "reward": reward,
        "gate": "",
        "imputed": False,
        "metrics": metrics,
        "checks": {},
        "verdicts": [],
        "votes": [],
        "reasons": [],
        "calls": [],
        "row": {"id": "r", "messages": messages, "reference_answer": None, "metadata": {}},
        **fields,
    }


def groups(rewards: Iterable[Sequence[float]], **fields: Any) -> list[Record]:
    """Records of several groups, each with these rewards, in order, with ids and lines that differ."""
    pairs = [(number, reward) for number, group in enumerate(rewards) for reward in group]
    return [
        record(reward, f"g{number}", id=f"r{line}", line=line, **fields)
        for line, (number, reward) in enumerate(pairs, 1)
    ]


def figures(records: Iterable[Record], definition: Definition | None = None, **about: Any) -> Figures:
    """The figures of records, under the name "run"."""
    return measure(Columns.read(records), About("run", definition, **about))


def scored(rows: list[Record], definition: Definition, judge: Any = None) -> list[Record]:
    """The records of rows that the pipeline scores as one batch."""
    results = score_batch(rows, Scorer(definition, judge), Deadline.after(60.0))
    batch = trace.Batch(results, tuple(range(len(results.results))), "request", AT)
    return [{**trace.record(batch, i, definition), "line": i + 1} for i in range(len(results.results))]


def write(path: Path, records: Iterable[Record]) -> Path:
    """Write records as JSON Lines, and return the path."""
    path.write_text("".join(json.dumps(each) + "\n" for each in records), encoding="utf-8")
    return path
