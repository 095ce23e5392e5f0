"""`rewardctl label` from the command line: imports, agreement, pictures, and errors in one sentence."""

import json
import re
import shlex
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from rewardctl.cli import main
from rewardctl.labels import labelling
from rewardctl.labels.file import read_labels
from rewardctl.labels.session import Session
from tests.conftest import ROOT
from tests.labels.making import ONE_QUESTION, rows


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with four rows and a definition, which is the current one."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows("a", "b", "c", "d")))
    (tmp_path / "one.toml").write_text(ONE_QUESTION)
    return tmp_path


def label(*more: str, data: str = "rows.jsonl") -> Result:
    arguments = ["label", data, "--definition", "./one.toml", "--out", "labels.jsonl", "--labeller", "ann"]
    return CliRunner().invoke(main, [*arguments, *more])


def write_labels(path: str, *answers: tuple[str, str, str, int]) -> None:
    """Labels of (row, labeller, answer, repeat)."""
    lines = [
        {"id": row, "labeller": labeller, "labels": {"Clear": answer}, "repeat": repeat}
        for row, labeller, answer, repeat in answers
    ]
    Path(path).write_text("".join(json.dumps(line) + "\n" for line in lines))


def words(result: Result) -> str:
    return " ".join(result.output.split())


@pytest.mark.usefixtures("folder")
def test_an_export_is_added_and_what_is_left_out_is_counted() -> None:
    records = [
        {"id": "a", "responses": {"clear": [{"value": "yes", "user_id": "u"}]}},
        {"id": "elsewhere", "responses": {"clear": [{"value": "no", "user_id": "u"}]}},
        {"id": "b", "responses": {"remark": [{"value": "hm", "user_id": "u"}]}},
    ]
    Path("export.json").write_text(json.dumps(records))
    done = label("--import", "export.json", "--from", "argilla")
    assert done.exit_code == 0, done.output
    assert [label.id for label in read_labels(Path("labels.jsonl")).labels] == ["a"]
    for part in (
        "1 labels added",
        "1 labels are about other rows",
        "'remark' is no criterion",
        "u: 1 judgements",
    ):
        assert part in words(done)


@pytest.mark.usefixtures("folder")
def test_an_export_about_other_rows_is_refused_and_writes_nothing() -> None:
    Path("export.json").write_text(
        '[{"id": "x", "responses": {"clear": [{"value": "yes", "user_id": "u"}]}}]'
    )
    done = label("--import", "export.json", "--from", "argilla")
    assert done.exit_code == 1
    assert "none of the 1 labels names the id of a rollout" in words(done)
    assert not Path("labels.jsonl").exists()


@pytest.mark.usefixtures("folder")
def test_the_agreement_of_two_files_is_printed_for_people_and_for_programs() -> None:
    write_labels("labels.jsonl", *[(row, "ann", "yes", 0) for row in "abcd"], ("a", "ann", "no", 1))
    write_labels("bob.jsonl", *[(row, "bob", "no" if row == "d" else "yes", 0) for row in "abcd"])
    done = label("--agreement", "--labels", "bob.jsonl")
    assert done.exit_code == 0
    assert "Clear ann, bob 4 75% 0.00" in words(done)
    found = json.loads(label("--agreement", "--labels", "bob.jsonl", "--json").stdout)
    assert found["judgements"] == {"ann": 5, "bob": 4}
    # by chance 1 * 3/4 + 0 * 1/4 = 3/4, as much as was observed
    assert [(each["first"], each["share"], each["kappa"]) for each in found["mutual_agreement"]] == [
        ("ann", 0.75, 0.0)
    ]
    # one pair: yes and no; by chance 0, and no agreement: (0 - 0) / (1 - 0)
    assert [(each["pairs"], each["share"], each["kappa"]) for each in found["self_agreement"]] == [
        (1, 0.0, 0.0)
    ]


@pytest.mark.usefixtures("folder")
def test_a_picture_is_drawn_without_a_terminal_and_without_labels() -> None:
    done = label("--picture", "screen.svg")
    assert done.exit_code == 0, done.output
    assert Path("screen.svg").read_text().startswith("<svg")
    assert not Path("labels.jsonl").exists()


@pytest.mark.usefixtures("folder")
def test_the_screen_gets_the_chosen_rollouts_and_no_record(monkeypatch: pytest.MonkeyPatch) -> None:
    """A run is used to choose, and its verdicts appear nowhere in the session."""
    records: list[dict[str, Any]] = [
        {
            "trace": 1,
            "id": row,
            "reward": 0.1 * number,
            "verdicts": [{"criterion": "Clear", "item": None, "answer": "no", "evidence": "SECRET"}],
            "votes": [],
        }
        for number, row in enumerate("abcd")
    ]
    Path("run.jsonl").write_text("".join(json.dumps(record) + "\n" for record in records))
    sessions: list[Session] = []
    monkeypatch.setattr(labelling, "write_picture", lambda screen, path: sessions.append(screen.session))
    done = label("--picture", "screen.svg", "--run", "run.jsonl", "--sample", "2")
    assert done.exit_code == 0, done.output
    (session,) = sessions
    assert session.progress.total == 3  # two rollouts, and one of them again
    assert "SECRET" not in repr(vars(session))


@pytest.mark.usefixtures("folder")
def test_a_name_in_a_file_of_labels_cannot_steer_the_terminal() -> None:
    Path("labels.jsonl").write_text(json.dumps({"id": 1, "labels": {"\x1b[2J": ["x"]}}) + "\n")
    done = label("--agreement")
    assert done.exit_code == 1
    assert "labels.\u241b[2J is" in words(done)
    assert "\x1b" not in done.output


@pytest.mark.usefixtures("folder")
def test_a_cut_last_line_is_mentioned() -> None:
    write_labels("labels.jsonl", ("a", "ann", "yes", 0))
    with Path("labels.jsonl").open("a") as file:
        file.write('{"id": "b"')
    done = label("--agreement")
    assert done.exit_code == 0
    assert "labels.jsonl, line 2 was cut off" in words(done)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ((), "the screen needs a terminal"),
        (("--import", "export.json"), "name the tool that wrote the export, as in --from argilla"),
        (("--agreement",), "labels.jsonl can't be read: No such file"),
        (("--criterion", "Kind"), "no rollout has a criterion 'Kind'; choose from Clear"),
        (("--sampling", "reward"), "the sampling 'reward' takes a run, and --run names 0"),
        (("--run", "none.jsonl"), "none.jsonl does not exist"),
        (("--labels", "rows.jsonl"), "rows.jsonl, line 1"),
        (("--definition", "./none.toml"), "cannot be read (No such file"),
        (("--picture", "no/folder.svg"), "no/folder.svg can't be written"),
    ],
)
@pytest.mark.usefixtures("folder")
def test_what_is_not_possible_is_said_without_a_traceback(more: tuple[str, ...], said: str) -> None:
    Path("export.json").write_text("[]")
    done = label(*more)
    assert done.exit_code == 1
    assert said in words(done)
    assert isinstance(done.exception, SystemExit)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"id": 1, "prompt":\n', "rows.jsonl reaches the judge: 1 × no row, as in line 1: not JSON"),
        ("", "rows.jsonl is empty"),
        ('{"id": "x", "prompt": "Q"}\n', "no row of rows.jsonl reaches the judge: 1 × rejected: no_response"),
    ],
)
@pytest.mark.usefixtures("folder")
def test_data_that_cannot_be_labelled_is_named(text: str, said: str) -> None:
    Path("rows.jsonl").write_text(text)
    done = label()
    assert done.exit_code == 1
    assert said in words(done)


def test_the_example_of_the_help_works_up_to_the_terminal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    text = CliRunner().invoke(main, ["label", "--help"]).output
    (line,) = re.findall(r"Example:\n +rewardctl (.*)\n", text)
    picture = tmp_path / "screen.svg"
    done = CliRunner().invoke(main, [*shlex.split(line), "--picture", str(picture)])
    assert done.exit_code == 0, done.output
    assert picture.is_file()


KILLED = """
import os, signal, sys
from pathlib import Path
from rewardctl.labels.file import LabelWriter
from rewardctl.labels.session import Session, plan
from rewardctl.labels.subjects import find_subjects
from rewardctl.data import rows_of
from reward_fn.definition.load import load_definition

rows = [row.value for row in rows_of("rows.jsonl")]
found = find_subjects(rows, load_definition("./one.toml"))
session = Session(plan(found.subjects, 0), "ann", (), LabelWriter(Path("labels.jsonl")).add, lambda: "now")
session.answer("yes")
session.answer("no")
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_killed_session_has_lost_no_answer(folder: Path) -> None:
    killed = subprocess.run(
        [sys.executable, "-c", KILLED], cwd=folder, env={"PYTHONPATH": str(ROOT)}, timeout=60, check=False
    )
    assert killed.returncode == -signal.SIGKILL
    assert [dict(each.labels) for each in read_labels(Path("labels.jsonl")).labels] == [
        {"Clear": "yes"},
        {"Clear": "no"},
    ]
