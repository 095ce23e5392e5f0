"""``python -m benchmarks`` runs, at the least size, and its results say all that was asked."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from benchmarks import __main__ as command
from benchmarks import suite

ROOT = Path(__file__).resolve().parents[2]
TIMEOUT_S = 900

HEADINGS = (
    "## Machine",
    "## Goals",
    "## Wall time:",
    "## CPU of a judged rollout",
    "## `math-answer`: agreement on GSM8K, and hedges",
    "## Faults: a third of all judge calls throttled, 5 % broken in other ways",
    "## Pacing: calls that are throttled, by three sides",
    "## Outages: a judge's bad minute",
    "## Tokens: what judging a thousand rollouts reads, writes and costs",
    "## Checks: cost, languages, safety and size",
    "## Right values: inputs from reports about graders",
    "## `rewardctl score`: from JSON Lines to JSON Lines",
    "## Cold start, size and memory",
    "## How to repeat it",
)
SIDES = (
    "the whole handler",
    "(a) boto3, a thread and a connection for each call",
    "(b) boto3, one call after the other",
    "(c) boto3, a thread for each call, default client",
    "bare `converse`, default client",
    "the last number in the text",
    "faults, 1 attempt",
    "bare `score_batch` on rows in memory",
    "a bare boto3 client and one `converse`",
    "no bytecode",
)
STAGES = (
    "parse_event",
    "check json_schema",
    "check quotes_source",
    "build_question",
    "ask",
    "read_verdicts",
    "fan-out",
    "aggregate",
    "to_wire",
    "telemetry",
)


@dataclass(frozen=True)
class Ran:
    """What one run left behind."""

    text: str
    report: dict[str, Any]


def run(folder: Path, *arguments: str, **variables: str) -> Ran:
    """Run the command in a process of its own, as ``make bench`` does."""
    output = folder / "results.md"
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", "--tiny", "--json", "--output", str(output), *arguments],
        cwd=ROOT,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return Ran(output.read_text(encoding="utf-8"), json.loads(done.stdout))


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """All sections."""
    return run(tmp_path_factory.mktemp("all"))


@pytest.mark.slow
def test_the_results_have_every_section_and_baseline(everything: Ran) -> None:
    assert [part for part in (*HEADINGS, *SIDES) if part not in everything.text] == []


@pytest.mark.slow
def test_every_stage_of_a_judged_rollout_has_its_share(everything: Ran) -> None:
    assert [stage for stage in STAGES if f"| {stage} |" not in everything.text] == []


@pytest.mark.slow
def test_every_goal_stands_in_the_results_with_its_verdict(everything: Ran) -> None:
    goals = [goal for section in everything.report["sections"].values() for goal in section["goals"]]
    assert len(goals) >= 10
    for goal in goals:
        met = goal["value"] <= goal["limit"] if goal["at_most"] else goal["value"] >= goal["limit"]
        verdict = "yes" if met else "no"
        assert f"| {goal['what']} | {goal['goal']} | {goal['shown']} | {verdict} |" in everything.text


@pytest.mark.slow
def test_nothing_is_lost_or_changed_unseen_under_faults(everything: Ran) -> None:
    goals = everything.report["sections"]["faults"]["goals"]
    assert [goal["value"] for goal in goals] == [0, 0, 1]


@pytest.mark.slow
def test_faults_were_really_met(everything: Ran) -> None:
    without_retries = everything.report["sections"]["faults"]["data"]["faults, 1 attempt"]
    assert without_retries["flagged"] > 0
    assert without_retries["outcomes"].keys() > {"served"}


@pytest.mark.slow
def test_no_side_uses_libraries_that_the_deployed_layer_lacks(everything: Ran) -> None:
    assert everything.report["machine"]["awscrt"].startswith("off")


@pytest.mark.slow
def test_without_data_the_agreement_is_left_out_and_says_so(tmp_path: Path) -> None:
    ran = run(tmp_path, "--only", "math", DATA_DIR=str(tmp_path))
    assert "Not measured: agreement on real solutions" in ran.text
    assert "Agreement with `is_correct`" not in ran.text
    assert ran.report["sections"]["math"]["data"]["hedges"] >= 40
    assert list(ran.report["sections"]) == ["math"]


def test_the_command_offers_the_sections_that_there_are() -> None:
    assert tuple(suite.SECTIONS) == command.NAMES


def test_the_results_in_the_repository_are_a_full_run_of_all_sections() -> None:
    text = command.RESULTS.read_text(encoding="utf-8")
    assert [part for part in (*HEADINGS, *SIDES, "- Run: full") if part not in text] == []
