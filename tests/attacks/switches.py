"""The defences of the serving path, each with how to take it away."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from reward_fn.definition.load import load_definition
from reward_fn.judge.ask import prompt
from reward_fn.judge.vote import reply
from reward_fn.text.bounded_json import Parsed
from reward_fn.types.check import CheckSpec
from reward_fn.types.definition import Definition
from tests.attacks import judges
from tests.unit.fake_judge import FakeJudge

KNOWN_CODE = "0123456789abcdef"
"""The fence that the forged sections guess."""

Switch = Callable[[pytest.MonkeyPatch, Definition], Definition]


def without(defences: Sequence[str], definition: Definition, patch: pytest.MonkeyPatch) -> Definition:
    """The definition, and by way of ``patch`` the code, without these defences."""
    for name in defences:
        definition = SWITCHES.get(name, _drop_check(name))(patch, definition)
    return definition


def judge_of(name: str, definition: Definition) -> FakeJudge:
    """The fake of that name; one that repeats what it reads can do so only where it may write text."""
    in_text = definition.judge is not None and definition.judge.structure == "text"
    return FakeJudge(judges.parrot_in_text if name == "parrot" and in_text else judges.BY_NAME[name])


def shipped(name: str) -> Definition:
    """A shipped definition."""
    return load_definition(name)


def _drop_check(name: str) -> Switch:
    def switch(_patch: pytest.MonkeyPatch, definition: Definition) -> Definition:
        def kept(specs: tuple[CheckSpec, ...]) -> tuple[CheckSpec, ...]:
            return tuple(spec for spec in specs if spec.name != name)

        return replace(
            definition,
            gates=kept(definition.gates),
            scores=kept(definition.scores),
            penalties=kept(definition.penalties),
        )

    return switch


def _judge_with(**fields: Any) -> Switch:
    def switch(_patch: pytest.MonkeyPatch, definition: Definition) -> Definition:
        assert definition.judge is not None
        return replace(definition, judge=replace(definition.judge, **fields))

    return switch


def _criteria_with(**fields: Any) -> Switch:
    def switch(_patch: pytest.MonkeyPatch, definition: Definition) -> Definition:
        assert definition.judge is not None
        criteria = tuple(replace(criterion, **fields) for criterion in definition.judge.criteria)
        return replace(definition, judge=replace(definition.judge, criteria=criteria))

    return switch


def _known_fence(patch: pytest.MonkeyPatch, definition: Definition) -> Definition:
    patch.setattr(prompt, "unused_code", lambda _pieces, _random_code: KNOWN_CODE)
    return definition


def _hidden_characters_shown(patch: pytest.MonkeyPatch, definition: Definition) -> Definition:
    patch.setattr(prompt, "without_hidden", lambda text: text)
    return definition


def first_object(text: str, **_: Any) -> Parsed:
    """How a lenient reader takes the first JSON object that it finds in a text."""
    return Parsed(json.JSONDecoder().raw_decode(text[text.index("{") :])[0])


def _lenient(patch: pytest.MonkeyPatch, definition: Definition) -> Definition:
    patch.setattr(reply, "parse_json", first_object)
    return definition


SWITCHES: Mapping[str, Switch] = {
    "random fence": _known_fence,
    "hidden characters removed": _hidden_characters_shown,
    "forced structure": _judge_with(structure="text"),
    "strict reading": _lenient,
    "quote_from": _criteria_with(quote_from=(), quote_of=""),
    "quote_of": _criteria_with(quote_of=""),
    "essential": _criteria_with(essential=False),
    "max_items": _judge_with(max_items=500),
    "provoked": _judge_with(provoked=frozenset()),
}
"""Those that are no checks; a check is switched off by leaving it out."""
