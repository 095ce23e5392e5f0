"""docs/explain.md: its commands give the output that it shows, and its tables name what there is."""

import re
import shlex
from typing import get_args

import pytest
from click.testing import CliRunner

from rewardctl.cli import main
from rewardctl.commands.explain import command
from rewardctl.explain.parts import MarkKind
from tests.conftest import ROOT

PAGE = (ROOT / "docs" / "explain.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^```\n\$ rewardctl (.*?)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
FLAGSHIP = re.findall(r"^```text flagship\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
FLAGSHIP_COMMAND = "explain saas-mixed --event events/contract_review_batch.json --definition contract-review"


def printed(arguments: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The output at 80 columns, without white space at the ends of lines and without versions."""
    monkeypatch.chdir(ROOT)
    done = CliRunner(env={"COLUMNS": "80"}).invoke(main, shlex.split(arguments))
    assert done.exit_code == 0, done.output
    return without_versions("".join(f"{line.rstrip()}\n" for line in done.output.splitlines()))


def without_versions(text: str) -> str:
    return re.sub(r"\b[0-9a-f]{12}\b", "VERSION", text)


@pytest.mark.parametrize(("arguments", "output"), EXAMPLES)
def test_an_example_prints_what_the_page_shows(
    arguments: str, output: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert printed(arguments, monkeypatch) == without_versions(output)


def test_the_pieces_of_the_flagship_are_its_output(monkeypatch: pytest.MonkeyPatch) -> None:
    output = printed(FLAGSHIP_COMMAND, monkeypatch)
    assert len(FLAGSHIP) == 3
    assert [piece for piece in FLAGSHIP if piece not in output] == []


def test_the_example_of_the_help_works(monkeypatch: pytest.MonkeyPatch) -> None:
    example = re.search(r"Example:\n(.*?)\n\n", str(command.help), re.DOTALL)
    assert example
    (line,) = re.findall(r"rewardctl (.*)", example[1].replace("\\\n", " "))
    assert printed(line, monkeypatch).startswith("saas-mixed   reward ")


def test_the_page_names_every_option_and_every_mark() -> None:
    options = {option for parameter in command.params for option in parameter.opts} - {"identity"}
    assert {option for option in options if f"| `{option}" not in PAGE} == set()
    assert re.findall(r"^\| `([a-z]+)` \|", PAGE, re.MULTILINE) == list(get_args(MarkKind))


def test_there_is_an_example() -> None:
    assert len(EXAMPLES) == 1
