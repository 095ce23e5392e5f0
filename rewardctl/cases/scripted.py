"""The verdicts that a case states, in the place of a judge's. Pure."""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from reward_fn.judge.ask.verdict_schema import leaves_of
from reward_fn.types.material import Material
from reward_fn.types.verdict import Judged, Leaf, Verdict
from rewardctl.cases.case import CaseError

ALL_OTHERS = "*"
"""Stands for every criterion that is not named."""


def scripted(material: Material, verdicts: Mapping[str, Any]) -> Judged:
    """The verdicts on a rollout, as if a judge had given them.

    ``verdicts`` maps a criterion's name to an answer; for a criterion about items, the answer counts for all
    items, or is a list with one for each. A rollout's place among its siblings may be left out. Raises
    CaseError for a criterion that is missing or unknown, and for an answer that is not allowed.
    """
    leaves = leaves_of(material.spec.criteria, len(material.items or ()))
    names = dict.fromkeys(leaf.criterion.name for leaf in leaves)
    for name in verdicts.keys() - {*names, ALL_OTHERS}:
        close = get_close_matches(name, names, 1)
        hint = f"did you mean {close[0]!r}?" if close else f"it has {', '.join(names)}"
        raise CaseError(f"verdicts name the criterion {name!r}, which the definition lacks; {hint}")
    return Judged(dict(_verdicts(leaves, verdicts, len(material.items or ()))))


def _verdicts(
    leaves: tuple[Leaf, ...], verdicts: Mapping[str, Any], items: int
) -> Iterator[tuple[Leaf, Verdict]]:
    for leaf in leaves:
        name = leaf.criterion.name
        answer = verdicts.get(name, None if leaf.criterion.relative else verdicts.get(ALL_OTHERS))
        if answer is None and leaf.criterion.relative:
            continue
        if answer is None:
            raise CaseError(f'no verdict on {name!r}; add it, or "{ALL_OTHERS}" for all that are not named')
        if isinstance(answer, list):
            if leaf.item is None or len(answer) != items:
                raise CaseError(f"{len(answer)} verdicts on {name!r}, about {items} items; give one for each")
            answer = answer[leaf.item]
        answer = {True: "yes", False: "no"}.get(answer, answer) if isinstance(answer, bool) else answer
        if answer not in leaf.criterion.worth:
            allowed = ", ".join(map(str, leaf.criterion.worth))
            raise CaseError(f"the verdict on {name!r} is {str(answer)[:40]!r}; it takes {allowed}")
        yield leaf, Verdict(str(answer))
