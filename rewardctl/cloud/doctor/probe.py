"""The rollouts that the doctor sends: a good and a bad answer for the definition in use."""

import json
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from reward_fn.definition.load import load_definition
from reward_fn.errors import DefinitionError
from reward_fn.types.definition import Definition
from rewardctl.cloud.errors import CloudError
from rewardctl.judge_demand import calls_a_rollout
from rewardctl.local.errors import LocalError
from rewardctl.local.inputs import read_event
from rewardctl.local.paths import PROJECT

TABLE = Path(__file__).with_name("probes.toml")
ANSWERING = ("assistant", "nova_assistant")


@dataclass(frozen=True)
class Probe:
    """Two rows, `rows[0]` with the good and `rows[1]` with the bad answer, and all rows of their event.

    `definition` is None if its file can't be read here; range and judge are then not known.
    """

    rows: Sequence[dict[str, Any]]
    event: Sequence[dict[str, Any]]
    definition: Definition | None

    @property
    def judge_calls(self) -> int:
        """The most judge calls for both rows without retries; one a row if the definition is not known."""
        if self.definition is None:
            return len(self.rows)
        spec = self.definition.judge
        return round(len(self.rows) * calls_a_rollout(spec)) if spec else 0

    @property
    def price(self) -> str:
        """The cost in words."""
        if not self.judge_calls:
            return "one invocation without a judge"
        least = "at least " if self.definition is None else "at most " if self.judge_calls > 2 else ""
        return f"{least}{self.judge_calls} judge calls"

    @property
    def unanswered(self) -> list[dict[str, Any]]:
        """The rows as AWS's pre-flight sends them: dataset rows without an assistant turn."""
        kept = ({key: value for key, value in row.items() if key != "model_response"} for row in self.rows)
        return [
            {**row, "messages": [turn for turn in row["messages"] if turn.get("role") not in ANSWERING]}
            if isinstance(row.get("messages"), list)
            else row
            for row in kept
        ]


@cache
def probes() -> dict[str, dict[str, str]]:
    """The content of probes.toml."""
    return tomllib.loads(TABLE.read_text(encoding="utf-8"))


def find_probe(definition: str, event: Path | None, judge_model: str = "") -> Probe:
    """Return the first two rows of `event`, or those of the shipped definition if `event` is None.

    Raises CloudError if there are none, or if the file does not hold two rows.
    """
    known = probes().get(definition)
    loaded = _definition(definition, judge_model)
    if event is not None:
        rows = _rows(event)
        if len(rows) < 2:
            raise CloudError(
                f"{event} holds {len(rows)} rows instead of two",
                remedy="Give a row with a good answer, then one with a bad answer to the same prompt.",
            )
        return Probe(rows[:2], rows, loaded)
    if known is None:
        raise CloudError(
            f"the doctor has no rollouts for the definition {definition!r}",
            remedy="Give --event FILE with a list of two rows, the good answer first.",
        )
    rows = _rows(PROJECT / "events" / f"{known['event']}.json")
    by_id = {row["id"]: row for row in rows}
    return Probe([by_id[known["good"]], by_id[known["bad"]]], rows, loaded)


def _rows(path: Path) -> list[dict[str, Any]]:
    try:
        rows = json.loads(read_event(path).payload)
    except LocalError as error:
        raise CloudError(error.message, remedy=error.remedy) from error
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise CloudError(f"{path} is not a list of rows", remedy="Give a bare list, as a trainer sends it.")
    return rows


def _definition(name: str, judge_model: str) -> Definition | None:
    if ":" in name:  # in S3 or SSM, which only the function may read
        return None
    try:
        return load_definition(name, judge_model=judge_model)
    except DefinitionError:
        return None
