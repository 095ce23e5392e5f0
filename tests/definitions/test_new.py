"""`rewardctl new`: every starting point is valid at once, its cases hold, and its labels fit."""

import json
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from reward_fn.definition.load import SHIPPED, load_definition
from reward_fn.event.parse import parse_rows
from reward_fn.types.rollout import Rollout
from rewardctl.cli import main
from rewardctl.data import Row, rows_of
from rewardctl.labels.file import read_labels
from rewardctl.labels.label import id_key
from rewardctl.starting_points import MINIMAL, NAMES


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def invoke(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments))


def new(*more: str) -> dict[str, Any]:
    """The result of a call with --json."""
    done = invoke("new", "mine", "--json", *more)
    assert done.exit_code == 0, done.output
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def test_every_shipped_definition_is_a_starting_point_and_there_is_a_minimal_one() -> None:
    assert set(NAMES) == {MINIMAL, *(path.stem for path in SHIPPED.glob("*.toml"))}


@pytest.mark.parametrize("point", NAMES)
def test_a_starting_point_is_valid_without_a_warning_and_works_on_its_event(point: str) -> None:
    new("--from", point)
    definition = load_definition("./mine.toml")
    assert (definition.name, definition.warnings) == ("mine", ())
    done = invoke("check", "./mine.toml", "--data", "mine.event.json")
    assert done.exit_code == 0, done.output
    assert "3 of 3 cases of mine.cases.jsonl hold." in done.output


@pytest.mark.parametrize("point", NAMES)
def test_no_case_of_a_starting_point_asks_a_judge(point: str) -> None:
    new("--from", point)
    found = json.loads(invoke("check", "./mine.toml", "--json").stdout)
    assert [case["judge_asked"] for case in found["cases"]["cases"]] == [False] * 3


@pytest.mark.parametrize("point", NAMES)
def test_the_labels_of_a_starting_point_are_about_its_rows_and_criteria(point: str) -> None:
    new("--from", point)
    judge = load_definition("./mine.toml").judge
    criteria = {each.name: each for each in judge.criteria} if judge else {}
    labels = read_labels(Path("mine.labels.jsonl"), criteria).labels
    rows = [row.value for row in rows_of("mine.event.json") if isinstance(row, Row)]
    assert [id_key(label.id) for label in labels] == [id_key(row["id"]) for row in rows]
    named = {
        name for label in labels for answers in (label.labels, *label.items.values()) for name in answers
    }
    rollouts = [entry for entry in parse_rows(rows) if isinstance(entry, Rollout)]
    own = {each["name"] for rollout in rollouts for each in rollout.metadata.get("rubric", [])}
    assert set(criteria) <= named <= {*criteria, *own}


def test_a_definition_keeps_the_comments_of_its_starting_point_and_names_it() -> None:
    new("--from", "math-answer")
    lines = Path("mine.toml").read_text().splitlines()
    assert lines[0].startswith("# Begun from the shipped definition math-answer.")
    shipped = (SHIPPED / "math-answer.toml").read_text().splitlines()
    assert lines[2:] == ['name = "mine"' if line == 'name = "math-answer"' else line for line in shipped]


def test_the_files_that_a_definition_names_are_written_too() -> None:
    files = new("--from", "contract-review")["files"]
    assert "contract_review.schema.json" in files
    assert all(Path(file).is_file() for file in files)


@pytest.mark.parametrize("to", [(), ("--to", "a/folder")])
def test_the_next_three_commands_can_be_given_as_they_stand(to: tuple[str, ...]) -> None:
    check, run, label = (shlex.split(line)[1:] for line in new(*to)["next"])
    assert invoke(*check).exit_code == 0
    assert invoke(*label, "--agreement").exit_code == 0
    assert (run[0], Path(run[2]).is_file(), Path(run[4]).is_file()) == ("run", True, True)


def test_the_example_of_the_help_works() -> None:
    text = invoke("new", "--help").output
    (line,) = re.findall(r"Example:\n +rewardctl (.*)\n", text)
    assert invoke(*shlex.split(line)).exit_code == 0
    assert Path("support-replies.toml").is_file()


def test_people_read_what_was_written_and_what_comes_next() -> None:
    done = invoke("new", "mine")
    assert done.exit_code == 0
    for line in ("wrote mine.toml", "  rewardctl check ./mine.toml --data mine.event.json"):
        assert line in done.output.splitlines()


@pytest.mark.parametrize("file", ["mine.toml", "mine.labels.jsonl"])
def test_nothing_is_overwritten_and_nothing_else_is_written(folder: Path, file: str) -> None:
    Path(file).write_text("my own work")
    done = invoke("new", "mine")
    assert done.exit_code == 1
    assert f"{file} exists already" in done.output
    assert [(path.name, path.read_text()) for path in folder.iterdir()] == [(file, "my own work")]


def test_two_definitions_may_share_a_schema_but_not_a_changed_one() -> None:
    assert invoke("new", "one", "--from", "contract-review").exit_code == 0
    assert invoke("new", "two", "--from", "contract-review").exit_code == 0
    Path("contract_review.schema.json").write_text("{}")
    done = invoke("new", "three", "--from", "contract-review")
    assert done.exit_code == 1
    assert "contract_review.schema.json exists already" in done.output


@pytest.mark.parametrize("name", ["Mine", "1st", "a b", "../up", "x" * 65, "math-answer", "minimal"])
def test_a_name_that_cannot_be_used_is_refused(folder: Path, name: str) -> None:
    assert invoke("new", name).exit_code == 2
    assert list(folder.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_named() -> None:
    Path("file").write_text("")
    done = invoke("new", "mine", "--to", "file/folder")
    assert done.exit_code == 1
    assert "can't be written" in done.output
