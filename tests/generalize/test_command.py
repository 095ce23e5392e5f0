"""`rewardctl generalize`, with a judge that reads the questions."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from rewardctl.cli import main
from rewardctl.judges import stand_in
from tests.generalize.reading_judge import ReadingJudge
from tests.replay.two_criteria import rows_of, two

TEXTS = ("right", "clear", "right and clear", "neither")
SAME = '[question]\nRight = ["Is the response right?", "Is the response right?"]\n'
CONTRARY = '[question]\nRight = ["Is the response correct?", "Is the response without a right statement?"]\n'


@pytest.fixture(autouse=True)
def _judge(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Twelve groups of four, and the reading judge in the stand-in's place."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(stand_in, "StandInJudge", ReadingJudge)
    monkeypatch.setattr(ReadingJudge, "questions", [])
    two(tmp_path)
    write_rows(*[TEXTS] * 12)


def write_rows(*groups: tuple[str, ...]) -> None:
    Path("rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows_of(*groups)))


def generalize(*arguments: object, paraphrases: str = SAME, data: str = "rows.jsonl") -> Result:
    Path("own.toml").write_text(paraphrases)
    options = ["--definition", "definition.toml", "--paraphrases", "own.toml", *map(str, arguments)]
    done = CliRunner(env={"COLUMNS": "80"}, mix_stderr=False).invoke(main, ["generalize", data, *options])
    assert "Traceback" not in done.stderr
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exc_info
    return done


def result(*arguments: object, **options: Any) -> dict[str, Any]:
    done = generalize("--json", *arguments, **options)
    assert done.exit_code == 0, done.stderr
    value: dict[str, Any] = json.loads(done.stdout)
    return value


def test_an_identical_prompt_generalises_at_one() -> None:
    value = result("--require", "1")
    assert value["stability"]["value"] == 1.0
    assert 0.9 < value["stability"]["low"] < 1.0, "an interval always has a width"
    assert value["noise"]["value"] == 1.0
    assert {run["verdicts_flipped"] for run in value["runs"]} == {0.0}
    names = [run["name"] for run in value["runs"]]
    assert names == [
        "repeat-1", "wording-1", "wording-2", "instructions-1", "instructions-2", "order-1", "order-2",
    ]  # fmt: skip
    assert not any(run["beyond_noise"] for run in value["runs"])


def test_a_contradictory_wording_is_caught() -> None:
    # Weights 2 and 1. Turned round on Right, "right" falls from 2/3 to 0, "clear" rises from 1/3 to 1, "right
    # and clear" falls from 1 to 1/3 and "neither" rises from 0 to 2/3: around the mean of 1/2 all four signs
    # flip.
    done = generalize("--require", "0.5", "--json", paraphrases=CONTRARY)
    assert done.exit_code == 1
    value = json.loads(done.stdout)
    (planted,) = [run for run in value["runs"] if run["name"] == "wording-2"]
    assert planted["signs_kept"]["value"] == 0.0
    assert planted["contradictions"] == ["Right"]
    assert planted["beyond_noise"]
    assert value["worst"] == "wording-2"
    assert value["stability"]["value"] == pytest.approx(5 / 6), "one of six changes loses all"
    assert value["steadiest_wording"] == {"Clear": 0, "Right": 0}
    assert "wording-2 keeps 0.0% of the advantage signs, less than 50.0%" in done.stderr
    assert "wording-2 turns 100% of the verdicts on Right round" in done.stderr


def test_without_a_requirement_it_is_shown_and_no_failure() -> None:
    done = generalize(paraphrases=CONTRARY)
    assert done.exit_code == 0
    assert "wording-2 turns most verdicts on Right round: does it ask" in done.stdout
    assert "beyond that noise: wording-2" in " ".join(done.stdout.split())
    assert max(map(len, done.stdout.splitlines())) <= 80


def test_drift_within_the_judges_own_noise_is_not_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ReadingJudge, "noisy", 7)
    value = result("--workers", "1")
    assert value["noise"]["value"] < 1.0
    assert value["stability"]["value"] < 1.0
    assert not any(run["beyond_noise"] for run in value["runs"])


def test_more_repetitions_measure_the_noise_better(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ReadingJudge, "noisy", 7)
    one = result("--workers", "1", "--run", "one")
    three = result("--workers", "1", "--run", "three", "--repeats", "3")
    assert [run["name"] for run in three["runs"]][:3] == ["repeat-1", "repeat-2", "repeat-3"]
    width = [value["noise"]["high"] - value["noise"]["low"] for value in (one, three)]
    assert width[1] < width[0]


def test_all_runs_judge_the_same_rollouts_in_other_words() -> None:
    result("--shuffles", "1")
    by_system = {question.system for question in ReadingJudge.questions}
    assert len(by_system) == 3, "the original and two wordings"
    rollouts = [question.variable.partition("\n")[2] for question in ReadingJudge.questions]
    assert len(rollouts) == 48 * 7


def test_runs_are_kept_and_not_made_twice() -> None:
    result()
    calls = len(ReadingJudge.questions)
    result()
    assert len(ReadingJudge.questions) == calls


def test_a_run_lends_its_verdicts_to_the_baseline() -> None:
    scored = CliRunner().invoke(
        main, ["score", "rows.jsonl", "--definition", "definition.toml", "--run", "first"]
    )
    assert scored.exit_code == 0, scored.output
    calls = len(ReadingJudge.questions)
    value = result("--shuffles", "0", data="first")
    assert len(ReadingJudge.questions) - calls == 48 * 5, "repeat, two wordings, two instructions"
    assert value["stability"]["value"] == 1.0


def test_another_judge_is_compared_and_not_counted_among_the_prompts() -> None:
    value = result("--other-judge", "yes", "--require", "1")
    (other,) = [run for run in value["runs"] if run["kind"] == "judge"]
    assert other["signs_kept"]["value"] == 0.0, "a judge that always agrees leaves no advantage"
    assert value["stability"]["value"] == 1.0


def test_groups_of_one_can_not_be_compared_and_fail_a_requirement() -> None:
    write_rows(("right",), ("clear",))
    done = generalize("--require", "0.5")
    assert done.exit_code == 1
    assert "score several answers to each prompt" in " ".join(done.stdout.split())
    assert "nothing can be compared" in done.stderr


def test_few_groups_have_no_interval_and_say_so() -> None:
    write_rows(*[TEXTS] * 3)
    value = result(paraphrases=CONTRARY)
    assert value["stability"] == {
        "value": pytest.approx(5 / 6), "undefined": "an interval needs 10 groups, and there are 3",
    }  # fmt: skip
    assert not any(run["beyond_noise"] for run in value["runs"])


def test_the_plot_is_written(tmp_path: Path) -> None:
    value = result("--plot", tmp_path / "plot.svg")
    assert (tmp_path / "plot.svg").read_text().startswith("<svg")
    assert [row["run"] for row in value["plot"]["data"]["values"]][:2] == ["repeat-1", "wording-1"]


def test_the_cost_of_all_runs_is_shown_before_any_call() -> None:
    done = generalize("--judge", "medium")
    assert done.exit_code == 1
    # Eight runs of 48 rollouts, a call each.
    assert "All together 384 calls" in done.stderr
    assert "nothing was spent" in done.stderr
    assert not Path("runs").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--judge", "medium", "--max-calls", "0"), "8 runs take 384 judge calls, and --max-calls allows 0"),
        (("--judge", "medium", "--max-usd", "0.0001"), "more than --max-usd"),
        (("--definition", "math-answer"), "math-answer has no judge"),
        (("--definition", "nowhere"), "name a shipped one"),
        (("--paraphrases", "nowhere.toml"), "nowhere.toml can't be read"),
    ],
)
def test_bad_input_is_one_sentence_with_a_remedy(arguments: tuple[str, ...], message: str) -> None:
    done = generalize(*arguments)
    assert done.exit_code == 1
    assert message in done.stderr
