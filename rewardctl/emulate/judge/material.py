"""The material of a request: criteria, documents and the texts to judge, from the fenced sections."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from reward_fn.judge.ask.fences import sections
from reward_fn.judge.ask.reply_size import EVIDENCE_WORDS
from rewardctl.emulate.request import InvalidRequestError


@dataclass(frozen=True, slots=True)
class Criterion:
    """One criterion as the prompt states it.

    ``scope`` is "item" or "answer"; ``choices`` go from worst to best, none for yes and no. ``quote_of`` is
    the key under which an item holds its quote, or "". ``evidence_words`` is the most that a reply may hold.
    """

    name: str
    question: str
    scope: str = "answer"
    choices: tuple[str, ...] = ()
    quote_from: tuple[str, ...] = ()
    quote_of: str = ""
    is_pitfall: bool = False
    evidence_words: int = EVIDENCE_WORDS["reason"]


@dataclass(frozen=True, slots=True)
class Text:
    """A text to judge: a whole response under the key "", or an item's texts by their keys."""

    fields: Mapping[str, str]

    def without(self, keys: Sequence[str]) -> str:
        """All texts but those under ``keys``."""
        return " ".join(text for key, text in self.fields.items() if key not in keys)


@dataclass(frozen=True, slots=True)
class Material:
    """What a request shows. ``items`` are list elements, or the rollouts of a group, by their numbers;
    ``answers`` are the two texts of a comparison, "first" and "second"."""

    criteria: Mapping[str, Criterion] = field(default_factory=dict)
    documents: Mapping[str, str] = field(default_factory=dict)
    items: Mapping[str, Text] = field(default_factory=dict)
    answers: Mapping[str, Text] = field(default_factory=dict)
    whole: Text = field(default_factory=lambda: Text({}))


def read_material(texts: Sequence[str]) -> Material:
    """The material in the text blocks of a request; without fenced sections, all text is to be judged."""
    shown = [section for text in texts for section in sections(text)]
    if not shown:
        return Material(whole=Text({"": "\n".join(texts)}))
    items = {section.name: _item(section.text) for section in shown if section.kind == "item"}
    responses = [section.text for section in shown if section.kind == "response"]
    return Material(
        criteria={
            c.name: c for section in shown if section.kind == "criteria" for c in _criteria(section.text)
        },
        documents={s.name: s.text for s in shown if s.kind in ("document", "prompt")},
        items=items,
        answers={s.name: Text({"": s.text}) for s in shown if s.kind == "answer"},
        whole=Text({"": "\n".join([*(item.without(()) for item in items.values()), *responses])}),
    )


@lru_cache(maxsize=256)
def _criteria(text: str) -> tuple[Criterion, ...]:
    try:
        return tuple(map(_criterion, json.loads(text)))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise InvalidRequestError("The criteria section is not a list of criteria.") from error


def _criterion(row: Mapping[str, Any]) -> Criterion:
    return Criterion(
        name=row["name"],
        question=row["question"],
        scope=row.get("scope", "answer"),
        choices=tuple(row.get("choices", ())),
        quote_from=tuple(row.get("quote_from", ())),
        quote_of=row.get("quote_of", ""),
        is_pitfall="if_in_doubt" in row,
        evidence_words=EVIDENCE_WORDS[row.get("evidence", "none")],
    )


def _item(text: str) -> Text:
    """An item's values by their keys; an item that is not a JSON object is one plain text."""
    try:
        value: Any = json.loads(text)
    except (ValueError, RecursionError):
        value = text
    if not isinstance(value, dict):
        return Text({"": text})
    return Text({key: part if isinstance(part, str) else json.dumps(part) for key, part in value.items()})
