"""Stored rollouts scored anew in memory, without any judge call."""

from collections.abc import Sequence
from datetime import UTC, datetime

from reward_fn.report.trace import Batch, record
from reward_fn.types.definition import Definition
from rewardctl.replay.score import score_stored
from rewardctl.replay.stored import StoredVerdicts
from rewardctl.runs.records import Record


def rescored(records: Sequence[Record], definition: Definition, stored: StoredVerdicts) -> list[Record]:
    """The records as a definition scores them, group by group.

    A rollout whose question is new has no reward of its own. Rows that could not be read are left out.
    """
    reader, groups = stored.reader(definition), by_group(records)
    now = datetime.now(UTC)
    new: list[Record] = []
    for members in groups:
        scored = score_stored([member["row"] for member in members], members, definition, reader)
        batch = Batch(scored, tuple(range(len(members))), "", now)
        for index, member in enumerate(members):
            line = {"line": member["line"]} if "line" in member else {}
            new.append({**line, **record(batch, index, definition), "id": member.get("id")})
    return new


def by_group(records: Sequence[Record]) -> list[list[Record]]:
    """The records with a row, by the group of their prompt, in the order in which groups begin."""
    groups: dict[object, list[Record]] = {}
    for each in records:
        if isinstance(each.get("row"), dict):
            groups.setdefault(each.get("group"), []).append(each)
    return list(groups.values())
