"""The comparison with the group: mean, deviation, advantage, and each component's part in it."""

import json
from pathlib import Path

import pytest

from reward_fn.deadline import Deadline
from reward_fn.judge.base import Model, Question, Reply
from reward_fn.pipeline import Scorer, score_batch
from reward_fn.report.components import batch_sums
from reward_fn.types.definition import Definition
from rewardctl.explain.explain import explain
from rewardctl.explain.types import GroupComparison
from tests import factory
from tests.explain.records import Record, records_of
from tests.factory import row
from tests.unit.fake_judge import FakeJudge, replied

TOML = """
name = "invitation"
[[gate]]
check = "hollow_answer"
[[score]]
check = "required_content"
phrases = ["Tuesday", "noon"]
weight = 1.0
[judge]
model = "medium"
weight = 1.0
[[judge.criterion]]
name = "Polite"
question = "Is it polite?"
weight = 3.0
[[judge.criterion]]
name = "Short"
question = "Is it short?"
"""
ROWS = [
    row("Please come on Tuesday at noon.", id="both"),
    row("Please come on Tuesday.", id="half"),
    row("Come!", id="curt"),
]


def polite(question: Question, _model: Model) -> Reply:
    return replied(question, {("Polite", None): "yes" if "Please" in question.variable else "no"})


def scored(folder: Path, rows: list[dict[str, object]]) -> tuple[Definition, list[Record]]:
    served = factory.definition(folder, TOML)
    return served, records_of(served, rows, polite)


def compared(folder: Path, rows: list[dict[str, object]], place: int) -> GroupComparison:
    served, records = scored(folder, rows)
    return explain(records[place], records, served).comparison


def test_the_advantage_is_the_distance_from_the_mean_in_deviations(tmp_path: Path) -> None:
    # Rewards (1 + 1) / 2 = 1, (0.5 + 1) / 2 = 0.75, (0 + 1/4) / 2 = 0.125. Mean 0.625; the deviations are
    # 0.375, 0.125 and -0.5, so the variance is (0.140625 + 0.015625 + 0.25) / 2 = 0.203125.
    got = compared(tmp_path, ROWS, 1)
    assert got.mean == pytest.approx(0.625)
    assert got.std == pytest.approx(0.203125**0.5)
    assert got.advantage == pytest.approx(0.125 / 0.203125**0.5)
    assert got.note == ""


def test_the_parts_of_the_components_add_up_to_the_difference(tmp_path: Path) -> None:
    # Required content: (0.5 - mean 0.5) / 2 = 0. Rubric: (1 - mean 0.75) / 2 = 0.125, all of it by Polite:
    # 3/4 * (1 - 2/3) / 2.
    got = compared(tmp_path, ROWS, 1)
    assert [(c.name, round(c.effect, 9), c.part_of) for c in got.contributions] == [
        ("required_content", 0.0, ""),
        ("rubric", 0.125, ""),
        ("Polite", 0.125, "rubric"),
        ("Short", 0.0, "rubric"),
    ]
    assert got.linear
    assert got.contributions[1].value == 1.0
    assert got.contributions[1].group_mean == pytest.approx(0.75)


def test_siblings_are_listed_best_first_with_the_first_difference(tmp_path: Path) -> None:
    got = compared(tmp_path, ROWS, 1)
    assert [(s.id, s.difference, s.is_this) for s in got.siblings] == [
        ("both", "required_content 1, here 0.5", False),
        ("half", "", True),
        ("curt", "required_content 0, here 0.5", False),
    ]


def test_a_sibling_with_a_failed_gate_has_a_part_of_its_own(tmp_path: Path) -> None:
    # Rewards 1, 0.75, 0.125 and 0: the mean falls from 0.625 to 0.46875.
    got = compared(tmp_path, [*ROWS, row("...", id="hollow")], 0)
    assert [(s.id, s.difference) for s in got.siblings][-1] == ("hollow", "failed hollow_answer")
    effects = {c.name: c.effect for c in got.contributions if not c.part_of}
    assert effects["gate hollow_answer failed"] == pytest.approx(0.625 - 0.46875)
    assert sum(effects.values()) == pytest.approx(1 - 0.46875)
    assert not got.linear
    assert got.contributions_note == "1 reward of the group did not come from the formula."


def test_a_list_that_was_not_judged_is_named_as_a_list(tmp_path: Path) -> None:
    toml = """
name = "list"
[judge]
model = "medium"
items = "comments"
min_items = 1
[[judge.criterion]]
name = "Sound"
question = "Is it sound?"
scope = "item"
"""
    served = factory.definition(tmp_path, toml)
    records = records_of(served, [row('{"comments": [1]}', id="one"), row('{"comments": []}', id="none")])
    first, second = (explain(record, records, served).comparison.siblings for record in records)
    assert [sibling.difference for sibling in first] == ["", "its list comments was not judged"]
    assert [sibling.difference for sibling in second] == ["its list comments was judged", ""]


def test_a_rollout_with_a_failed_gate_has_one_part(tmp_path: Path) -> None:
    got = compared(tmp_path, [*ROWS, row("...", id="hollow")], 3)
    (only,) = got.contributions
    assert only.name == "gate hollow_answer failed"
    assert only.effect == pytest.approx(-0.46875)
    assert not got.linear


def test_with_minimum_the_smallest_score_has_all_of_what_it_takes_off(tmp_path: Path) -> None:
    # both: required content 1, rubric 1, so 1. curt: required content 0, rubric 1/4, so 0: it takes 1 off.
    served = factory.definition(tmp_path, TOML.replace("[[gate]]", 'combine = "minimum"\n[[gate]]'))
    records = records_of(served, [ROWS[0], ROWS[2]], polite)
    got = explain(records[0], records, served).comparison
    assert [(c.name, c.effect) for c in got.contributions if c.effect] == [("required_content", 0.5)]
    assert got.contributions_note.startswith("Only the smallest score counts")


def test_the_parts_give_the_shares_of_the_advantage_that_cloudwatch_gets(tmp_path: Path) -> None:
    served = factory.definition(tmp_path, TOML)
    rows = [*ROWS, row("...", id="hollow"), row("Come on Tuesday at noon, please.", id="late")]
    scored = score_batch(rows, Scorer(served, FakeJudge(polite)), Deadline.after(60.0))
    records = records_of(served, rows, polite)
    total: dict[str, float] = {}
    squares = 0.0
    for record in records:
        comparison = explain(record, records, served).comparison
        advantage = record["reward"] - comparison.mean
        squares += advantage**2
        for part in comparison.contributions:
            name = part.name.removeprefix("gate ").removesuffix(" failed")
            total[name] = total.get(name, 0.0) + part.effect * advantage
    figures = {f.component.name: f.share for f in batch_sums(scored, served).figures()}
    shares = {name: share for name, share in figures.items() if share}
    assert shares == {name: pytest.approx(total[name] / squares) for name in shares}
    assert {"required_content", "rubric", "Polite", "hollow_answer"} <= shares.keys()


def test_a_rollout_alone_has_no_advantage(tmp_path: Path) -> None:
    got = compared(tmp_path, [ROWS[0], row("Other.", prompt="Another question", id="other")], 0)
    assert (got.advantage, got.std, got.contributions) == (None, None, ())
    assert got.note == "It is alone in its group, so it has no advantage: nothing is learnt from it."


def test_a_group_of_equal_rewards_has_no_advantage(tmp_path: Path) -> None:
    got = compared(tmp_path, [ROWS[0], {**ROWS[0], "id": "twin"}], 0)
    assert (got.advantage, got.std) == (None, 0.0)
    assert got.note.startswith("All 2 rewards of the group are equal, so nobody has an advantage")


def test_a_clipped_reward_of_the_group_makes_the_parts_not_linear(tmp_path: Path) -> None:
    # The length costs 2: 1 - 2 = -1 is clipped to 0, so clipping adds 1 there, and 0 here, 1/2 on average.
    toml = """
name = "clipped"
[[score]]
check = "required_content"
phrases = ["Tuesday"]
[[penalty]]
check = "length"
max_chars = 20
weight = 2.0
"""
    served = factory.definition(tmp_path, toml)
    rows = [row("On Tuesday.", id="short"), row("On Tuesday, but in so many words.", id="long")]
    records = records_of(served, rows)
    got = explain(records[0], records, served).comparison
    assert [record["reward"] for record in records] == [1.0, 0.0]
    effects = {c.name: c.effect for c in got.contributions}
    assert effects["clipping to the range"] < 0
    assert sum(effects.values()) == pytest.approx(0.5)
    assert got.contributions_note == "Clipping to the range changed a reward of the group."


def test_of_a_prompt_that_came_twice_only_the_same_invocation_counts(tmp_path: Path) -> None:
    served, first = scored(tmp_path, ROWS)
    _, second = scored(tmp_path, ROWS)
    for record in second:
        record["request_id"] = "r-2"
    got = explain(first[0], [*first, *second], served).comparison
    assert len(got.siblings) == 3
    for place, record in enumerate(second):
        record["id"] = f"other-{place}"
    assert len(explain(first[0], [*first, *second], served).comparison.siblings) == 6


def test_a_record_that_was_read_again_is_not_its_own_sibling(tmp_path: Path) -> None:
    served, records = scored(tmp_path, ROWS)
    again = json.loads(json.dumps(records))
    got = explain(records[1], again, served).comparison
    assert [sibling.id for sibling in got.siblings] == ["both", "half", "curt"]
    assert got.advantage == pytest.approx(0.125 / 0.203125**0.5)


def test_records_of_another_version_of_the_definition_are_no_siblings(tmp_path: Path) -> None:
    served, records = scored(tmp_path, ROWS)
    records[1]["definition_version"] = "0" * 12
    assert len(explain(records[0], records, served).comparison.siblings) == 2
