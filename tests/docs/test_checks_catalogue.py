"""docs/checks.md has every check with every parameter; its defaults hold, and its examples load."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from reward_fn import checks
from reward_fn.event.parse import parse_event
from reward_fn.types.rollout import Rollout
from tests import factory
from tests.check_cases import Case, all_cases
from tests.docs.markdown import blocks, defaults, keys, page, sections, tables

PAGE = page("checks.md")
SECTIONS = {heading.strip("`"): text for heading, text in sections(PAGE).items()}
CASES = all_cases()
ROLES = ("gate", "score", "penalty", "metric")
ROLE_KEYS = {"check", "name", "weight", "reward", "min_score"}
HEADER = ["parameter", "type or values", "default", "meaning"]


def parameter_table(check: str) -> list[list[str]]:
    """The table of parameters; a check with one parameter may describe it in a sentence."""
    found = [table for table in tables(SECTIONS[check]) if table[0][0] == "parameter"]
    return found[0] if found else [HEADER]


def test_the_page_has_every_check_in_its_overview_and_in_a_section_of_its_own() -> None:
    overview = next(tables(PAGE))
    assert [row[0] for row in overview[1:]] == [f"[`{name}`](#{name})" for name in checks.available()]
    assert list(SECTIONS) == list(checks.available())


@pytest.mark.parametrize("check", checks.available())
def test_a_section_lists_every_parameter_and_no_other(check: str) -> None:
    table = parameter_table(check)
    listed = set(keys(table)) or {"answer"}
    assert table[0] == HEADER
    assert listed == set(checks.load(check).parameters["properties"])


@pytest.mark.parametrize("check", checks.available())
def test_an_example_loads_and_shows_every_parameter(check: str, tmp_path: Path) -> None:
    (example,) = blocks(SECTIONS[check], "toml example")
    data = tomllib.loads(example)
    beside = "" if "score" in data else '[[score]]\ncheck = "required_content"\nphrases = ["a"]\n'
    definition = factory.definition(tmp_path, f'name = "example"\n{example}{beside}')
    assert {each.code for each in definition.warnings} <= {"no-hollow-gate"}
    entries = [entry for role in ROLES for entry in data.get(role, []) if entry["check"] == check]
    shown = {key for entry in entries for key in entry} - ROLE_KEYS
    assert shown == set(checks.load(check).parameters["properties"])


def test_the_keys_of_a_field_are_the_checks() -> None:
    table = next(table for table in tables(SECTIONS["json_fields"]) if table[0][0] == "key")
    fields: Any = checks.load("json_fields").parameters["properties"]["fields"]
    assert keys(table) == [
        "path",
        "weight",
        "compare",
        "tolerance",
        "relative_tolerance",
        "key",
        "item_fields",
    ]
    assert set(keys(table)) == set(fields["items"]["properties"])
    comparisons = next(table for table in tables(SECTIONS["json_fields"]) if table[0][0] == "`compare`")
    assert set(keys(comparisons)) == set(fields["items"]["properties"]["compare"]["enum"])


def with_default(case: Case, parameter: str, value: str, folder: Path) -> tuple[Any, Any]:
    """What a case comes to by its own parameters, and with the default added."""
    for name, text in case.files.items():
        (folder / name).write_text(text, encoding="utf-8")
    (entry,) = parse_event([case.row])
    assert isinstance(entry, Rollout)
    build = checks.load(case.check).build
    added = tomllib.loads(f"{parameter} = {value}")
    return build(case.parameters, folder)(entry), build({**case.parameters, **added}, folder)(entry)


DEFAULTS = [
    (check, parameter, value)
    for check in checks.available()
    for parameter, value in defaults(parameter_table(check)).items()
    if value not in ('""', "[]")
]
UNITS = ("chars", "words", "tokens")


def takes(case: Case, parameter: str) -> bool:
    """Whether the parameter can be added to a case; limits of length must be in the case's unit."""
    unit = parameter.rpartition("_")[2]
    other_unit = (
        case.check == "length"
        and unit in UNITS
        and not any(key.endswith(f"_{unit}") for key in case.parameters)
    )
    given = {"languages", "languages_from", "same_as"} & case.parameters.keys()
    return parameter not in case.parameters and not other_unit and not (given and parameter == "same_as")


@pytest.mark.parametrize(("check", "parameter", "value"), DEFAULTS)
def test_a_default_is_what_counts_where_a_parameter_is_left_out(
    check: str, parameter: str, value: str, tmp_path: Path
) -> None:
    cases = [case for case in CASES if case.check == check and takes(case, parameter)]
    results = [with_default(case, parameter, value, tmp_path) for case in cases]
    assert [
        case.name for case, (left_out, shown) in zip(cases, results, strict=True) if left_out != shown
    ] == []
    assert cases or parameter.endswith("_tokens"), "no case leaves this parameter out"


def test_defaults_are_tried() -> None:
    assert len(DEFAULTS) >= 30
