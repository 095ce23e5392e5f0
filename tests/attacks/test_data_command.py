"""`rewardctl attack --data` and `--search`: what it shows, its exit codes, and what it refuses."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from rewardctl.cli import main
from tests.attacks.own_data import BAD, GOOD, KEYWORD_LEAK, LENGTH_LEAK, NUMBER, POLITE, ROWS, row, write
from tests.conftest import ROOT

HONEST = f'name = "honest"\n{NUMBER}'
KINDS = ("--good", "*good", "--bad", "*bad")


def attack(
    folder: Path, toml: str, *options: str, rows: Sequence[Any] = ROWS, kinds: Sequence[str] = KINDS
) -> Result:
    """Run the command on rows and a definition."""
    path = folder / "definition.toml"
    path.write_text(toml, encoding="utf-8")
    data = ["--data", write(folder, rows), "--definition", str(path)]
    return CliRunner(mix_stderr=False).invoke(
        main, ["attack", *data, *kinds, *options], env={"COLUMNS": "80"}
    )


def test_a_reward_without_a_leak_exits_0(tmp_path: Path) -> None:
    done = attack(tmp_path, HONEST)
    assert done.exit_code == 0, done.output
    assert "0 of " in done.stdout
    assert "on 1 prompt reach the bar of 1.000" in done.stdout
    assert "honest, good" in done.stdout
    assert "honest, bad" in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 80


def test_a_leak_exits_1_and_names_the_check_that_paid(tmp_path: Path) -> None:
    done = attack(tmp_path, LENGTH_LEAK)
    assert done.exit_code == 1
    (line,) = [line for line in done.stdout.splitlines() if line.startswith("length games")]
    assert "check length 0.67" in line


def test_the_search_shows_the_exploit_its_changes_and_what_paid(tmp_path: Path) -> None:
    done = attack(tmp_path, KEYWORD_LEAK, "--search", "--budget", "200")
    assert done.exit_code == 1
    assert "An exploit reaches the bar of 0.500, first after " in done.stdout
    assert "Paid by: check required_content 0.50." in done.stdout
    assert "Changes: " in done.stdout
    words = " ".join(done.stdout.split())
    assert "the bad answer it was made from earned 0.000" in words
    assert "of its words stand in runs of 3 that honest answers hold" in words


def test_a_search_alone_can_fail_the_run(tmp_path: Path) -> None:
    """No probe puts the prompt before a bad answer, but the search does."""
    pattern = '[[score]]\ncheck = "required_content"\npatterns = ["^How many.*seven"]\n'
    report = attack(tmp_path, f'name = "leak"\n{NUMBER}{pattern}', "--search", "--json")
    found = json.loads(report.stdout)
    assert sum(probe["succeeded"] for board in found["boards"] for probe in board["probes"]) == 0
    assert found["search"]["exploit"]["succeeds"] is True
    assert report.exit_code == 1


def test_the_report_in_json_holds_boards_and_search(tmp_path: Path) -> None:
    done = attack(tmp_path, LENGTH_LEAK, "--search", "--budget", "40", "--seed", "3", "--json")
    report = json.loads(done.stdout)
    assert (report["definition"], report["judge"], report["seed"]) == ("leak", "stand-in", 3)
    (board,) = report["boards"]
    assert board["honest"]["good"] == {"answers": 1, "reach_bar": 1, "best": 1.1 / 3, "mean": 1.1 / 3}
    games = next(probe for probe in board["probes"] if probe["probe"] == "length games")
    assert games["paid_by"][0]["component"] == "check length"
    assert report["search"]["scorings"] == 40
    assert report["search"]["exploit"]["made_from"] == BAD


def test_the_texts_of_attacks_do_not_steer_the_terminal(tmp_path: Path) -> None:
    bad = "\x1b[2Jseven\u202e of them\nA: 7"
    done = attack(tmp_path, LENGTH_LEAK, "--search", rows=[row("\x1b]0;x\x07-good", GOOD), row("a-bad", bad)])
    assert done.exit_code == 1
    assert "\x1b[2J" not in done.output
    assert "\u202e" not in done.output
    assert "\x07" not in done.output


@pytest.mark.parametrize(
    ("options", "kinds", "message"),
    [
        ((), (), "say which answers are good, by people and not by the judge"),
        ((), ("--good", "nobody"), "is known to be good, so nothing sets a bar"),
        (("--mode", "group"), KINDS, "has no judge, so no mode"),
        (("--corpus", "."), KINDS, "--corpus has rows of its own"),
    ],
)
def test_options_that_set_no_bar_are_refused(
    options: Sequence[str], kinds: Sequence[str], message: str, tmp_path: Path
) -> None:
    done = attack(tmp_path, HONEST, *options, kinds=kinds)
    assert done.exit_code == 1
    assert message in done.stderr
    assert done.stdout == ""


def test_a_budget_of_0_is_refused(tmp_path: Path) -> None:
    done = attack(tmp_path, HONEST, "--search", "--budget", "0")
    assert done.exit_code == 2
    assert "0 is not in the range x>=1" in done.stderr


def test_a_search_needs_data() -> None:
    done = CliRunner(mix_stderr=False).invoke(main, ["attack", "--search"])
    assert done.exit_code == 1
    assert "give --data" in done.stderr


def test_honest_answers_at_the_low_end_are_refused(tmp_path: Path) -> None:
    """A keyword alone: honest answers lack it, so they earn 0 and every attack would count."""
    toml = 'name = "own"\n[[score]]\ncheck = "required_content"\nphrases = ["verified twice"]\n'
    done = attack(tmp_path, toml)
    assert done.exit_code == 1
    assert "the honest answers earn 0, the low end of the range" in done.stderr
    assert done.stdout == ""


def test_the_stand_in_sets_no_bar_for_a_judged_definition_of_ones_own(tmp_path: Path) -> None:
    done = attack(tmp_path, POLITE)
    assert done.exit_code == 1
    assert "means nothing and sets no bar for attacks" in done.stderr


def test_nothing_is_called_before_the_cost_is_agreed_to(tmp_path: Path) -> None:
    done = attack(tmp_path, POLITE, "--judge", "medium", "--search", "--budget", "1000")
    assert done.exit_code == 1
    assert "All together 1," in done.stderr  # more than the 1,000 calls of the search
    assert "reach bar" not in done.stdout


def test_a_cap_below_the_cost_is_refused(tmp_path: Path) -> None:
    done = attack(tmp_path, POLITE, "--judge", "medium", "--yes", "--max-usd", "0.0001")
    assert done.exit_code == 1
    assert "more than --max-usd" in done.stderr


REVIEWS = ROOT / "events" / "contract_review_batch.json"


def test_a_shipped_definition_is_attacked_in_all_modes_on_its_own_event() -> None:
    options = ["--data", str(REVIEWS), "--good", "*-good-*", "--bad", "*-generic", "--mode", "all", "--json"]
    done = CliRunner(mix_stderr=False).invoke(main, ["attack", *options, "--prompts", "1"])
    report = json.loads(done.stdout)
    assert [board["mode"] for board in report["boards"]] == ["pointwise", "pairwise", "group"]
    assert "the offline stand-in, which compares words" in done.stderr


def test_an_unknown_mode_names_those_that_there_are(tmp_path: Path) -> None:
    done = attack(tmp_path, POLITE, "--judge", "yes", "--mode", "goup")
    assert done.exit_code == 1
    assert "--mode goup: there are pointwise, pairwise, group, and all for each of them" in done.stderr


def test_an_always_yes_judge_pays_attacks(tmp_path: Path) -> None:
    done = attack(tmp_path, POLITE, "--judge", "yes")
    assert done.exit_code == 1
    assert "this reward can't tell them apart" in done.stdout.replace("\n", " ")


def test_ctrl_c_exits_130(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("rewardctl.attacks.on_data.try_probes", interrupted)
    done = attack(tmp_path, HONEST)
    assert (done.exit_code, done.stderr.strip()) == (130, "stopped")


def test_a_judge_that_fails_on_attacks_is_no_clean_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rewardctl.attacks.board.Board.failed", property(lambda _: 3))
    done = attack(tmp_path, HONEST)
    assert done.exit_code == 1
    assert "3 attacks were left unscored by a failure of the judge: try again." in done.stdout
