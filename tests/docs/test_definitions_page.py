"""docs/definitions.md lists every key of the schema, its defaults hold, and its examples load."""

import json
import re
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from reward_fn.score.policies import POLICIES
from reward_fn.types.definition import Definition
from tests import factory
from tests.conftest import ROOT
from tests.docs.markdown import blocks, defaults, keys, page, sections, tables

SECTIONS = sections(page("definitions.md"))
EXAMPLES = blocks(page("definitions.md"), "toml example")
SCHEMA = json.loads(
    (ROOT / "reward_fn" / "definition" / "definition.schema.json").read_text(encoding="utf-8")
)
DEFS = SCHEMA["$defs"]
ROLES = ("gate", "score", "penalty", "metric")
PARTS = {
    "The file": set(SCHEMA["properties"]),
    "Checks and their roles": {
        key for part in ("check", "gate", "weighted") for key in DEFS[part]["properties"]
    },
    "`[on_error]`": set(SCHEMA["properties"]["on_error"]["properties"]),
    "`[[judge.document]]`": set(DEFS["document"]["properties"]),
    "`[[judge.criterion]]`": set(DEFS["criterion"]["properties"]),
    "`[[judge.criterion.example]]`": set(DEFS["example"]["properties"]),
}
JUDGE_SECTIONS = ("`[judge]`: who answers", "`[judge]`: what it is shown")


def key_table(section: str) -> list[list[str]]:
    (table,) = [table for table in tables(SECTIONS[section]) if table[0][0] == "key"]
    return table


@pytest.mark.parametrize("section", PARTS)
def test_a_section_lists_every_key_of_its_part_and_no_other(section: str) -> None:
    listed = keys(key_table(section))
    assert sorted(listed) == sorted(PARTS[section])


def test_the_two_tables_of_the_judge_share_its_keys() -> None:
    listed = [key for section in JUDGE_SECTIONS for key in keys(key_table(section))]
    assert sorted(listed) == sorted(DEFS["judge"]["properties"])


@pytest.mark.parametrize("section", [*PARTS, *JUDGE_SECTIONS])
def test_every_table_of_keys_has_the_same_columns(section: str) -> None:
    assert key_table(section)[0] == ["key", "type or values", "default", "meaning"]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda text: tomllib.loads(text)["name"])
def test_an_example_loads_without_a_warning_about_its_form(example: str, tmp_path: Path) -> None:
    """Examples show keys, so they may lack a gate against hollow answers; nothing else is forgiven."""
    warnings = factory.definition(tmp_path, example).warnings
    assert {warning.code for warning in warnings} <= {"no-hollow-gate", "few-values"}


def used(data: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """(part of the schema, key) of everything that a definition sets."""
    yield from (("The file", key) for key in data)
    yield from (
        ("Checks and their roles", key) for role in ROLES for entry in data.get(role, []) for key in entry
    )
    yield from (("`[on_error]`", key) for key in data.get("on_error", {}))
    judge = data.get("judge", {})
    yield from (("judge", key) for key in judge)
    yield from (("`[[judge.document]]`", key) for entry in judge.get("document", []) for key in entry)
    for entry in judge.get("criterion", []):
        yield from (("`[[judge.criterion]]`", key) for key in entry)
        for example in entry.get("example", []):
            yield from (("`[[judge.criterion.example]]`", key) for key in example)


def test_an_example_shows_every_key() -> None:
    shown = {pair for example in EXAMPLES for pair in used(tomllib.loads(example))}
    expected = {(section, key) for section, part in PARTS.items() for key in part}
    expected |= {("judge", key) for key in DEFS["judge"]["properties"]}
    assert expected - shown == set()


CRITERION = '[[judge.criterion]]\nname = "One"\nquestion = "Is the answer right?"\n'
JUDGE = '[judge]\nmodel = "medium"\n'
SCORE = '[[score]]\ncheck = "length"\nmax_chars = 10\n'
PLACES = {
    "The file": f'name = "x"\n{{}}\n{SCORE}',
    "Checks and their roles": f'name = "x"\n{SCORE}{{}}\n',
    "`[on_error]`": f'name = "x"\n{SCORE}[on_error]\n{{}}\n',
    JUDGE_SECTIONS[0]: f'name = "x"\n{JUDGE}{{}}\n{CRITERION}',
    JUDGE_SECTIONS[1]: f'name = "x"\n{JUDGE}{{}}\n{CRITERION}',
    "`[[judge.document]]`": (
        f'name = "x"\n{JUDGE}[[judge.document]]\nname = "d"\nsource = ["prompt"]\n{{}}\n{CRITERION}'
    ),
    "`[[judge.criterion]]`": f'name = "x"\n{JUDGE}{CRITERION}{{}}\n',
    "`[[judge.criterion.example]]`": (
        f'name = "x"\n{JUDGE}{CRITERION}[[judge.criterion.example]]\nanswer = "a"\nverdict = "no"\n{{}}\n'
    ),
}
"""A definition for each section, with the place for one of its keys."""
NEEDED = {
    "rule": "votes = 3",
    "min_items": 'items = "a"',
    "max_items": 'items = "a"',
    "min_score": 'name = "g"',
}
"""What a key needs beside it."""
EMPTY = {'""', "[]"}
"""These defaults say that there is none; most of the keys do not take the empty value itself."""


def compiled(folder: Path, toml: str) -> str:
    """All that a definition comes to, as text, but for what is new in each load: hashes and functions."""
    definition: Definition = factory.definition(folder, toml)
    roles = (definition.gates, definition.scores, definition.penalties, definition.metrics)
    weights = [(spec.name, spec.weight, spec.reward, spec.min_score) for role in roles for spec in role]
    bare = replace(
        definition, version="", sha256="", warnings=(), gates=(), scores=(), penalties=(), metrics=()
    )
    return f"{bare} {weights}"


def shown_defaults() -> list[tuple[str, str, str]]:
    pairs = ((section, defaults(key_table(section))) for section in PLACES)
    return [(section, *item) for section, table in pairs for item in table.items() if item[1] not in EMPTY]


@pytest.mark.parametrize(("section", "key", "value"), shown_defaults())
def test_a_default_is_what_counts_where_the_key_is_left_out(
    section: str, key: str, value: str, tmp_path: Path
) -> None:
    needed, place = NEEDED.get(key, ""), PLACES[section]
    if key == "min_score":
        place = place.replace(SCORE, f'{SCORE}[[gate]]\ncheck = "hollow_answer"\n')
    with_default = compiled(tmp_path, place.format(f"{needed}\n{key} = {value}"))
    assert with_default == compiled(tmp_path, place.format(needed))


def test_enough_defaults_are_tried() -> None:
    assert len(shown_defaults()) >= 20


def test_the_choices_of_a_key_are_the_schemas() -> None:
    parts = dict.fromkeys(JUDGE_SECTIONS, DEFS["judge"]["properties"])
    parts["The file"] = SCHEMA["properties"]
    parts["`[on_error]`"] = SCHEMA["properties"]["on_error"]["properties"]
    parts["`[[judge.criterion]]`"] = DEFS["criterion"]["properties"]
    for section, properties in parts.items():
        for row in key_table(section)[1:]:
            for key in re.findall(r"`([^`]+)`", row[0]):
                if "enum" in properties[key] and key not in ("mode", "policy"):
                    assert re.findall(r"`([^`]+)`", row[1]) == properties[key]["enum"], key


def test_the_table_of_policies_is_the_registry() -> None:
    (table,) = [table for table in tables(SECTIONS["`[on_error]`"]) if table[0][0] == "policy"]
    assert keys(table) == list(POLICIES)
