"""What measuring a corpus costs, before any call is made."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from reward_fn.event.parse import parse_event
from reward_fn.judge.base import Question
from reward_fn.pipeline import examine
from reward_fn.types.batch import Examined
from reward_fn.types.definition import Definition
from rewardctl.attacks.attempts import batch_of
from rewardctl.attacks.corpus import Corpus, attacks_on, rows_of
from rewardctl.attacks.honest import Task
from rewardctl.attacks.probes import Known, probe_texts
from rewardctl.judge_demand import calls_by_model, questions_about
from rewardctl.judges.estimate import ModelCost, costs_of_questions


def costs_of(corpus: Corpus, definition: Definition) -> list[ModelCost]:
    """One cost for each model that may be called; [] if no judge is called.

    Raises CorpusError if the corpus has no scenario for the definition.
    """
    if definition.judge is None:
        return []
    return costs_of_questions(_questions(corpus, definition), definition.judge)


def costs_on_data(
    tasks: Sequence[Task], known: Known, definitions: Sequence[Definition], *, probes: bool, budget: int
) -> list[ModelCost]:
    """The costs of honest answers and probes under each definition, and of ``budget`` calls of a search.

    An upper estimate: no attack is tried on a prompt whose honest answers set no bar.
    """
    spec = definitions[0].judge
    if spec is None:
        return []
    questions = [
        question
        for definition in definitions
        for task in tasks
        for text in _texts(task, known, probes=probes)
        for question in _questions_of(batch_of(task, text, definition), definition)
    ]
    a_question = sum(calls for _, calls, role in calls_by_model(spec) if role != "fallback")
    searched = budget / a_question / max(len(questions), 1)
    return costs_of_questions(questions, spec, 1 + searched)


def _texts(task: Task, known: Known, *, probes: bool) -> Iterator[str]:
    yield from task.honest
    texts: Mapping[str, Sequence[str]] = probe_texts(task, known) if probes else {}
    for attacks in texts.values():
        yield from attacks


def _questions(corpus: Corpus, definition: Definition) -> Iterator[Question]:
    """The questions about the honest answers and all attacks, each alone in its batch."""
    scenario = corpus.scenario(definition.name)
    attacks = [attack.response for _, attack in attacks_on(corpus, definition.name)]
    for row in rows_of(scenario, [scenario.mediocre, scenario.good, *attacks]):
        yield from _questions_of([row], definition)


def _questions_of(rows: Sequence[Any], definition: Definition) -> Iterator[Question]:
    """The questions about the rows of one batch that pass the gates."""
    examined = [examine(entry, definition) for entry in parse_event(list(rows))]
    materials = [e.material for e in examined if isinstance(e, Examined) and e.material is not None]
    if definition.judge is not None:
        yield from questions_about(materials, definition.judge)
