"""The page on scoring a data set: its commands run, its tables have every judge, file and exit code."""

import gzip
import json
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from rewardctl.cli import main
from rewardctl.emulate import Emulator
from rewardctl.judges.options import JUDGE_HELP
from rewardctl.judges.registry import BRAINS
from tests.conftest import ROOT
from tests.docs.markdown import blocks, keys, page, sections, tables
from tests.score.held_judge import HANG_S
from tests.score.running import write_rows
from tests.score.test_target import LambdaStub, results_by

PAGE = page("score.md")
SECTIONS = sections(PAGE)
COMMANDS = "".join(blocks(PAGE, "sh")).replace("\\\n", "").splitlines()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Rollouts as the page names them. The commands run one after another, as a reader tries them."""
    folder = tmp_path_factory.mktemp("score")
    rows = json.loads((ROOT / "events" / "reasoning.json").read_text(encoding="utf-8"))
    data = write_rows(folder / "rollouts.jsonl", rows)
    (folder / "rollouts.jsonl.gz").write_bytes(gzip.compress(data.read_bytes()))
    return folder


@pytest.fixture(scope="module")
def services() -> Iterator[dict[str, str]]:
    """Bedrock and Lambda on loopback, as environment variables."""
    with (
        Emulator() as judge,
        LambdaStub(lambda rows, _: (200, {}, results_by("reasoning", rows))) as function,
    ):
        yield {
            "AWS_ENDPOINT_URL_BEDROCK_RUNTIME": judge.url,
            "AWS_ENDPOINT_URL_LAMBDA": function.url,
            "AWS_ACCESS_KEY_ID": "made-up",
            "AWS_SECRET_ACCESS_KEY": "made-up",
            "AWS_REGION": "us-east-1",
            "AWS_EC2_METADATA_DISABLED": "true",
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "PYTHONPATH": str(ROOT),
        }


def test_there_are_commands() -> None:
    assert len(COMMANDS) == 6


@pytest.mark.slow
@pytest.mark.parametrize("number", range(6))
def test_a_command_of_the_page_runs(number: int, folder: Path, services: dict[str, str]) -> None:
    python = f"{shlex.quote(sys.executable)} -m rewardctl"
    command = re.sub(r"\brewardctl score", f"{python} score", COMMANDS[number])
    done = subprocess.run(
        ["/bin/sh", "-c", command],
        input="y\n",
        cwd=folder,
        env=services,
        capture_output=True,
        text=True,
        timeout=HANG_S,
        check=False,
    )
    # The event of the example has rows without a response, to show what becomes of them.
    assert done.returncode == 3, done.stderr
    assert "of which" in done.stderr
    if "-o results.jsonl" in command:
        assert (folder / "results.jsonl").read_text(encoding="utf-8").count("\n") > 5


def test_the_table_has_every_judge_of_the_help() -> None:
    (table,) = tables(SECTIONS["Judges"])
    named = " ".join(keys(table))
    for word in ("stand-in", "bedrock", "replay:RUN", "openai:MODEL@URL", *BRAINS):
        assert word in named
    assert all(word in JUDGE_HELP for word in ("stand-in", "bedrock", "replay:RUN", "openai:MODEL@URL"))


def test_the_table_has_the_files_of_a_run(tmp_path: Path) -> None:
    data = write_rows(tmp_path / "data.jsonl", [{"messages": [{"role": "assistant", "content": "4"}]}])
    arguments = ["score", str(data), "--definition", "math-answer", "--run", str(tmp_path / "run")]
    CliRunner().invoke(main, arguments)
    (table,) = tables(SECTIONS["The run folder"])
    made = {path.name for path in (tmp_path / "run").iterdir() if not path.name.startswith(".")}
    assert set(keys(table)) == made


def test_the_table_has_the_exit_codes_of_the_help() -> None:
    (table,) = tables(SECTIONS["Exit codes"])
    shown = CliRunner().invoke(main, ["score", "--help"]).output.partition("Exit codes:")[2]
    assert [row[0] for row in table[1:]] == re.findall(r"^\s+(\d+)  ", shown, re.MULTILINE)
