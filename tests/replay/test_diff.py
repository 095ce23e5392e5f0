"""What two runs of the same rollouts differ in, against counts by hand."""

from dataclasses import replace
from pathlib import Path

import pytest

from reward_fn.types.definition import Definition
from rewardctl.calibrate.stats.estimate import Estimate, Interval
from rewardctl.diff.answer import answer_of
from rewardctl.diff.comparison import Comparison, Side, compare, side_of
from rewardctl.diff.pairs import pair_up
from rewardctl.replay.in_memory import rescored
from rewardctl.replay.rubric_marks import marks_of
from rewardctl.replay.stored import StoredVerdicts
from tests.explain.records import Record, records_of
from tests.replay.two_criteria import judged, judged_by_text, rows_of, two

TEXTS = ("right", "clear", "right and clear", "neither")


def compared(
    first: list[Record],
    second: list[Record],
    before: Definition | None = None,
    after: Definition | None = None,
) -> Comparison:
    sides = side_of("a", "d 1", "stand-in", before), side_of("b", "d 2", "stand-in", after)
    return compare(pair_up(first, second, (before, after)), *sides)


def reweighted(folder: Path, *groups: tuple[str, ...]) -> Comparison:
    """Weights 2 and 1 before, 1 and 2 after."""
    before, after = two(folder / "a"), two(folder / "b", weights=(1.0, 2.0))
    records = judged(before, *groups)
    judge = before.judge
    assert judge
    new = rescored(records, after, StoredVerdicts("here", before.version, marks_of(judge)))
    return compared(records, new, before, after)


def test_a_run_is_identical_to_itself(tmp_path: Path) -> None:
    served = two(tmp_path)
    records = judged(served, TEXTS)
    comparison = compared(records, records, served, served)
    assert comparison.is_identical
    assert answer_of(comparison).words == "yes, because both runs give the same rewards and verdicts"
    assert comparison.kept.value == 1.0
    assert comparison.largest == ()


def test_flips_equal_a_count_by_hand(tmp_path: Path) -> None:
    # Rewards before 2/3, 1/3, 1, 0 and after 1/3, 2/3, 1, 0, both with the mean 1/2: the first two rollouts
    # exchange their places and signs, and one of six pairs is reversed.
    comparison = reweighted(tmp_path, TEXTS)
    assert (comparison.sign_flips, comparison.rank_changes, comparison.changed) == (2, 2, 2)
    assert (comparison.order.reversed, comparison.order.compared) == (1, 6)
    assert comparison.kept.value == 0.5
    assert comparison.mean_change == pytest.approx(0.0)
    assert [mover.move.pair.first.record["id"] for mover in comparison.largest] == ["0-right", "0-clear"]
    assert comparison.largest[0].move.ranks == (2, 3)
    assert sum(criterion.flipped for criterion in comparison.criteria) == 0


def test_causes_are_the_components_whose_parts_changed(tmp_path: Path) -> None:
    # "right" has Right 1 and Clear 0, with group means of 1/2 each. Its parts are 2/3 * 1/2 and -1/3 * 1/2
    # before, 1/3 * 1/2 and -2/3 * 1/2 after: each lost 1/6.
    comparison = reweighted(tmp_path, TEXTS)
    assert dict(comparison.largest[0].effects) == pytest.approx({"Right": -1 / 6, "Clear": -1 / 6})
    assert comparison.components == pytest.approx({"Right": 0.5, "Clear": 0.5})


def test_another_judge_shows_in_the_verdicts(tmp_path: Path) -> None:
    served = two(tmp_path)
    first = judged(served, TEXTS)
    rows = rows_of(TEXTS)
    rows[3]["messages"][1]["content"] = "right"
    second = [
        {**record, "row": first[place]["row"]}
        for place, record in enumerate(records_of(served, rows, judged_by_text))
    ]
    comparison = compared(first, second, served, served)
    assert [(c.name, c.flipped, c.answered) for c in comparison.criteria] == [
        ("Right", 1, 4),
        ("Clear", 0, 4),
    ]
    (mover,) = [m for m in comparison.largest if m.move.pair.first.record["id"] == "0-neither"]
    assert [flip.words for flip in mover.flips] == ["Right: no → yes"]
    assert not comparison.is_identical


def test_groups_of_one_have_no_advantage_to_compare(tmp_path: Path) -> None:
    comparison = reweighted(tmp_path, ("right",), ("clear",))
    assert (comparison.groups, comparison.alone, comparison.changed) == (0, 2, 2)
    assert comparison.kept.value is None
    answer = answer_of(comparison)
    assert not answer.yes
    assert answer.why == "nothing can be told: no group of two and more has rewards that differ"


def test_rollouts_with_another_text_are_not_compared(tmp_path: Path) -> None:
    served = two(tmp_path)
    first, second = judged(served, TEXTS), judged(served, TEXTS)
    second[0]["row"]["messages"][-1]["content"] = "another answer"
    comparison = compared(first, second[:3])
    assert (comparison.other_text, comparison.only_first, comparison.rollouts) == (1, 1, 2)


def test_without_definitions_there_are_figures_and_no_causes(tmp_path: Path) -> None:
    served, other = two(tmp_path / "a"), two(tmp_path / "b", weights=(1.0, 2.0))
    comparison = compared(judged(served, TEXTS), judged(other, TEXTS))
    assert comparison.sign_flips == 2
    assert comparison.components == {}


def many(folder: Path, flipped: int) -> Comparison:
    """40 groups of four; in ``flipped`` of them, weights matter: two of their four signs flip."""
    plain = ("right and clear", "right and clear too", "neither", "nothing")
    return reweighted(folder, *[plain] * (40 - flipped), *[TEXTS] * flipped)


@pytest.mark.parametrize(
    ("flipped", "answer"),
    [
        (2, "yes, because 97.5% ["),  # 4 of 160 signs are lost
        (4, "no, because the evidence is too thin: 95.0% ["),  # 8 of 160
        (8, "no, because only 90.0% ["),  # 16 of 160
    ],
)
def test_the_share_of_signs_kept_decides(flipped: int, answer: str, tmp_path: Path) -> None:
    comparison = many(tmp_path, flipped)
    assert comparison.kept.value == 1 - 2 * flipped / 160
    assert answer_of(comparison).words.startswith(answer)


def test_the_judges_own_noise_excuses_as_many_flips(tmp_path: Path) -> None:
    comparison = many(tmp_path, 6)  # 12 of 160: 92.5 % are kept
    assert not answer_of(comparison).yes
    assert answer_of(comparison, Estimate(0.90, Interval(0.7, 0.95))).yes
    assert not answer_of(comparison, Estimate(0.93, Interval(0.9, 0.95))).yes


def test_another_range_is_a_no(tmp_path: Path) -> None:
    comparison = many(tmp_path, 1)
    wide = replace(comparison, second=Side("b", "d 2", "stand-in", 0.0, 2.0))
    assert answer_of(comparison).yes
    assert answer_of(wide).words == "no, because the range changes from 0..1 to 0..2"
