"""What the judge is asked: one question for all criteria of a rollout, hostile text inside random fences.

A fence is a line ``<<CODE begin KIND NAME>>`` before each piece of material, and ``<<CODE end>>`` after the
last one. The code around a response is random for each call; that around the shared material is part of a
hash of the material, so that the prompt's prefix stays the same for a group and caches hit. Neither stands
anywhere in the text that it fences, so no text can forge a fence.
Every piece is put in once, by concatenation: nothing that a rollout wrote is ever read as a template.
"""

import json
import re
import secrets
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from reward_fn.judge.base import Question
from reward_fn.judge.reply_size import least_tokens, reply_tokens
from reward_fn.judge.system_text import system_text
from reward_fn.judge.verdict_schema import item_key, leaves_of, verdict_schema
from reward_fn.rubric import Criterion, Example, JudgeSpec
from reward_fn.sources import find_text
from reward_fn.text.digest import digest
from reward_fn.text.noise import without_hidden
from reward_fn.types import Rollout

CODE_DIGITS = 8
"""Of a fence: a hexadecimal digit costs most of a token, and each item has two codes."""

_MARKER = re.compile(r"^<<([0-9a-f]{8,64}) begin (\w+) (\S+)>>$", re.MULTILINE)
_as_json = json.JSONEncoder(ensure_ascii=False).encode
_SURROGATES = re.compile("[\ud800-\udfff]")


def _random_code() -> str:
    return secrets.token_hex(CODE_DIGITS // 2)


@dataclass(frozen=True, slots=True)
class Section:
    """One fenced piece of a prompt."""

    kind: str
    name: str
    text: str


RandomCode = Callable[[], str]


def build_question(rollout: Rollout, spec: JudgeSpec, *, random_code: RandomCode = _random_code) -> Question:
    """The question about one rollout whose item count was found to be in range."""
    if not spec.items:
        return question_on(
            rollout, spec, [Section("response", "-", rollout.response)], 0, random_code=random_code
        )
    items = judged_items(rollout, spec) or []
    own = sections_of_items(_item_text(item, spec.item_fields) for item in items)
    return question_on(rollout, spec, own, len(own), judged=items, random_code=random_code)


def question_on(
    rollout: Rollout,
    spec: JudgeSpec,
    own: Sequence[Section],
    items: int,
    *,
    judged: Sequence[Any] = (),
    way: str = "pointwise",
    random_code: RandomCode = _random_code,
) -> Question:
    """Build a question from the rollout's own sections; ``items`` counts those that are list items.

    ``judged`` are these list items. Hidden characters are taken out of the sections: no reader would see what
    they tell the judge. ``rollout`` stands for its group: prompt, documents and the order in which criteria
    are shown come from it. ``way`` names the template that says how to decide.
    """
    own = [Section(s.kind, s.name, without_hidden(s.text)) for s in own]
    documents = {d.name: text for d in spec.documents if (text := find_text(rollout, d.sources)) is not None}
    shared = _shared(
        spec.criteria, rollout.group, tuple(documents.items()), rollout.prompt if spec.show_prompt else None
    )
    system = system_text(way, spec.criteria, spec.instructions)
    return Question(
        system=system,
        static=shared.text,
        variable=_fenced(own, code=_unused_code(own, random_code), items=items),
        schema=verdict_schema(spec.criteria, closed=spec.structure == "json_schema"),
        leaves=leaves_of(shared.criteria, items),
        documents=documents,
        max_tokens=_max_tokens(spec, items, rollouts=items if way == "group" else 1),
        key=digest(*spec.models, *spec.panel, system, shared.digest, *(s.text for s in own)),
        items=judged,
    )


def _max_tokens(spec: JudgeSpec, items: int, rollouts: int) -> int:
    """Room for a reply about so many rollouts; what a definition sets is for one, and never too little."""
    if spec.max_tokens is None:
        return reply_tokens(spec.criteria, items)
    return max(spec.max_tokens * rollouts, least_tokens(spec.criteria, items))


def sections_of_items(texts: Iterable[str]) -> list[Section]:
    """Items by their names, in order."""
    return [Section("item", item_key(i), text) for i, text in enumerate(texts)]


def judged_items(rollout: Rollout, spec: JudgeSpec) -> list[Any] | None:
    """The list elements to be judged one by one; None where the answer holds no such list."""
    value = rollout.parsed.value
    found = value.get(spec.items) if isinstance(value, dict) else None
    return found if isinstance(found, list) else None


def sections(text: str) -> list[Section]:
    """The fenced pieces of a prompt, in order. What stands inside a fence is never looked into."""
    found, position = [], 0
    while match := _MARKER.search(text, position):
        code, kind, name = match.groups()
        end = text.find(f"\n<<{code} ", match.end())
        if end < 0:
            break
        found.append(Section(kind, name, text[match.end() + 1 : end]))
        position = end + 1
    return found


class _Shared(NamedTuple):
    """What the rollouts of a group have in common: the criteria in the group's order, and the static text."""

    criteria: tuple[Criterion, ...]
    text: str
    digest: str


@lru_cache(maxsize=32)
def _shared(
    criteria: tuple[Criterion, ...], group: str, documents: tuple[tuple[str, str], ...], prompt: str | None
) -> _Shared:
    ordered = _shuffled(criteria, group)
    pieces = [Section("criteria", "-", _criteria_json(ordered, shown=dict(documents)))]
    pieces += [Section("document", name, text) for name, text in documents]
    if prompt is not None:
        pieces.append(Section("prompt", "-", prompt))
    hashed = digest(*(part for piece in pieces for part in (piece.kind, piece.name, piece.text)))
    # Two rollouts that bring the same questions with other weights must not share an answer.
    rated = (f"{c.name} {c.weight} {c.essential} {c.values} {c.quote_of} {c.evidence_kind}" for c in ordered)
    return _Shared(ordered, _fenced(pieces, code=_code_in(hashed, pieces)), digest(hashed, *rated))


def _code_in(hashed: str, pieces: Sequence[Section]) -> str:
    """The first digits of the pieces' own hash that stand in none of them; the same in every environment."""
    codes = (hashed[i : i + CODE_DIGITS] for i in range(0, len(hashed), CODE_DIGITS))
    return next((code for code in codes if not any(code in piece.text for piece in pieces)), hashed)


def _shuffled(criteria: Iterable[Criterion], group: str) -> tuple[Criterion, ...]:
    """The same order for all rollouts of a group, another for the next: no criterion is always first."""
    return tuple(sorted(criteria, key=lambda c: digest(group, c.name)))


def _criteria_json(criteria: Sequence[Criterion], shown: Iterable[str]) -> str:
    shown, scoped = set(shown), any(c.scope == "item" for c in criteria)
    rows = [
        {
            "name": c.name,
            **({"scope": c.scope} if scoped else {}),
            "question": c.question,
            **({"choices": c.choices} if c.choices else {}),
            **({"if_in_doubt": _if_in_doubt(c)} if c.weight < 0 else {}),
            **({"may_not_apply": True} if c.may_not_apply else {}),
            **({"evidence": c.evidence_kind} if c.evidence_kind != "none" else {}),
            **({"quote_from": names} if (names := [d for d in c.quote_from if d in shown]) else {}),
            **({"quote_of": c.quote_of} if c.quote_of else {}),
            **({"examples": [_example(e) for e in c.examples]} if c.examples else {}),
        }
        for c in criteria
    ]
    return "[\n" + ",\n".join(map(_as_json, rows)) + "\n]"


def _if_in_doubt(criterion: Criterion) -> str:
    """Doubt must not pay, and a pitfall costs where it is answered yes or by a better choice."""
    return "the better choice" if criterion.choices else "yes"


def _example(example: Example) -> dict[str, str]:
    return {name: text for name, text in example._asdict().items() if text}


def _item_text(item: Any, fields: tuple[str, ...]) -> str:
    """What the judge sees of an item: a key that nobody reads would be a channel to the judge."""
    if fields and isinstance(item, dict):
        item = {key: item[key] for key in fields if key in item}
    return item if isinstance(item, str) else _as_json(item)


def _fenced(pieces: Iterable[Section], code: str, items: int = 0) -> str:
    """The pieces between marker lines; the last one says how many items there are, since no schema does."""
    text = "".join(f"<<{code} begin {s.kind} {s.name}>>\n{s.text}\n" for s in pieces)
    end = f"end, items: {items}" if items else "end"
    return _SURROGATES.sub("\ufffd", f"{text}<<{code} {end}>>")


def _unused_code(pieces: Iterable[Section], random_code: Callable[[], str]) -> str:
    """A code that stands in none of the texts."""
    texts = [s.text for s in pieces]
    while True:
        code = random_code()
        if not any(code in text for text in texts):
            return code
