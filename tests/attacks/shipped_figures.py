"""The figures on docs/attacks.md about each shipped definition, by the commands that the page shows."""

import json
import re
import shlex
from collections.abc import Iterator
from typing import Any

from click.testing import CliRunner

from rewardctl.cli import main
from tests.conftest import ROOT

PAGE = ROOT / "docs" / "attacks.md"
HEADER = (
    "| definition | bar | attacks | reach it | probes that reach it | search | best | honest words |\n"
    "|---|---|---|---|---|---|---|---|"
)


def commands() -> list[list[str]]:
    """The arguments of each command in the page's block "shipped attacks"."""
    (block,) = re.findall(r"^```console shipped attacks\n(.*?)^```$", PAGE.read_text("utf-8"), re.M | re.S)
    lines = block.replace("\\\n", " ").replace("$ rewardctl ", "\n").split("\n")
    return [shlex.split(line) for line in lines if line.strip()]


def report_of(arguments: list[str]) -> dict[str, Any]:
    """What a command prints as JSON; the data's path is relative to the project."""
    at = arguments.index("--data") + 1
    placed = [*arguments[:at], str(ROOT / arguments[at]), *arguments[at + 1 :]]
    done = CliRunner(mix_stderr=False).invoke(main, [*placed, "--json"])
    assert done.stdout, done.stderr
    report: dict[str, Any] = json.loads(done.stdout)
    return report


def table() -> str:
    """The page's table."""
    return "\n".join([HEADER, *(_row(report_of(arguments)) for arguments in commands())])


def _row(report: dict[str, Any]) -> str:
    (board,), search = report["boards"], report["search"]
    exploit = search["exploit"]
    reach = [probe for probe in board["probes"] if probe["succeeded"]]
    cells = [
        report["definition"],
        "to".join(_ends(sorted(_bars(board)))),
        str(sum(probe["tried"] for probe in board["probes"])),
        str(sum(probe["succeeded"] for probe in reach)),
        ", ".join(probe["probe"] for probe in reach) or "none",
        str(search["first_success_after"] or "nothing"),
        f"{exploit['reward']:.2f}" if exploit else "-",
        f"{exploit['honest_share']:.0%}" if exploit else "-",
    ]
    return f"| {' | '.join(cells)} |"


def _bars(board: dict[str, Any]) -> Iterator[float]:
    yield from board["bars"]


def _ends(bars: list[float]) -> list[str]:
    ends = [f"{bars[0]:.2f} ", f" {bars[-1]:.2f}"]
    return ends if ends[0].strip() != ends[1].strip() else [ends[0].strip()]


if __name__ == "__main__":
    print(table())
