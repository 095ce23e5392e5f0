"""One change to a judge's prompt: other questions, other instructions, or another order of the criteria."""

import random
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from reward_fn.judge.base import Judge, Model, Question, Reply
from reward_fn.text.digest import digest
from reward_fn.types.definition import Definition
from rewardctl.generalize.paraphrase_file import instruction_wordings


@dataclass(frozen=True, slots=True)
class PromptChange:
    """A change that can be named. Without any part it is the same prompt, judged once more.

    ``questions`` are pairs of a criterion and its wording. ``instructions`` is the number of the wording of
    the fixed texts, 0 for the original, and ``own_instructions`` replaces the definition's own. ``shuffle``
    is the seed of another order of the criteria.
    """

    name: str
    questions: tuple[tuple[str, str], ...] = ()
    instructions: int = 0
    own_instructions: str = ""
    shuffle: int | None = None

    def definition(self, definition: Definition) -> Definition:
        """The definition with other questions; its version names the change, and its hash differs."""
        spec = definition.judge
        if spec is None:
            return definition
        texts = dict(self.questions)
        criteria = tuple(replace(c, question=texts.get(c.name, c.question)) for c in spec.criteria)
        own = self.own_instructions or spec.instructions
        return replace(
            definition,
            version=f"{definition.version}~{self.name}",
            sha256=digest(definition.sha256, repr(self)),
            judge=replace(spec, criteria=criteria, instructions=own),
        )

    def judge(self, judge: Judge) -> Judge:
        """The judge, which is asked in other words or in another order."""
        return _ChangedJudge(judge, self) if self.instructions or self.shuffle is not None else judge


class _ChangedJudge:
    """Passes on each question with the change. The question's key stays, so each change needs its own run."""

    def __init__(self, judge: Judge, change: PromptChange) -> None:
        self._judge = judge
        self._change = change

    def ask(self, question: Question, model: Model, *, within_s: float | None = None) -> Reply:
        changed = replace(
            question,
            system=reworded(question.system, self._change.instructions),
            static=shuffled(question.static, self._change.shuffle),
        )
        return self._judge.ask(changed, model, within_s=within_s)

    def warm(self) -> None:
        self._judge.warm()

    def __getattr__(self, name: str) -> Any:
        """What else the judge has, such as a method that needs the rollouts of a batch."""
        return getattr(self._judge, name)


def reworded(system: str, number: int, wordings: Mapping[str, Any] | None = None) -> str:
    """A system prompt whose fixed texts have the ``number``-th wording, from 1; the original for 0.

    A text with fewer wordings stays as it is.
    """
    if not number:
        return system
    known = instruction_wordings() if wordings is None else wordings
    pattern = re.compile("|".join(map(re.escape, sorted(known, key=len, reverse=True))))

    def replaced(match: re.Match[str]) -> str:
        texts = known[match[0]]
        return str(texts[number - 1]) if len(texts) >= number else match[0]

    return pattern.sub(replaced, system)


_CRITERIA = re.compile(r'\[\n((?:\{"name": .*\},?\n)+)\]')
"""The list of criteria as the prompt shows it, one a line, before any text of a rollout."""


def shuffled(static: str, seed: int | None) -> str:
    """The static text with its criteria in another order, the same for all rollouts of a group."""
    match = _CRITERIA.search(static)
    if seed is None or match is None:
        return static
    rows = [line.removesuffix(",") for line in match[1].splitlines()]
    original = list(rows)
    random.Random(digest(str(seed), static)).shuffle(rows)
    if rows == original:
        rows = [*rows[1:], rows[0]]
    listed = ",\n".join(rows)
    return f"{static[: match.start(1)]}{listed}\n{static[match.end(1) :]}"
