"""Honest answers of a person's own data, grouped by prompt: the prompts that attacks are tried on."""

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from reward_fn.event.parse import parse_rows
from reward_fn.types.rollout import Message, Rollout
from rewardctl.attacks.corpus import CorpusError
from rewardctl.attacks.worth import GOOD_FROM, MEDIOCRE_FROM, Worth, without_field
from rewardctl.data import DataError, Problem, Row, rows_of

MAX_OF_A_KIND = 4
"""Honest answers of one kind to one prompt that are used: each costs a judge call in each mode."""
NO_ANSWER = "I don't know."
"""The bad answer to a prompt for which the data holds no other answer."""


@dataclass(frozen=True, slots=True)
class Task:
    """A prompt with honest answers of three kinds, all different texts.

    ``good`` has at least one. ``bad`` too: if the data holds none for this prompt, it is an answer to another
    prompt, or NO_ANSWER. ``elsewhere`` are good answers to other prompts.
    """

    id: str
    messages: tuple[Message, ...]
    reference_answer: Any
    metadata: Mapping[str, Any]
    good: tuple[str, ...]
    mediocre: tuple[str, ...]
    bad: tuple[str, ...]
    elsewhere: tuple[str, ...] = ()

    @property
    def prompt(self) -> str:
        """The text of all messages before the answer."""
        return "\n\n".join(message.text for message in self.messages)

    @property
    def honest(self) -> tuple[str, ...]:
        """All honest answers to this prompt, good ones first."""
        return (*self.good, *self.mediocre, *self.bad)


class Tasks(NamedTuple):
    """The prompts to attack. ``prompts`` and ``answers`` count the data, ``problems`` its bad lines."""

    tasks: tuple[Task, ...]
    prompts: int
    answers: int
    problems: int


def read_tasks(data: str, worth: Worth, *, field: str = "", count: int, seed: int) -> Tasks:
    """At most ``count`` prompts of the data with a good answer, chosen by ``seed``; those with bad
    answers too come first.

    Raises CorpusError if the data can't be read or if no answer is known to be good.
    """
    try:
        read = list(rows_of(data))
    except DataError as error:
        raise CorpusError(str(error)) from error
    rows = [row.value for row in read if isinstance(row, Row)]
    rollouts = [entry for entry in parse_rows(rows) if isinstance(entry, Rollout) and entry.response.strip()]
    by_group: dict[str, list[tuple[Rollout, float]]] = {}
    for rollout in rollouts:
        if not rollout.tool_calls and (value := worth(rollout)) is not None:
            by_group.setdefault(rollout.group, []).append((rollout, value))
    known = [_task(members, field) for members in by_group.values()]
    usable = [task for task in known if task.good]
    if not usable:
        raise CorpusError(
            f"none of the {len(rollouts)} answers in {data} is known to be good, so nothing sets a bar for "
            "attacks; name good answers with --good or --good-field"
        )
    random.Random(seed).shuffle(usable)
    usable.sort(key=lambda task: not task.bad)
    chosen = tuple(_completed(task, usable) for task in usable[:count])
    return Tasks(chosen, len(by_group), len(rollouts), sum(isinstance(each, Problem) for each in read))


def rows_with(task: Task, responses: Iterable[str], extra: Mapping[str, Any] | None = None) -> list[Any]:
    """Rows with these answers to the task's prompt; ``extra`` is added to their metadata."""
    turns = [{"role": message.role, "content": message.text} for message in task.messages]
    rest = {"reference_answer": task.reference_answer, "metadata": {**task.metadata, **(extra or {})}}
    return [
        {"id": str(place), "messages": [*turns, {"role": "assistant", "content": response}], **rest}
        for place, response in enumerate(responses)
    ]


def _task(members: Sequence[tuple[Rollout, float]], field: str) -> Task:
    """The task of one group; a text that people judged differently counts as the worst of it."""
    worths: dict[str, float] = {}
    for rollout, worth in members:
        worths[rollout.response] = min(worth, worths.get(rollout.response, 1.0))
    good = [text for text, worth in worths.items() if worth >= GOOD_FROM]
    bad = [text for text, worth in worths.items() if worth < MEDIOCRE_FROM]
    mediocre = [text for text in worths if text not in good and text not in bad]
    first = next((rollout for rollout, worth in members if worth >= GOOD_FROM), members[0][0])
    metadata: Any = without_field(first.metadata, field)
    kinds = (tuple(texts[:MAX_OF_A_KIND]) for texts in (good, mediocre, bad))
    return Task(str(first.id), first.messages, first.reference_answer, metadata, *kinds)


def _completed(task: Task, tasks: Sequence[Task]) -> Task:
    """The task with answers to other prompts."""
    others = tuple(other.good[0] for other in tasks if other is not task and other.good[0] not in task.honest)
    elsewhere = others[:MAX_OF_A_KIND]
    return replace(task, elsewhere=elsewhere, bad=task.bad or elsewhere[:1] or (NO_ANSWER,))
