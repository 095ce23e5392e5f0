"""Other wordings of a definition's questions and of the judge's instructions, read from TOML.

A file for a definition has a table ``[question]`` with a list of wordings for each criterion, and may have
``instructions``, a list of wordings of the definition's own instructions. ``reviewed`` is the mark of the
questions that a person compared them with.
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from reward_fn.judge.ask.system_text import PROMPTS
from reward_fn.text.digest import digest
from reward_fn.types.definition import Definition

SHIPPED = Path(__file__).parent / "paraphrases"
FIXED = SHIPPED / "instructions.toml"
"""Wordings of the texts that every judge gets, by the name of the text."""
DIGITS = 12


class ParaphraseError(ValueError):
    """The file can't be used. The message names the place and the remedy."""


@dataclass(frozen=True, slots=True)
class Paraphrases:
    """``questions`` has the wordings of each criterion by name, ``instructions`` those of the definition's
    own instructions. ``caution`` says that the questions changed after the review, else ""."""

    questions: Mapping[str, Sequence[str]]
    instructions: Sequence[str] = ()
    caution: str = ""

    @property
    def count(self) -> int:
        """The number of wordings: that of the criterion with the most."""
        return max(map(len, self.questions.values()), default=0)

    def wording(self, number: int) -> tuple[tuple[str, str], ...]:
        """The ``number``-th wording of every criterion that has so many, from 1."""
        return tuple(
            (name, texts[number - 1]) for name, texts in self.questions.items() if len(texts) >= number
        )


def read_paraphrases(definition: Definition, path: Path | None = None) -> Paraphrases:
    """The file at ``path``, else the one that ships with a definition of that name; without one, no wordings.

    Raises ParaphraseError, also for a criterion that the definition lacks.
    """
    file = path or SHIPPED / f"{definition.name}.toml"
    if path is None and not file.is_file():
        return Paraphrases({})
    fields = _read(file)
    questions = fields.get("question", {})
    if not isinstance(questions, dict):
        raise ParaphraseError(f"{file}: question is a table with a list of wordings for each criterion")
    known = {criterion.name for criterion in definition.judge.criteria} if definition.judge else set()
    if unknown := sorted(questions.keys() - known):
        names = ", ".join(sorted(known)) or "none"
        raise ParaphraseError(f"{file}: {definition.name} has no criterion {unknown[0]}; it has {names}")
    reviewed = str(fields.get("reviewed", ""))
    stale = f"{file.name} was reviewed for other questions: read it again" if reviewed else ""
    return Paraphrases(
        {name: _texts(file, name, texts) for name, texts in questions.items()},
        _texts(file, "instructions", fields.get("instructions", [])),
        "" if reviewed == questions_mark(definition) else stale,
    )


def questions_mark(definition: Definition) -> str:
    """A mark of all questions of a definition, which changes with any of them."""
    criteria = definition.judge.criteria if definition.judge else ()
    return digest(*(text for c in criteria for text in (c.name, " ".join(c.question.split()))))[:DIGITS]


@cache
def instruction_wordings() -> Mapping[str, Sequence[str]]:
    """The wordings of the fixed texts, by the original text."""
    fields = _read(FIXED)
    return {
        (PROMPTS / f"{name}.txt").read_text("utf-8"): _texts(FIXED, name, texts)
        for name, texts in fields.items()
    }


def _read(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text("utf-8"))
    except OSError as error:
        raise ParaphraseError(f"{file} can't be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ParaphraseError(f"{file} is not TOML: {error}") from error


def _texts(file: Path, name: str, value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(text, str) and text.strip() for text in value):
        raise ParaphraseError(f"{file}: {name} needs a list of texts, each a wording of the same question")
    return tuple(value)
