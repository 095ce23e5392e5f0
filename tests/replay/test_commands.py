"""`rewardctl replay` and `rewardctl diff` as people and programs see them."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from rewardctl.cli import main
from rewardctl.runs import read_records
from tests.factory import ROOT
from tests.replay.two_criteria import judged, two

EVENT = str(ROOT / "events" / "rag_faithfulness.json")
SHIPPED = ROOT / "reward_fn" / "rewards" / "rag-faithfulness.toml"
TEXTS = ("right", "clear", "right and clear", "neither")


@pytest.fixture(autouse=True)
def _in_tmp_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def run(*arguments: object) -> Result:
    done = CliRunner(env={"COLUMNS": "80"}, mix_stderr=False).invoke(main, list(map(str, arguments)))
    assert "Traceback" not in done.stderr
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exc_info
    return done


def edited(old: str, new: str) -> str:
    """A copy of the shipped definition with a change."""
    text = SHIPPED.read_text()
    assert old in text
    Path("edited.toml").write_text(text.replace(old, new))
    return "edited.toml"


@pytest.fixture
def scored() -> str:
    """A run of the event by the stand-in; one of its rows has no source."""
    done = run("score", EVENT, "--definition", "rag-faithfulness", "--run", "first")
    assert done.exit_code == 3, done.stderr
    return "first"


def rewards(folder: str) -> dict[str, Any]:
    return {record["id"]: record["reward"] for record in read_records(folder)}


def test_a_changed_weight_makes_no_call(scored: str) -> None:
    done = run(
        "replay", scored, "--definition", edited("weight = 1.2", "weight = 2.2"), "--no-calls", "--json",
        "--run", "second",
    )  # fmt: skip
    assert done.exit_code == 0, done.stderr
    assert json.loads(done.stdout)["calls"] == 0
    # By the stand-in, all but As_Expected (1.4) and Borne_Out (2.2 of it) apply and hold:
    assert rewards("second") != rewards(scored)
    lines = [record["line"] for record in read_records("second")]
    assert lines == [record["line"] for record in read_records(scored)]


def test_the_same_definition_gives_an_identical_run(scored: str) -> None:
    assert run("replay", scored, "--definition", "rag-faithfulness", "--run", "same").exit_code == 0
    done = run("diff", scored, "same", "--json")
    assert done.exit_code == 0, done.stdout
    value = json.loads(done.stdout)
    assert (value["identical"], value["deploy"]["answer"]) == (True, "yes")


def test_a_reworded_question_is_asked_and_no_calls_forbids_it(scored: str) -> None:
    changed = edited("Is the answer consistent", "Does the answer agree")
    refused = run("replay", scored, "--definition", changed, "--no-calls")
    assert refused.exit_code == 1
    assert "10 rollouts need the judge (new or changed: As_Expected)" in refused.stderr
    asked = run("replay", scored, "--definition", changed, "--json")
    assert asked.exit_code == 0, asked.stderr
    assert json.loads(asked.stdout)["calls"] == 10


def test_a_dropped_criterion_costs_nothing(scored: str) -> None:
    text = SHIPPED.read_text()
    start = text.index('[[judge.criterion]]\nname = "As_Expected"')
    end = text.index("[[judge.criterion]]            # a pitfall")
    Path("fewer.toml").write_text(text[:start] + text[end:])
    done = run("replay", scored, "--definition", "fewer.toml", "--no-calls", "--json")
    assert done.exit_code == 0, done.stderr


def test_another_judge_is_asked_everything_and_the_cost_is_shown_first(scored: str) -> None:
    done = run("replay", scored, "--definition", "rag-faithfulness", "--judge", "medium")
    assert done.exit_code == 1
    assert "10 rollouts need the judge (another judge, or other documents" in done.stderr
    assert "All together 10 calls" in done.stderr
    assert "nothing was spent" in done.stderr


def traces(folder: Path) -> Path:
    """Records as a deployed function stores them, and the definition that made them as was.toml."""
    served = two(folder / "before")
    Path("was.toml").write_text((folder / "before" / "definition.toml").read_text())
    path = folder / "traces" / "date=2026-01-02" / "a.jsonl.gz"
    path.parent.mkdir(parents=True)
    records = [{k: v for k, v in record.items() if k != "line"} for record in judged(served, TEXTS)]
    path.write_bytes(gzip.compress("".join(json.dumps(record) + "\n" for record in records).encode()))
    return folder / "traces"


def test_traces_are_scored_anew_without_an_account(tmp_path: Path) -> None:
    source = traces(tmp_path)
    two(tmp_path / "after", weights=(1.0, 2.0))
    done = run(
        "replay", source, "--definition", "after/definition.toml", "--was", "was.toml", "--no-calls",
        "--run", "new",
    )  # fmt: skip
    assert done.exit_code == 0, done.stderr
    assert rewards("new") == pytest.approx(
        {"0-right": 1 / 3, "0-clear": 2 / 3, "0-right and clear": 1, "0-neither": 0}
    )


def test_verdicts_of_another_version_are_refused_with_the_remedy(tmp_path: Path) -> None:
    done = run("replay", traces(tmp_path), "--definition", "was.toml")
    assert done.exit_code == 1
    assert "name the file as it was then by --was" in done.stderr


def test_diff_scores_a_run_anew_by_itself(tmp_path: Path) -> None:
    source = traces(tmp_path)
    two(tmp_path / "after", weights=(1.0, 2.0))
    done = run("diff", source, "--definition", "after/definition.toml", "--was", "was.toml", "--json")
    assert done.exit_code == 1, "a single group is too little to say yes"
    value = json.loads(done.stdout)
    assert value["signs"]["flipped"] == 2
    assert value["signs"]["kept"]["value"] == 0.5
    assert value["ranks"] == {"changed": 2, "pairs_reversed": 1, "pairs": 6}
    assert [mover["id"] for mover in value["largest"]] == ["0-right", "0-clear"]


def test_diff_says_when_it_would_have_to_ask(tmp_path: Path) -> None:
    source = traces(tmp_path)
    two(tmp_path / "after", right="Is it true?")
    done = run("diff", source, "--definition", "after/definition.toml", "--was", "was.toml")
    assert done.exit_code == 1
    assert "holds no verdicts for two" in done.stderr
    assert "make a run with `rewardctl replay" in done.stderr


def test_the_screen_answers_first(scored: str) -> None:
    output = run("diff", scored, "--definition", edited("weight = 1.2", "weight = 2.2")).stdout
    assert output.startswith("Deploy in the middle of a job? no, because")
    assert "Rollouts to look at" in output
    assert max(map(len, output.splitlines())) <= 80


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("diff", "a"), 2, "name a second run, or a definition"),
        (("diff", "nowhere", "nowhere"), 1, "nowhere does not exist"),
        (("replay", "nowhere", "--definition", "math-answer"), 1, "nowhere does not exist"),
        (("replay", EVENT, "--definition", "math-answer"), 1, "is not JSON"),
    ],
)
def test_errors_name_the_remedy(arguments: tuple[str, ...], code: int, message: str) -> None:
    done = run(*arguments)
    assert done.exit_code == code
    assert message in done.stderr
