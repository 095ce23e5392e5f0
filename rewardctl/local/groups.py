"""The groups of a run, and the reasons for missing rewards: from the function's log, or from records."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from statistics import fmean, pstdev
from typing import Any, NamedTuple

from rewardctl.local.table import id_text

MAX_GROUPS = 12
MAX_REASONS = 8


class About(NamedTuple):
    """A rollout's group, "" for none, and why something about it is unscored."""

    group: str = ""
    reasons: tuple[str, ...] = ()


def about_in_log(log: Path, count: int) -> list[About]:
    """What the log of the function says about its last ``count`` rollouts, in order; [] if it lacks some."""
    lines = log.read_text(errors="replace").splitlines() if log.is_file() else []
    rollouts = [fields for fields in map(_fields, lines) if fields.get("message") == "rollout"]
    if not count or len(rollouts) < count:
        return []
    return [About(str(r.get("group") or ""), tuple(r.get("reasons", ()))) for r in rollouts[-count:]]


def about_in_records(records: Sequence[Mapping[str, Any]]) -> list[About]:
    """The same from the records of a run."""
    return [
        About(
            record["group"] or "",
            tuple(": ".join(filter(None, (r["reason"], r["detail"]))) for r in record["reasons"]),
        )
        for record in records
    ]


def order_by_group(abouts: Sequence[About]) -> list[int]:
    """The places of all rollouts: a group side by side, groups in the order of their first members."""
    first: dict[str, int] = {}
    for place, about in enumerate(abouts):
        first.setdefault(about.group or f"row {place}", place)
    return sorted(range(len(abouts)), key=lambda place: first[abouts[place].group or f"row {place}"])


def group_lines(results: Sequence[Mapping[str, Any]], abouts: Sequence[About]) -> Iterator[str]:
    """Mean and deviation of each group of two and more; a group without deviation teaches nothing."""
    members: dict[str, list[int]] = {}
    for place, about in enumerate(abouts):
        if about.group:
            members.setdefault(about.group, []).append(place)
    groups = [places for places in members.values() if len(places) > 1]
    for places in groups[:MAX_GROUPS]:
        rewards = [float(results[place]["aggregate_reward_score"]) for place in places]
        spread = pstdev(rewards)
        words = f"deviation {spread:.3f}" if spread else "no deviation: no advantage, nothing is learned"
        name = id_text(results[places[0]].get("id"))
        yield f"group of {name}: {len(places)} rollouts, mean {fmean(rewards):.3f}, {words}"
    if len(groups) > MAX_GROUPS:
        yield f"and {len(groups) - MAX_GROUPS} more groups"


def reason_lines(results: Sequence[Mapping[str, Any]], abouts: Sequence[About]) -> Iterator[str]:
    """Why rollouts have no reward or no verdict of their own."""
    with_reasons = [
        (id_text(result.get("id")), reason)
        for result, about in zip(results, abouts, strict=True)
        for reason in about.reasons
    ]
    for name, reason in with_reasons[:MAX_REASONS]:
        yield f"unscored: {name}: {reason}"
    if len(with_reasons) > MAX_REASONS:
        yield f"and {len(with_reasons) - MAX_REASONS} more"


def _fields(line: str) -> dict[str, Any]:
    try:
        fields = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return fields if isinstance(fields, dict) else {}
