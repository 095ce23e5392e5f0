"""`rewardctl check` with data and cases: what is printed, and the exit code for CI."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from rewardctl.cli import main
from tests import factory

JUDGED = """
name = "judged"
[[gate]]
check = "hollow_answer"
[judge]
model = "medium"
show_prompt = true
[[judge.document]]
name = "source"
source = ["metadata.source"]
[[judge.criterion]]
name = "Borne_Out"
question = "Is every statement of the answer borne out by the source?"
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with a definition and two rows, one of them without a source."""
    monkeypatch.chdir(tmp_path)
    Path("mine.toml").write_text(JUDGED)
    write("rows.jsonl", row("a", source="S"), row("b"))
    return tmp_path


def row(identity: str, **metadata: str) -> dict[str, Any]:
    return factory.row("It is so.", id=identity, metadata=metadata)


def write(name: str, *values: Any) -> None:
    Path(name).write_text("".join(json.dumps(value) + "\n" for value in values))


def check(*more: str) -> Result:
    return CliRunner().invoke(main, ["check", "./mine.toml", *more])


def words(result: Result) -> str:
    return " ".join(result.output.split())


def case(answer: str, expect: str, name: str = "borne out") -> dict[str, Any]:
    return {"name": name, "row": row("a", source="S"), "verdicts": {"Borne_Out": answer}, "expect": expect}


def test_a_part_that_some_rows_lack_is_a_warning_and_an_error_only_where_asked_for() -> None:
    done = check("--data", "rows.jsonl")
    assert done.exit_code == 0, done.output
    assert "judge.document[0].source: nothing under metadata.source, in 1 of 2 rows (line 2)" in words(done)
    assert check("--data", "rows.jsonl", "--strict").exit_code == 1


def test_a_part_that_every_row_lacks_is_an_error() -> None:
    write("rows.jsonl", row("a"), row("b"))
    done = check("--data", "rows.jsonl")
    assert done.exit_code == 1
    assert "in each of 2 rows" in words(done)


def test_data_without_a_row_is_an_error() -> None:
    write("rows.jsonl", {"colour": "red"})
    done = check("--data", "rows.jsonl")
    assert done.exit_code == 1
    assert "rows.jsonl, line 1: an object with the keys colour" in words(done)
    assert "rows.jsonl holds no row that can be read" in words(done)


def test_lines_that_hold_no_row_for_the_same_reason_are_named_together() -> None:
    write("rows.jsonl", row("a", source="S"), *[{"colour": "red"}] * 7)
    done = check("--data", "rows.jsonl")
    assert done.exit_code == 0, done.output
    assert words(done).count("an object with the keys colour") == 1
    assert "rows.jsonl, lines 2, 3, 4, 5, 6, …: an object" in words(done)


def test_data_that_fits_is_said_to_fit() -> None:
    write("rows.jsonl", row("a", source="S"))
    assert "The definition fits all 1 rows of rows.jsonl." in words(check("--data", "rows.jsonl"))


def test_cases_beside_the_definition_run_without_being_named() -> None:
    write("mine.cases.jsonl", case("yes", ">= 0.9"), case("no", "<= 0.1"))
    done = check()
    assert done.exit_code == 0, done.output
    assert "2 of 2 cases of mine.cases.jsonl hold." in words(done)


def test_a_case_that_fails_is_named_with_its_line_and_reward() -> None:
    write("cases.jsonl", case("yes", ">= 0.9"), case("no", ">= 0.5", "half"))
    done = check()
    assert done.exit_code == 1
    assert "FAILED line 2, half a earns 0, expected >= 0.5 1 of 2 cases of cases.jsonl hold." in words(done)


def test_a_named_file_of_cases_comes_before_those_beside() -> None:
    write("mine.cases.jsonl", case("no", ">= 0.9"))
    write("others.jsonl", case("yes", ">= 0.9"))
    assert check("--cases", "others.jsonl").exit_code == 0
    assert check("--cases", "none.jsonl").exit_code == 1


def test_cases_without_verdicts_are_decided_by_the_stand_in_which_says_so() -> None:
    write("cases.jsonl", {"row": row("a", source="S"), "expect": ">= 0"}, case("yes", "== 1"))
    done = check()
    assert done.exit_code == 0, done.output
    assert (
        "1 of them state no verdicts. The offline stand-in decided them; its verdicts mean nothing"
        in words(done)
    )


def test_cases_without_verdicts_can_be_decided_by_another_judge() -> None:
    write("cases.jsonl", {"row": row("a", source="S"), "expect": "== 1"})
    done = check("--judge", "yes")
    assert done.exit_code == 0, done.output
    assert "stand-in" not in words(done)


def test_a_judge_that_costs_money_is_asked_only_after_a_yes() -> None:
    write("cases.jsonl", {"row": row("a", source="S"), "expect": "== 1"})
    done = CliRunner().invoke(main, ["check", "./mine.toml", "--judge", "bedrock"], input="n\n")
    assert done.exit_code == 1
    assert "1 calls" in words(done) or "1 call" in words(done)
    assert "the cases without verdicts were not scored" in words(done)


def test_machines_get_findings_paths_and_cases_as_json() -> None:
    write("mine.cases.jsonl", case("yes", "== 1"), case("no", "== 1"))
    done = check("--data", "rows.jsonl", "--json")
    assert done.exit_code == 1
    found = json.loads(done.stdout)
    assert found["valid"] is True
    assert found["data"]["rows"] == 2
    assert found["data"]["paths"] == {"judge.document[0].source": {"metadata.source": 1}}
    assert [(each["place"], each["lines"]) for each in found["data"]["findings"]] == [
        ("judge.document[0].source", [2])
    ]
    assert [(each["line"], each["passed"], each["rewards"]) for each in found["cases"]["cases"]] == [
        (1, True, {"a": 1.0}),
        (2, False, {"a": 0.0}),
    ]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (("--data", "none.jsonl"), "none.jsonl can't be read"),
        (("--judge", "replay:none"), "none does not exist"),
        (("--cases", "rows.jsonl"), "rows.jsonl, line 1: unknown key"),
    ],
)
def test_what_cannot_be_read_is_said_in_one_sentence(more: tuple[str, ...], said: str) -> None:
    write("cases.jsonl", {"row": row("a", source="S"), "expect": "== 1"})
    done = check(*more)
    assert done.exit_code == 1
    assert said in words(done)
    assert isinstance(done.exception, SystemExit)
