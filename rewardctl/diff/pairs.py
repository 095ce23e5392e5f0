"""The rollouts that two runs have in common. Pure."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from reward_fn.text.digest import digest, strings_of
from reward_fn.types.definition import Definition
from rewardctl.explain.recorded import Recorded
from rewardctl.runs.records import Record


class Pair(NamedTuple):
    """One rollout in two runs."""

    first: Recorded
    second: Recorded

    @property
    def group(self) -> str:
        """The group of its prompt."""
        return str(self.first.record.get("group"))


@dataclass(frozen=True, slots=True)
class Paired:
    """The rollouts of two runs.

    ``pairs`` have a reward of their own in both. ``unscored`` counts those that lack one in either,
    ``unscored_once`` those that lack one in only one, and ``other_text`` those with one id and different
    texts. ``only_first`` and ``only_second`` have no partner.
    """

    pairs: list[Pair] = field(default_factory=list)
    unscored: int = 0
    unscored_once: int = 0
    other_text: int = 0
    only_first: int = 0
    only_second: int = 0

    def groups(self) -> list[list[Pair]]:
        """The pairs by group, in the order in which groups begin."""
        groups: dict[str, list[Pair]] = {}
        for pair in self.pairs:
            groups.setdefault(pair.group, []).append(pair)
        return list(groups.values())


def pair_up(
    first: Iterable[Record],
    second: Iterable[Record],
    definitions: tuple[Definition | None, Definition | None] = (None, None),
) -> Paired:
    """Pair records by their id; the n-th record of an id in one run belongs to the n-th in the other."""
    ours, theirs = _by_key(first), _by_key(second)
    shared = [key for key in ours if key in theirs]
    same = [key for key in shared if _text(ours[key]) == _text(theirs[key])]
    scored = [key for key in same if not (ours[key].get("imputed") or theirs[key].get("imputed"))]
    return Paired(
        [Pair(Recorded(ours[key], definitions[0]), Recorded(theirs[key], definitions[1])) for key in scored],
        unscored=len(same) - len(scored),
        unscored_once=sum(bool(ours[key].get("imputed")) != bool(theirs[key].get("imputed")) for key in same),
        other_text=len(shared) - len(same),
        only_first=len(ours) - len(shared),
        only_second=len(theirs) - len(shared),
    )


def id_text(value: Any) -> str:
    """An id as a person types it: a text as it is, anything else as JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)


def _by_key(records: Iterable[Record]) -> dict[tuple[str, int], Record]:
    seen: Counter[str] = Counter()
    keyed = {}
    for record in records:
        name = id_text(record.get("id"))
        keyed[name, seen[name]] = record
        seen[name] += 1
    return keyed


def _text(record: Mapping[str, Any]) -> str:
    """A digest of prompt, response and reference; "" for a record without them."""
    row = record.get("row")
    if not isinstance(row, dict):
        return ""
    return digest(*strings_of([row.get("messages"), row.get("reference_answer")]))
