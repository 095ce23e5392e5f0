"""Labels from the exports of other tools: one module a tool, with one function ``read``.

``read(content, names)`` yields the labels of an export and the reasons for what it leaves out.
"""

import importlib
import pkgutil
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from reward_fn.types.rubric import Criterion
from rewardctl.labels.foreign_answers import LeftOut, Names
from rewardctl.labels.label import Label, LabelError, id_key

TOOLS: tuple[str, ...] = tuple(module.name.replace("_", "-") for module in pkgutil.iter_modules(__path__))
"""The names of the tools whose exports can be read."""


class Imported(NamedTuple):
    """The labels of an export; ``left_out`` counts what was not used, by reason."""

    labels: tuple[Label, ...]
    left_out: Counter[str]


def read_export(path: Path, tool: str, criteria: Mapping[str, Criterion], labeller: str) -> Imported:
    """The labels of an export of ``tool``. ``labeller`` names the person if the export does not.

    Raises LabelError if the file can't be read, is not such an export, or holds no usable label.
    """
    try:
        content = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise LabelError(f"{path} can't be read: {error}") from error
    module = importlib.import_module(f"{__name__}.{tool.replace('-', '_')}")
    labels, left_out = [], Counter[str]()
    try:
        for result in module.read(content, Names(criteria)):
            if isinstance(result, LeftOut):
                left_out[result.reason] += 1
            else:
                labels.append(result if result.labeller else replace(result, labeller=labeller))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise LabelError(f"{path} is not an export of {tool}: {type(error).__name__}, {error}") from error
    if not labels:
        reasons = "; ".join(f"{count} × {reason}" for reason, count in left_out.most_common(3))
        raise LabelError(f"{path} holds no label that can be used: {reasons or 'it is empty'}")
    return Imported(tuple(labels), left_out)


def of_rows(labels: Iterable[Label], keys: Iterable[str]) -> tuple[list[Label], list[Label]]:
    """The labels whose rows have one of ``keys``, and the others."""
    known = set(keys)
    matching: list[Label] = []
    unmatched: list[Label] = []
    for label in labels:
        (matching if id_key(label.id) in known else unmatched).append(label)
    return matching, unmatched
