"""The scoreboard: what hacks earn next to honest answers, in every mode."""

from dataclasses import replace
from pathlib import Path

import pytest

from reward_fn.definition.load import load_definition
from reward_fn.errors import JudgeFailure
from reward_fn.judge.ask.modes import MODES
from reward_fn.types.unscored import Reason, Unscored
from rewardctl.attacks.attempts import COMPARED, batch_of, in_mode, score, standard_of
from rewardctl.attacks.board import Board, standards_of, try_probes
from rewardctl.attacks.corpus import CorpusError
from rewardctl.attacks.cost import costs_on_data
from tests.attacks.judges import filtered, gullible, strict
from tests.attacks.own_data import (
    BAD,
    GOOD,
    LENGTH_LEAK,
    NUMBER,
    POLITE,
    POLITE_IN_A_GROUP,
    ROWS,
    known_of,
    row,
    scorer_of,
    standard_in,
    tasks_of,
)
from tests.unit.fake_judge import FakeJudge

HONEST = f'name = "honest"\n{NUMBER}'


def board_of(folder: Path, toml: str, judge: FakeJudge | None = None) -> Board:
    scorer = scorer_of(folder, toml, judge)
    standards, without = standards_of(tasks_of(folder).tasks, scorer)
    return try_probes(standards, without, known_of(scorer.definition), scorer)


def test_a_definition_that_asks_for_the_right_number_pays_no_probe(tmp_path: Path) -> None:
    board = board_of(tmp_path, HONEST)
    assert board.succeeded == 0
    assert [line.best.attempt.reward for line in board.lines] == [0.0] * len(board.lines)
    assert board.tells_apart


def test_a_length_bonus_pays_length_games_and_the_board_says_so(tmp_path: Path) -> None:
    board = board_of(tmp_path, LENGTH_LEAK)
    (line,) = [line for line in board.lines if line.probe == "length games"]
    # The good answer has the right number and 6 of 120 words: (1 * 1 + 2 * 6 / 120) / 3.
    assert board.standards[0].bar == pytest.approx(1.1 / 3)
    # A wrong answer of more than 120 words: (1 * 0 + 2 * 1) / 3, all of it by the length.
    assert line.best.attempt.reward == pytest.approx(2 / 3)
    ((component, amount),) = line.best.attempt.paid
    assert component == "check length"
    assert amount == pytest.approx(2 / 3)
    assert line.succeeded > 0
    assert line.as_json()["bar"] == pytest.approx(1.1 / 3)


def test_a_judge_that_says_yes_to_all_pays_bad_answers_as_well_as_good_ones(tmp_path: Path) -> None:
    board = board_of(tmp_path, POLITE, FakeJudge(gullible))
    assert not board.tells_apart
    assert board.succeeded == sum(len(line.tried) for line in board.lines) - _stopped(board)
    kinds = dict(board.honest())
    assert [tried.succeeds for tried in kinds["bad"]] == [True]


def _stopped(board: Board) -> int:
    """Attacks that no judge saw, such as the empty answer."""
    return sum(not each.succeeds for line in board.lines for each in line.tried)


def test_a_judge_that_rejects_honest_answers_sets_no_bar(tmp_path: Path) -> None:
    scorer = scorer_of(tmp_path, POLITE, FakeJudge(strict))
    with pytest.raises(CorpusError, match=r"earn 0, the low end of the range"):
        standards_of(tasks_of(tmp_path).tasks, scorer)


def test_a_prompt_without_a_bar_is_left_out_and_named(tmp_path: Path) -> None:
    rows = [*ROWS, row("c-good", "No number", prompt="Another?")]
    standards, without = standards_of(tasks_of(tmp_path, rows).tasks, scorer_of(tmp_path, HONEST))
    assert [standard.task.id for standard in standards] == ["a-good"]
    assert without == ("c-good",)


@pytest.mark.parametrize(
    ("reason", "succeeds"),
    [(Reason.MALFORMED, True), (Reason.CANNOT_ASSESS, True), (Reason.THROTTLED, False)],
)
def test_an_answer_that_gets_itself_left_unscored_succeeds_and_an_outage_proves_nothing(
    reason: Reason, succeeds: bool, tmp_path: Path
) -> None:
    scorer = scorer_of(tmp_path, HONEST)
    standard = standard_in(tmp_path, scorer)
    attempt = score(standard.task, BAD, scorer)
    assert not standard.succeeds(attempt)
    unscored = replace(attempt.result, imputed=True, reward=0.5, reasons=(Unscored(reason),))
    assert standard.succeeds(attempt._replace(result=unscored)) is succeeds
    assert attempt._replace(result=unscored).failed is not succeeds


def test_attacks_that_an_outage_left_unscored_are_counted(tmp_path: Path) -> None:
    standard = standard_in(tmp_path, scorer_of(tmp_path, POLITE, FakeJudge(gullible)))
    down = FakeJudge(lambda *_: JudgeFailure(Reason.DENIED, "no access"))
    scorer = scorer_of(tmp_path, POLITE, down)
    board = try_probes([standard], (), known_of(scorer.definition), scorer)
    assert board.succeeded == 0
    assert board.failed == board.as_json()["unscored_by_outages"] > 0


def test_the_bar_is_the_lower_of_mediocre_and_good(tmp_path: Path) -> None:
    long = "He counts them all and then again. " * 10 + "A: 6"
    rows = [*ROWS, row("a-mediocre", long)]
    scorer = scorer_of(tmp_path, LENGTH_LEAK)
    standard = standard_in(tmp_path, scorer, rows)
    assert standard.mediocre[0].reward > standard.good[0].reward == standard.bar


def test_attacks_start_from_bad_answers_below_the_bar_only(tmp_path: Path) -> None:
    rows = [*ROWS, row("b-bad", "A: 6")]  # a right answer that somebody calls bad
    scorer = scorer_of(tmp_path, HONEST)
    standard = standard_in(tmp_path, scorer, rows)
    assert standard.task.bad == (BAD, "A: 6")
    assert standard.base().bad == (BAD,)


def test_answers_are_scored_alone_but_in_the_mode_group(tmp_path: Path) -> None:
    definition = scorer_of(tmp_path, POLITE, FakeJudge()).definition
    (task,) = tasks_of(tmp_path).tasks
    sizes = {mode: len(batch_of(task, "x", in_mode(definition, mode))) for mode in MODES}
    assert sizes == {"pointwise": 1, "pairwise": 1, "group": 3}  # in a group the two honest answers too
    assert COMPARED not in batch_of(task, "x", definition)[0]["metadata"]


def test_a_pairwise_judge_compares_with_an_honest_good_answer(tmp_path: Path) -> None:
    judge = FakeJudge()
    scorer = scorer_of(tmp_path, POLITE, judge)
    scorer = replace(scorer, definition=in_mode(scorer.definition, "pairwise"))
    (task,) = tasks_of(tmp_path).tasks
    standard_of(task, scorer)
    assert judge.asked, "the bad answer is compared"
    assert all(GOOD in asked.question.variable for asked in judge.asked)


def test_in_a_group_the_bar_is_what_honest_answers_earn_in_the_same_batch(tmp_path: Path) -> None:
    scorer = scorer_of(tmp_path, POLITE_IN_A_GROUP, FakeJudge(gullible))
    standard = standard_in(tmp_path, scorer)
    attempt = score(standard.task, "Hello", scorer)
    assert (attempt.bar, attempt.reward, attempt.calls) == (1.0, 1.0, 1)


def test_every_mode_of_the_flagship_can_be_tried() -> None:
    definition = load_definition("contract-review")
    for mode in MODES:
        judge = in_mode(definition, mode).judge
        assert judge
        assert judge.mode == mode
    assert in_mode(definition, "pointwise") is definition


def test_text_that_trips_the_filter_is_stopped_and_paid_by_nothing(tmp_path: Path) -> None:
    scorer = scorer_of(tmp_path, POLITE, FakeJudge(filtered))
    (task,) = tasks_of(tmp_path).tasks
    attempt = score(task, BAD, scorer)
    assert (attempt.reward, attempt.paid) == (0.0, ())


def test_the_cost_counts_each_honest_answer_each_attack_and_the_search(tmp_path: Path) -> None:
    scorer = scorer_of(tmp_path, POLITE, FakeJudge(gullible))
    definition, known = scorer.definition, known_of(scorer.definition)
    tasks = tasks_of(tmp_path).tasks
    (alone,) = costs_on_data(tasks, known, [definition], probes=False, budget=0)
    assert alone.calls == 2  # the good and the bad answer
    (searched,) = costs_on_data(tasks, known, [definition], probes=False, budget=50)
    assert searched.calls == 52
    (probed,) = costs_on_data(tasks, known, [definition], probes=True, budget=0)
    judge = scorer.judge
    assert isinstance(judge, FakeJudge)
    board = board_of(tmp_path, POLITE, judge)
    tried = [each for line in board.lines for each in line.tried]
    assert probed.calls >= len(judge.asked) > len(tried) / 2
    assert costs_on_data(tasks, known, [scorer_of(tmp_path, HONEST).definition], probes=True, budget=9) == []
