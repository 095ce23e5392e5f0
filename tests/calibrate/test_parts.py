"""Parts of calibrate by themselves: leaks, bindings, thresholds of choices, words, requirements, people."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from reward_fn.definition.load import load_definition
from reward_fn.types.rubric import Criterion
from rewardctl.calibrate.answers import Key, prompt_of, response_chars
from rewardctl.calibrate.binding import Binding, models_named, prompt_sha256, stale_reasons
from rewardctl.calibrate.criteria import CriteriaInRows
from rewardctl.calibrate.errors import CalibrateError
from rewardctl.calibrate.label_field import parse_fields
from rewardctl.calibrate.leak import MIN_ROWS, SameValues, judged_fields, leaking
from rewardctl.calibrate.requirement import check, parse_requirement, parse_thresholds
from rewardctl.calibrate.stats.estimate import Estimate, Interval, undefined
from rewardctl.calibrate.truth import Truth, combine
from rewardctl.calibrate.words import cell, dollars, inline, number
from rewardctl.labels.label import Judgement

# Leaks


def test_the_judged_fields_are_the_paths_of_documents_comparisons_and_checks() -> None:
    raw = b"""
name = "n"
[[score]]
check = "quotes_source"
source = ["reference_answer.target"]
[[metric]]
check = "length"
[judge]
model = "medium"
against = ["metadata.gold"]
own_rubric = true
[[judge.document]]
name = "d"
source = ["metadata.context", "prompt"]
"""
    fields = {"reference_answer.target", "metadata.gold", "metadata.context", "metadata.rubric"}
    assert judged_fields(raw) == fields


def test_a_check_that_looks_for_the_right_answer_reads_it_where_it_is_by_default() -> None:
    fields = judged_fields(b'name = "n"\n[[score]]\ncheck = "numeric_answer"\n')
    assert fields == {"reference_answer", "reference_answer.answer", "reference_answer.ground_truth"}
    named = judged_fields(b'name = "n"\n[[score]]\ncheck = "numeric_answer"\nreference = ["metadata.a"]\n')
    assert named == {"metadata.a"}


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("metadata.a", "metadata.a"),
        ("metadata.a.b", "metadata.a"),
        ("metadata", "metadata.a"),
        ("metadata.ab", None),
        ("reference_answer.a", None),
    ],
)
def test_a_label_leaks_if_it_is_in_a_judged_field_or_holds_one(path: str, field: str | None) -> None:
    assert leaking(path, ["metadata.a"]) == field


def same_values(values: Sequence[Any], labels: Sequence[bool]) -> str | None:
    same = SameValues(["metadata.v", "metadata.w"])
    for value, label in zip(values, labels, strict=True):
        same.add({"id": 1, "metadata": {"v": value, "w": "text"}}, label)
    return same.leak


def test_a_field_that_always_equals_the_label_is_found() -> None:
    labels = [n % 3 == 0 for n in range(MIN_ROWS)]
    assert same_values(["Yes" if each else "no" for each in labels], labels) == "metadata.v"
    assert same_values([int(each) for each in labels], labels) == "metadata.v"
    assert same_values([not each for each in labels], labels) is None
    assert same_values(labels[1:], labels[1:]) is None, "too few rows"
    assert same_values([True] * MIN_ROWS, [True] * MIN_ROWS) is None, "one answer only"


# Prompts and lengths


def test_rollouts_with_other_documents_are_of_another_prompt() -> None:
    def record(text: str, **fields: Any) -> dict[str, Any]:
        return {"id": 1, "group": "g", "row": {"id": 1, "metadata": {"doc": text, **fields}}}

    one, same, other = record("a", label=1), record("a", label=0), record("b", label=1)
    names = [prompt_of(each, ["metadata.doc"]) for each in (one, same, other)]
    assert names[0] == names[1] != names[2]
    assert prompt_of({"id": 1, "group": None, "row": None}, ["metadata.doc"]) == "1"


def test_the_length_is_that_of_the_last_turns_text() -> None:
    turns: list[Any] = ["abc", [{"text": "ab"}, {"toolUse": {}}, {"text": "c"}], None]
    assert [response_chars({"row": {"messages": [{"content": t}]}}) for t in turns] == [3, 3, 0]
    assert response_chars({"row": None}) == 0


# Labels


def test_labels_with_choices_have_the_worth_of_the_choice_and_take_yes_and_no_too() -> None:
    criteria = CriteriaInRows({"Good": Criterion("Good", "Is it good?", choices=("bad", "fair", "fine"))})
    labels = [
        Judgement(row, "ann", "Good", None, 0, answer, None, False, 1)
        for row, answer in (("a", "fair"), ("b", "bad"), ("c", "yes"), ("d", "unheard of"))
    ]
    combined = combine(labels, criteria.worths)
    truths = {key.row: truth.worth for key, truth in combined.truths.items()}
    assert truths == {"a": 0.5, "b": 0.0, "c": 1.0}
    assert combined.without_worth == 1


def test_criteria_that_rows_bring_are_learned() -> None:
    criteria = CriteriaInRows({})
    rubric = [{"name": "Own", "question": "Is it so?", "choices": ["low", "high"]}, {"name": "Broken"}, 7]
    criteria.add({"row": {"metadata": {"rubric": rubric}}})
    criteria.add({"row": None})
    assert criteria.worths("Own")["high"] == 1.0
    assert criteria.worths("Broken")["yes"] == 1.0


def test_the_whole_answer_is_the_mean_of_the_majority() -> None:
    labels = [
        Judgement("a", who, "", None, 0, "", worth, False, 1)
        for who, worth in (("ann", 0.9), ("bob", 0.7), ("cid", 0.1))
    ]
    assert combine(labels).truths == {Key("a", ""): Truth(pytest.approx(0.8))}  # type: ignore[arg-type]


def test_fields_are_parsed_with_and_without_a_criterion() -> None:
    assert parse_fields(["metadata.a", "Good=reference_answer.b"]) == {
        "": "metadata.a",
        "Good": "reference_answer.b",
    }
    with pytest.raises(CalibrateError, match="two paths"):
        parse_fields(["metadata.a", "metadata.b"])


# Bindings


@pytest.mark.parametrize("name", ["contract-review", "reasoning", "summarization", "instruction-following"])
def test_the_prompts_hash_is_stable_and_changes_with_each_thing_that_the_judge_reads(name: str) -> None:
    judge = load_definition(name).judge
    assert judge is not None
    first = prompt_sha256(judge)
    assert first == prompt_sha256(load_definition(name).judge)
    one, *others = judge.criteria
    changed = replace(judge, criteria=(replace(one, question=one.question + " Really?"), *others))
    assert prompt_sha256(changed) != first
    assert prompt_sha256(replace(judge, instructions=judge.instructions + " Be strict.")) != first
    assert prompt_sha256(replace(judge, models=("heavyweight",))) == first, "models are compared apart"


def test_the_prompts_hash_covers_the_texts_of_this_package(monkeypatch: pytest.MonkeyPatch) -> None:
    from reward_fn.judge.ask import prompt

    judge = load_definition("reasoning").judge
    first = prompt_sha256(judge)
    monkeypatch.setattr(prompt, "system_text", lambda *_: "another prompt")
    assert prompt_sha256(judge) != first


def test_a_definition_without_a_judge_has_no_prompt_and_no_models() -> None:
    definition = load_definition("math-answer")
    assert prompt_sha256(definition.judge) == ""
    assert models_named(definition) == ()


def test_two_names_of_one_model_are_not_a_change() -> None:
    definition = load_definition("reasoning")
    assert models_named(definition) == ("us.amazon.nova-2-lite-v1:0",)
    then = Binding("reasoning", "v", "p", "bedrock", ("us.amazon.nova-2-lite-v1:0",))
    assert list(stale_reasons(then, replace(then, judge=""))) == []


# Requirements


def part(**fields: Any) -> dict[str, Any]:
    figures = {"kappa": {"value": 0.7, "low": 0.5, "high": 0.8}}
    return {"part": "Good", "labels": 100, **figures, **fields}


@pytest.mark.parametrize(
    ("text", "changes", "passed"),
    [
        ("kappa=0.7", {}, True),
        ("kappa=0.71", {}, False),
        ("kappa.low=0.5", {}, True),
        ("kappa.low=0.6", {}, False),
        ("Good.kappa=0.7", {}, True),
        ("Bad.kappa=0.7", {}, False),
        ("kappa=0.7", {"labels": 19}, False),
        ("kappa=-1", {"kappa": {"value": None, "undefined": "no labels"}}, False),
        ("kappa=-1", {"kappa": {"value": 1.0, "undefined": "a single prompt"}}, False),
    ],
)
def test_only_a_defined_figure_passes(text: str, changes: dict[str, Any], passed: bool) -> None:
    findings = check(parse_requirement(text), "judge", [part(**changes)], 20)
    assert [finding.passed for finding in findings] == [passed]


def test_without_any_part_a_requirement_fails() -> None:
    assert [finding.passed for finding in check(parse_requirement("kappa=0"), "judge", [], 20)] == [False]


def test_all_criteria_together_count_only_where_they_are_named() -> None:
    parts = [part(), part(part="all criteria", kappa={"value": 0.1, "low": 0.0, "high": 0.2})]
    assert [f.passed for f in check(parse_requirement("kappa=0.6"), "judge", parts, 20)] == [True]
    assert [f.passed for f in check(parse_requirement("all.kappa=0.6"), "judge", parts, 20)] == [False]


def test_a_bare_threshold_is_that_of_the_reward() -> None:
    assert parse_thresholds(["0.7", "Good=0.3"]) == {"": 0.7, "Good": 0.3}
    assert parse_thresholds(["overall=0.7"]) == {"": 0.7}


@pytest.mark.parametrize("score", ["nan", "inf", "-inf"])
def test_a_threshold_is_a_finite_number(score: str) -> None:
    """Nothing is at least NaN, so every answer of the judge would be a no."""
    with pytest.raises(CalibrateError, match="give a finite number"):
        parse_thresholds([f"Good={score}"])


# Words


def test_limits_get_as_many_decimals_as_tell_them_apart() -> None:
    narrow = Estimate(1.0, Interval(0.9986, 1.0))
    assert inline(narrow) == "1.00 [.999, 1.000]"
    assert cell(narrow) == "1.00\n.999 1.000"
    assert inline(Estimate(-0.25, Interval(-0.5, 0.0))) == "-.25 [-.50, .00]"


def test_what_is_undefined_says_why() -> None:
    assert inline(undefined("no labels")) == "undefined (no labels)"
    assert inline(Estimate(0.5, undefined="a single prompt")) == ".50 (a single prompt)"
    assert cell(undefined("no labels")) == number(None) == "·"
    assert [dollars(usd) for usd in (None, 0.0, 1.5)] == [
        "cost unknown",
        "no cost",
        "$1.50 for 1,000 rollouts",
    ]
