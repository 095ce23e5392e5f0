"""The material of one request: criteria, sources and answer, taken from the prompt's fenced sections."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache, partial
from typing import Any

from reward_fn.judge.ask.fences import Section, sections
from reward_fn.judge.ask.reply_size import EVIDENCE_WORDS
from rewardctl.emulate.cache import BoundedCache
from rewardctl.emulate.index import Source
from rewardctl.emulate.question import Criterion
from rewardctl.emulate.words import split, split_name, stems

MAX_FIELD_CHARS = 100_000
MAX_FIELDS = 200
"""The judge reads no further into an answer than this."""

_SOURCES = BoundedCache[str, Source](max_cost=2_000_000, cost=lambda text, _: len(text))
_SECTIONS = BoundedCache[str, list[Section]](max_cost=4_000_000, cost=lambda text, _: 2 * len(text))


@dataclass(frozen=True)
class Field:
    """One text of an answer: ``name`` is its key in an item, "" for plain text."""

    name: str
    text: str

    @cached_property
    def words(self) -> list[str]:
        """Its words in lower case."""
        return split(self.text)

    @cached_property
    def stems(self) -> frozenset[str]:
        """The stems of its words with meaning."""
        return stems(self.words)

    @property
    def name_words(self) -> frozenset[str]:
        """The words of its name: "recommended_action" gives two."""
        return _name_words(self.name[:100])


@lru_cache(maxsize=1024)
def _name_words(name: str) -> frozenset[str]:
    return frozenset(split_name(name))


@dataclass(frozen=True)
class Unit:
    """What a criterion is asked of: one item, or the whole answer."""

    fields: tuple[Field, ...]

    @cached_property
    def stems(self) -> frozenset[str]:
        """The stems of all fields."""
        return frozenset().union(*(each.stems for each in self.fields))


@dataclass(frozen=True)
class Material:
    """Everything a judge sees. ``documents`` maps a name to its text; "prompt" is the prompt's. ``answers``
    are two to be compared, "first" and "second"."""

    criteria: Mapping[str, Criterion]
    documents: Mapping[str, str]
    items: Mapping[str, Unit]
    response: Unit
    answers: Mapping[str, Unit] = field(default_factory=dict)

    @cached_property
    def whole(self) -> Unit:
        """The whole answer: all items and the response."""
        return Unit(tuple(f for unit in (*self.items.values(), self.response) for f in unit.fields))

    @cached_property
    def quoted(self) -> frozenset[str]:
        """The documents that some criterion wants quotes from."""
        return frozenset(name for each in self.criteria.values() for name in each.quote_from)

    def source(self, name: str) -> Source | None:
        """A document made ready, None where there is none of that name or it is empty."""
        text = self.documents.get(name, "")
        return _SOURCES.get(text, lambda: Source(text)) if text.strip() else None


def read_material(texts: Sequence[str]) -> Material:
    """The material in the text blocks of a request; without fenced sections all text is the answer."""
    pieces = [piece for text in texts for piece in _SECTIONS.get(text, partial(sections, text))]
    if not pieces:
        return Material({}, {}, {}, _plain(texts))
    documents = {piece.name: piece.text for piece in pieces if piece.kind == "document"}
    prompts = [piece.text for piece in pieces if piece.kind == "prompt"]
    if prompts:
        documents.setdefault("prompt", "\n".join(prompts))
    return Material(
        criteria={c.name: c for p in pieces if p.kind == "criteria" for c in _criteria(p.text)},
        documents=documents,
        items={piece.name: _item(piece) for piece in pieces if piece.kind == "item"},
        response=_plain(piece.text for piece in pieces if piece.kind == "response"),
        answers={piece.name: _plain([piece.text]) for piece in pieces if piece.kind == "answer"},
    )


def _plain(texts: Iterable[str]) -> Unit:
    return Unit(tuple(Field("", text[:MAX_FIELD_CHARS]) for text in texts))


@lru_cache(maxsize=256)
def _criteria(text: str) -> tuple[Criterion, ...]:
    try:
        rows = json.loads(text)
    except (ValueError, RecursionError):
        return ()
    return tuple(_criterion(row) for row in rows if isinstance(row, dict)) if isinstance(rows, list) else ()


def _criterion(row: Mapping[str, Any]) -> Criterion:
    quote_from, kind = row.get("quote_from"), row.get("evidence")
    return Criterion(
        name=str(row.get("name", "")),
        question=str(row.get("question", "")),
        scope="item" if row.get("scope") == "item" else "answer",
        quote_from=tuple(map(str, quote_from)) if isinstance(quote_from, list) else (),
        evidence_words=next((words for name, words in EVIDENCE_WORDS.items() if name == kind), None),
    )


def _item(piece: Section) -> Unit:
    """An item's texts with their keys; an item that is no JSON is one plain text."""
    try:
        value = json.loads(piece.text)
    except (ValueError, RecursionError):
        value = piece.text
    return Unit(tuple(_fields("", value, depth=0))[:MAX_FIELDS])


def _fields(name: str, value: Any, depth: int) -> Iterable[Field]:
    if isinstance(value, str):
        yield Field(name, value[:MAX_FIELD_CHARS])
    elif isinstance(value, dict) and depth < 8:
        for key, part in value.items():
            yield from _fields(str(key), part, depth + 1)
    elif isinstance(value, list) and depth < 8:
        for part in value:
            yield from _fields(name, part, depth + 1)
    elif value is not None:
        yield Field(name, str(value)[:1000])
