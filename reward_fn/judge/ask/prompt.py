"""What the judge is asked: one question for all criteria of a rollout, hostile text inside random fences.

Every piece is put in once, by concatenation: nothing that a rollout wrote is ever read as a template.
"""

import json
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from reward_fn.judge.ask.fences import RandomCode, Section, code_in, fenced, new_code, unused_code
from reward_fn.judge.ask.reply_size import least_tokens, reply_tokens
from reward_fn.judge.ask.system_text import system_text
from reward_fn.judge.ask.verdict_schema import item_key, leaves_of, verdict_schema
from reward_fn.judge.base import Question
from reward_fn.paths import find_text
from reward_fn.text.digest import digest
from reward_fn.text.unicode_noise import without_hidden
from reward_fn.types.rollout import Rollout
from reward_fn.types.rubric import Criterion, Example, JudgeSpec

_as_json = json.JSONEncoder(ensure_ascii=False).encode


def build_question(rollout: Rollout, spec: JudgeSpec, *, random_code: RandomCode = new_code) -> Question:
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
    random_code: RandomCode = new_code,
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
        variable=fenced(own, code=unused_code(own, random_code), items=items),
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
    return _Shared(ordered, fenced(pieces, code=code_in(hashed, pieces)), digest(hashed, *rated))


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
