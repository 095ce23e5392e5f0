"""Samples by the results of runs: which rollouts each way takes."""

from pathlib import Path
from typing import Any

import pytest

from rewardctl.labels.choose import Records, by_key, choose, default_way
from rewardctl.labels.label import LabelError
from rewardctl.labels.sampling import Way
from rewardctl.labels.subjects import Subject
from tests.labels.making import ONE_QUESTION, judged, subjects

IDS = [f"q{number}" for number in range(8)]


@pytest.fixture
def shown(tmp_path: Path) -> list[Subject]:
    return subjects(tmp_path, ONE_QUESTION, *IDS)


def record(row: Any, reward: float = 0.5, answer: str = "yes", votes: tuple[str, ...] = ()) -> dict[str, Any]:
    def verdicts(given: str) -> list[dict[str, Any]]:
        return [{"criterion": "Clear", "item": None, "answer": given}]

    return {
        "id": row,
        "reward": reward,
        "verdicts": verdicts(answer),
        "votes": [{"model": str(number), "verdicts": verdicts(vote)} for number, vote in enumerate(votes)],
    }


def run_of(**changed: dict[str, Any]) -> Records:
    return by_key({**{row: record(row) for row in IDS}, **changed}.values())


def keys(chosen: list[Subject]) -> list[str]:
    return [subject.key for subject in chosen]


def test_without_a_way_the_number_of_runs_decides() -> None:
    assert [default_way(count) for count in (0, 1, 2)] == ["random", "reward", "disagreement"]


def test_a_random_sample_has_the_size_and_no_size_means_all(shown: list[Subject]) -> None:
    assert len(choose(shown, "random", 3, 0)) == 3
    assert sorted(keys(choose(shown, "random", None, 0))) == IDS


def test_a_sample_by_reward_takes_from_each_quarter(shown: list[Subject]) -> None:
    run = by_key(record(row, reward=number / 10) for number, row in enumerate(IDS))
    quarters = {IDS.index(key) // 2 for key in keys(choose(shown, "reward", 4, 0, runs=[run]))}
    assert quarters == {0, 1, 2, 3}


def test_a_sample_by_verdict_takes_as_many_noes_as_yeses(shown: list[Subject]) -> None:
    run = run_of(q1=record("q1", answer="no"), q2=record("q2", answer="no"))
    chosen = keys(choose(shown, "verdict", 4, 0, runs=[run], criteria=["Clear"]))
    assert len(set(chosen) & {"q1", "q2"}) == 2
    assert len(chosen) == 4


def test_other_criteria_do_not_divide_a_sample_by_verdict(shown: list[Subject]) -> None:
    run = run_of(q1=record("q1", answer="no"), q2=record("q2", answer="no"))
    samples = [keys(choose(shown, "verdict", 2, seed, runs=[run], criteria=["Other"])) for seed in range(9)]
    assert any({"q1", "q2"}.isdisjoint(sample) for sample in samples)


def test_two_runs_disagree_by_their_verdicts_and_rewards(shown: list[Subject]) -> None:
    other = run_of(q3=record("q3", answer="no"), q5=record("q5", reward=0.9))
    # q3: one of one verdicts differs, 1; q5: the rewards differ by 0.4; the others do not differ
    assert keys(choose(shown, "disagreement", None, 0, runs=[run_of(), other])) == ["q3", "q5"]


def test_the_votes_of_one_run_disagree(shown: list[Subject]) -> None:
    run = run_of(q1=record("q1", votes=("yes", "yes")), q4=record("q4", votes=("yes", "no")))
    assert keys(choose(shown, "disagreement", None, 0, runs=[run])) == ["q4"]


def test_boundary_takes_what_people_label_differently(shown: list[Subject]) -> None:
    given = [
        judged("q1", "yes"),
        judged("q1", "no", labeller="bob"),
        judged("elsewhere", "yes", boundary=True),
    ]
    assert keys(choose(shown, "boundary", None, 0, judgements=given)) == ["q1"]


def test_the_last_record_of_an_id_counts() -> None:
    assert by_key([record(7, reward=0.1), record("7", reward=0.9)])["7"]["reward"] == 0.9


@pytest.mark.parametrize(
    ("way", "runs", "words"),
    [
        ("reward", [], "'reward' takes a run, and --run names 0"),
        ("verdict", [{}] * 2, "'verdict' takes a run, and --run names 2"),
        ("random", [{}], "'random' takes no run, and --run names 1"),
        ("disagreement", [{}] * 3, "'disagreement' takes one or two runs, and --run names 3"),
        ("disagreement", [{"q1": record("q1")}], "no votes of several judges"),
        ("disagreement", [{"q1": record("q1")}] * 2, "leaves no rollout"),
        ("boundary", [], "leaves no rollout"),
        ("reward", [{"x": record("x")}], "none of the rollouts of DATA"),
    ],
)
def test_a_sampling_that_is_not_possible_is_refused(
    shown: list[Subject], way: Way, runs: list[Records], words: str
) -> None:
    with pytest.raises(LabelError, match=words):
        choose(shown, way, 3, 0, runs=runs)
