"""The rewards of a group, and the advantage of one of its rollouts."""

from collections.abc import Sequence
from math import fsum
from statistics import stdev

from rewardctl.explain.case import case_of, failed_gate
from rewardctl.explain.contributions import contributions_of
from rewardctl.explain.numbers import number
from rewardctl.explain.recorded import Recorded
from rewardctl.explain.types import GroupComparison, Sibling

SAME = 1e-9
"""Two numbers this close are the same: rounding differs in the last digits."""


def compare(recorded: Recorded, siblings: Sequence[Recorded]) -> GroupComparison:
    """Compare a rollout with its siblings, which are the other records of its group.

    The advantage is (reward - mean) / std with the sample standard deviation, as GRPO is implemented in TRL
    and verl; both add a small constant to std, which is left out here.
    """
    members = [recorded, *siblings]
    rewards = [member.reward for member in members]
    mean = fsum(rewards) / len(rewards)
    std = stdev(rewards) if len(rewards) > 1 else None
    contributions, note = contributions_of(recorded, siblings)
    has_variance = std is not None and std > SAME
    return GroupComparison(
        tuple(sorted((_sibling(member, recorded) for member in members), key=lambda s: -s.reward)),
        mean,
        std,
        (recorded.reward - mean) / std if std is not None and has_variance else None,
        "" if has_variance else _why_no_advantage(len(members)),
        contributions,
        linear=not note,
        contributions_note=note,
    )


def group_of(record: Recorded, others: Sequence[Recorded]) -> list[Recorded]:
    """The siblings of a record among other records, without the record itself.

    Siblings have its group and its definition's version. If the group holds an id twice, a run has visited
    its prompt several times: only the records of the same invocation are siblings then.
    """
    group, version = record.record.get("group"), record.record.get("definition_version")
    same = [
        other
        for other in others
        if group is not None
        and other.record != record.record
        and other.record.get("group") == group
        and other.record.get("definition_version") == version
    ]
    ids = [repr(member.record.get("id")) for member in [record, *same]]
    if len(set(ids)) == len(ids):
        return same
    batch = record.record.get("request_id")
    return [other for other in same if other.record.get("request_id") == batch]


def _why_no_advantage(count: int) -> str:
    if count == 1:
        return "It is alone in its group, so it has no advantage: nothing is learnt from it."
    return (
        f"All {count} rewards of the group are equal, so nobody has an advantage: nothing is learnt from it."
    )


def _sibling(member: Recorded, explained: Recorded) -> Sibling:
    return Sibling(
        member.record.get("id"),
        member.record.get("line"),
        member.reward,
        bool(member.record.get("imputed")),
        "" if member is explained else _difference(member, explained),
        member is explained,
    )


def _difference(member: Recorded, explained: Recorded) -> str:
    """The first component that differs, with the sibling's value and the explained rollout's; "" for none."""
    gate, own_gate = (failed_gate(r) if r.flag("gate_failed") else "" for r in (member, explained))
    if gate != own_gate:
        if gate:
            return f"its list {gate} was not judged" if case_of(member) == "list" else f"failed {gate}"
        is_list = case_of(explained) == "list"
        return f"its list {own_gate} was judged" if is_list else f"passed {own_gate}"
    if member.record.get("imputed") and not explained.record.get("imputed"):
        return "has no reward of its own"
    values, own = member.components, explained.components
    for name in dict.fromkeys([*own, *values]):
        one, other = values.get(name), own.get(name)
        if (one is None) != (other is None) or abs((one or 0.0) - (other or 0.0)) > SAME:
            return f"{name} {number(one)}, here {number(other)}"
    return ""
