"""The runs that a test of generalisation makes: the prompt as it is, once more, and changed. Pure."""

from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

from rewardctl.generalize.paraphrase_file import Paraphrases
from rewardctl.generalize.prompt_change import PromptChange

Kind = Literal["baseline", "repeat", "wording", "instructions", "order", "judge"]
INSTRUCTION_WORDINGS = 2
"""The number of wordings that each fixed text has."""


class Step(NamedTuple):
    """One run: all rollouts by ``judge``, with ``change`` in its prompt."""

    name: str
    kind: Kind
    judge: str
    change: PromptChange | None = None

    @property
    def is_prompt(self) -> bool:
        """Whether the same judge is asked in another way."""
        return self.kind in ("wording", "instructions", "order")


def steps_of(
    judge: str,
    paraphrases: Paraphrases,
    *,
    repeats: int,
    shuffles: int,
    seed: int,
    other_judges: Sequence[str],
) -> list[Step]:
    """All runs, the baseline first, then its repetitions."""
    repeated = [PromptChange(f"repeat-{number}") for number in range(1, repeats + 1)]
    return [
        Step("baseline", "baseline", judge),
        *(Step(change.name, "repeat", judge, change) for change in repeated),
        *(Step(change.name, kind, judge, change) for kind, change in _changes(paraphrases, shuffles, seed)),
        *(Step(f"judge {name}", "judge", name) for name in other_judges),
    ]


def _changes(paraphrases: Paraphrases, shuffles: int, seed: int) -> Iterator[tuple[Kind, PromptChange]]:
    for number in range(1, paraphrases.count + 1):
        yield "wording", PromptChange(f"wording-{number}", paraphrases.wording(number))
    own = paraphrases.instructions
    for number in range(1, max(INSTRUCTION_WORDINGS, len(own)) + 1):
        text = own[number - 1] if number <= len(own) else ""
        change = PromptChange(f"instructions-{number}", instructions=number, own_instructions=text)
        yield "instructions", change
    for number in range(1, shuffles + 1):
        yield "order", PromptChange(f"order-{number}", shuffle=seed + number)
