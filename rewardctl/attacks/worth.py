"""How good an honest answer is, by what people or the data say: never by the judge that is attacked.

A worth is a number in [0, 1]: at least GOOD_FROM is good, at least MEDIOCRE_FROM mediocre, less is bad. None
means that nobody said.
"""

import json
import re
from collections.abc import Callable, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from statistics import fmean

from reward_fn.paths import PATTERN, look_up
from reward_fn.types.rollout import Rollout
from rewardctl.attacks.corpus import CorpusError
from rewardctl.labels.file import read_labels
from rewardctl.labels.label import OVERALL, LabelError, id_key, judgements

GOOD_FROM = 2 / 3
MEDIOCRE_FROM = 1 / 3

Worth = Callable[[Rollout], float | None]
"""The worth of a rollout's answer in [0, 1], None if it is unknown."""

_WORDS = {"yes": 1.0, "true": 1.0, "no": 0.0, "false": 0.0}


def worth_of(good: str, mediocre: str = "", bad: str = "", field: str = "") -> Worth:
    """The one source of worths that the options name.

    ``good``, ``mediocre`` and ``bad`` are ids, patterns of ids or files (:func:`_patterns`). Nobody says
    how good other answers are. ``good`` may also be a file of labels. ``field`` is a path such as
    ``metadata.is_correct``. Raises CorpusError if there is no source, or more than one.
    """
    others = bool(mediocre or bad)
    if field and not good and not others:
        return _by_field(field)
    if good and not field:
        path = Path(good)
        if path.is_file() and path.read_bytes().lstrip()[:1] == b"{":
            if others:
                raise CorpusError("a file of labels names all answers; leave --mediocre and --bad out")
            return _by_labels(path)
        return _by_ids(_patterns(good), _patterns(mediocre), _patterns(bad))
    raise CorpusError(
        "say which answers are good, by people and not by the judge: --good with ids or a file of labels, or "
        "--good-field with a path such as metadata.is_correct, one of the two"
    )


def _patterns(value: str) -> Sequence[str]:
    """The ids in a file, one a line, or between commas; ``*`` and ``?`` stand for any characters."""
    path = Path(value)
    if value and path.is_file():
        return path.read_text(encoding="utf-8", errors="replace").split()
    return [part.strip() for part in value.split(",") if part.strip()]


def _by_ids(*kinds: Sequence[str]) -> Worth:
    """The patterns of good, mediocre and bad answers; the first kind that fits counts."""

    def worth(rollout: Rollout) -> float | None:
        identity = id_key(rollout.id)
        fits = (any(fnmatchcase(identity, pattern) for pattern in patterns) for patterns in kinds)
        return next((value for value, fit in zip((1.0, 0.5, 0.0), fits, strict=True) if fit), None)

    return worth


def _by_labels(path: Path) -> Worth:
    """The mean of what all labellers say about the whole answer. Raises CorpusError."""
    try:
        known = judgements(read_labels(path).labels)
    except LabelError as error:
        raise CorpusError(str(error)) from error
    values: dict[str, list[float]] = {}
    for judgement in known:
        if judgement.criterion == OVERALL and judgement.worth is not None:
            values.setdefault(judgement.row, []).append(judgement.worth)
    if not values:
        raise CorpusError(
            f"{path} has no label of a whole answer; make some with `rewardctl label --overall`"
        )
    means = {row: fmean(worths) for row, worths in values.items()}
    return lambda rollout: means.get(id_key(rollout.id))


def _by_field(path: str) -> Worth:
    if not re.match(PATTERN, path) or path.split(".")[0] not in ("metadata", "reference_answer"):
        raise CorpusError(f"--good-field {path}: not a path such as metadata.is_correct")

    def worth(rollout: Rollout) -> float | None:
        value = look_up(rollout, path)
        if isinstance(value, str):
            return _WORDS.get(value.strip().lower())
        is_worth = isinstance(value, bool | int | float) and 0 <= value <= 1
        return float(value) if is_worth else None

    return worth


def without_field(metadata: object, path: str) -> object:
    """A copy of ``metadata`` without what ``path`` names, so that no check and no judge reads it."""
    root, _, rest = path.partition(".")
    if root != "metadata" or not rest or not isinstance(metadata, dict):
        return metadata
    copy = json.loads(json.dumps(metadata, default=str))
    *parents, last = rest.split(".")
    level = copy
    for key in parents:
        level = level.get(key) if isinstance(level, dict) else None
    if isinstance(level, dict):
        level.pop(last, None)
    return copy
