"""The answers of other tools in this project's words. Pure."""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from reward_fn.types.rubric import Criterion, VerdictClass
from rewardctl.labels.label import Label

_APART = re.compile(r"[\s_-]+")


class LeftOut(NamedTuple):
    """A part of an export that is not a label, and why; exports are counted by reason."""

    reason: str


class Names:
    """The criteria of a definition, found by the names that other tools allow: case and separators differ."""

    def __init__(self, criteria: Mapping[str, Criterion]) -> None:
        self.criteria = criteria
        self._by_plain_name = {_plain(name): criterion for name, criterion in criteria.items()}

    def find(self, name: str) -> Criterion | None:
        """The criterion of that name, None if there is none."""
        return self.criteria.get(name) or self._by_plain_name.get(_plain(name))

    def label(self, row: Any, person: Any, name: str, value: Any, item: Any = None) -> Label | LeftOut:
        """The label of one answer; ``item`` is the place of a list's element, from 0, if it is about one.

        A question called "overall" is about the whole answer.
        """
        who = "" if person is None else str(person)
        if row is None:
            return LeftOut("no id of a row")
        criterion = self.find(name)
        if criterion is None and _plain(name) == "overall":
            worth = _worth(value)
            return (
                LeftOut("overall is not yes, no or a number from 0 to 1")
                if worth is None
                else Label(row, who, overall=worth)
            )
        if criterion is None:
            return LeftOut(f"{name!r} is no criterion of the definition")
        answer = _answer(value, criterion)
        if answer is None:
            return LeftOut(f"an answer to {criterion.name!r} that it does not allow")
        if criterion.scope == "item":
            if isinstance(item, bool) or not isinstance(item, int):
                return LeftOut(f"{criterion.name!r} is about items, and no item is named")
            return Label(row, who, items={item: {criterion.name: answer}})
        return Label(row, who, {criterion.name: answer})


def _answer(value: Any, criterion: Criterion) -> str | None:
    """The criterion's answer that a value means, None if it means none.

    A text is compared without case and separators. A whole number k, as a rating gives it, is the k-th
    choice, worst first; without choices 1 and 0 are yes and no.
    """
    if isinstance(value, list) and len(value) == 1:
        return _answer(value[0], criterion)
    if isinstance(value, int) and not isinstance(value, bool) and criterion.choices:
        return criterion.choices[value - 1] if 1 <= value <= len(criterion.choices) else None
    text = _plain(str(value))
    if not criterion.choices:
        text = {"true": "yes", "1": "yes", "false": "no", "0": "no"}.get(text, text)
    return next((answer for answer in map(str, criterion.worth) if _plain(answer) == text), None)


def _worth(value: Any) -> float | None:
    """The worth of a whole answer in [0, 1], None if the value has none."""
    if isinstance(value, list) and len(value) == 1:
        return _worth(value[0])
    if isinstance(value, bool | int | float):
        return float(value) if 0 <= value <= 1 else None
    return {VerdictClass.YES: 1.0, "true": 1.0, VerdictClass.NO: 0.0, "false": 0.0}.get(_plain(str(value)))


def _plain(name: str) -> str:
    return _APART.sub("_", name.strip()).casefold()
