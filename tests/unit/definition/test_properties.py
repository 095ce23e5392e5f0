"""Whatever a file holds, it is a definition that can be served or one error that names all mistakes."""

from pathlib import Path
from typing import Any

import pytest
import tomlkit
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reward_fn import checks
from reward_fn.definition.form import definition_schema
from reward_fn.definition.load import load_definition
from reward_fn.errors import DefinitionError
from reward_fn.types.definition import Definition

_KEYS = sorted(
    {key for part in definition_schema()["$defs"].values() for key in part.get("properties", {})}
    | set(definition_schema()["properties"])
    | {key for name in checks.available() for key in checks.load(name).parameters["properties"]}
)
_scalars = st.one_of(
    st.booleans(),
    st.integers(-(10**6), 10**6),
    st.floats(),
    st.text(max_size=12),
    st.sampled_from(
        [*checks.available(), "medium", "item", "answer", "prompt", "metadata.a", "neutral", "(a+)+$"]
    ),
)
_values: st.SearchStrategy[Any] = st.recursive(
    _scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(_KEYS), inner, max_size=4),
    max_leaves=10,
)
_check = st.fixed_dictionaries(
    {"check": st.sampled_from(checks.available())},
    optional={key: _values for key in _KEYS if key != "check"},
)
_definitions = st.fixed_dictionaries(
    {"name": st.sampled_from(["a", "b-c", "Bad"])},
    optional={
        "range": st.lists(st.floats(-2, 2) | st.integers(-2, 2), min_size=1, max_size=3),
        "gate": st.lists(_check, max_size=2) | _values,
        "score": st.lists(_check, max_size=2) | _values,
        "penalty": st.lists(_check, max_size=2) | _values,
        "judge": st.dictionaries(st.sampled_from(_KEYS), _values, max_size=6) | _values,
        "on_error": _values,
        "combine": _values,
        "colour": _values,
    },
)


def served(path: Path) -> Definition | DefinitionError:
    try:
        return load_definition(str(path))
    except DefinitionError as error:
        return error


@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture], max_examples=150)
@given(data=_definitions)
def test_any_table_is_served_or_refused_with_its_mistakes(data: dict[str, Any], tmp_path: Path) -> None:
    path = tmp_path / "any.toml"
    path.write_text(tomlkit.dumps(data), encoding="utf-8")
    found = served(path)
    if isinstance(found, DefinitionError):
        assert found.mistakes
        assert all(": " in mistake or "definition" in mistake for mistake in found.mistakes)
    else:
        assert found.low < found.high
        assert found.scores or found.judge


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text() | st.binary().map(lambda raw: raw.decode("latin-1")))
def test_any_text_is_served_or_refused(text: str, tmp_path: Path) -> None:
    path = tmp_path / "any.toml"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    assert isinstance(served(path), Definition | DefinitionError)


@pytest.mark.parametrize("depth", [50, 5000])
def test_a_table_nested_without_end_is_refused(depth: int, tmp_path: Path) -> None:
    path = tmp_path / "deep.toml"
    path.write_text("name = " + "[" * depth + "]" * depth, encoding="utf-8")
    assert isinstance(served(path), DefinitionError)
