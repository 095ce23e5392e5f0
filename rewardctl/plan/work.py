"""The judge's work in a sample of rollouts: which reach it after the gates, and the questions about them."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from reward_fn.event.parse import parse_rows
from reward_fn.judge.base import Question
from reward_fn.pipeline import examine
from reward_fn.types.batch import Examined
from reward_fn.types.definition import Definition
from reward_fn.types.rollout import Rejected, Rollout
from reward_fn.types.unscored import Reason
from rewardctl.judge_demand import full_group, questions_about
from rewardctl.plan.no_answer import with_answer

Rows = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Work:
    """What a sample of ``rollouts`` rollouts needs.

    ``questions`` are all questions to one voter, equal ones within an invocation once. ``judged`` rollouts
    reach the judge; ``gates`` counts those that end at each gate, ``rejected`` those that can't be read.
    ``assumed_answers`` rows had no response and got one of the assumed length. ``row_bytes`` is the mean size
    of a row as JSON; ``largest`` is the largest row.
    """

    rollouts: int
    judged: int
    rejected: int
    gates: Mapping[str, int]
    questions: Sequence[Question]
    assumed_answers: int
    row_bytes: float
    largest: Mapping[str, Any]

    @property
    def questions_a_rollout(self) -> float:
        """Questions to one voter for each rollout, on average."""
        return len(self.questions) / self.rollouts if self.rollouts else 0.0


class Setting(NamedTuple):
    """How a sample stands for the job: rollouts of an invocation and a group, tokens of a lacking answer."""

    rollouts_a_call: int
    generations: int
    answer_tokens: int


def work_of(batches: Sequence[Rows], definition: Definition, setting: Setting) -> Work:
    """The work of a sample, each of whose batches is what one invocation gets."""
    gates: Counter[str] = Counter()
    questions: list[Question] = []
    rollouts = judged = rejected = assumed = 0
    for rows in batches:
        invocation = [_entry(row, definition, setting) for row in rows]
        assumed += sum(entry.is_assumed for entry in invocation)
        rejected += sum(isinstance(entry.rollout, Rejected) for entry in invocation)
        whole = _with_siblings(invocation, definition, setting)
        rollouts += len(whole)
        examined = [_examined(entry, place, definition) for place, entry in enumerate(whole)]
        gates.update(e.settled_by for e in examined if e is not None and e.settled_by)
        materials = [e.material for e in examined if e is not None and e.material is not None]
        judged += len(materials)
        if definition.judge is not None:
            asked = {question.key: question for question in questions_about(materials, definition.judge)}
            questions += asked.values()
    sizes = [(len(json.dumps(row, ensure_ascii=False).encode()), row) for rows in batches for row in rows]
    largest = max(sizes, key=lambda size: size[0], default=(0, {}))[1]
    mean = sum(size for size, _ in sizes) / max(1, len(sizes))
    return Work(rollouts, judged, rejected, dict(gates), questions, assumed, mean, largest)


class _Entry(NamedTuple):
    rollout: Rollout | Rejected
    is_assumed: bool = False


def _entry(row: Mapping[str, Any], definition: Definition, setting: Setting) -> _Entry:
    """The rollout of a row; a row without a response gets one of the assumed length."""
    (entry,) = parse_rows([row])
    if not isinstance(entry, Rejected) or entry.reason is not Reason.NO_RESPONSE:
        return _Entry(entry)
    (answered,) = parse_rows([with_answer(row, definition.judge, setting.answer_tokens)])
    return _Entry(answered, isinstance(answered, Rollout))


def _with_siblings(
    invocation: Sequence[_Entry], definition: Definition, setting: Setting
) -> Sequence[_Entry]:
    """The entries, each as often as a group has rollouts in an invocation, if its members share a question.

    Data with a single rollout for each prompt stand for groups then. The copies differ in trailing spaces,
    since equal responses are shown only once.
    """
    rollouts = [entry.rollout for entry in invocation if isinstance(entry.rollout, Rollout)]
    shared = full_group(definition.judge) if definition.judge is not None else 1
    together = min(shared, setting.generations, setting.rollouts_a_call)
    if together == 1 or len({rollout.group for rollout in rollouts}) < len(rollouts):
        return invocation
    copies = [
        entry._replace(rollout=replace(entry.rollout, response=entry.rollout.response + " " * copy))
        for entry in invocation
        if isinstance(entry.rollout, Rollout)
        for copy in range(together)
    ]
    rejected = [entry for entry in invocation if isinstance(entry.rollout, Rejected)] * together
    return [*copies, *rejected]


def _examined(entry: _Entry, place: int, definition: Definition) -> Examined | None:
    """The rollout at a place of the batch after its gates.

    An assumed answer passes them, since nothing is known of the real one.
    """
    if not isinstance(entry.rollout, Rollout):
        return None
    gated = replace(definition, gates=()) if entry.is_assumed else definition
    examined = examine(replace(entry.rollout, index=place), gated)
    return examined if isinstance(examined, Examined) else None
