"""The page on plans: its commands run, its table is their output, its figures are those of the code."""

import re
import shlex
from collections.abc import Iterator

import pytest
from click.testing import CliRunner, Result

from reward_fn.judge.models.prices import load_prices
from rewardctl.cli import main
from rewardctl.plan.callers import CALLERS
from rewardctl.plan.cautions import STALE_DAYS
from rewardctl.plan.sample import SAMPLE_ROLLOUTS
from rewardctl.plan.timing import PROCESSOR_MB, WORK_S
from tests.conftest import ROOT

PAGE = (ROOT / "docs" / "plan.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^\$ rewardctl (plan .*)$", PAGE, re.MULTILINE)


@pytest.fixture(autouse=True)
def _unchanged_prices() -> Iterator[None]:
    yield
    load_prices([])


def run(command: str, monkeypatch: pytest.MonkeyPatch) -> Result:
    monkeypatch.chdir(ROOT)
    return CliRunner(mix_stderr=False).invoke(main, shlex.split(command))


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_of_the_page_makes_a_plan(command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    done = run(command, monkeypatch)
    assert done.exit_code == 0, done.stderr


def test_the_table_of_the_page_is_the_output_of_its_first_command(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = re.search(r"^```\n( +bedrock +heavyweight\n.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    assert shown
    output = [line.rstrip() for line in run(COMMANDS[0], monkeypatch).stdout.splitlines()]
    assert [line for line in shown[1].splitlines() if line not in output] == []


def test_the_example_of_the_help_makes_a_plan(monkeypatch: pytest.MonkeyPatch) -> None:
    (example,) = re.findall(r"^ +rewardctl (plan .*)$", run("plan --help", monkeypatch).stdout, re.MULTILINE)
    assert run(example, monkeypatch).exit_code == 0


def test_the_callers_of_the_page_are_those_of_the_code() -> None:
    rows = re.findall(r"^\| `([a-z]+)` \| (\d+) × (\d+), (\d+) \| (\d+) \| (\d+) \|", PAGE, re.MULTILINE)
    assert [(name, *map(int, numbers)) for name, *numbers in rows] == [
        (s.caller, s.batch_size, s.generations, s.steps, s.concurrency, s.rollouts_a_call)
        for s in CALLERS.values()
    ]


def test_the_figures_of_the_page_are_those_of_the_code() -> None:
    text = " ".join(PAGE.split())
    assert f"At most {SAMPLE_ROLLOUTS:,} rollouts are looked at" in text
    assert f"adds {1000 * WORK_S:g} ms of a whole processor" in text
    assert f"1,024 MB have {1024 / PROCESSOR_MB:.0%}".replace("%", " %") in text
    assert f"compared over {STALE_DAYS} days ago" in text
