"""The starting points: the text of a definition, with rows and the verdicts that a person gave on them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reward_fn.definition.load import SHIPPED
from rewardctl.local.paths import PROJECT
from rewardctl.starting_points import MINIMAL, SHIPPED_ROWS, minimal

EVENTS = PROJECT / "events"


@dataclass(frozen=True, slots=True)
class StartingPoint:
    """``definition`` is the path of a TOML file. ``rows`` are of one prompt, best first.

    ``verdicts`` maps the id of each row that reaches the judge to its answers by criterion: a text, or a list
    with one for each item.
    """

    definition: Path
    rows: list[dict[str, Any]]
    verdicts: Mapping[str, Mapping[str, str | list[str]]]


def starting_point(name: str) -> StartingPoint:
    """The starting point of that name, one of NAMES."""
    if name == MINIMAL:
        return StartingPoint(Path(__file__).with_name("minimal.toml"), minimal.ROWS, minimal.VERDICTS)
    event, ids = SHIPPED_ROWS[name]
    rows = {row["id"]: row for row in json.loads((EVENTS / f"{event}.json").read_text(encoding="utf-8"))}
    expected = json.loads((EVENTS / f"{event}.expected.json").read_text(encoding="utf-8"))
    verdicts = {
        key: {criterion: _answers(words) for criterion, words in of_row.items()}
        for key, of_row in expected.get("verdicts", {}).items()
        if key in ids
    }
    return StartingPoint(SHIPPED / f"{name}.toml", [rows[key] for key in ids], verdicts)


def _answers(words: str) -> str | list[str]:
    """The verdicts in the form of ``events/README.md``: "all yes", "yes no", or "yes: the quoted passage"."""
    answer = words.partition(":")[0].removeprefix("all ").split()
    return answer[0] if len(answer) == 1 else answer
