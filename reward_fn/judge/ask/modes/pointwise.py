"""Mode "pointwise": one question about each rollout alone."""

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from reward_fn.judge.ask.fences import RandomCode, Section, new_code
from reward_fn.judge.ask.inquiry import Inquiry, about
from reward_fn.judge.ask.mode import Mode
from reward_fn.judge.ask.prompt import compose_question, item_sections
from reward_fn.judge.base import Question
from reward_fn.types.material import Material

_as_json = json.JSONEncoder(ensure_ascii=False).encode


def inquiry_about(material: Material) -> Inquiry:
    """One question about one rollout."""
    return about(material.rollout.index, question_about(material))


def question_about(material: Material, *, random_code: RandomCode = new_code) -> Question:
    """The question about one rollout: its whole response, or its items one by one."""
    if material.spec.items:
        sections = item_sections(shown_items(material))
    else:
        sections = [Section("response", "-", material.rollout.response)]
    return compose_question(material, POINTWISE, sections, random_code=random_code)


def _build(materials: Sequence[Material]) -> Iterator[Inquiry]:
    return map(inquiry_about, materials)


def shown_items(material: Material) -> Iterable[str]:
    """The text of each item that the judge sees, in order; nothing if the rubric judges no list."""
    return (_shown(item, material.spec.item_fields) for item in material.items or ())


def _shown(item: Any, fields: tuple[str, ...]) -> str:
    """The text of an item that the judge sees: any other key would be a channel from policy to judge."""
    if fields and isinstance(item, dict):
        item = {key: item[key] for key in fields if key in item}
    return item if isinstance(item, str) else _as_json(item)


POINTWISE = Mode(name="pointwise", prompt="pointwise", build=_build, takes_items=True)
