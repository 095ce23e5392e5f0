"""The whole path of a batch against a fake judge: what is paid for, what is not, who gets which reward."""

import json
import math
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from reward_fn import pipeline
from reward_fn.deadline import Deadline
from reward_fn.definition.load import load_definition
from reward_fn.errors import EventError, JudgeFailure
from reward_fn.judge.base import Model, Question
from reward_fn.pipeline import Scorer, score_batch
from reward_fn.report.metrics import metrics_of
from reward_fn.response import to_wire
from reward_fn.settings import Settings
from reward_fn.text import batch_time
from reward_fn.types.batch import UNKNOWN, Scored, TextSigns
from reward_fn.types.check import CheckResult, CheckSpec
from reward_fn.types.definition import Definition
from reward_fn.types.result import Result
from reward_fn.types.rollout import Rollout
from reward_fn.types.unscored import Reason
from reward_fn.types.usage import Usage
from tests import factory
from tests.unit.fake_judge import FakeJudge, Script, Step, all_yes, replied
from tests.unit.rubric import check_spec, criterion, definition, judge_spec, shown

CONTRACT = """MASTER AGREEMENT
1. Vendor may raise the fees at any time by posting new prices on its website.
2. Customer pays the yearly fee in advance, within thirty days of the invoice.
"""
GUIDELINES = "Fees change only at renewal and with sixty days' notice. Payment is due in arrears."
REVIEW = {
    "comments": [
        {
            "type": "deviation",
            "text_excerpt": "Vendor may raise the fees at any time",
            "recommended_action": "Let the fees change only at renewal.",
        },
        {
            "type": "deviation",
            "text_excerpt": "Customer pays the yearly fee in advance",
            "recommended_action": "Replace in advance by in arrears.",
        },
    ]
}
ITEMS = """
name = "items"
[judge]
model = "medium"
items = "comments"
min_items = 1
max_items = 2
empty = 0.25
[[judge.document]]
name = "contract"
source = ["metadata.contract"]
[[judge.criterion]]
name = "Sound"
question = "Is the comment sound?"
"""


def contract_row(response: Any, **fields: Any) -> dict[str, Any]:
    """A row of the flagship case; a response that is no text is sent as JSON."""
    text = response if isinstance(response, str) else json.dumps(response)
    reference = {"target_document": CONTRACT, "reference": GUIDELINES}
    return factory.row(text, prompt="Review it.", **{"reference_answer": reference, **fields})


def score(
    rows: Any, served: Definition, judge: FakeJudge | None = None, *, budget_s: float = 10.0, workers: int = 8
) -> tuple[list[Result], FakeJudge, Usage]:
    judge = judge or FakeJudge()
    scored = score_batch(
        rows,
        Scorer(served, judge, settings=Settings(judge_max_workers=workers, judge_max_attempts=2)),
        Deadline.after(budget_s),
    )
    assert len(scored.entries) == len(scored.results)
    return list(scored.results), judge, scored.usage


@pytest.fixture(scope="module")
def review() -> Definition:
    return load_definition("contract-review")


@pytest.fixture
def items(tmp_path: Path) -> Definition:
    return factory.definition(tmp_path, ITEMS)


def item_row(comments: Any, **fields: Any) -> dict[str, Any]:
    return factory.row(
        json.dumps({"comments": comments}), **{"metadata": {"contract": "Some contract."}, **fields}
    )


# The flagship case


def test_a_contract_review_is_scored_end_to_end(review: Definition) -> None:
    # Both quotes stand in the contract: 1. The answer is short: no penalty. Two comments, so that a comment's
    # criteria weigh 0.6, 0.5 and 0.4, and Coverage 1. No for the second comment's consistency and Coverage:
    # rubric = (1.5 + 1.0) / 4; reward = (1 * 1 + 3 * 0.625) / 4
    answers = {("Reference_Consistency", 1): "no", ("Coverage", None): "no"}
    judge = FakeJudge(lambda question, _: replied(question, answers))
    (result,), _, _ = score([contract_row(REVIEW, id="one")], review, judge)
    assert result.reward == pytest.approx((1 + 3 * 2.5 / 4) / 4)
    assert shown(result) == pytest.approx(
        {
            "hollow_answer": 1.0,
            "json_schema": 1.0,
            "unicode_noise": 1.0,
            "safety": 1.0,
            "language": 1.0,
            "quotes_source": 1.0,
            "length": 0.0,
            "TargetDocument_Grounding": 1.0,
            "Reference_Consistency": 0.5,
            "Actionability": 1.0,
            "Coverage": 0.0,
            "rubric": 0.625,
            "gate_failed": 0.0,
            "judge_error": 0.0,
            "judge_coverage": 1.0,
            "provoked": 0.0,
            "unsupported_quotes": 0.0,
            "imputed": 0.0,
            "rejected": 0.0,
            "no_response": 0.0,
        }
    )


def test_all_criteria_of_a_rollout_are_one_call(review: Definition) -> None:
    _, judge, usage = score([contract_row(REVIEW)], review)
    (asked,) = judge.asked
    assert len(asked.question.leaves) == 2 * 3 + 1
    assert usage.calls[0].model_id == asked.model_id == "us.amazon.nova-2-lite-v1:0"


def test_a_quote_of_the_guidelines_is_no_quote_of_the_contract(review: Definition) -> None:
    misquoted = json.loads(
        json.dumps(REVIEW).replace("Vendor may raise the fees at any time", "Fees change only at renewal")
    )
    (result,), _, _ = score([contract_row(misquoted)], review)
    assert shown(result)["quotes_source"] == 0.5


# What costs no judge call


UNPAID: dict[str, Any] = {
    "empty": contract_row(""),
    "opener": contract_row("Let's solve this problem step by step."),
    "prose": contract_row("The contract is fine."),
    "broken": contract_row('{"comments": ['),
    "wrong-form": contract_row({"comments": [{"type": "risk"}]}),
    "empty-list": contract_row({"comments": []}),
    "too-many": contract_row({"comments": REVIEW["comments"] * 11}),
    "no-assistant": {"id": "x", "messages": [{"role": "user", "content": "Review it."}]},
    "no-messages": {"id": "x"},
    "string": "not a row",
    "null": None,
    "list": [],
    "number": 5,
    "bad-content": contract_row(REVIEW, messages=[{"role": "assistant", "content": 5}]),
    "bad-metadata": contract_row(REVIEW, metadata="text"),
}


@pytest.mark.parametrize("name", UNPAID)
def test_gate_failures_and_rejected_rows_never_cost_a_judge_call(review: Definition, name: str) -> None:
    results, judge, usage = score([UNPAID[name]], review)
    assert len(results) == 1
    assert (judge.asked, usage.calls) == ([], ())


def test_a_bad_row_never_disturbs_its_neighbours(review: Definition) -> None:
    (alone,), _, _ = score([contract_row(REVIEW, id="good")], review)
    rows: list[Any] = [contract_row(REVIEW, id="good-0")]
    for place, bad in enumerate(UNPAID.values()):
        rows += [bad, contract_row(REVIEW, id=f"good-{place + 1}")]
    results, judge, _ = score(rows, review)
    assert [result.reward for result in results[::2]] == [alone.reward] * (len(UNPAID) + 1)
    assert [result.id for result in results[::2]] == [f"good-{place}" for place in range(len(UNPAID) + 1)]
    assert len(judge.asked) == 1, "the good ones are alike, so they are asked about once"


def test_every_row_gets_one_result_in_its_place(review: Definition) -> None:
    rows = [contract_row(REVIEW, id=i) if i % 3 else f"broken {i}" for i in range(40)]
    results, _, _ = score(rows, review, workers=3)
    assert [result.index for result in results] == list(range(40))
    assert [result.id for result in results] == [i if i % 3 else f"missing-{i}" for i in range(40)]


def test_an_empty_batch_is_answered_with_nothing(review: Definition) -> None:
    results, judge, usage = score([], review)
    assert (results, judge.asked, usage) == ([], [], Usage())


def test_an_event_without_a_batch_is_an_error(review: Definition) -> None:
    with pytest.raises(EventError):
        score("no batch", review)


def test_ids_come_back_unchanged_and_may_repeat(review: Definition) -> None:
    ids: list[Any] = ["same", "same", 7, 0, "", False, {"a": 1}, ["x"], 1.5]
    results, _, _ = score([contract_row(REVIEW, id=identity) for identity in ids], review)
    assert [result.id for result in results] == ids
    assert [type(result.id) for result in results] == [type(identity) for identity in ids]


# Documents and lists


def test_a_missing_document_is_unscored_without_a_call(items: Definition) -> None:
    (gone, blank, good), judge, _ = score(
        [item_row(["a"], metadata={}), item_row(["b"], metadata={"contract": " \n"}), item_row(["c"])], items
    )
    for result in (gone, blank):
        assert (result.reward, result.imputed) == (0.5, True)
        assert [why.reason for why in result.reasons] == [Reason.NO_SOURCE]
    assert good.reward == 1.0
    assert len(judge.asked) == 1


def test_an_optional_document_may_be_missing(tmp_path: Path) -> None:
    toml = ITEMS.replace('source = ["metadata.contract"]', 'source = ["metadata.contract"]\noptional = true')
    (result,), judge, _ = score([item_row(["a"], metadata={})], factory.definition(tmp_path, toml))
    assert (result.reward, len(judge.asked)) == (1.0, 1)


@pytest.mark.parametrize(
    ("comments", "reward", "calls"),
    [([], 0.25, 0), (["a", "b", "c"], 0.0, 0), (["a"], 1.0, 1), (["a", "b"], 1.0, 1)],
)
def test_a_list_of_impossible_length_is_settled_without_a_call(
    items: Definition, comments: list[str], reward: float, calls: int
) -> None:
    (result,), judge, _ = score([item_row(comments)], items)
    assert result.reward == reward
    assert len(judge.asked) == calls
    assert (result.gate, shown(result)["gate_failed"]) == (("", 0.0) if calls else ("comments", 1.0))
    assert not result.imputed


@pytest.mark.parametrize(
    "response", ["prose", '{"comments": "none"}', '{"other": []}', "[]", '{"comments": [']
)
def test_an_answer_without_the_list_earns_the_floor_and_not_what_an_empty_list_does(
    items: Definition, response: str
) -> None:
    # What an empty list earns may be much: there may be nothing to report. Garbling must not earn it.
    (result,), judge, _ = score([factory.row(response, metadata={"contract": "Some contract."})], items)
    assert (result.reward, judge.asked) == (0.0, [])


def test_a_list_that_may_be_shorter_than_one_still_costs_no_call_when_empty(tmp_path: Path) -> None:
    served = factory.definition(tmp_path, ITEMS.replace("min_items = 1", "min_items = 0"))
    (result,), judge, _ = score([item_row([])], served)
    assert (result.reward, judge.asked) == (0.25, [])


# Gates end paid work and hide nothing behind them


def checked(name: str, found: Callable[[Rollout], CheckResult], **fields: Any) -> CheckSpec:
    return CheckSpec(name, found, **fields)


def breaks(rollout: Rollout) -> CheckResult:
    """A check with a fault, on rollouts that say so."""
    if "poison" in rollout.response:
        raise LookupError(rollout.response)
    return CheckResult(1.0)


def test_nothing_runs_after_a_failed_gate() -> None:
    ran: list[str] = []

    def noting(name: str, score: float) -> CheckSpec:
        def check(rollout: Rollout) -> CheckResult:
            ran.append(name)
            return CheckResult(score)

        return checked(name, check, reward=0.2)

    served = definition(
        criterion("Sound"),
        gates=(noting("first", 1.0), noting("second", 0.0), noting("third", 1.0)),
        scores=(noting("score", 1.0),),
    )
    (result,), judge, _ = score([factory.row("x")], served)
    assert (ran, judge.asked) == (["first", "second"], [])
    assert (result.reward, result.gate) == (0.2, "second")
    assert "score" not in shown(result)


def test_a_gate_passes_from_its_minimum_score_on() -> None:
    for found, reward in ((0.5, 1.0), (0.49, 0.0)):
        gate = check_spec("half", score=found, min_score=0.5)
        (result,), _, _ = score([factory.row("x")], definition(criterion("Sound"), gates=(gate,)))
        assert result.reward == reward


@pytest.mark.parametrize("role", ["gates", "scores"])
def test_a_gate_or_score_that_raises_costs_only_its_rollout_and_no_call(role: str) -> None:
    served = definition(criterion("Sound"), checks={role: checked("odd", breaks)})
    (good, poison, fine), judge, _ = score(
        [factory.row("good"), factory.row("poison"), factory.row("fine")], served
    )
    assert (good.reward, fine.reward) == (1.0, 1.0)
    assert (poison.reward, poison.imputed) == (0.5, True)
    assert [why.reason for why in poison.reasons] == [Reason.INTERNAL_ERROR]
    assert "poison" not in poison.reasons[0].detail, "the fault's text may quote the rollout"
    assert "LookupError" in poison.reasons[0].detail
    assert len(judge.asked) == 2


@pytest.mark.parametrize("role", ["penalties", "metrics"])
def test_a_penalty_or_metric_that_raises_is_named_and_the_rollout_is_judged(role: str) -> None:
    served = definition(criterion("Sound"), checks={role: checked("odd", breaks)})
    (result,), judge, _ = score([factory.row("poison")], served)
    assert (result.reward, result.imputed) == (1.0, False)
    assert [why.reason for why in result.reasons] == [Reason.INTERNAL_ERROR]
    assert len(judge.asked) == 1


@pytest.mark.parametrize("number", [math.nan, math.inf])
@pytest.mark.parametrize("policy", ["neutral", "siblings"])
def test_a_number_that_is_none_costs_only_its_rollout(number: float, policy: str) -> None:
    def odd(rollout: Rollout) -> CheckResult:
        return CheckResult(number if rollout.response == "poison" else 1.0)

    served = definition(
        criterion("Sound"), on_error=policy, scores=(checked("odd", odd), check_spec("half", score=0.0))
    )
    rows = [factory.row(text) for text in ("good", "poison", "fine")]
    scored = score_batch(rows, Scorer(served, FakeJudge()), Deadline.after(10.0))
    good, poison, fine = scored.results
    # (1 + 0 + rubric 1) / 3 for the neighbours; the middle, or the mean of its siblings, for the one
    assert [good.reward, fine.reward] == pytest.approx([2 / 3, 2 / 3])
    assert poison.reward == pytest.approx(0.5 if policy == "neutral" else 2 / 3)
    assert poison.imputed
    assert shown(poison)["imputed"] == 1.0
    assert "odd" not in shown(poison)
    assert [why.reason for why in poison.reasons] == [Reason.INTERNAL_ERROR]
    assert len(to_wire(scored.results, scored.entries, served)) == 3
    records = list(metrics_of(scored, served))
    assert [values[0][2] for dimensions, values in records if dimensions.get("reason")] == [1]


def deepest() -> str:
    """Objects nested as deep as this Python's own reader takes them: nothing deeper can arrive."""
    for depth in (20_000, 9_000, 4_000, 2_000, 950, 900):
        text = '{"text": ' * depth + '"bottom"' + "}" * depth
        try:
            json.loads(text)
        except RecursionError:
            continue
        return text
    raise AssertionError("not even 900 levels")


@pytest.mark.parametrize("place", ["reference", "encoded", "metadata", "content", "block", "id", "other"])
def test_a_row_nested_as_deep_as_json_goes_costs_no_neighbour(place: str, tmp_path: Path) -> None:
    deep = json.loads(deepest())
    rows: dict[str, dict[str, Any]] = {
        "reference": factory.row("odd", reference_answer=deep),
        "encoded": factory.row("odd", reference_answer=deepest()),
        "metadata": factory.row("odd", metadata={"contract": deep}),
        "content": factory.row(deep),
        "block": factory.row([deep]),
        "id": factory.row("odd", id=deep),
        "other": factory.row("odd", other=deep),
    }
    shows_everything = """
        name = "deep"
        [judge]
        model = "medium"
        document = [{name = "a", source = ["metadata.contract", "reference_answer", "prompt"]}]
        criterion = [{name = "Sound", question = "Is it sound at all?"}]
    """
    served = factory.definition(tmp_path, shows_everything)
    try:
        results, _, _ = score([rows[place], factory.row("good")], served)
    except RecursionError as error:  # its traceback takes pytest minutes to print
        results, lost = [], str(error)
        assert not lost
    assert [result.index for result in results] == [0, 1]
    assert results[1].reward == 1.0


# The judge


def test_a_definition_without_a_rubric_asks_nobody() -> None:
    scored: Scored = score_batch(
        [factory.row("A: 5", reference_answer="5"), factory.row("A: 6", reference_answer="5")],
        Scorer(load_definition("math-answer")),
        Deadline.after(10.0),
    )
    assert [result.reward for result in scored.results] == [1.0, 0.0]
    assert scored.usage == Usage()


def test_identical_rollouts_are_asked_about_once_and_each_has_its_result() -> None:
    rows = [factory.row("same", id="a"), factory.row("other", id="b"), factory.row("same", id="c")]
    results, judge, usage = score(rows, definition(criterion("Sound")))
    assert [(result.id, result.reward) for result in results] == [("a", 1.0), ("b", 1.0), ("c", 1.0)]
    assert len(judge.asked) == 2
    assert usage.shared == 1


def test_a_failing_judge_costs_only_the_rollouts_it_fails_on() -> None:
    def answer(question: Question, model: Model) -> Step:
        return JudgeFailure(Reason.DENIED, "no") if "poor" in question.variable else all_yes(question)

    results, _, _ = score(
        [factory.row(text) for text in ("good", "poor", "fine")],
        definition(criterion("S")),
        FakeJudge(answer),
    )
    assert [result.reward for result in results] == [1.0, 0.5, 1.0]
    assert [result.imputed for result in results] == [False, True, False]


def test_a_hanging_judge_is_answered_for_before_the_deadline() -> None:
    release = threading.Event()

    def answer(question: Question, model: Model) -> Step:
        if "hang" in question.variable:
            release.wait(10.0)
        return all_yes(question)

    try:
        results, _, usage = score(
            [factory.row("good"), factory.row("hang")],
            definition(criterion("Sound")),
            FakeJudge(answer),
            budget_s=0.2,
        )
    finally:
        release.set()
    assert [result.reward for result in results] == [1.0, 0.5]
    assert [why.reason for why in results[1].reasons] == [Reason.DEADLINE]
    assert usage.abandoned == 1


def test_checks_have_half_of_the_time_and_the_rollouts_after_them_are_unscored() -> None:
    """Each check takes 3 of 10 s: the third rollout's turn comes after 6, more than half."""
    now_s = [100.0]

    def slow(_: Rollout) -> CheckResult:
        now_s[0] += 3.0
        return CheckResult(1.0)

    scored = score_batch(
        [factory.row(id=str(n)) for n in range(4)],
        Scorer(replace(definition(criterion("Sound")), judge=None, scores=(CheckSpec("slow", slow),))),
        Deadline(110.0, clock=lambda: now_s[0]),
    )
    assert [result.reward for result in scored.results] == [1.0, 1.0, 0.5, 0.5]
    assert [[why.reason for why in result.reasons] for result in scored.results[2:]] == [
        [Reason.DEADLINE]
    ] * 2
    assert scored.results[2].reasons[0].detail == "no time left for its checks"


def test_a_check_can_see_how_long_the_checks_of_its_batch_may_run() -> None:
    """Of 10 s, less 0.3 ms for the one row, a half."""
    seen: list[float] = []

    def look(_: Rollout) -> CheckResult:
        seen.append(batch_time.current().remaining_s())
        return CheckResult(1.0)

    score_batch(
        [factory.row()],
        Scorer(replace(definition(criterion("Sound")), judge=None, scores=(CheckSpec("look", look),))),
        Deadline(110.0, clock=lambda: 100.0),
    )
    assert seen == [pytest.approx(4.99985)]


def test_the_signs_of_a_batch_are_read_from_its_responses_without_the_canaries() -> None:
    rows = [factory.row(""), factory.row("", metadata={"canary": True}), factory.row("The fee is 5 euros.")]
    served = definition(criterion("Sound"), canaries=True)
    scored = score_batch(rows, Scorer(served, FakeJudge()), Deadline.after(10.0))
    assert (scored.texts.hollow, scored.texts.injections) == (1, 0)


def test_a_caller_with_a_form_of_its_own_is_answered_in_it() -> None:
    event = {"preds": ["A: 5", "A: 6"], "golds": ["5", "5"]}
    scored = score_batch(event, Scorer(load_definition("math-answer")), Deadline.after(10.0))
    assert scored.answer_form is not None
    wire = to_wire(scored.results, scored.entries, load_definition("math-answer"))
    assert scored.answer_form(wire) == {"score": 0.5, "scores": [1.0, 0.0]}


def test_the_judge_leaves_time_for_the_results_of_all_rows() -> None:
    """1,000 rows, 0.3 ms each: of 10 s the judge has 9.7, of which the first step, the checks, has a half."""
    now_s, seen = [100.0], []

    def look(_: Rollout) -> CheckResult:
        now_s[0] = 104.86
        seen.append(1)
        return CheckResult(1.0)

    score_batch(
        [factory.row(id=str(n)) for n in range(1_000)],
        Scorer(replace(definition(criterion("Sound")), judge=None, scores=(CheckSpec("look", look),))),
        Deadline(110.0, clock=lambda: now_s[0]),
    )
    assert len(seen) == 1, "at 104.85 the checks end"


def test_signs_have_a_tenth_of_the_time_and_an_error_in_them_loses_no_batch(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    given: list[float] = []

    def failing(_: object, __: object, deadline: Deadline) -> TextSigns:
        given.append(deadline.at_s)
        raise RuntimeError

    monkeypatch.setattr(pipeline, "text_signs", failing)
    scored = score_batch(
        [factory.row()],
        Scorer(definition(criterion("Sound")), FakeJudge()),
        Deadline(120.0, clock=lambda: 100.0),
    )
    assert given == [pytest.approx(102.0, abs=0.001)]
    assert scored.texts == UNKNOWN
    assert len(scored.results) == 1


def test_the_settings_bound_workers_and_attempts() -> None:
    judge = FakeJudge(Script(JudgeFailure(Reason.MALFORMED, "garbled")))
    score([factory.row("x")], definition(criterion("Sound")), judge)
    assert len(judge.asked) == 2
    rows = [factory.row(f"answer {i}") for i in range(20)]
    _, judge, _ = score(rows, definition(criterion("Sound")), workers=2)
    assert judge.most_at_once <= 2


def test_a_yes_without_its_quote_is_a_no_in_the_reward(items: Definition) -> None:
    served = replace(
        items,
        judge=judge_spec(
            criterion("Grounded", scope="item", quote_from=("contract",)),
            items="comments",
            documents=items.judge.documents if items.judge else (),
        ),
    )

    def made_up(question: Question, model: Model) -> Step:
        reply = all_yes(question)
        reply.content["items"][0]["Grounded"]["evidence"] = "words that stand nowhere"
        return reply

    text = {"contract": "A contract that is long enough to be quoted from."}
    (result,), _, _ = score([item_row(["a", "b"], metadata=text)], served, FakeJudge(made_up))
    assert result.reward == 0.5
    assert (result.unsupported, shown(result)["unsupported_quotes"]) == (1, 1.0)
