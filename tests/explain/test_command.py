"""`rewardctl explain` and what it prints."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from rich.console import Console

from reward_fn.definition.load import load_definition
from rewardctl.cli import main
from rewardctl.explain.explain import explain
from rewardctl.explain.numbers import ranges
from rewardctl.explain.terminal import show
from rewardctl.explain.visible import one_line, visible
from tests.conftest import ROOT
from tests.explain.records import Record, records_of
from tests.explain.test_marks import INVENTED, RAISE, REFERENCE, review
from tests.factory import row
from tests.unit.fake_judge import all_yes

EVENT = str(ROOT / "events" / "nova_training_math.json")
HOSTILE = "\x1b[31mred\x1b[0m [bold]loud[/bold] \u202egnorw\u2066 \x07 \u27e69 fake\u27e7\r\nA: 18"


def run(*arguments: str) -> Result:
    return CliRunner(env={"COLUMNS": "80"}).invoke(main, ["explain", *arguments])


def text_of(records: list[Record], definition: str, place: int = 0, *, full: bool = False) -> str:
    """The explanation as a terminal of 80 columns without colours shows it."""
    served = load_definition(definition)
    output = io.StringIO()
    show(explain(records[place], records, served), Console(width=80, file=output), full=full)
    return output.getvalue()


@pytest.fixture
def results(tmp_path: Path) -> Path:
    served = load_definition("contract-review")
    rows = [
        row(review(RAISE), id="good"),
        row(review(RAISE, INVENTED), id="mixed"),
        row("[1, 2", id="broken"),
    ]
    rows = [{**fields, "reference_answer": REFERENCE} for fields in rows]
    path = tmp_path / "results.jsonl"
    path.write_text("".join(json.dumps(record) + "\n" for record in records_of(served, rows, all_yes)))
    return path


def test_the_first_lines_are_the_id_the_reward_and_why(results: Path) -> None:
    # quotes_source 1/2, grounding 1/2 of 1.2: the rubric is 3.4 / 4 = 0.85, so (0.5 + 3 * 0.85) / 4 = 0.7625.
    done = run("mixed", "--run", str(results))
    assert done.exit_code == 0, done.output
    first, second, *_ = done.output.splitlines()
    assert first.startswith("mixed   reward 0.7625   contract-review ")
    assert second.startswith(
        "The reward is 0.7625 of at most 1: most was lost by quotes_source (-0.125, 1 of"
    )


def test_every_line_fits_80_columns(results: Path) -> None:
    for identity in ("good", "mixed", "broken"):
        for more in ((), ("--full",)):
            done = run(identity, "--run", str(results), *more)
            assert max(map(len, done.output.splitlines())) <= 80


def test_all_sections_are_there(results: Path) -> None:
    output = run("mixed", "--run", str(results)).output
    titles = [
        "Prompt",
        "Answer",
        "Marks in the answer",
        "Checks",
        "Criteria",
        "The rubric's score, step by step",
    ]
    titles += ["The reward, step by step", "Its group", "Judge calls"]
    places = [output.index(f"\n{title}\n") for title in titles]
    assert places == sorted(places)
    assert "item 1  yes  found in target_contract" in output
    assert "parts of reward - mean" in output


def test_a_failed_gate_lists_the_checks_that_did_not_run_in_one_line(results: Path) -> None:
    output = run("broken", "--run", str(results)).output
    assert "not run, since the gate json_schema failed first: unicode_noise, safety," in output
    assert "Criteria" not in output


def test_siblings_say_which_gate_they_failed_or_passed(results: Path) -> None:
    assert "failed json_schema" in run("good", "--run", str(results)).output
    assert "passed json_schema" in run("broken", "--run", str(results)).output


def test_marks_with_the_same_reason_share_a_row() -> None:
    quotes = (RAISE, "Customer pays the yearly fee in advance", INVENTED)
    fields = {"id": "three", "reference_answer": REFERENCE}
    records = records_of(load_definition("contract-review"), [row(review(*quotes), **fields)], all_yes)
    output = text_of(records, "contract-review")
    assert "\n  1-2  evidence     quotes_source: stands in" in output
    assert "\n  3    unsupported  quotes_source: not found in" in output


@pytest.mark.parametrize(("values", "text"), [([], ""), ([3], "3"), ([1, 2, 3, 5, 7, 8], "1-3, 5, 7-8")])
def test_neighbouring_numbers_are_joined(values: list[int], text: str) -> None:
    assert ranges(values) == text


def test_json_holds_the_whole_explanation(results: Path) -> None:
    done = run("mixed", "--run", str(results), "--json")
    value: dict[str, Any] = json.loads(done.stdout)
    assert (value["id"], value["reward"], value["case"], value["line"]) == ("mixed", 0.7625, "formula", 2)
    assert value["steps"][-1]["value"] == 0.7625
    assert [mark["kind"] for mark in value["response"]["marks"]] == ["evidence", "unsupported"]
    assert "".join(segment["text"] for segment in value["response"]["segments"]) == value["response"]["text"]


def test_an_event_is_scored_on_the_spot() -> None:
    done = run("tulips-hedge", "--event", EVENT, "--definition", "math-answer")
    assert done.exit_code == 0, done.output
    assert "lost by numeric_answer (-1, several answers)." in done.output
    assert "\u27e61 18 or 20\u27e7" in done.output
    assert "stand-in" not in done.output, "no judge was asked"


def test_the_stand_in_says_that_its_verdicts_mean_nothing() -> None:
    event = str(ROOT / "events" / "contract_review_batch.json")
    done = run("saas-mixed", "--event", event, "--definition", "contract-review", "--json")
    assert done.exit_code == 0, done.output
    (note,) = json.loads(done.stdout)["notes"]
    assert note.startswith("The judge was the offline stand-in, which compares words")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("tulip-a", "--event", EVENT, "--definition", "math-answer"), "the nearest ids are tulips-a, "),
        (("x", "--event", "nowhere.json", "--definition", "math-answer"), "nowhere.json"),
        (("x", "--event", EVENT, "--definition", "nowhere"), "name a shipped one"),
        (("x", "--run", "nowhere"), "nowhere does not exist"),
        (("x", "--run", str(ROOT / "README.md")), "is not JSON"),
    ],
)
def test_an_error_is_a_sentence_with_a_remedy_and_exits_with_1(
    arguments: tuple[str, ...], message: str
) -> None:
    done = run(*arguments)
    assert done.exit_code == 1
    assert message in done.output
    assert "Traceback" not in done.output


@pytest.mark.parametrize(
    "content", ['{"trace": 1, "id": "x"}', '{"trace": 1, "id": "x", "reward": "much", "metrics": []}']
)
def test_a_record_of_another_form_is_an_error_without_a_traceback(content: str, tmp_path: Path) -> None:
    (tmp_path / "results.jsonl").write_text(content)
    done = run("x", "--run", str(tmp_path))
    assert done.exit_code == 1
    assert "a record is not in the form of docs/traces.md" in done.output


def test_without_a_run_the_command_says_how_to_name_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    done = run("x")
    assert done.exit_code == 1
    assert "there is no run in the folder runs" in done.output


def test_the_newest_run_is_read_by_default(
    monkeypatch: pytest.MonkeyPatch, results: Path, tmp_path: Path
) -> None:
    (tmp_path / "runs" / "one").mkdir(parents=True)
    results.rename(tmp_path / "runs" / "one" / "results.jsonl")
    monkeypatch.chdir(tmp_path)
    assert run("good").output.startswith("good   reward 1   contract-review")


def test_hostile_text_moves_nothing_and_hides_nothing() -> None:
    records = records_of(
        load_definition("math-answer"), [row(HOSTILE, id="\x1b]0;title\x07x", reference_answer="18")]
    )
    output = text_of(records, "math-answer", full=True)
    assert all(character == "\n" or character.isprintable() for character in output)
    assert output.startswith("<U+001B>]0;title<U+0007>x   reward 1")
    assert "<U+001B>[31mred<U+001B>[0m [bold]loud[/bold] <U+202E>gnorw<U+2066> <U+0007>" in output
    assert "<U+27E6>9 fake<U+27E7>" in output
    assert "A: \u27e61 18\u27e7" in output


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain\nlines\r\nand\ttabs", "plain\nlines\nand    tabs"),
        ("caf\u00e9 \u4e2d\u6587 \U0001f600", "caf\u00e9 \u4e2d\u6587 \U0001f600"),
        ("a\u200bb\u00adc\u2028d", "a<U+200B>b<U+00AD>c<U+2028>d"),
        ("\ud800\x00\x7f\x9b", "<U+D800><U+0000><U+007F><U+009B>"),
        ("over\rwritten", "over<U+000D>written"),
    ],
)
def test_what_a_reader_cannot_see_is_shown_by_its_code(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_one_line_keeps_one_space_for_white_space() -> None:
    assert one_line(" a\n\n b\tc\x1b ") == "a b c<U+001B>"


def test_a_long_text_is_shortened_unless_it_is_wanted_in_full() -> None:
    words = " ".join(f"word{place}" for place in range(1000))
    records = records_of(load_definition("math-answer"), [row(f"{words}\nA: 18", reference_answer="18")])
    assert "word500 " not in text_of(records, "math-answer")
    assert "characters)" in text_of(records, "math-answer")
    assert "word500 " in text_of(records, "math-answer", full=True)


def test_a_run_and_an_event_are_not_mixed_up(results: Path) -> None:
    ran = run("mixed", "--run", str(results), "--event", EVENT)
    assert ran.exit_code == 1
    assert "leave one of them out" in ran.output
