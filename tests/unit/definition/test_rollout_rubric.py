"""A rollout's own criteria, criteria that may not apply, and the minimum of the parts."""

import json
import math
from pathlib import Path
from typing import Any

import pytest

from reward_fn.deadline import Deadline
from reward_fn.definition.rollout_rubric import MAX_CRITERIA, with_own_rubric
from reward_fn.judge.base import Model, Question, Reply
from reward_fn.judge.vote.reply import read_verdicts
from reward_fn.pipeline import Scorer, score_batch
from reward_fn.score.rubric import rubric_score
from reward_fn.types.check import CheckResult
from reward_fn.types.definition import Definition
from reward_fn.types.result import Result
from reward_fn.types.rubric import Document, JudgeSpec, VerdictClass
from reward_fn.types.unscored import Reason, Unscored
from reward_fn.types.verdict import Verdict
from tests import factory
from tests.factory import build_question
from tests.unit.fake_judge import FakeJudge
from tests.unit.rubric import check_spec, criterion, definition, judge_spec, result_of, verdicts

QUESTION = "Does the answer name the capital of the country that was asked about?"
OWN = """
name = "own"
[judge]
model = "medium"
own_rubric = true
[[judge.document]]
name = "source"
source = ["metadata.source"]
optional = true
"""


def brought(*entries: dict[str, Any], spec: JudgeSpec | None = None) -> JudgeSpec | Unscored:
    """The spec of a rollout that brings ``entries``."""
    rollout = factory.rollout("A", metadata={"rubric": list(entries)})
    return with_own_rubric(rollout, spec or judge_spec(criterion("Sound"), own_rubric=True))


def refused(entries: Any) -> str:
    rollout = factory.rollout("A", metadata={"rubric": entries})
    found = with_own_rubric(rollout, judge_spec(criterion("Sound"), own_rubric=True))
    assert isinstance(found, Unscored)
    assert found.reason is Reason.BAD_ROW
    return found.detail


CAPITAL = {"name": "Capital", "question": QUESTION}


@pytest.mark.parametrize(
    ("entry", "why"),
    [
        ({**CAPITAL, "name": "Sound"}, "a name that is taken"),
        ({**CAPITAL, "name": "imputed"}, "a name that is taken"),
        ({**CAPITAL, "choices": ["poor", "good"], "values": [0, math.nan]}, "a number that is not finite"),
        ({**CAPITAL, "quote_from": ["nowhere"]}, "an unknown document"),
        ({**CAPITAL, "quote_from": ["maybe"]}, "an unknown document"),  # optional, so it may be missing
        (
            {**CAPITAL, "weight": -1, "essential": True},
            "essential with a weight below 0, or choices and values that don't fit",
        ),
        (
            {**CAPITAL, "choices": ["poor", "good"], "values": [1]},
            "essential with a weight below 0, or choices and values that don't fit",
        ),
    ],
)
def test_a_criterion_that_cannot_be_used_is_named_with_the_reason(entry: dict[str, Any], why: str) -> None:
    documents = (Document("source", ("prompt",)), Document("maybe", ("metadata.m",), optional=True))
    spec = judge_spec(criterion("Sound"), own_rubric=True, documents=documents)
    assert brought(entry, spec=spec) == Unscored(Reason.BAD_ROW, f"metadata.rubric[0]: {why}")
    first = {**CAPITAL, "name": "First", "quote_from": ["source"]}
    assert brought(first, entry, spec=spec) == Unscored(Reason.BAD_ROW, f"metadata.rubric[1]: {why}")


def test_a_criterion_cannot_quote_in_a_comparison() -> None:
    documents = (Document("source", ("prompt",)),)
    spec = judge_spec(criterion("Sound"), own_rubric=True, documents=documents, mode="pairwise")
    assert brought({**CAPITAL, "quote_from": ["source"]}, spec=spec) == Unscored(
        Reason.BAD_ROW, "metadata.rubric[0]: quote_from does not apply in the mode 'pairwise'"
    )
    assert isinstance(brought(dict(CAPITAL), spec=spec), JudgeSpec)


@pytest.mark.parametrize("weight", [-0.5, -1.0])
def test_pitfalls_alone_leave_nothing_to_earn(weight: float) -> None:
    spec = judge_spec(own_rubric=True)
    nothing = Unscored(
        Reason.BAD_ROW, "no criterion with a weight above 0, in the definition or metadata.rubric"
    )
    assert brought({**CAPITAL, "weight": weight}, spec=spec) == nothing
    assert brought(spec=spec) == nothing
    assert isinstance(brought({**CAPITAL, "weight": -weight}, spec=spec), JudgeSpec)


def test_rubrics_of_the_same_content_share_their_criteria() -> None:
    # what is made of criteria is remembered by their identity: the question, the schema, the leaves
    spec = judge_spec(criterion("Sound"), own_rubric=True)
    one, other = brought(dict(CAPITAL), spec=spec), brought(dict(CAPITAL), spec=spec)
    assert isinstance(one, JudgeSpec)
    assert one is other
    for different in (
        brought({**CAPITAL, "weight": 2}, spec=spec),
        brought({**CAPITAL, "question": QUESTION + " Really?"}, spec=spec),
        brought(dict(CAPITAL), spec=judge_spec(criterion("Sound"), own_rubric=True)),
    ):
        assert isinstance(different, JudgeSpec)
        assert different.criteria != one.criteria


def test_rubrics_that_only_look_alike_in_python_are_not_shared() -> None:
    # True == 1 == 1.0 in Python; a weight of true is not a number
    assert isinstance(brought({**CAPITAL, "weight": 1}), JudgeSpec)
    assert refused([{**CAPITAL, "weight": True}]) == "metadata.rubric[0].weight breaks 'type'"


def test_a_rubric_that_is_not_from_json_or_very_long_is_read_all_the_same() -> None:
    assert refused([{"name": "A", "question": {QUESTION}}]) == "metadata.rubric[0].question breaks 'type'"
    long = [{"name": f"A{i}", "question": "Is it so? " * 150} for i in range(20)]
    assert isinstance(brought(*long), JudgeSpec)


def test_a_rollouts_criterion_may_say_what_evidence_it_wants() -> None:
    found = brought({**CAPITAL, "evidence": "none"}, {**CAPITAL, "name": "Other"})
    assert isinstance(found, JudgeSpec)
    assert [c.evidence_kind for c in found.criteria] == ["reason", "none", "reason"]


def score(rows: Any, served: Definition, judge: FakeJudge) -> tuple[Result, ...]:
    return score_batch(rows, Scorer(served, judge), Deadline.after(10.0)).results


@pytest.fixture
def own(tmp_path: Path) -> Definition:
    return factory.definition(tmp_path, OWN)


def test_a_rollouts_criteria_come_beside_the_definitions() -> None:
    found = brought({"name": "Capital", "question": QUESTION, "weight": 2, "essential": True})
    assert isinstance(found, JudgeSpec)
    assert [(c.name, c.weight, c.essential, c.scope) for c in found.criteria] == [
        ("Sound", 1.0, False, "answer"),
        ("Capital", 2.0, True, "answer"),
    ]


@pytest.mark.parametrize(
    ("entries", "place"),
    [
        ({"name": "A"}, "metadata.rubric breaks 'type'"),
        (["text"], "metadata.rubric[0] breaks 'type'"),
        ([{"name": "A"}], "metadata.rubric[0] breaks 'required'"),
        ([{"name": "A B", "question": QUESTION}], "metadata.rubric[0].name breaks 'pattern'"),
        ([{"name": "A", "question": QUESTION, "weight": 0}], "metadata.rubric[0].weight breaks 'not'"),
        (
            [{"name": "A", "question": QUESTION, "weight": float("nan")}],
            "metadata.rubric[0].weight breaks 'not'",
        ),
        ([{"name": "A", "question": QUESTION, "scope": "item"}], "metadata.rubric[0] breaks 'additional"),
        ([{"name": "A", "question": QUESTION, "quote_of": "a"}], "metadata.rubric[0] breaks 'additional"),
        ([{"name": "Sound", "question": QUESTION}], "metadata.rubric[0]: a name that is taken"),
        ([{"name": "judge_error", "question": QUESTION}], "metadata.rubric[0]: a name that is taken"),
        ([{"name": "JudgeCalls", "question": QUESTION}], "metadata.rubric[0]: a name that is taken"),
        ([{"name": "A", "question": QUESTION}] * 2, "metadata.rubric[1]: a name that is taken"),
        ([{"name": "A", "question": QUESTION, "quote_from": ["none"]}], "metadata.rubric[0]: an unknown doc"),
        (
            [{"name": "A", "question": QUESTION, "choices": ["bad", "good"], "values": [1, 0]}],
            "metadata.rubric[0]: essential with a weight below 0, or choices",
        ),
        (
            [{"name": "A", "question": QUESTION, "choices": ["bad", "good"], "values": [float("nan"), 1.0]}],
            "metadata.rubric[0]: a number that is not finite",
        ),
        (
            [{"name": "A", "question": QUESTION, "choices": ["bad", "good"], "values": [0.0, float("inf")]}],
            "metadata.rubric[0].values[1] breaks 'maximum'",
        ),
        (
            [{"name": f"A{i}", "question": QUESTION} for i in range(MAX_CRITERIA + 1)],
            "metadata.rubric breaks 'maxItems'",
        ),
    ],
)
def test_a_rubric_that_cannot_be_used_leaves_the_rollout_unscored_and_says_where(
    entries: Any, place: str
) -> None:
    assert refused(entries).startswith(place)


def test_a_rubric_that_one_reply_cannot_hold_leaves_the_rollout_unscored() -> None:
    each = [criterion(f"Item{i}", scope="item") for i in range(4)]
    spec = judge_spec(*each, items="comments", max_items=15, own_rubric=True)
    entries = [{"name": f"A{i}", "question": QUESTION} for i in range(21)]
    # 4 criteria of up to 15 items and 20 of the answer: 80; one more is too much
    assert isinstance(brought(*entries[:20], spec=spec), JudgeSpec)
    found = brought(*entries, spec=spec)
    assert found == Unscored(
        Reason.BAD_ROW, "metadata.rubric: makes up to 81 verdicts, but 80 fit a reply; bring fewer criteria"
    )


def test_a_rubric_is_never_quoted_in_what_is_said_of_it() -> None:
    assert "SECRET" not in refused([{"name": "SECRET name", "question": "SECRET?"}])


def test_a_number_that_is_none_costs_its_own_row_and_no_other(own: Definition) -> None:
    scale = {"name": "How", "question": QUESTION, "choices": ["bad", "good"], "values": [math.nan, 1.0]}
    plain = {"name": "Capital", "question": QUESTION}
    rows = [factory.row("A", metadata={"rubric": [entry]}) for entry in (scale, plain)]
    # As an HTTP caller's text, which Python's parser lets hold NaN.
    scored = score({"body": json.dumps(rows)}, own, FakeJudge())
    assert [(r.reward, r.imputed) for r in scored] == [(0.5, True), (1.0, False)]
    assert [why.reason for why in scored[0].reasons] == [Reason.BAD_ROW]


def test_without_any_criterion_nobody_is_asked_and_the_rollout_is_neutral(own: Definition) -> None:
    judge = FakeJudge()
    (result,) = score([factory.row("A")], own, judge)
    assert (result.reward, result.imputed, judge.asked) == (0.5, True, [])


def test_each_rollout_is_judged_by_its_own_rubric(own: Definition) -> None:
    def answer(question: Question, model: Model) -> Reply:
        names = [leaf.criterion.name for leaf in question.leaves]
        said = {name: {"evidence": "e", "verdict": "yes" if name == "Short" else "no"} for name in names}
        return Reply({"answer": said})

    short = {"name": "Short", "question": "Is the answer shorter than ten words?", "weight": 3}
    capital = {"name": "Capital", "question": QUESTION, "weight": 1}
    rows = [
        factory.row("A", metadata={"rubric": rubric}) for rubric in ([short], [capital], [short, capital])
    ]
    # 3/3, 0/1, and 3 of 3 + 1
    assert [r.reward for r in score(rows, own, FakeJudge(answer))] == [1.0, 0.0, 0.75]


def test_the_same_questions_with_other_weights_do_not_share_an_answer() -> None:
    spec = judge_spec(own_rubric=True)
    keys = set()
    for weight in (1, 2):
        found = brought({"name": "Capital", "question": QUESTION, "weight": weight}, spec=spec)
        assert isinstance(found, JudgeSpec)
        keys.add(build_question(factory.rollout("A"), found).key)
    assert len(keys) == 2


# Criteria that may not apply


def test_only_a_criterion_that_may_not_apply_offers_that_verdict() -> None:
    question = build_question(
        factory.rollout("A"), judge_spec(criterion("Sound"), criterion("Cites", may_not_apply=True))
    )
    options = {
        name: part["properties"]["verdict"]["enum"]
        for name, part in question.schema["properties"]["answer"]["properties"].items()
    }
    assert options["Sound"] == ["yes", "no", "cannot_assess"]
    assert options["Cites"] == ["yes", "no", "cannot_assess", "not_applicable"]
    assert '"may_not_apply": true' in question.static
    said = {"evidence": "", "verdict": "not_applicable"}
    yes = {"evidence": "", "verdict": "yes"}
    found = read_verdicts(Reply({"answer": {"Sound": yes, "Cites": said}}), question)
    assert sorted(v.answer for v in found.values()) == ["not_applicable", "yes"]


def test_what_does_not_apply_weighs_nothing_and_costs_no_coverage() -> None:
    sound, cites = criterion("Sound", 1.0), criterion("Cites", 3.0, may_not_apply=True)
    # 1 of 1: the 3 are out of numerator, denominator and coverage
    found = rubric_score(verdicts((sound, "yes"), (cites, "not_applicable")))
    assert (found.score, found.coverage, found.complete) == (1.0, 1.0, True)
    # 0 of 1
    assert rubric_score(verdicts((sound, "no"), (cites, "not_applicable"))).score == 0.0


def test_an_essential_criterion_or_a_pitfall_may_not_apply_either() -> None:
    sound = criterion("Sound")
    for other in (
        criterion("Cites", essential=True, may_not_apply=True),
        criterion("Invents", -2.0, may_not_apply=True),
    ):
        found = rubric_score(verdicts((sound, "yes"), (other, "not_applicable")))
        assert (found.score, found.complete, found.essential_failed) == (1.0, True, False)


def test_where_nothing_applies_the_rollout_is_neutral() -> None:
    cites = criterion("Cites", may_not_apply=True)
    result = result_of(definition(cites), verdicts((cites, "not_applicable")))
    assert (result.reward, result.imputed) == (0.5, True)
    assert "Cites" not in {metric.name for metric in result.metrics}


def test_a_verdict_that_does_not_apply_is_no_verdict_of_an_unsupported_yes() -> None:
    assert Verdict(VerdictClass.NOT_APPLICABLE).unsupported is False


# The minimum


def test_the_minimum_lets_no_part_make_up_for_another() -> None:
    sound = criterion("Sound")
    served = definition(
        sound,
        combine="minimum",
        scores=(check_spec("right", weight=9.0), check_spec("brief")),
        penalties=(check_spec("long", weight=0.1),),
    )
    results = {"right": CheckResult(1.0), "brief": CheckResult(0.4), "long": CheckResult(0.5)}
    # min(1.0, 0.4, rubric 1.0) - 0.1 * 0.5 = 0.35; the weighted mean would be (9 + 0.4 + 1) / 11 - 0.05
    assert result_of(served, verdicts((sound, "yes")), results).reward == pytest.approx(0.35)
    # the rubric is a part like the others: min(1.0, 0.4, 0.0) - 0.05, clipped
    assert result_of(served, verdicts((sound, "no")), results).reward == 0.0


def test_the_shipped_form_of_the_definition_takes_both(tmp_path: Path) -> None:
    served = factory.definition(tmp_path, 'combine = "minimum"\n' + OWN)
    assert served.combine == "minimum"
    assert served.judge is not None
    assert served.judge.own_rubric


def test_a_definition_without_criteria_of_its_own_must_say_so(tmp_path: Path) -> None:
    with pytest.raises(Exception, match=r"judge\.criterion: is missing"):
        factory.definition(tmp_path, OWN.replace("own_rubric = true", ""))


# A schema that the rollout brings


def test_each_rollout_is_held_to_the_schema_that_it_brings() -> None:
    check = factory.check("json_schema", schema_from=["metadata.schema"])
    schema = {"type": "object", "required": ["a"]}
    for as_sent in (schema, json.dumps(schema)):
        metadata = {"schema": as_sent}
        assert check(factory.rollout('{"a": 1}', metadata=metadata)) == CheckResult(1.0)
        assert check(factory.rollout("{}", metadata=metadata)) == CheckResult(
            0.0, "violates the schema at required"
        )


@pytest.mark.parametrize(
    "schema",
    [
        None,
        "",
        "{",
        "[]",
        {"type": "SECRET"},
        {"$ref": "https://example.com/s"},
        {"$ref": "#"},
        "x" * 200_000,
    ],
)
def test_a_schema_that_cannot_be_used_leaves_the_rollout_unscored(schema: Any) -> None:
    check = factory.check("json_schema", schema_from=["metadata.schema"])
    found = check(factory.rollout("{}", metadata={"schema": schema}))
    assert isinstance(found, Unscored)
    assert found.reason is Reason.NO_SOURCE
    assert "SECRET" not in found.detail
