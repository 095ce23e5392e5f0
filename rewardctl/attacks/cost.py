"""What measuring a corpus costs, before any call is made."""

from collections.abc import Iterator

from reward_fn.event.parse import parse_event
from reward_fn.judge.base import Question
from reward_fn.pipeline import examine
from reward_fn.types.batch import Examined
from reward_fn.types.definition import Definition
from rewardctl.attacks.corpus import Corpus, attacks_on, rows_of
from rewardctl.judge_demand import questions_about
from rewardctl.judges.estimate import ModelCost, costs_of_questions


def costs_of(corpus: Corpus, definition: Definition) -> list[ModelCost]:
    """One cost for each model that may be called; [] if no judge is called.

    Raises CorpusError if the corpus has no scenario for the definition.
    """
    if definition.judge is None:
        return []
    return costs_of_questions(_questions(corpus, definition), definition.judge)


def _questions(corpus: Corpus, definition: Definition) -> Iterator[Question]:
    """The questions about the honest answers and all attacks, each alone in its batch."""
    scenario = corpus.scenario(definition.name)
    attacks = [attack.response for _, attack in attacks_on(corpus, definition.name)]
    for entry in parse_event(rows_of(scenario, [scenario.mediocre, scenario.good, *attacks])):
        examined = examine(entry, definition)
        if isinstance(examined, Examined) and examined.material is not None and definition.judge is not None:
            yield from questions_about([examined.material], definition.judge)
