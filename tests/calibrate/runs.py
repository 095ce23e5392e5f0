"""Runs for the tests of calibrate: rows scored for real, by a judge whose answers the test chooses."""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from reward_fn.deadline import Deadline
from reward_fn.definition.load import load_definition
from reward_fn.event.parse import parse_rows
from reward_fn.pipeline import Scorer, score_batch
from reward_fn.report.trace import Batch, record
from reward_fn.types.verdict import Leaf
from rewardctl.cli import main
from rewardctl.judges.brains import BrainJudge, Opinion, Subject
from tests.factory import row

DEFINITION = """
name = "support"

[judge]
model = "medium"

[[judge.document]]
name = "policy"
source = ["metadata.policy"]
optional = true

[[judge.criterion]]
name = "Grounded"
question = "Is the answer borne out by the policy?"
maps_to = "accept_rate"

[[judge.criterion]]
name = "Clear"
question = "Is the answer clear to a customer?"
"""
MEDIUM = "us.amazon.nova-2-lite-v1:0"
HEAVY = "us.amazon.nova-pro-v1:0"

Answers = Callable[[str, str, int | None], str]
"""The judge's answer to a row (by its id), a criterion and an item."""


def write_definition(folder: Path, text: str = DEFINITION) -> Path:
    path = folder / "support.toml"
    path.write_text(text, encoding="utf-8")
    return path


def rows_of(ids: Sequence[str], **fields: Any) -> list[dict[str, Any]]:
    """One row for each id, each of a prompt of its own."""
    return [row(f"The answer to {each}.", prompt=f"Question {each}", id=each, **fields) for each in ids]


def score(rows: Sequence[Mapping[str, Any]], definition: Path, answers: Answers) -> list[dict[str, Any]]:
    """The records of the rows, in the form of a local run."""
    loaded = load_definition(str(definition))
    assert loaded.judge is not None

    def brain(subject: Subject, leaf: Leaf) -> Opinion:
        answer = answers(str(subject.material.rollout.id), leaf.criterion.name, leaf.item)
        return Opinion(answer, f"evidence on {leaf.criterion.name}")

    judge = BrainJudge(brain, loaded.judge, "test")
    judge.prepare(parse_rows(list(rows)))
    scored = score_batch(list(rows), Scorer(loaded, judge), Deadline.after(60))
    batch = Batch(scored, tuple(range(len(rows))), "", datetime.now(UTC))
    return [{"line": n + 1, **record(batch, n, loaded)} for n in range(len(rows))]


def write_run(
    folder: Path,
    records: Sequence[Mapping[str, Any]],
    definition: Path,
    *,
    judge: str = "bedrock",
    models: Sequence[str] = (MEDIUM,),
    cost_usd: float = 0.0,
    finished_at: str | None = "2026-11-28T00:00:00+00:00",
) -> Path:
    """A run folder with these records."""
    folder.mkdir(parents=True)
    about = {key: records[0][f"definition_{key}"] for key in ("version", "sha256")}
    info = {
        "run": 1,
        "definition": {"name": records[0]["definition"], "path": str(definition), **about},
        "judge": judge,
        "models": list(models),
        "cost_usd": cost_usd,
        "finished_at": finished_at,
    }
    (folder / "run.json").write_text(json.dumps(info), encoding="utf-8")
    lines = "".join(json.dumps(each) + "\n" for each in records)
    (folder / "results.jsonl").write_text(lines, encoding="utf-8")
    return folder


def write_lines(path: Path, lines: Sequence[Mapping[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return path


def label(row_id: Any, labeller: str = "ann", **fields: Any) -> dict[str, Any]:
    return {"id": row_id, "labeller": labeller, **fields}


def calibrate(*arguments: Any) -> Result:
    """Run the command; errors are exits, never tracebacks."""
    result = CliRunner(mix_stderr=False).invoke(main, ["calibrate", *map(str, arguments)])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exc_info
    return result


def result_of(*arguments: Any) -> Any:
    """The result as JSON."""
    result = calibrate(*arguments, "--json")
    return json.loads(result.stdout)


def part_of(result: Any, name: str, judge: int = 0) -> Any:
    """The figures of one part of a judge."""
    return next(part for part in result["judges"][judge]["parts"] if part["part"] == name)
