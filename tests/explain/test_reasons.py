"""The sentence and the steps of every way to a reward."""

from pathlib import Path
from typing import Any

import pytest

from reward_fn.definition.load import load_definition
from reward_fn.errors import JudgeFailure
from reward_fn.judge.base import Model, Question, Reply
from reward_fn.types.definition import Definition
from reward_fn.types.unscored import Reason
from rewardctl.explain.explain import explain
from rewardctl.explain.types import Explanation
from tests import factory
from tests.explain.records import metrics_only, records_of
from tests.factory import row
from tests.unit.fake_judge import all_yes, replied

TWO_PARTS = """
name = "two-parts"
range = [-1.0, 1.0]
combine = "{combine}"
[[gate]]
check = "hollow_answer"
reward = -0.5
[[score]]
check = "required_content"
phrases = ["Tuesday", "noon"]
weight = 1.0
[[penalty]]
check = "length"
max_chars = 40
weight = 0.3
[judge]
model = "medium"
weight = 3.0
[[judge.criterion]]
name = "Polite"
question = "Is it polite?"
weight = 2.0
[[judge.criterion]]
name = "Complete"
question = "Is it complete?"
essential = {essential}
[[judge.criterion]]
name = "Rude"
question = "Is it rude?"
weight = -1.0
[on_error]
policy = "{policy}"
"""
ANSWER = "Please come on Tuesday, at noon."


def two_parts(
    folder: Path, *, combine: str = "sum", essential: str = "false", policy: str = "neutral"
) -> Definition:
    text = TWO_PARTS.format(combine=combine, essential=essential, policy=policy)
    return factory.definition(folder, text)


def explained(
    served: Definition, answers: dict[str, str] | Exception, response: Any = ANSWER, **fields: Any
) -> Explanation:
    """The explanation of one row; the judge says yes to what ``answers`` leaves out, and no to Rude."""

    def answer(question: Question, _model: Model) -> Reply | BaseException:
        if isinstance(answers, Exception):
            return answers
        return replied(question, {(k, None): v for k, v in {"Rude": "no", **answers}.items()})

    (record,) = records_of(served, [row(response, **fields)], answer)
    return explain(record, [], served)


def steps(explanation: Explanation) -> list[tuple[str, str, float]]:
    return [(step.label, step.formula, round(step.value, 6)) for step in explanation.steps]


def test_the_formula_is_shown_part_by_part(tmp_path: Path) -> None:
    # Required content 1 of 2; rubric (2 * 1 + 1 * 0 - 1 * 0) / 3 = 2/3, so the mean is (0.5 + 3 * 2/3) / 4 =
    # 0.625, no penalty, and -1 + 2 * 0.625 = 0.25.
    got = explained(two_parts(tmp_path), {"Complete": "no"}, "Please come on Tuesday.")
    assert got.reward == pytest.approx(0.25)
    assert steps(got) == [
        ("required_content", "1 × 0.5", 0.5),
        ("rubric", "+ 3 × 0.6667", 2.5),
        ("weighted mean", "2.5 / (1 + 3)", 0.625),
        ("penalty length", "- 0.3 × (1 - 1)", 0.625),
        ("range -1 to 1", "-1 + 2 × 0.625", 0.25),
    ]
    assert got.rubric
    assert [(s.label, s.formula, round(s.value, 4)) for s in got.rubric.steps] == [
        ("Polite", "2 × 1", 2.0),
        ("Complete", "+ 1 × 0", 2.0),
        ("Rude", "- 1 × 0", 2.0),
        ("rubric", "2 / 3, the weight that could be earned", 0.6667),
    ]
    # Complete: 2 * 3/4 * 1/3 = 0.5; required content: 2 * 1/4 * 1/2 = 0.25
    assert got.why.startswith(
        "The reward is 0.25 of at most 1: most was lost by Complete (-0.5) and required_content (-0.25"
    )


def test_a_clipped_reward_says_so(tmp_path: Path) -> None:
    # Required content 0, rubric (0 - 1) / 3 = -1/3: the mean (0 - 1) / 4 = -0.25, so -1 + 2 * -0.25 = -1.5.
    got = explained(
        two_parts(tmp_path), {"Polite": "no", "Complete": "no", "Rude": "yes"}, "Get out of here."
    )
    assert got.reward == -1.0
    assert steps(got)[-2:] == [
        ("range -1 to 1", "-1 + 2 × -0.25", -1.5),
        ("clipped to the range", "at least -1", -1.0),
    ]


def test_with_minimum_the_smallest_score_decides(tmp_path: Path) -> None:
    # The rubric is (2 * 1 + 0) / 3 = 2/3, required content 1/2: -1 + 2 * 1/2 = 0.
    got = explained(two_parts(tmp_path, combine="minimum"), {"Complete": "no"}, "Please come on Tuesday.")
    assert got.reward == 0.0
    assert steps(got)[0] == ("smallest score", "the smallest of required_content 0.5, rubric 0.6667", 0.5)
    assert got.why.endswith("the smallest score decides, required_content with 0.5.")


def test_a_failed_gate_names_its_reason_and_that_the_judge_was_not_asked(tmp_path: Path) -> None:
    got = explained(two_parts(tmp_path), {}, "")
    assert got.case == "gate"
    why = "It failed the gate hollow_answer: no letter or digit, so the judge was not asked."
    assert got.why == f"{why} A failure gets -0.5."
    assert steps(got) == [
        ("gate hollow_answer", "score 0, at least 1 needed: the reward is fixed at -0.5", -0.5)
    ]
    assert {line.name: line.state for line in got.checks} == {
        "hollow_answer": "failed",
        "required_content": "not run",
        "length": "not run",
    }


def test_a_gate_without_a_judge_says_nothing_of_a_judge() -> None:
    served = load_definition("math-answer")
    (record,) = records_of(served, [row("", reference_answer="18")])
    assert "judge" not in explain(record, [], served).why


def test_a_failed_essential_criterion_is_named(tmp_path: Path) -> None:
    got = explained(two_parts(tmp_path, essential="true"), {"Complete": "no"})
    assert (got.case, got.reward) == ("essential", -1.0)
    assert got.why == (
        "It failed the essential criterion Complete, so its reward is the lower end of the range, -1."
    )
    assert steps(got) == [("essential criterion failed", "Complete: the lower end of the range", -1.0)]


@pytest.mark.parametrize(
    ("failure", "case", "reward", "words"),
    [
        (Reason.FILTERED, "provoked", -1.0, "through the rollout's own text (filtered: planned)"),
        (Reason.DENIED, "judge_failed", 0.0, "(denied: planned), which is not the rollout's fault"),
    ],
)
def test_a_failed_judge_is_the_rollouts_fault_or_not(
    failure: Reason, case: str, reward: float, words: str, tmp_path: Path
) -> None:
    got = explained(two_parts(tmp_path), JudgeFailure(failure, "planned"))
    assert (got.case, got.reward, got.steps[-1].value) == (case, reward, reward)
    assert words in got.why


def test_too_little_coverage_says_how_little(tmp_path: Path) -> None:
    # |weights| are 2, 1 and 1, and only Rude (1 of 4) is answered.
    got = explained(two_parts(tmp_path), {"Polite": "cannot_assess", "Complete": "cannot_assess"})
    assert got.case == "not_covered"
    assert got.why == (
        "The judge could assess 25% of the rubric, less than 50%, so it gets the middle of the range, 0."
    )
    assert got.rubric
    assert got.rubric.score is None


def test_an_open_pitfall_is_named(tmp_path: Path) -> None:
    got = explained(two_parts(tmp_path), {"Rude": "cannot_assess"})
    assert got.why.startswith("The judge could not assess Rude, which must be answered")


def test_a_row_without_an_answer_is_rejected(tmp_path: Path) -> None:
    served = two_parts(tmp_path)
    (record,) = records_of(served, [{"id": "x", "messages": [{"role": "user", "content": "Q"}]}], all_yes)
    got = explain(record, [], served)
    assert (got.case, got.reward, got.response.text, got.prompt) == ("rejected", 0.0, "", ())
    assert got.why.startswith("The row can't be scored (no_response: row 0 has no assistant turn")
    assert steps(got) == [("no reward of its own", "the middle of the range: (-1 + 1) / 2", 0.0)]


def test_the_mean_of_the_siblings_is_written_out(tmp_path: Path) -> None:
    served = two_parts(tmp_path, policy="siblings")
    rows = [row(ANSWER, id="a"), row("Come on Tuesday.", id="b"), row("Filter me on Tuesday.", id="c")]

    def answer(question: Question, _model: Model) -> Reply | BaseException:
        if "Filter me" in question.variable:
            return JudgeFailure(Reason.DENIED, "planned")
        return replied(question, {("Rude", None): "no"})

    records = records_of(served, rows, answer)
    # a: all 1, so 1. b: (0.5 + 3) / 4 = 0.875, so 0.75. The mean is 0.875.
    got = explain(records[2], records, served)
    assert steps(got)[-1] == ("failure policy siblings", "the mean of its siblings: (1 + 0.75) / 2", 0.875)
    assert got.why.endswith("so it gets the mean of its siblings' rewards, 0.875.")
    alone = explain(records[2], [], served)
    assert alone.steps[-1].value == 0.875
    assert "not all of which are at hand" in alone.steps[-1].formula


LIST = """
name = "list"
[judge]
model = "medium"
items = "comments"
min_items = 1
max_items = 2
empty = 0.25
[[judge.criterion]]
name = "Sound"
question = "Is it sound?"
scope = "item"
"""


@pytest.mark.parametrize(
    ("response", "reward", "why"),
    [
        ('{"comments": []}', 0.25, "The list 'comments' is empty, so"),
        ('{"comments": [1, 2, 3]}', 0.0, "The list 'comments' has 3 items, and 1 to 2 are allowed, so"),
        ("prose", 0.0, "The answer has no list 'comments', so"),
    ],
)
def test_a_list_of_impossible_length_is_described(
    response: str, reward: float, why: str, tmp_path: Path
) -> None:
    served = factory.definition(tmp_path, LIST)
    (record,) = records_of(served, [row(response)], all_yes)
    got = explain(record, [], served)
    assert (got.case, got.reward, got.steps[-1].value) == ("list", reward, reward)
    assert got.why.startswith(why)


def test_a_definition_that_has_changed_is_named_and_the_sum_still_ends_in_the_reward(tmp_path: Path) -> None:
    served = two_parts(tmp_path)
    (record,) = records_of(
        served, [row("Come on Tuesday.")], lambda q, _m: replied(q, {("Rude", None): "no"})
    )
    text = TWO_PARTS.format(combine="sum", essential="false", policy="neutral").replace(
        "weight = 3.0", "weight = 1.0"
    )
    changed = factory.definition(tmp_path, text)
    got = explain(record, [], changed)
    # At weight 1 the mean is (0.5 + 1) / 2, so the reward 0.5; at weight 3 it was (0.5 + 3) / 4, so 0.75.
    assert steps(got)[-1] == ("as recorded", "the definition at hand gives 0.5", 0.75)
    assert changed.version in got.notes[0]
    assert served.version in got.notes[0]


def test_without_a_definition_the_record_is_explained_in_part(tmp_path: Path) -> None:
    served = two_parts(tmp_path)
    (record,) = records_of(served, [row(ANSWER)], lambda q, _m: replied(q, {("Rude", None): "no"}))
    got = explain(record, [], None)
    assert got.case == "unknown"
    assert got.steps[-1].value == got.reward == 1.0
    assert "not at hand" in got.notes[0]
    assert {line.name: line.state for line in got.checks}["required_content"] == "passed"
    assert {line.name: line.score for line in got.criteria} == {"Polite": 1.0, "Complete": 1.0, "Rude": 0.0}


def test_a_deployed_functions_scores_are_enough_for_the_sum(tmp_path: Path) -> None:
    served = two_parts(tmp_path)
    long = f"{ANSWER} {'We look forward to it. ' * 2}"
    (record,) = records_of(served, [row(long)], lambda q, _m: replied(q, {("Rude", None): "no"}))
    got = explain(metrics_only(record), [], served)
    assert got.reward < 1.0
    assert [step.label for step in got.steps] == [
        *("required_content", "rubric", "weighted mean", "penalty length", "range -1 to 1")
    ]
    assert got.steps[-1].value == got.reward
    assert got.notes == (
        "The record holds scores only, as a deployed function answers: no reasons and no verdicts.",
    )
