"""`rewardctl score` as people and programs see it: output, exit codes, refusals, the run folder."""

import fcntl
import json
import re
from pathlib import Path
from typing import Any

import pytest

from reward_fn.deadline import Deadline
from reward_fn.definition.load import load_definition
from reward_fn.pipeline import Scorer, score_batch
from reward_fn.response import to_wire
from rewardctl.runs import read_records
from tests.factory import ROOT, row
from tests.score.running import records, rows_in_file, score, write_rows

MATH = ("--definition", "math-answer")
EVENT = ROOT / "events" / "nova_training_math.json"


def solution(number: int, answer: int, **fields: Any) -> dict[str, Any]:
    """A row whose right answer is ``number``."""
    return row(
        f"It is \\boxed{{{answer}}}.",
        prompt=f"What is {number}?",
        id=f"r-{number}",
        reference_answer={"ground_truth": str(number)},
        **fields,
    )


@pytest.fixture(autouse=True)
def _in_tmp_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """600 solutions, more than one batch; every third is wrong."""
    return write_rows(tmp_path / "data.jsonl", [solution(n, n + (n % 3 == 0)) for n in range(600)])


def test_results_equal_those_of_score_batch(data: Path) -> None:
    assert score(data, *MATH, "--run", "run", "-o", "results.jsonl").code == 0
    rows, definition = list(rows_in_file(data)), load_definition("math-answer")
    scored = score_batch(rows, Scorer(definition), Deadline.after(60))
    expected = to_wire(scored.results, scored.entries, definition)
    assert [json.loads(line) for line in Path("results.jsonl").read_text().splitlines()] == expected
    assert [record["line"] for record in read_records("run")] == list(range(1, 601))


def test_the_summary_counts_and_names_what_has_no_reward(tmp_path: Path) -> None:
    rows = [solution(1, 1), solution(2, 0), {"id": "x", "messages": [{"role": "user", "content": "q"}]}]
    data = write_rows(tmp_path / "data.jsonl", rows)
    data.write_text(data.read_text() + "broken\n")
    ran = score(data, *MATH, "--run", "run", "--json")
    assert ran.code == 3
    summary = ran.json
    assert (summary["rows"], summary["scored"], summary["mean_reward"]) == (4, 2, 0.5)
    assert summary["unscored"] == {"no_response": 1, "not_json": 1}
    assert summary["unscored_share"] == 0.5
    assert [(each["line"], each["reason"]) for each in summary["problems"]] == [
        (3, "no_response"),
        (4, "not_json"),
    ]
    assert score(data, *MATH, "--run", "run", "--max-unscored", "0.5").code == 0


def test_people_see_lines_reasons_and_what_to_do(tmp_path: Path) -> None:
    rows = [solution(1, 1), {"prompt": "q", "chosen": "a", "rejected": "b"}]
    ran = score(write_rows(tmp_path / "data.jsonl", rows), *MATH, "--run", "run")
    assert ran.code == 3
    assert ran.out == ""
    assert "line 2: other_form: a preference pair (chosen, rejected): send each answer" in ran.err
    assert "50% of the rows have no reward of their own" in ran.err
    assert "run/results.jsonl" in ran.err


def test_a_path_typo_in_the_definition_does_not_look_like_a_result(tmp_path: Path) -> None:
    """18 of 20 rows neutral: the reference lies under another key."""
    rows = [{**solution(n, n), "reference_answer": {"solution": str(n)}} for n in range(18)]
    rows += [solution(18, 18), solution(19, 19)]
    ran = score(write_rows(tmp_path / "data.jsonl", rows), *MATH, "--run", "run", "--json")
    assert ran.code == 3
    assert ran.json["scored"] == 2


def test_json_stands_alone_on_standard_output(data: Path) -> None:
    ran = score(data, *MATH, "--json")
    assert ran.json["rows"] == 600
    assert ran.json["repeated_ids"] == []


def test_results_alone_go_to_standard_output(data: Path) -> None:
    ran = score(data, *MATH, "-o", "-", "--limit", "2")
    assert [json.loads(line)["aggregate_reward_score"] for line in ran.out.splitlines()] == [0.0, 1.0]


def test_two_outputs_on_standard_output_are_refused(data: Path) -> None:
    ran = score(data, *MATH, "--json", "-o", "-")
    assert ran.code == 2
    assert "name a file for -o" in ran.err


def test_repeated_ids_are_named_with_both_lines_also_across_batches(tmp_path: Path) -> None:
    rows = [solution(n, n) for n in range(600)]
    rows[599]["id"] = "r-0"
    rows[1]["id"] = "r-0"
    ran = score(write_rows(tmp_path / "data.jsonl", rows), *MATH, "--run", "run", "--json")
    assert ran.code == 0
    assert ran.json["repeated_ids"] == [[2, 1], [600, 1]]
    again = score("data.jsonl", *MATH, "--run", "run")
    assert "line 600: has the id of line 1" in again.err
    assert len(list(read_records("run"))) == 600


def test_equal_texts_and_numbers_are_different_ids(tmp_path: Path) -> None:
    rows = [{**solution(1, 1), "id": each} for each in (1, "1", None)]
    assert score(write_rows(tmp_path / "data.jsonl", rows), *MATH, "--json").json["repeated_ids"] == []


def test_ids_that_json_cant_hold_are_replaced_by_the_line(tmp_path: Path) -> None:
    rows = [{**solution(n, n), "id": float("nan")} for n in range(2)]
    write_rows(tmp_path / "data.jsonl", [solution(9, 9), *rows, 7])
    score("data.jsonl", *MATH, "--run", "run")
    assert [record["id"] for record in read_records("run")] == ["r-9", "missing-1", "missing-2", "missing-3"]


def test_standard_input_is_kept_so_that_the_command_can_go_on(data: Path) -> None:
    first = score("-", *MATH, "--json", stdin=data.read_bytes())
    assert first.json["rows"] == 600
    again = score("-", *MATH, "--json", stdin=data.read_bytes())
    assert again.json["was_complete"]
    assert again.json["run"] == first.json["run"]
    assert len([path for path in Path("runs").iterdir() if path.is_file()]) == 1


def test_standard_input_with_nothing_is_named() -> None:
    ran = score("-", *MATH)
    assert ran.code == 1
    assert "is empty" in ran.err


def test_an_event_is_data_too() -> None:
    ran = score(EVENT, *MATH, "--json")
    assert ran.json["rows"] == len(json.loads(EVENT.read_text()))


def test_the_same_run_is_found_under_other_paths(data: Path) -> None:
    first = score(data, *MATH, "--json").json
    Path("copy.jsonl").write_bytes(data.read_bytes())
    again = score("./copy.jsonl", *MATH, "--run", first["run"], "--json").json
    assert again["was_complete"]


def test_a_run_that_is_complete_is_not_made_again(data: Path) -> None:
    score(data, *MATH, "--run", "run")
    before = Path("run/results.jsonl").stat().st_mtime_ns
    assert score(data, *MATH, "--run", "run", "--json").json["was_complete"]
    assert Path("run/results.jsonl").stat().st_mtime_ns == before


def test_run_json_says_what_the_run_is(data: Path) -> None:
    score(data, *MATH, "--run", "run")
    info = json.loads(Path("run/run.json").read_text())
    definition = load_definition("math-answer")
    assert info["run"] == 1
    assert info["definition"] == {
        "name": "math-answer",
        "version": definition.version,
        "sha256": definition.sha256,
        "path": "math-answer",
    }
    assert (info["judge"], info["models"], info["target"], info["seed"]) == ("stand-in", [], "", 0)
    assert (info["rows"], info["problems"], info["calls"], info["cost_usd"]) == (600, [], 0, 0.0)
    assert info["started_at"] <= info["finished_at"]
    assert re.fullmatch("[0-9a-f]{12}", info["code"])
    assert info["prices_of"]


# What a folder refuses: the run of something else.


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (["--definition", "reasoning"], "it is a run of the definition math-answer"),
        (["--judge", "yes"], "its --judge was stand-in, and this is yes"),
        (["--limit", "5"], r"its --limit was \(none\), and this is 5"),
    ],
)
def test_a_folder_with_another_run_is_refused_in_words(data: Path, change: list[str], words: str) -> None:
    score(data, *MATH, "--run", "run")
    before = Path("run/results.jsonl").read_bytes()
    ran = score(data, *MATH, "--run", "run", *change)
    assert ran.code == 1
    assert re.search(words, ran.err)
    assert "name another folder with --run" in ran.err
    assert Path("run/results.jsonl").read_bytes() == before


def test_a_folder_with_a_run_of_other_data_is_refused_even_for_a_change_in_the_middle(data: Path) -> None:
    score(data, *MATH, "--run", "run")
    data.write_bytes(data.read_bytes().replace(b'"r-300"', b'"r-x00"'))
    ran = score(data, *MATH, "--run", "run")
    assert ran.code == 1
    assert "had another content" in ran.err


def test_a_folder_in_use_is_refused(data: Path) -> None:
    score(data, *MATH, "--run", "run")
    with Path("run/.lock").open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        ran = score(data, *MATH, "--run", "run")
    assert ran.code == 1
    assert "is in use; wait for that program" in ran.err


@pytest.mark.parametrize(
    "damage", [b"", b"{", b"[]", b'{"run": 1}', b'{"run": "x"}', b'{"run": 99}'], ids=repr
)
def test_a_damaged_run_json_is_named(data: Path, damage: bytes) -> None:
    score(data, *MATH, "--run", "run")
    if damage == b'{"run": 1}':  # all but how far the run is
        info = json.loads(Path("run/run.json").read_text())
        damage = json.dumps({**info, "progress": {"batches": "many"}}).encode()
    Path("run/run.json").write_bytes(damage)
    ran = score(data, *MATH, "--run", "run")
    assert ran.code == 1
    assert "run/run.json" in ran.err


def test_results_shorter_than_run_json_says_are_named_and_the_remedy_works(data: Path) -> None:
    score(data, *MATH, "--run", "run")
    whole = records(Path("run"))
    with Path("run/results.jsonl").open("r+b") as results:
        results.truncate(1_000)
    ran = score(data, *MATH, "--run", "run")
    assert ran.code == 1
    assert "lost its end" in ran.err
    assert "remove run/run.json and run/results.jsonl" in ran.err
    Path("run/run.json").unlink()
    Path("run/results.jsonl").unlink()
    assert score(data, *MATH, "--run", "run", "--json").json["repeated_ids"] == []
    assert records(Path("run")) == whole


def test_results_of_something_else_are_not_overwritten(data: Path) -> None:
    Path("run").mkdir()
    Path("run/results.jsonl").write_text("mine\n")
    ran = score(data, *MATH, "--run", "run")
    assert ran.code == 1
    assert Path("run/results.jsonl").read_text() == "mine\n"


def test_the_data_are_not_overwritten(data: Path) -> None:
    before = data.read_bytes()
    ran = score(data, *MATH, "-o", "./data.jsonl")
    assert ran.code == 1
    assert data.read_bytes() == before


def test_a_run_folder_inside_its_data_is_refused(data: Path) -> None:
    """It would read the results that it writes."""
    traces = Path("traces")
    traces.mkdir()
    assert score(data, *MATH, "--run", "first").code == 0
    (traces / "a.jsonl").write_bytes(Path("first/results.jsonl").read_bytes())
    assert score(traces, *MATH, "--run", "second").code == 0
    ran = score(traces, *MATH, "--run", "traces/third")
    assert (ran.code, "lies in the data traces" in ran.err) == (1, True)


# Mistakes in the options and the data: one sentence, no traceback.


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["none.jsonl"], "No such file"),
        (["."], "holds no .parquet"),
        ([".", "--run", "runs/x"], "holds no .parquet"),
        (["data.jsonl", "--definition", "nonsense"], "nonsense"),
        (["data.jsonl", "--judge", "replay:nowhere", "--definition", "reasoning"], "does not exist"),
        (["data.jsonl", "--run", "data.jsonl"], "is a file"),
        (["data.jsonl", "--run", "data.jsonl/below"], "is a file"),
        (["data.jsonl", *MATH, "-o", "nowhere/out.jsonl"], "can't be written"),
        (["data.jsonl", *MATH, "-o", "."], "can't be written"),
        (["data.jsonl", "--target", "emulated", "--judge", "yes"], "leave --judge out"),
        (["data.jsonl", "--target", "emulated", "--max-usd", "1"], "leave --max-usd out"),
        (["data.jsonl", "--target", "not-an-arn"], "is not the ARN"),
        (["data.jsonl", "--judge", "bedrock", "--max-usd", "1", "--processes", "2"], "--processes 1"),
        (["data.jsonl", "--judge", "replay:data.jsonl"], "is not a trace"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_mistake_is_one_sentence(data: Path, arguments: list[str], words: str) -> None:
    ran = score(*arguments)
    assert ran.code == 1, ran.err
    assert re.search(words, ran.err), ran.err


def test_an_answer_of_no_spends_nothing(data: Path) -> None:
    rows = json.loads((ROOT / "events" / "contract_review_batch.json").read_text())
    write_rows(data, rows)
    ran = score(data, "--judge", "bedrock", "--run", "run", stdin=b"n\n")
    assert ran.code == 1
    assert "calls" in ran.err
    assert "Prices of" in ran.err
    assert "nothing was spent" in ran.err
    assert not Path("run").exists()


def test_hostile_keys_and_ids_do_not_reach_the_terminal(tmp_path: Path) -> None:
    rows = [{"\x1b]0;owned\x07": 1, "[red]": 2}, {**row(), "id": "\ud800\x1b[2J", "messages": []}]
    ran = score(write_rows(tmp_path / "data.jsonl", rows), *MATH)
    assert ran.code == 3
    assert "\x1b" not in ran.err
    assert "[red]" in ran.err


def test_a_folder_with_signs_of_urls_and_markup_in_its_name_works(data: Path) -> None:
    ran = score(data, *MATH, "--run", "a?b#c%20[red]d")
    assert ran.code == 0
    assert "a?b#c%20[red]d/results.jsonl" in ran.err
    assert Path("a?b#c%20[red]d/verdicts.sqlite").is_file()


def test_the_stand_in_says_what_it_is_first(data: Path) -> None:
    write_rows(data, json.loads((ROOT / "events" / "reasoning.json").read_text()))
    ran = score(data, "--definition", "reasoning")
    assert ran.err.startswith("The judge is the offline stand-in, which compares words")
    own = Path("own.toml")
    own.write_text((ROOT / "reward_fn" / "rewards" / "reasoning.toml").read_text())
    ran = score(data, "--definition", own)
    assert "mean nothing" in ran.err.splitlines()[0] + ran.err.splitlines()[1]


@pytest.mark.parametrize("option", ["--max-usd", "--max-unscored"])
def test_a_cap_of_nan_is_refused(option: str, data: Path) -> None:
    """Nothing is more than NaN, so such a cap would never stop a run."""
    ran = score(data, *MATH, option, "nan")
    assert ran.code == 2
    assert "is not a finite number" in ran.err


def test_a_complete_run_says_how_to_ask_a_failed_judge_again(tmp_path: Path) -> None:
    """The same command does nothing then, and the verdicts that were paid for must not be thrown away."""
    rows = write_rows(tmp_path / "rows.jsonl", [row("Yes.", id="r-1"), {"id": "r-2", "messages": []}])
    command = (rows, "--definition", "instruction-following", "--run", tmp_path / "run")
    assert "asked again" not in score(*command).err
    again = " ".join(score(*command).err.split())
    assert "remove run.json and results.jsonl" in again
