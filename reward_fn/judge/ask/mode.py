"""The record of a judging mode: everything in which one mode differs from another."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from reward_fn.judge.ask.inquiry import Inquiry
from reward_fn.types.material import Material
from reward_fn.types.rubric import JudgeSpec

Build = Callable[[Sequence[Material]], Iterator[Inquiry]]


def one_rollout(_: JudgeSpec) -> int:
    """The number of rollouts that share a question in a mode that asks about each rollout alone."""
    return 1


@dataclass(frozen=True, eq=False, slots=True)
class Mode:
    """One way to judge the rollouts of a batch. Its ``name`` is the value of ``mode`` in ``[judge]``.

    Prompt, each the name of a text in ``prompts/``:
    ``prompt`` says how to decide, ``quote_prompt`` how to quote, ``verdict_prompt`` what the verdicts mean.

    Questions:
    ``build`` makes the inquiries about all material of a batch; each inquiry holds the function that reads
    its replies. ``questions`` is how many of them each voter answers about one rollout, at most.
    ``most_together`` is how many rollouts share a question, at most, under a rubric.

    Keys of ``[judge]`` that no other mode takes:
    ``required`` maps each key that must be there to the remedy if it is missing; ``optional`` lists the rest.

    Limits on a definition:
    ``takes_items``, ``takes_quote_from``, ``takes_examples`` and ``takes_choices`` say whether these have a
    meaning in the mode. ``names`` are names of criteria that the mode adds, so no other criterion may take
    them.
    """

    name: str
    prompt: str
    build: Build
    questions: int = 1
    most_together: Callable[[JudgeSpec], int] = one_rollout
    quote_prompt: str = "quote"
    verdict_prompt: str = "yes_or_no"
    required: Mapping[str, str] = field(default_factory=dict)
    optional: tuple[str, ...] = ()
    takes_items: bool = False
    takes_quote_from: bool = True
    takes_examples: bool = True
    takes_choices: bool = True
    names: tuple[str, ...] = ()

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of ``[judge]`` that have a meaning only in a mode that lists them."""
        return (*self.required, *self.optional)
