"""The text of a question: all criteria in one call, and hostile text inside random fences.

Every piece is inserted once, by concatenation: no text of a rollout is ever read as a template.
"""

import json
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

from reward_fn.judge.ask.fences import RandomCode, Section, code_in, fenced, new_code, unused_code
from reward_fn.judge.ask.mode import Mode
from reward_fn.judge.ask.reply_size import least_tokens, reply_tokens
from reward_fn.judge.ask.system_text import system_text
from reward_fn.judge.ask.verdict_schema import item_key, leaves_of, verdict_schema
from reward_fn.judge.base import Question
from reward_fn.text.digest import digest
from reward_fn.text.unicode_noise import without_hidden
from reward_fn.types.material import Material
from reward_fn.types.rubric import Criterion, Example, JudgeSpec

_as_json = json.JSONEncoder(ensure_ascii=False).encode


def compose_question(
    material: Material,
    mode: Mode,
    sections: Sequence[Section],
    *,
    rollouts: int = 1,
    random_code: RandomCode = new_code,
) -> Question:
    """The question that shows ``sections`` to a judge, beside the criteria, the documents and the prompt.

    ``sections`` hold text of the policy: a response, its items, or answers to compare. Hidden characters are
    removed from them, since no human reader would see what they tell the judge. The prompt, the documents and
    the order of the criteria come from ``material``, which may stand for a whole group. ``rollouts`` is the
    number of rollouts that the reply is about.
    """
    spec, group = material.spec, material.rollout.group
    sections = [Section(s.kind, s.name, without_hidden(s.text)) for s in sections]
    items = sum(section.kind == "item" for section in sections)
    prompt = material.rollout.prompt if spec.show_prompt else None
    shared = _shared(spec.criteria, group, tuple(material.documents.items()), prompt)
    system = system_text(mode, spec.criteria, spec.instructions)
    return Question(
        system=system,
        static=shared.text,
        variable=fenced(sections, code=unused_code(sections, random_code), items=items),
        schema=verdict_schema(spec.criteria, closed=spec.structure == "json_schema"),
        leaves=leaves_of(shared.criteria, items),
        documents=material.documents,
        max_tokens=_max_tokens(spec, items, rollouts),
        key=digest(*spec.models, *spec.panel, system, shared.digest, *(s.text for s in sections)),
        items=material.items or (),
    )


def item_sections(texts: Iterable[str]) -> list[Section]:
    """One section for each text, named "1", "2", …, in order."""
    return [Section("item", item_key(i), text) for i, text in enumerate(texts)]


def _max_tokens(spec: JudgeSpec, items: int, rollouts: int) -> int:
    """Room for the reply. A definition's ``max_tokens`` is for one rollout; raised if it is too small."""
    if spec.max_tokens is None:
        return reply_tokens(spec.criteria, items)
    return max(spec.max_tokens * rollouts, least_tokens(spec.criteria, items))


class _Shared(NamedTuple):
    """The shared part of a group's questions: criteria in the group's order, static text, and its hash."""

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
    # Two rollouts whose own criteria differ only in weights must not share an answer.
    rated = (f"{c.name} {c.weight} {c.essential} {c.values} {c.quote_of} {c.evidence_kind}" for c in ordered)
    return _Shared(ordered, fenced(pieces, code=code_in(hashed, pieces)), digest(hashed, *rated))


def _shuffled(criteria: Iterable[Criterion], group: str) -> tuple[Criterion, ...]:
    """The criteria in an order that differs between groups, so that no criterion is always the first."""
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
    """The answer to a pitfall if the judge is in doubt: the one that costs, so that doubt never pays."""
    return "the better choice" if criterion.choices else "yes"


def _example(example: Example) -> dict[str, str]:
    return {name: text for name, text in example._asdict().items() if text}
