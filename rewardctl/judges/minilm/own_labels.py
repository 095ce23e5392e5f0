"""Pairs out of a run and labels of one's own."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from reward_fn.event.material import find_material
from reward_fn.event.parse import parse_rows
from reward_fn.types.material import Material
from reward_fn.types.rollout import Rollout
from reward_fn.types.rubric import JudgeSpec
from reward_fn.types.verdict import Leaf
from rewardctl.judges.brains import Subject
from rewardctl.judges.minilm.brain import judged_text
from rewardctl.judges.minilm.features import Pair
from rewardctl.judges.minilm.pairs import LabelledPair
from rewardctl.labels.label import Judgement, id_key
from rewardctl.runs.records import read_records

_ANSWERS = {"yes": True, "no": False}


def pairs_of_run(run: Path, spec: JudgeSpec, judgements: Sequence[Judgement]) -> list[LabelledPair]:
    """The labels yes and no of people about the rollouts of a run, each with its question and text.

    ``spec`` is the rubric of the run's definition. Labels of other answers, of whole answers, and a later
    showing of the same question are left out.
    """
    by_row: dict[str, list[Judgement]] = {}
    for judgement in judgements:
        if judgement.answer in _ANSWERS and judgement.repeat == 0 and judgement.criterion:
            by_row.setdefault(judgement.row, []).append(judgement)
    labelled = (record for record in read_records(run) if id_key(record["id"]) in by_row)
    return [pair for record in labelled for pair in _pairs(record, spec, by_row[id_key(record["id"])])]


def _pairs(record: Mapping[str, Any], spec: JudgeSpec, labels: Sequence[Judgement]) -> Iterator[LabelledPair]:
    entries = parse_rows([record["row"]]) if record.get("row") else []
    for rollout in entries:
        material = find_material(rollout, spec) if isinstance(rollout, Rollout) else None
        if not isinstance(material, Material):
            continue
        criteria = {criterion.name: criterion for criterion in material.spec.criteria}
        for label in labels:
            criterion = criteria.get(label.criterion)
            if criterion is None or (label.item is not None and label.item >= len(material.items or ())):
                continue
            text = judged_text(Subject(material, ()), Leaf(criterion, label.item))
            yield LabelledPair(Pair(criterion.question, text), _ANSWERS[label.answer])
