"""Labels that stand in the rows themselves: a data set's column, named by its path into the rollout."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from reward_fn.paths import PATTERN, look_up
from reward_fn.types.rollout import Rollout
from reward_fn.types.rubric import Criterion
from rewardctl.calibrate.errors import CalibrateError
from rewardctl.labels.label import OVERALL, Judgement, LabelError, judgements
from rewardctl.labels.parse import read_label

_WORDS = {"yes": True, "true": True, "no": False, "false": False}


def parse_fields(options: Sequence[str]) -> dict[str, str]:
    """The path of each criterion's label, from options such as ``metadata.is_correct`` and ``Name=path``.

    The path without a name is that of OVERALL. Raises CalibrateError for a path that can't lead into a row.
    """
    fields: dict[str, str] = {}
    for option in options:
        name, _, path = option.rpartition("=")
        if not re.match(PATTERN, path) or path in ("prompt", "response"):
            raise CalibrateError(
                f"--label-field {option}: {path!r} leads to no label; write a path such as "
                "metadata.is_correct, or Criterion=reference_answer.verdict"
            )
        if name in fields:
            raise CalibrateError(f"--label-field names two paths for {name or 'the whole answer'}; give one")
        fields[name] = path
    return fields


def labels_in(
    record: Mapping[str, Any], key: str, fields: Mapping[str, str], criteria: Mapping[str, Criterion]
) -> Iterator[Judgement]:
    """The labels in the row of a record; rows without a value at a path have no label there.

    Raises CalibrateError, with the id and the path, for a value that is not a label.
    """
    row = record.get("row")
    if row is None:
        return
    rollout = Rollout(0, row["id"], (), "", row.get("reference_answer"), row.get("metadata") or {})
    for criterion, path in fields.items():
        value = look_up(rollout, path)
        if value is None:
            continue
        try:
            label = read_label({"id": key, **_label(criterion, value)}, {} if _is_plain(value) else criteria)
        except LabelError as error:
            raise CalibrateError(f"{path} of the row {key!r} is no label: {error}") from error
        yield from judgements([label])


def _is_plain(value: Any) -> bool:
    """Whether a value says yes or no, which is an answer to any criterion."""
    return isinstance(value, bool) or (isinstance(value, str) and value.strip().lower() in _WORDS)


def _label(criterion: str, value: Any) -> dict[str, Any]:
    if criterion != OVERALL:
        return {"labels": {criterion: value}}
    text = value.strip().lower() if isinstance(value, str) else ""
    return {"overall": _WORDS.get(text, value)}
