"""What docs/deploying.md says: each command is there, its options parse, and its prices are the table's."""

import importlib
import re
import shlex
import subprocess

import pytest
import yaml

from rewardctl.cloud.concurrency import RECIPE_LIMIT
from rewardctl.cloud.prices import HOURS_A_MONTH, price_of
from rewardctl.cloud.target import ALIAS, parse_target
from rewardctl.cloud.warming import MAX_CALLS, MAX_WAVES
from rewardctl.local.environment import MEMORY_MB
from tests.conftest import ROOT

PAGE = (ROOT / "docs" / "deploying.md").read_text(encoding="utf-8")
README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = sorted({*re.findall(r"^\$ (make .+)$", PAGE, re.MULTILINE), *re.findall(r"`(make [^`]+)`", PAGE)})
PRICES = re.findall(r"^\| (\d+) \| (x86_64|arm64) \| \$(\S+) \| \$(\S+) \| \$(\S+) \|$", PAGE, re.MULTILINE)


def recipe(command: str) -> list[str]:
    """The words that make would run for a command, without running them."""
    done = subprocess.run(
        [*shlex.split(command), "--dry-run", "--no-print-directory"],
        cwd=ROOT, capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    return shlex.split(done.stdout.splitlines()[-1])


def test_the_page_has_commands() -> None:
    assert len(COMMANDS) >= 9


@pytest.mark.parametrize("command", [each for each in COMMANDS if each != "make outputs"])
def test_every_command_is_there_and_its_options_parse(command: str) -> None:
    words = recipe(command)
    name, *options = words[words.index("rewardctl") + 1 :]
    module = importlib.import_module(f"rewardctl.commands.{name}")
    with module.command.make_context(name, options) as context:  # parses, and calls nothing
        assert context.params["environment"] in ("default", "staging", "prod")


@pytest.mark.parametrize("name", ["provision", "warm"])
def test_a_number_must_be_given(name: str) -> None:
    done = subprocess.run(["make", name, "-n"], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode != 0
    assert f"make {name} N=12" in done.stderr


@pytest.mark.parametrize(("environments", "processor", "hour", "day", "month"), PRICES)
def test_a_price_is_the_tables(environments: str, processor: str, hour: str, day: str, month: str) -> None:
    usd = price_of("us-east-1", processor).provisioned_usd_an_hour(int(environments), MEMORY_MB)
    assert (hour, day) == (f"{usd:.2f}", f"{usd * 24:.2f}")
    assert month == f"{usd * HOURS_A_MONTH:,.0f}"


def test_the_page_prices_the_templates_default_for_both_processors() -> None:
    assert {(row[0], row[1]) for row in PRICES} >= {("100", "x86_64"), ("100", "arm64")}


def test_the_readme_says_what_a_hundred_cost_a_month() -> None:
    usd = price_of("us-east-1", "x86_64").provisioned_usd_an_hour(100, MEMORY_MB) * HOURS_A_MONTH
    assert f"${usd:,.0f} a month" in README


def test_the_recipe_of_the_page_takes_an_alias_and_the_limits_that_the_commands_assume() -> None:
    found = re.search(r"^```yaml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    assert found
    endpoint = yaml.safe_load(found[1])["training_config"]["rollout"]["rewards"]["api_endpoint"]
    assert parse_target(endpoint["lambda_arn"]).qualifier == ALIAS
    assert endpoint["lambda_concurrency_limit"] == RECIPE_LIMIT


def test_the_page_knows_the_bounds_of_warming() -> None:
    assert f"N is at most {MAX_CALLS}" in PAGE
    assert (MAX_WAVES, "up to five waves" in PAGE) == (5, True)


def test_the_variables_that_ci_needs_are_those_of_its_workflow() -> None:
    workflow = (ROOT / ".github" / "workflows" / "deploy.yml").read_text(encoding="utf-8")
    for name in set(re.findall(r"vars\.(\w+)", workflow)):
        assert f"`{name}`" in PAGE
