"""From options to a result: definition and wordings checked, runs made, records compared."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from rich.console import Console

from rewardctl.generalize.measure import Generalisation, measure
from rewardctl.generalize.paraphrase_file import read_paraphrases
from rewardctl.generalize.runs import Order, make_runs
from rewardctl.generalize.steps import steps_of
from rewardctl.judges import own_definition_words
from rewardctl.judges.choice import JudgeChoice, JudgeChoiceError
from rewardctl.runs.records import Record, read_records

_KEPT = ("id", "line", "group", "reward", "imputed", "verdicts")


class Choices(NamedTuple):
    """The judge, and what it is compared with: its repetitions, changes of its prompt, other judges."""

    judge: str
    paraphrases: Path | None
    repeats: int
    shuffles: int
    seed: int
    other_judges: Sequence[str]


def generalise(order: Order, choices: Choices, console: Console) -> Generalisation:
    """Make the runs and compare them.

    Raises Stopped, JudgeChoiceError for a definition without a judge, ParaphraseError, and what reading data
    and definition raises.
    """
    choice = JudgeChoice(choices.judge, order.profile, order.region)
    definition = choice.definition(order.definition)
    if definition.judge is None:
        raise JudgeChoiceError(f"{definition.name} has no judge, so no prompt changes its rewards")
    if choice.is_stand_in:
        words = own_definition_words(order.definition) or (
            "The judge is the offline stand-in, which compares words and hardly reads the questions: these "
            "figures show how the test works, not how a real judge generalises."
        )
        console.print(words, style="yellow", markup=False)
    paraphrases = read_paraphrases(definition, choices.paraphrases)
    if paraphrases.caution:
        console.print(paraphrases.caution, style="yellow", markup=False)
    if not paraphrases.count:
        words = f"No wordings of the questions of {definition.name}: name a file with --paraphrases."
        console.print(words, style="yellow", markup=False)
    steps = steps_of(
        choices.judge,
        paraphrases,
        repeats=choices.repeats,
        shuffles=choices.shuffles,
        seed=choices.seed,
        other_judges=choices.other_judges,
    )
    folders = make_runs(order, steps, console)
    return measure(steps, {name: [_small(each) for each in read_records(f)] for name, f in folders.items()})


def _small(record: Record) -> Record:
    """What is compared of a record. All runs have the same rows, so the texts can go."""
    fields: Mapping[str, object] = {name: record.get(name) for name in _KEPT}
    return {**fields, "metrics": []}
