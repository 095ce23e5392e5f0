"""`rewardctl check` says whether a definition can be served, and what it leaks."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from reward_fn.definition.load import SHIPPED
from rewardctl.cli import main

LEAKY = 'name = "leaky"\n[[score]]\ncheck = "length"\nmax_chars = 100\n'


def check(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["check", *arguments])


@pytest.fixture
def leaky(tmp_path: Path) -> str:
    path = tmp_path / "leaky.toml"
    path.write_text(LEAKY, encoding="utf-8")
    return str(path)


@pytest.mark.parametrize("name", sorted(path.stem for path in SHIPPED.glob("*.toml")))
def test_a_shipped_definition_is_valid_without_warnings(name: str) -> None:
    done = check(name, "--strict")
    assert done.exit_code == 0, done.output
    assert f"{name} " in done.output


def test_every_mistake_is_named_and_the_exit_code_says_so(tmp_path: Path) -> None:
    path = tmp_path / "bad.toml"
    path.write_text('name = "bad"\ncolour = "red"\n[[gate]]\ncheck = "lenght"\n', encoding="utf-8")
    done = check(str(path))
    assert done.exit_code == 1
    for part in ("unknown key 'colour'", "gate[0].check: unknown check 'lenght'; did you mean 'length'?"):
        assert part in " ".join(done.output.split())
    assert len(json.loads(check(str(path), "--json").stdout)["mistakes"]) == 3


def test_a_leak_is_warned_of_and_an_error_only_where_asked_for(leaky: str) -> None:
    done = check(leaky)
    assert done.exit_code == 0
    assert "score[0]: shaping-without-outcome" in done.output
    assert check(leaky, "--strict").exit_code == 1


def test_machines_get_json(leaky: str) -> None:
    found = json.loads(check(leaky, "--json").stdout)
    assert found["valid"] is True
    assert [(w["code"], w["place"]) for w in found["warnings"]] == [("shaping-without-outcome", "score[0]")]


def test_it_says_that_a_penalty_takes_a_share_of_the_range_and_a_gate_fixes_a_reward(tmp_path: Path) -> None:
    path = tmp_path / "x.toml"
    path.write_text(
        'name = "x"\nrange = [-1, 1]\n[[gate]]\ncheck = "hollow_answer"\nreward = -0.5\n'
        '[[score]]\ncheck = "numeric_answer"\n[[penalty]]\ncheck = "length"\nmax_chars = 9\nweight = 0.3\n',
        encoding="utf-8",
    )
    shown = " ".join(check(str(path)).output.split())
    assert "gate hollow_answer failed: -0.5" in shown
    assert "penalty length up to 0.3 of the range off, 0.6" in shown  # 0.3 * (1 - -1)


def test_it_says_who_is_asked_and_in_which_mode(tmp_path: Path) -> None:
    path = tmp_path / "x.toml"
    path.write_text(
        'name = "x"\n[judge]\npanel = ["medium", "medium-claude"]\nvotes = 2\nescalate = "heavyweight"\n'
        'mode = "group"\n[[judge.criterion]]\nname = "A"\nquestion = "Is the answer right in all it says?"\n',
        encoding="utf-8",
    )
    done = CliRunner().invoke(main, ["check", str(path)])
    words = " ".join(done.output.split())
    assert "group: medium + medium-claude, 2 votes each by majority, in" in words
    assert "doubt heavyweight" in words


def test_a_mistyped_path_is_told_where_paths_begin(tmp_path: Path) -> None:
    path = tmp_path / "x.toml"
    path.write_text(
        'name = "x"\n[[score]]\ncheck = "numeric_answer"\nreference = ["referense_answer.x"]\n',
        encoding="utf-8",
    )
    done = CliRunner().invoke(main, ["check", str(path)])
    assert done.exit_code == 1
    words = " ".join(done.output.split())
    assert "score[0].reference[0]: 'referense_answer.x' is not a path; begin with prompt, response" in words
