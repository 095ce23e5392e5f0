"""What the judge is asked: one question for all criteria of a rollout, hostile text inside random fences.

A fence is a line ``<<CODE begin KIND NAME>>`` before and ``<<CODE end>>`` after a piece of material. The
code around a response is random for each call, so the response can't forge it; that around the shared
material is a hash of the material, so that the prompt's prefix stays the same for a group and caches hit.
Every piece is put in once, by concatenation: nothing that a rollout wrote is ever read as a template.
"""

import json
import re
import secrets
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from reward_fn.judge.base import Question
from reward_fn.judge.verdict_schema import asked, item_key
from reward_fn.rubric import Criterion, JudgeSpec
from reward_fn.sources import find_text
from reward_fn.text.digest import digest
from reward_fn.text.noise import without_hidden
from reward_fn.types import Rollout

MIN_VERDICT_TOKENS = 30
EVIDENCE_TOKENS = 120
"""Room for one verdict with its evidence; ``maxTokens`` counts against Bedrock's token quota up front."""

_MARKER = re.compile(r"^<<([0-9a-f]{16,64}) begin (\w+) (\S+)>>$", re.MULTILINE)
_as_json = json.JSONEncoder(ensure_ascii=False).encode
_SURROGATES = re.compile("[\ud800-\udfff]")


def _random_code() -> str:
    return secrets.token_hex(8)


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
    """The question whose own material is ``own``, of which so many pieces are items; ``judged`` are these.

    Hidden characters are taken out of that material: no reader would see what they tell the judge.

    ``rollout`` stands for its group: prompt, documents and the order of criteria come from it. ``way`` names
    the template that says how to decide.
    """
    own = [Section(s.kind, s.name, without_hidden(s.text)) for s in own]
    documents = {d.name: text for d in spec.documents if (text := find_text(rollout, d.sources)) is not None}
    shared = _shared(
        spec.criteria, rollout.group, tuple(documents.items()), rollout.prompt if spec.show_prompt else None
    )
    # Bedrock compiles a response format's grammar at first sight, which may take minutes: there, one order.
    ordered = spec.criteria if spec.structure == "json_schema" else shared.criteria
    leaves, schema = asked(ordered, items)
    system = system_text(way)
    return Question(
        system=system,
        static=shared.text,
        variable=_fenced(own, code=_unused_code(own, random_code)),
        schema=schema,
        leaves=leaves,
        documents=documents,
        max_tokens=_max_tokens(spec, len(leaves), rollouts=items if way == "group" else 1),
        key=digest(*spec.models, *spec.panel, system, shared.digest, *(s.text for s in own)),
        items=judged,
    )


def _max_tokens(spec: JudgeSpec, leaves: int, rollouts: int) -> int:
    """Room for a reply about so many rollouts; what a definition sets is for one, and never too little."""
    if spec.max_tokens is None:
        return 64 + EVIDENCE_TOKENS * leaves
    return max(spec.max_tokens * rollouts, MIN_VERDICT_TOKENS * leaves)


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
        ending = f"\n<<{code} end>>"
        end = text.find(ending, match.end())
        if end < 0:
            break
        found.append(Section(kind, name, text[match.end() + 1 : end]))
        position = end + len(ending)
    return found


@cache
def system_text(way: str) -> str:
    """What the judge is told first, made of the texts in ``prompts/``; ``way`` says how to decide."""
    folder = Path(__file__).parent / "prompts"
    return "".join((folder / f"{name}.txt").read_text("utf-8") for name in ("examiner", way, "reply"))


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
    code = digest(*(part for piece in pieces for part in (piece.kind, piece.name, piece.text)))
    # Two rollouts that bring the same questions with other weights must not share an answer.
    rated = (f"{c.name} {c.weight} {c.essential} {c.values} {c.quote_of}" for c in ordered)
    return _Shared(ordered, _fenced(pieces, code=code[:16]), digest(code, *rated))


def _shuffled(criteria: Iterable[Criterion], group: str) -> tuple[Criterion, ...]:
    """The same order for all rollouts of a group, another for the next: no criterion is always first."""
    return tuple(sorted(criteria, key=lambda c: digest(group, c.name)))


def _criteria_json(criteria: Iterable[Criterion], shown: Iterable[str]) -> str:
    shown = set(shown)
    rows = [
        {
            "name": c.name,
            "scope": c.scope,
            "question": c.question,
            **({"choices": c.choices} if c.choices else {}),
            **({"may_not_apply": True} if c.may_not_apply else {}),
            **({"quote_from": names} if (names := [d for d in c.quote_from if d in shown]) else {}),
            **({"quote_of": c.quote_of} if c.quote_of else {}),
        }
        for c in criteria
    ]
    return "[\n" + ",\n".join(map(_as_json, rows)) + "\n]"


def _item_text(item: Any, fields: tuple[str, ...]) -> str:
    """What the judge sees of an item: a key that nobody reads would be a channel to the judge."""
    if fields and isinstance(item, dict):
        item = {key: item[key] for key in fields if key in item}
    return item if isinstance(item, str) else _as_json(item)


def _fenced(pieces: Iterable[Section], code: str) -> str:
    text = "\n".join(f"<<{code} begin {s.kind} {s.name}>>\n{s.text}\n<<{code} end>>" for s in pieces)
    return _SURROGATES.sub("\ufffd", text)


def _unused_code(pieces: Iterable[Section], random_code: Callable[[], str]) -> str:
    """A code that stands in none of the texts."""
    texts = [s.text for s in pieces]
    while True:
        code = random_code()
        if not any(code in text for text in texts):
            return code
