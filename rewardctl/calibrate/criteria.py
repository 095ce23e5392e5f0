"""The criteria of a run: those of its definition, and those that rows bring."""

from collections.abc import Mapping
from typing import Any

from reward_fn.definition.criterion import criterion_of
from reward_fn.types.rubric import Criterion
from rewardctl.calibrate.truth import yes_or_no


class CriteriaInRows:
    """Criteria by name. Those of the definition are known from the start, those of rows are added."""

    def __init__(self, criteria: Mapping[str, Criterion]) -> None:
        self.known = dict(criteria)

    def add(self, record: Mapping[str, Any]) -> None:
        """Learn the criteria that a record's row brings in ``metadata.rubric``."""
        metadata = (record.get("row") or {}).get("metadata") or {}
        rubric = metadata.get("rubric")
        for entry in rubric if isinstance(rubric, list) else ():
            if isinstance(entry, dict) and isinstance(entry.get("name"), str):
                self._learn(entry)

    def worths(self, name: str) -> Mapping[str, float | None]:
        """The worth of each answer to a criterion. A label may say yes or no to one with choices too."""
        criterion = self.known.get(name)
        return {**yes_or_no(name), **(criterion.worth if criterion else {})}

    def _learn(self, entry: Mapping[str, Any]) -> None:
        if entry["name"] in self.known:
            return
        try:
            self.known[entry["name"]] = criterion_of(dict(entry))
        except (KeyError, TypeError, ValueError):  # not a criterion; the rollout was not scored by it either
            return
