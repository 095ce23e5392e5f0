"""Where the labels come from: a file of labels, or columns of the rows."""

from collections.abc import Iterator, Mapping, Sequence, Set
from typing import Any

from reward_fn.types.rubric import YES_NO
from rewardctl.calibrate.answers import RowKeys
from rewardctl.calibrate.criteria import CriteriaInRows
from rewardctl.calibrate.errors import CalibrateError
from rewardctl.calibrate.label_field import labels_in
from rewardctl.calibrate.leak import SameValues
from rewardctl.calibrate.truth import PASSES
from rewardctl.labels.label import OVERALL, Judgement, id_key


class LabelSource:
    """Finds the labels of each record while runs are read, and fields that give a label away."""

    def __init__(
        self,
        judgements: Sequence[Judgement] | None,
        fields: Mapping[str, str],
        criteria: CriteriaInRows,
        judged: Set[str],
        others: Set[str] = frozenset(),
    ) -> None:
        """``judgements`` are those of a file, None for labels at the paths ``fields``. ``judged`` are the
        fields that the judge is shown. The rows ``others`` are kept too, without a label."""
        self.criteria = criteria
        self._fields = fields
        self._others = others
        self.judged = judged
        self._same: dict[str, SameValues] = {}
        self._by_row: dict[str, list[Judgement]] | None = None if judgements is None else {}
        for judgement in judgements or ():
            if self._by_row is not None:
                self._by_row.setdefault(judgement.row, []).append(judgement)
        self._in_rows: dict[tuple[str, str], Judgement] = {}

    @property
    def judgements(self) -> list[Judgement]:
        """All labels: those of the file, or those of the rows that were read."""
        if self._by_row is None:
            return list(self._in_rows.values())
        return [judgement for judgements in self._by_row.values() for judgement in judgements]

    @property
    def rows(self) -> frozenset[str]:
        """The keys of the rows with labels."""
        return frozenset(judgement.row for judgement in self.judgements)

    def key_of(self, record: Mapping[str, Any], keys: RowKeys) -> str:
        """The key of the record's row: its id, and in addition its line where labels do not need the id."""
        return id_key(record["id"]) if self._by_row is not None else keys.key_of(record)

    def take(self, record: Mapping[str, Any], key: str) -> bool:
        """Learn the criteria and labels of a record, and return whether its answers are to be kept.

        Raises CalibrateError if a label can't be read, or if a judged field turns out to be the label.
        """
        self.criteria.add(record)
        if self._by_row is None:
            labels = list(labels_in(record, key, self._fields, self.criteria.known))
            self._in_rows.update({(label.row, label.criterion): label for label in labels})
        else:
            labels = self._by_row.get(key, [])
        if record.get("row"):
            self._look_for_leaks(record["row"], labels)
        return bool(labels) or key in self._others

    def _look_for_leaks(self, row: Mapping[str, Any], labels: Sequence[Judgement]) -> None:
        for criterion, is_yes in _decided(labels):
            same = self._same.setdefault(criterion, SameValues(self.judged))
            same.add(row, is_yes)

    def refuse_leaks(self) -> None:
        """Raises CalibrateError if a field that the judge is shown equals the label in every row."""
        for criterion, same in self._same.items():
            if same.leak:
                what = f"of {criterion}" if criterion != OVERALL else "of the whole answer"
                raise CalibrateError(
                    f"the judge is shown {same.leak}, which equals the label {what} in every row; "
                    "take that field out of the definition, or out of the data"
                )


def _decided(labels: Sequence[Judgement]) -> Iterator[tuple[str, bool]]:
    """The criterion and the yes or no of each label about a whole answer."""
    for label in labels:
        worth = label.worth if label.criterion == OVERALL else YES_NO.get(label.answer)
        if worth is not None and label.item is None:
            yield label.criterion, worth >= PASSES
