"""Pairwise and group mode, several voters and escalation, through the whole path of a batch."""

import json
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from reward_fn.deadline import Deadline
from reward_fn.errors import JudgeFailure
from reward_fn.judge.ask.fences import sections
from reward_fn.judge.ask.inquiry import Ballot, Inquiry
from reward_fn.judge.ask.modes import MODES
from reward_fn.judge.ask.modes import PAIRWISE as PAIRWISE_MODE
from reward_fn.judge.ask.modes.group import MAX_SIDE_BY_SIDE, STANDING
from reward_fn.judge.base import Model, Question, Reply
from reward_fn.pipeline import Scorer, score_batch
from reward_fn.settings import Settings
from reward_fn.types.batch import Scored
from reward_fn.types.definition import Definition
from reward_fn.types.material import Material
from reward_fn.types.unscored import Reason
from reward_fn.types.verdict import Judged, Leaf
from tests import factory
from tests.unit.fake_judge import FakeJudge, Step, evidence
from tests.unit.rubric import shown

HEAD = 'name = "x"\n[judge]\nmodel = "medium"\n'
PANEL_HEAD = 'name = "x"\n[judge]\n'
SOUND = '[[judge.criterion]]\nname = "Sound"\nquestion = "Is the answer sound?"\nweight = 3\n'
CLEAR = '[[judge.criterion]]\nname = "Clear"\nquestion = "How clear is the answer?"\n'
PAIRWISE = HEAD + 'mode = "pairwise"\nagainst = ["reference_answer"]\n' + SOUND + CLEAR
GROUP = HEAD + 'mode = "group"\nstanding = 1\n' + SOUND

Says = Callable[[Leaf, Question, Model], str]


def answering(says: Says) -> Callable[[Question, Model], Step]:
    """A judge that answers each leaf so."""

    def answer(question: Question, model: Model) -> Step:
        verdicts: dict[str, Any] = {}
        for leaf in question.leaves:
            level = verdicts.setdefault("answer" if leaf.item is None else "items", {})
            if leaf.item is not None:
                level = level.setdefault(f"item_{leaf.item + 1}", {})
            said = says(leaf, question, model)
            level[leaf.criterion.name] = {"evidence": evidence(question, leaf), "verdict": said}
        return Reply(verdicts, input_tokens=100, output_tokens=10)

    return answer


def score(rows: list[Any], served: Definition, judge: FakeJudge) -> Scored:
    deadline = Deadline.after(20.0)
    return score_batch(rows, Scorer(served, judge), deadline)


def texts(question: Question, kind: str) -> dict[str, str]:
    """The pieces of a kind that the judge was shown, by name."""
    return {s.name: s.text for s in sections(question.variable) if s.kind == kind}


# ------------------------------------------------------------------ choices


def test_a_choice_is_worth_its_place_or_its_value(tmp_path: Path) -> None:
    """Clear: "fair" is the second of three, 0.5. Deep: its value, 0.1. (3 * 1 + 1 * 0.5 + 1 * 0.1) / 5."""
    clear = CLEAR + 'choices = ["poor", "fair", "good"]\n'
    deep = clear.replace("Clear", "Deep") + "values = [0, 0.1, 1]\n"
    served = factory.definition(tmp_path, HEAD + SOUND + clear + deep)
    judge = FakeJudge(answering(lambda leaf, _q, _m: "fair" if leaf.criterion.choices else "yes"))
    (result,) = score([factory.row("A")], served, judge).results
    assert result.reward == pytest.approx(3.6 / 5)
    assert (shown(result)["Clear"], shown(result)["Deep"]) == (0.5, 0.1)
    (asked,) = judge.asked
    menu = asked.question.schema["properties"]["answer"]["properties"]["Clear"]["properties"]["verdict"]
    assert menu["enum"] == ["poor", "fair", "good", "cannot_assess"]


def test_the_worst_choice_of_an_essential_criterion_is_the_floor(tmp_path: Path) -> None:
    essential = CLEAR + 'choices = ["poor", "fair", "good"]\nvalues = [0.3, 0.6, 1]\nessential = true\n'
    served = factory.definition(tmp_path, HEAD + SOUND + essential)
    for choice, reward in (("poor", 0.0), ("fair", (3 + 0.6) / 4)):
        judge = FakeJudge(answering(lambda leaf, _q, _m, c=choice: c if leaf.criterion.choices else "yes"))  # type: ignore[misc]
        (result,) = score([factory.row("A")], served, judge).results
        assert result.reward == pytest.approx(reward)


def test_a_choice_without_its_quote_is_the_worst(tmp_path: Path) -> None:
    quoted = CLEAR + 'choices = ["poor", "fair", "good"]\nquote_from = ["source"]\n'
    document = '[[judge.document]]\nname = "source"\nsource = ["metadata.source"]\n'
    served = factory.definition(tmp_path, HEAD + document + quoted)

    def answer(question: Question, _: Model) -> Step:
        verdict = {"evidence": "words that stand nowhere in it", "verdict": "good"}
        return Reply({"answer": {"Clear": verdict}})

    row = factory.row("A", metadata={"source": "The fees are due within ninety days."})
    (result,) = score([row], served, FakeJudge(answer)).results
    assert (result.reward, result.unsupported) == (0.0, 1)


# ------------------------------------------------------------------ pairwise


def better_is(response: str) -> Says:
    """Always that text, wherever it stands."""

    def says(_: Leaf, question: Question, __: Model) -> str:
        shown_texts = texts(question, "answer")
        return next((place for place, text in shown_texts.items() if text == response), "same")

    return says


def test_a_response_is_compared_in_both_orders(tmp_path: Path) -> None:
    served = factory.definition(tmp_path, PAIRWISE)
    rows = [factory.row(text, id=text, reference_answer="gold") for text in ("mine", "gold", "other")]
    judge = FakeJudge(answering(better_is("mine")))
    results = score(rows, served, judge).results
    # "mine" beats the reference; two texts neither of which is "mine" are the same. The reference's own text
    # is the same without a call.
    assert [result.reward for result in results] == [1.0, 0.5, 0.5]
    orders = [texts(asked.question, "answer") for asked in judge.asked]
    assert {"first": "mine", "second": "gold"} in orders
    assert {"first": "gold", "second": "mine"} in orders
    assert len(judge.asked) == 4
    (result,) = score(
        [factory.row("worse", reference_answer="gold")], served, FakeJudge(answering(better_is("gold")))
    ).results
    assert (result.reward, shown(result)["order_flips"]) == (0.0, 0.0)


def test_a_verdict_that_changes_with_the_order_is_none(tmp_path: Path) -> None:
    """Sound always goes to the first: void. Clear's weight of 1 in 4 is too little to judge by."""
    served = factory.definition(tmp_path, PAIRWISE)

    def says(leaf: Leaf, question: Question, model: Model) -> str:
        return "first" if leaf.criterion.name == "Sound" else better_is("mine")(leaf, question, model)

    (result,) = score(
        [factory.row("mine", reference_answer="gold")], served, FakeJudge(answering(says))
    ).results
    assert (result.reward, result.imputed) == (0.5, True)
    assert (shown(result)["order_flips"], shown(result)["judge_coverage"]) == (1.0, 0.25)


def test_each_comparison_that_changes_with_the_order_is_counted_and_keeps_its_evidence(
    tmp_path: Path,
) -> None:
    """Sound and Clear always go to the first. The evidence kept is that with the response first."""
    served = factory.definition(tmp_path, PAIRWISE)

    def answer(question: Question, _: Model) -> Step:
        evidence = f"{texts(question, 'answer')['first']} came first"
        verdicts = {
            leaf.criterion.name: {"evidence": evidence, "verdict": "first"} for leaf in question.leaves
        }
        return Reply({"answer": verdicts})

    scored = score([factory.row("mine", reference_answer="gold")], served, FakeJudge(answer))
    outcome = scored.outcomes[0]
    assert isinstance(outcome, Judged)
    assert outcome.flips == 2
    assert {(verdict.answer, verdict.evidence) for verdict in outcome.verdicts.values()} == {
        ("cannot_assess", "mine came first")
    }


def test_a_pitfall_is_turned_round_and_essential_means_not_worse(tmp_path: Path) -> None:
    pitfall = '[[judge.criterion]]\nname = "Vague"\nquestion = "Is the answer vague?"\nweight = -1\n'
    toml = PAIRWISE.replace(SOUND, SOUND + "essential = true\n") + pitfall
    served = factory.definition(tmp_path, toml)
    row = factory.row("mine", reference_answer="gold")
    judge = FakeJudge(answering(better_is("mine")))
    (result,) = score([row], served, judge).results
    assert result.reward == 1.0
    for asked in judge.asked:
        assert '"question": "Which is freer of this fault: Is the answer vague?"' in asked.question.static
        assert '"question": "Is the answer sound?"' in asked.question.static
        assert '"question": "How clear is the answer?"' in asked.question.static
    (result,) = score([row], served, FakeJudge(answering(better_is("gold")))).results
    assert result.reward == 0.0


def test_a_comparison_says_better_same_or_worse_of_the_response(tmp_path: Path) -> None:
    """With the share of each: 1 for better, 0.5 for the same, 0 for worse."""
    served = factory.definition(tmp_path, PAIRWISE)
    told = {}
    for liked in ("mine", "neither", "gold"):
        judge = FakeJudge(answering(better_is(liked)))
        outcome = score([factory.row("mine", reference_answer="gold")], served, judge).outcomes[0]
        assert isinstance(outcome, Judged)
        assert len({(v.answer, v.share) for v in outcome.verdicts.values()}) == 1
        assert {verdict.evidence for verdict in outcome.verdicts.values()} == {"as the answer says"}
        told[liked] = next((v.answer, v.share) for v in outcome.verdicts.values())
    assert told == {"mine": ("better", 1.0), "neither": ("same", 0.5), "gold": ("worse", 0.0)}


def test_what_either_order_cannot_assess_is_not_assessed(tmp_path: Path) -> None:
    """Nor is it a flip: Clear, 1 of 4, is open; Sound, 3 of 4, is better."""
    served = factory.definition(tmp_path, PAIRWISE)
    for order in ("mine", "gold"):

        def says(leaf: Leaf, question: Question, model: Model, first: str = order) -> str:
            if leaf.criterion.name == "Clear" and texts(question, "answer")["first"] == first:
                return "cannot_assess"
            return better_is("mine")(leaf, question, model)

        judge = FakeJudge(answering(says))
        (result,) = score([factory.row("mine", reference_answer="gold")], served, judge).results
        assert (result.reward, shown(result)["judge_coverage"]) == (1.0, 0.75)
        assert shown(result)["order_flips"] == 0.0


def test_a_copy_of_the_reference_is_a_tie_in_every_criterion_without_a_call(tmp_path: Path) -> None:
    served = factory.definition(tmp_path, PAIRWISE)
    judge = FakeJudge()
    scored = score([factory.row(" gold\n", reference_answer="gold")], served, judge)
    (result,), outcome = scored.results, scored.outcomes[0]
    assert isinstance(outcome, Judged)
    assert {(verdict.answer, verdict.share) for verdict in outcome.verdicts.values()} == {("same", 0.5)}
    assert (result.reward, judge.asked) == (0.5, [])
    assert (shown(result)["Sound"], shown(result)["Clear"], shown(result)["order_flips"]) == (0.5, 0.5, 0.0)


def test_without_a_text_to_compare_with_nobody_is_asked(tmp_path: Path) -> None:
    judge = FakeJudge()
    (result,) = score([factory.row("A")], factory.definition(tmp_path, PAIRWISE), judge).results
    assert (result.reward, result.imputed, judge.asked) == (0.5, True, [])
    assert result.reasons[0].reason is Reason.NO_SOURCE


# ------------------------------------------------------------------ groups


def ranked(order: Mapping[str, str], sound: str = "yes") -> Says:
    """Sound as given, and each text its standing."""

    def says(leaf: Leaf, question: Question, _: Model) -> str:
        if leaf.criterion.name != STANDING:
            return sound
        return order[texts(question, "item")[str((leaf.item or 0) + 1)]]

    return says


def test_a_group_is_shown_side_by_side_in_one_call(tmp_path: Path) -> None:
    """(3 * 1 + 1 * standing) / 4, the standing being 1, 0.5 and 0."""
    served = factory.definition(tmp_path, GROUP)
    order = {"good": "best", "fair": "middle", "poor": "worst"}
    judge = FakeJudge(answering(ranked(order)))
    rows = [factory.row(text, id=text, prompt="P") for text in order]
    results = score(rows, served, judge).results
    assert [result.reward for result in results] == pytest.approx([1.0, 3.5 / 4, 3 / 4])
    assert [shown(result)[STANDING] for result in results] == [1.0, 0.5, 0.0]
    assert len(judge.asked) == 1


def test_a_standing_weighs_a_quarter_of_the_criteria_unless_it_is_set(tmp_path: Path) -> None:
    """Sound weighs 3 and Clear 1, the pitfall counts for nothing: the standing weighs 1. With all yes but the
    pitfall's no, "weaker" earns (4 + 1 * 0.25) / 5."""
    pitfall = '[[judge.criterion]]\nname = "Vague"\nquestion = "Is it vague?"\nweight = -2\n'
    toml = GROUP.replace("standing = 1\n", "") + CLEAR + pitfall
    served = factory.definition(tmp_path, toml)

    def says(leaf: Leaf, question: Question, model: Model) -> str:
        if leaf.criterion.name == "Vague":
            return "no"
        return ranked({"a": "best", "b": "weaker"})(leaf, question, model)

    rows = [factory.row(text, id=text, prompt="P") for text in ("a", "b")]
    judge = FakeJudge(answering(says))
    results = score(rows, served, judge).results
    assert [result.reward for result in results] == pytest.approx([1.0, 4.25 / 5])
    assert [shown(result)["Standing"] for result in results] == [1.0, 0.25]
    (asked,) = judge.asked
    standing = '"name": "Standing", "scope": "item", "question": "Beside the other items, where does this one'
    assert standing in asked.question.static


def test_the_five_standings_are_worth_0_to_1_in_quarters(tmp_path: Path) -> None:
    served = factory.definition(tmp_path, GROUP)
    order = {f"answer {place}": place for place in ("worst", "weaker", "middle", "stronger", "best")}
    rows = [factory.row(text, id=text, prompt="P") for text in order]
    results = score(rows, served, FakeJudge(answering(ranked(order)))).results
    assert [shown(result)["Standing"] for result in results] == [0.0, 0.25, 0.5, 0.75, 1.0]


def test_a_standing_of_0_is_not_asked(tmp_path: Path) -> None:
    served = factory.definition(tmp_path, GROUP.replace("standing = 1", "standing = 0"))
    judge = FakeJudge(answering(lambda _l, _q, _m: "yes"))
    results = score([factory.row(text, id=text, prompt="P") for text in "ab"], served, judge).results
    assert [STANDING in shown(result) for result in results] == [False, False]
    assert len(judge.asked) == 1


def test_a_rollout_alone_is_judged_by_itself(tmp_path: Path) -> None:
    served = factory.definition(tmp_path, GROUP)
    judge = FakeJudge(answering(lambda _l, _q, _m: "yes"))
    rows = [factory.row("one", id=1, prompt="P"), factory.row("two", id=2, prompt="Q")]
    results = score(rows, served, judge).results
    assert [result.reward for result in results] == [1.0, 1.0]
    assert [STANDING in shown(result) for result in results] == [False, False]
    assert len(judge.asked) == 2


def test_a_group_that_comes_to_nothing_is_judged_one_by_one(tmp_path: Path) -> None:
    served = factory.definition(tmp_path, GROUP)

    def answer(question: Question, model: Model) -> Step:
        if texts(question, "item"):
            return JudgeFailure(Reason.OVERFLOW, "too long")
        sound = "no" if "poor" in question.variable else "yes"
        return answering(lambda _l, _q, _m: sound)(question, model)

    judge = FakeJudge(answer)
    said = ("good", "poor", "fair", "good")
    rows = [factory.row(text, id=i, prompt="P") for i, text in enumerate(said)]
    results = score(rows, served, judge).results
    assert [result.reward for result in results] == [1.0, 0.0, 1.0, 1.0]
    assert len(judge.asked) == 1 + 3  # what two of them say is asked about once


def test_a_large_group_is_shown_in_parts_of_about_the_same_size(tmp_path: Path) -> None:
    served = factory.definition(tmp_path, GROUP)
    judge = FakeJudge(answering(lambda leaf, _q, _m: "middle" if leaf.criterion.choices else "yes"))
    rows = [factory.row(f"answer {i}", id=i, prompt="P") for i in range(MAX_SIDE_BY_SIDE + 1)]
    results = score(rows, served, judge).results
    assert [result.id for result in results] == list(range(MAX_SIDE_BY_SIDE + 1))
    assert {result.reward for result in results} == {1.0}
    assert not any(
        STANDING in shown(result) for result in results
    )  # a place in a part is no place in the group
    assert sorted(len(texts(asked.question, "item")) for asked in judge.asked) == [4, 5]


def test_a_part_that_comes_to_nothing_makes_no_difference_within_a_group(tmp_path: Path) -> None:
    """All answers are equally good; whoever garbles the call of one part must not gain by it."""
    served = factory.definition(tmp_path, GROUP)

    def answer(question: Question, model: Model) -> Step:
        if "answer 0" in question.variable and texts(question, "item"):
            return JudgeFailure(Reason.FILTERED, "blocked")
        says = answering(lambda leaf, _q, _m: "middle" if leaf.criterion.choices else "yes")
        return says(question, model)

    rows = [factory.row(f"answer {i}", id=i, prompt="P") for i in range(2 * MAX_SIDE_BY_SIDE)]
    results = score(rows, served, FakeJudge(answer)).results
    assert {result.reward for result in results} == {1.0}


def test_own_criteria_are_asked_of_the_whole_group(tmp_path: Path) -> None:
    served = factory.definition(tmp_path, GROUP.replace("standing", "own_rubric = true\nstanding"))
    own = [{"name": "Names_It", "question": "Does the answer name the month?", "weight": 2}]
    judge = FakeJudge(answering(lambda leaf, _q, _m: "middle" if leaf.criterion.choices else "yes"))
    rows = [factory.row(text, id=text, prompt="P", rubric=own) for text in ("a", "b")]
    results = score(rows, served, judge).results
    # (3 + 2 + 0.5) / 6
    assert [result.reward for result in results] == pytest.approx([5.5 / 6] * 2)
    (asked,) = judge.asked
    assert len(asked.question.leaves) == 2 * 3


# ------------------------------------------------------------------ several voters


def by_model(**answers: str) -> Says:
    """What each model says, by a part of its id."""
    return lambda _l, _q, model: next(said for name, said in answers.items() if name in model.model_id)


def test_a_panel_decides_by_its_rule_and_says_how_far_it_agrees(tmp_path: Path) -> None:
    for rule, reward in (("majority", 1.0), ("unanimous", 0.0), ("mean", 2 / 3)):
        panel = f'panel = ["medium", "medium-claude", "heavyweight"]\nrule = "{rule}"\n'
        served = factory.definition(tmp_path, PANEL_HEAD + panel + SOUND)
        judge = FakeJudge(answering(by_model(lite="yes", haiku="no", pro="yes")))
        (result,) = score([factory.row("A")], served, judge).results
        assert result.reward == pytest.approx(reward)
        assert shown(result)["judge_agreement"] == pytest.approx(1 / 3)
        assert len(judge.asked) == 3


def test_a_panel_goes_on_without_a_member_that_fails_but_not_with_half_of_them(tmp_path: Path) -> None:
    panel = 'panel = ["medium", "medium-claude", "heavyweight"]\n'
    served = factory.definition(tmp_path, PANEL_HEAD + panel + SOUND)
    for failing, reward, imputed in ((1, 1.0, False), (2, 0.5, True)):
        broken = ("lite", "haiku")[:failing]

        def answer(question: Question, model: Model, broken: tuple[str, ...] = broken) -> Step:
            if any(name in model.model_id for name in broken):
                return JudgeFailure(Reason.DENIED, "no access")
            return answering(lambda _l, _q, _m: "yes")(question, model)

        (result,) = score([factory.row("A")], served, FakeJudge(answer)).results
        assert (result.reward, result.imputed) == (reward, imputed)


ESCALATING = HEAD + 'escalate = "heavyweight-claude"\n' + SOUND + CLEAR


@pytest.mark.parametrize(
    ("sound", "clear", "reward", "escalated", "calls"),
    [
        ("yes", "no", 3 / 4, 0.0, 1),  # sure of both: the heavyweight is not asked
        ("cannot_assess", "no", 3 / 4, 1.0, 2),  # its yes to Sound counts, its yes to Clear does not
    ],
)
def test_the_heavyweight_is_asked_where_the_first_is_unsure(
    sound: str, clear: str, reward: float, escalated: float, calls: int, tmp_path: Path
) -> None:
    def says(leaf: Leaf, _: Question, model: Model) -> str:
        if "opus" in model.model_id:
            return "yes"
        return sound if leaf.criterion.name == "Sound" else clear

    judge = FakeJudge(answering(says))
    (result,) = score([factory.row("A")], factory.definition(tmp_path, ESCALATING), judge).results
    assert result.reward == pytest.approx(reward)
    assert shown(result)["escalated"] == escalated
    assert len(judge.asked) == calls


def test_where_the_heavyweight_fails_the_first_verdicts_stand(tmp_path: Path) -> None:
    """Clear can't be assessed, which leaves 3 of 4 of the weight: enough."""

    def answer(question: Question, model: Model) -> Step:
        if "opus" in model.model_id:
            return JudgeFailure(Reason.DENIED, "no access")
        return answering(lambda leaf, _q, _m: "yes" if leaf.criterion.name == "Sound" else "cannot_assess")(
            question, model
        )

    (result,) = score([factory.row("A")], factory.definition(tmp_path, ESCALATING), FakeJudge(answer)).results
    assert (result.reward, result.imputed) == (1.0, False)
    assert (shown(result)["escalated"], shown(result)["judge_coverage"]) == (0.0, 0.75)


def test_where_the_heavyweight_cannot_assess_the_first_verdicts_stand(tmp_path: Path) -> None:
    served = factory.definition(tmp_path, HEAD + 'votes = 3\nescalate = "heavyweight-claude"\n' + SOUND)
    said = iter(["no", "yes", "yes"])

    def says(_: Leaf, __: Question, model: Model) -> str:
        return "cannot_assess" if "opus" in model.model_id else next(said)

    (result,) = score([factory.row("A")], served, FakeJudge(answering(says))).results
    assert (result.reward, result.imputed, shown(result)["judge_coverage"]) == (1.0, False, 1.0)


def test_two_votes_that_differ_are_settled_by_the_heavyweight(tmp_path: Path) -> None:
    served = factory.definition(tmp_path, HEAD + 'votes = 2\nescalate = "heavyweight-claude"\n' + SOUND)
    said = iter(["yes", "no"])

    def says(_: Leaf, __: Question, model: Model) -> str:
        return "yes" if "opus" in model.model_id else next(said)

    judge = FakeJudge(answering(says))
    (result,) = score([factory.row("A")], served, judge).results
    assert (result.reward, shown(result)["judge_agreement"], shown(result)["escalated"]) == (1.0, 0.0, 1.0)
    assert len(judge.asked) == 3


def test_what_is_known_at_the_deadline_counts(tmp_path: Path) -> None:
    """Two of three members have voted when the time is over: that is more than half."""
    panel = 'panel = ["medium", "medium-claude", "heavyweight"]\n'
    served = factory.definition(tmp_path, PANEL_HEAD + panel + SOUND)
    hanging = threading.Event()

    def answer(question: Question, model: Model) -> Step:
        if "pro" in model.model_id:
            hanging.wait(10)
        return answering(lambda _l, _q, _m: "yes")(question, model)

    try:
        scored = score_batch([factory.row("A")], Scorer(served, FakeJudge(answer)), Deadline.after(0.5))
    finally:
        hanging.set()
    (result,) = scored.results
    assert (result.reward, result.imputed, scored.usage.abandoned) == (1.0, False, 1)


def test_a_fault_of_ours_in_one_reading_does_not_cost_the_batch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: object) -> Sequence[Ballot]:
        raise KeyError("a bug")

    def build(materials: Sequence[Material]) -> Iterator[Inquiry]:
        return (replace(inquiry, read=broken) for inquiry in PAIRWISE_MODE.build(materials))

    monkeypatch.setitem(MODES, "pairwise", replace(PAIRWISE_MODE, build=build))
    served = factory.definition(tmp_path, PAIRWISE)
    judge = FakeJudge(answering(better_is("mine")))
    (result,) = score([factory.row("mine", reference_answer="gold")], served, judge).results
    assert (result.reward, result.imputed) == (0.5, True)
    assert json.dumps([str(why.reason) for why in result.reasons]) == '["internal_error"]'


# ------------------------------------------------------------------ what must not be mixed up


def document_group(tmp_path: Path, *rows: Any) -> tuple[Scored, FakeJudge]:
    """Two rollouts of one prompt, judged by a document and perhaps criteria of their own."""
    document = '[[judge.document]]\nname = "context"\nsource = ["metadata.context"]\n'
    served = factory.definition(tmp_path, GROUP.replace("standing = 1", "own_rubric = true") + document)
    judge = FakeJudge(answering(lambda leaf, _q, _m: "middle" if leaf.criterion.choices else "yes"))
    return score(list(rows), served, judge), judge


def test_rollouts_with_other_documents_are_not_shown_side_by_side(tmp_path: Path) -> None:
    one = factory.row("a", id=1, prompt="P", context="Refunds take 14 days.")
    other = factory.row("b", id=2, prompt="P", context="Refunds take 30 days.")
    _, judge = document_group(tmp_path, one, other)
    contexts = sorted(asked.question.documents["context"] for asked in judge.asked)
    assert contexts == ["Refunds take 14 days.", "Refunds take 30 days."]


@pytest.mark.parametrize(
    "change", [{"essential": True}, {"weight": 2.0}, {"may_not_apply": True}, {"choices": ["bad", "middle"]}]
)
def test_rollouts_with_other_criteria_are_not_shown_side_by_side(
    change: dict[str, Any], tmp_path: Path
) -> None:
    own = {"name": "Own", "question": "Does the answer name the month?"}
    rows = [
        factory.row(text, id=text, prompt="P", context="c", rubric=[rubric])
        for text, rubric in (("a", own), ("b", {**own, **change}))
    ]
    _, judge = document_group(tmp_path, *rows)
    assert [len(texts(asked.question, "item")) for asked in judge.asked] == [0, 0]


def test_what_several_of_a_group_say_is_shown_once_and_earns_the_same(tmp_path: Path) -> None:
    served = factory.definition(tmp_path, GROUP)
    judge = FakeJudge(answering(ranked({"same": "weaker", "other": "best"})))
    rows = [factory.row(text, id=i, prompt="P") for i, text in enumerate(["same", "other", "same", "same"])]
    results = score(rows, served, judge).results
    # (3 * 1 + 1 * 0.25) / 4, and (3 * 1 + 1 * 1) / 4
    assert [result.reward for result in results] == pytest.approx([3.25 / 4, 1.0, 3.25 / 4, 3.25 / 4])
    (asked,) = judge.asked
    assert sorted(texts(asked.question, "item").values()) == ["other", "same"]


def test_a_group_that_says_the_same_is_one_call_about_one_rollout(tmp_path: Path) -> None:
    judge = FakeJudge(answering(lambda _l, _q, _m: "yes"))
    rows = [factory.row("same", id=i, prompt="P") for i in range(4)]
    results = score(rows, factory.definition(tmp_path, GROUP), judge).results
    assert [result.reward for result in results] == [1.0] * 4
    assert len(judge.asked) == 1


def test_the_order_in_a_group_is_not_that_of_the_batch(tmp_path: Path) -> None:
    served = factory.definition(tmp_path, GROUP)
    said = [f"answer {i}" for i in range(6)]
    orders = []
    for batch in (said, said[::-1]):
        judge = FakeJudge(answering(lambda leaf, _q, _m: "middle" if leaf.criterion.choices else "yes"))
        score([factory.row(text, id=text, prompt="P") for text in batch], served, judge)
        (asked,) = judge.asked
        orders.append(list(texts(asked.question, "item").values()))
    assert orders[0] == orders[1]
    assert orders[0] not in (said, said[::-1])


def test_the_order_of_two_answers_is_not_the_same_in_every_group(tmp_path: Path) -> None:
    served = factory.definition(tmp_path, GROUP)
    judge = FakeJudge(answering(lambda leaf, _q, _m: "middle" if leaf.criterion.choices else "yes"))
    score([factory.row(text, id=text, prompt=f"P{i}") for i in range(16) for text in "ab"], served, judge)
    assert {"".join(texts(asked.question, "item").values()) for asked in judge.asked} == {"ab", "ba"}


def test_a_place_in_the_group_alone_scores_nobody(tmp_path: Path) -> None:
    served = factory.definition(tmp_path, GROUP.replace("standing = 1", "standing = 3"))
    judge = FakeJudge(answering(lambda leaf, _q, _m: "best" if leaf.criterion.choices else "cannot_assess"))
    rows = [factory.row(text, id=text, prompt="P") for text in ("a", "b")]
    results = score(rows, served, judge).results
    assert [(result.reward, result.imputed) for result in results] == [(0.5, True)] * 2


def test_the_room_for_a_reply_grows_with_the_group_and_with_own_criteria(tmp_path: Path) -> None:
    """What is set, 200, is for one rollout: 3 of them make 600. 20 own criteria need 21 * 30 at least."""
    toml = GROUP.replace("standing = 1", "standing = 1\nmax_tokens = 200\nown_rubric = true")
    served = factory.definition(tmp_path, toml)
    says = answering(lambda leaf, _q, _m: "middle" if leaf.criterion.choices else "yes")
    judge = FakeJudge(says)
    score([factory.row(text, id=text, prompt="P") for text in "abc"], served, judge)
    own = [{"name": f"Own_{i}", "question": "Does the answer name the month?"} for i in range(20)]
    score([factory.row("a", prompt="P", rubric=own)], served, judge)
    assert [asked.question.max_tokens for asked in judge.asked] == [600, 630]


@pytest.mark.parametrize("first", ["lite", "haiku"])
def test_a_panel_that_the_rollout_provoked_is_its_own_fault_whoever_answers_first(
    first: str, tmp_path: Path
) -> None:
    served = factory.definition(tmp_path, PANEL_HEAD + 'panel = ["medium", "medium-claude"]\n' + SOUND)
    gone = threading.Event()

    def answer(_: Question, model: Model) -> Step:
        if first in model.model_id:
            gone.set()
        else:
            gone.wait(5)
        filtered = "lite" in model.model_id
        return JudgeFailure(Reason.FILTERED if filtered else Reason.DENIED, "why")

    (result,) = score([factory.row("A")], served, FakeJudge(answer)).results
    assert (result.reward, shown(result)["provoked"], result.imputed) == (0.0, 1.0, False)


def test_half_of_a_panel_is_not_enough(tmp_path: Path) -> None:
    served = factory.definition(tmp_path, PANEL_HEAD + 'panel = ["medium", "medium-claude"]\n' + SOUND)

    def answer(question: Question, model: Model) -> Step:
        if "haiku" in model.model_id:
            return JudgeFailure(Reason.DENIED, "no access")
        return answering(lambda _l, _q, _m: "yes")(question, model)

    (result,) = score([factory.row("A")], served, FakeJudge(answer)).results
    assert (result.reward, result.imputed) == (0.5, True)


def test_one_model_answers_both_orders_of_a_comparison(tmp_path: Path) -> None:
    """The first model fails on the second order, so that the fallback is asked for both."""
    served = factory.definition(
        tmp_path, PAIRWISE.replace('model = "medium"', 'model = "medium"\nfallback = ["medium-claude"]')
    )

    def answer(question: Question, model: Model) -> Step:
        turned = texts(question, "answer")["first"] == "gold"
        if turned and "lite" in model.model_id:
            return JudgeFailure(Reason.DENIED, "no access")
        return answering(better_is("mine"))(question, model)

    judge = FakeJudge(answer)
    (result,) = score([factory.row("mine", reference_answer="gold")], served, judge).results
    assert (result.reward, shown(result)["order_flips"]) == (1.0, 0.0)
    assert [("lite" in name, "haiku" in name) for name in judge.models] == [
        *((True, False), (True, False)),
        *((False, True), (False, True)),
    ]


def test_a_throttled_heavyweight_does_not_hold_up_the_batch(tmp_path: Path) -> None:
    """It is not waited for without end, as a judge is to whom there is no other."""
    served = factory.definition(tmp_path, ESCALATING)

    def answer(question: Question, model: Model) -> Step:
        if "opus" in model.model_id:
            return JudgeFailure(Reason.THROTTLED, "slow down")
        return answering(lambda leaf, _q, _m: "yes" if leaf.criterion.name == "Sound" else "cannot_assess")(
            question, model
        )

    judge = FakeJudge(answer)
    settings = Settings(judge_max_attempts=2)
    (result,) = score_batch(
        [factory.row("A")], Scorer(served, judge, settings=settings), Deadline.after(60)
    ).results
    assert result.reward == 1.0
    assert sum("opus" in name for name in judge.models) == 2


def test_an_own_criterion_may_not_take_the_name_of_a_check(tmp_path: Path) -> None:
    toml = (
        GROUP.replace("standing = 1", "own_rubric = true") + '[[metric]]\ncheck = "length"\nmax_words = 9\n'
    )
    own = [{"name": "length", "question": "Does the answer name the month?"}]
    (result,) = score([factory.row("a", rubric=own)], factory.definition(tmp_path, toml), FakeJudge()).results
    assert (result.reward, result.reasons[0].detail) == (0.5, "metadata.rubric[0]: a name that is taken")


def test_what_each_voter_said_is_kept(tmp_path: Path) -> None:
    served = factory.definition(tmp_path, PANEL_HEAD + 'panel = ["medium", "medium-claude"]\n' + SOUND)
    judge = FakeJudge(answering(by_model(lite="yes", haiku="no")))
    outcome = score([factory.row("A")], served, judge).outcomes[0]
    assert isinstance(outcome, Judged)
    said = {
        vote.voter.partition(".")[2][:9]: [v.answer for v in vote.verdicts.values()] for vote in outcome.votes
    }
    assert said == {"amazon.no": ["yes"], "anthropic": ["no"]}
