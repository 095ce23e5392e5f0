"""The definitions that are shipped: what each pays, worked out by hand, and what it refuses to pay for."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reward_fn.deadline import Deadline
from reward_fn.definition.load import SHIPPED, load_definition
from reward_fn.judge.base import Model, Question, Reply
from reward_fn.pipeline import Scorer, score_batch
from reward_fn.settings import Settings
from reward_fn.types.definition import Definition
from reward_fn.types.result import Result
from reward_fn.types.unscored import Reason
from tests import factory
from tests.conftest import ROOT
from tests.factory import build_question
from tests.unit.fake_judge import Answer, FakeJudge, content, replied
from tests.unit.rubric import shown

NAMES = sorted(path.stem for path in SHIPPED.glob("*.toml"))
NEW = ("instruction-following", "rag-faithfulness", "reasoning", "structured-output", "summarization")
JUDGED = [name for name in NAMES if load_definition(name).judge]
FREE_TEXT = [name for name in JUDGED if name != "contract-review"]

SOURCE = (
    "The committee decided to mend the breakwater before October. "
    "Divers found two cracks in its foot. Landings of crab fell by twelve percent."
)
SUMMARY = "The breakwater gets mended before October, since divers found two cracks in its foot."
QUESTION = "When is the breakwater to be mended?"
PROBLEM = "Ann has 3 boxes of 6 pens and gives 4 pens away. How many pens are left?"
STEPS = "Three boxes of 6 pens are 3 * 6 = 18 pens. Giving 4 away leaves 18 - 4 = 14 pens.\nA: "
SCHEMA = {
    "type": "object",
    "required": ["buyer", "total"],
    "properties": {"buyer": {"type": "string"}, "total": {"type": "number"}},
}
ORDER = {"buyer": "Fjellheim", "total": 12.5, "paid": False, "ship": {"city": "Voss", "by": "2026-03-20"}}


def words(count: int) -> str:
    """``count`` words with a full stop: English to the eye of a machine, and no four of them twice."""
    made_up = (f"{'bcdfghklmn'[i % 10]}a{'prstvw'[i // 10 % 6]}o{i}" for i in range(count))
    return " ".join("the" if i % 2 else word for i, word in enumerate(made_up)) + "."


def rollout_of(name: str, response: str, **more: Any) -> dict[str, Any]:
    """A row with all that the definition of that name wants from the data set."""
    rows: Mapping[str, Mapping[str, Any]] = {
        "contract-review": {
            "prompt": "Review it.",
            "reference_answer": {
                "target_document": SOURCE,
                "reference": "Nothing is to be mended in winter.",
            },
        },
        "instruction-following": {"prompt": ECHOED},
        "math-answer": {"prompt": PROBLEM, "reference_answer": "14"},
        "rag-faithfulness": {
            "prompt": QUESTION,
            "context": SOURCE,
            "question": QUESTION,
            "reference_answer": {"answer": "Before October."},
        },
        "reasoning": {
            "prompt": PROBLEM,
            "reference_answer": {"answer": 14, "solution": "3 * 6 = 18; 18 - 4 = 14."},
        },
        "structured-output": {"prompt": "Extract it.", "schema": SCHEMA, "reference_answer": ORDER},
        "summarization": {"prompt": "Summarise the minutes for the residents.", "document": SOURCE},
    }
    return factory.row(response, **{**rows[name], **more})


GOOD = {
    "contract-review": json.dumps(
        {
            "comments": [
                {
                    "type": "risk",
                    "text_excerpt": "decided to mend the breakwater before October",
                    "recommended_action": "Say that it is mended before winter.",
                }
            ]
        }
    ),
    "instruction-following": "Dear residents, the breakwater gets mended before October.",
    "math-answer": STEPS + "14",
    "rag-faithfulness": "The breakwater is to be mended before October.",
    "reasoning": STEPS + "14",
    "structured-output": json.dumps(ORDER),
    "summarization": SUMMARY,
}


def score(
    row: Mapping[str, Any], name: str | Definition, answer: Answer | None = None
) -> tuple[Result, FakeJudge]:
    """The result of one row, and the judge that was asked."""
    judge = FakeJudge(answer)
    scored = score_batch(
        [row],
        Scorer(
            load_definition(name) if isinstance(name, str) else name,
            judge,
            settings=Settings(judge_max_attempts=1),
        ),
        Deadline.after(10.0),
    )
    return scored.results[0], judge


def saying(**answers: str) -> Answer:
    """A judge that says these of the whole answer, and yes to all else."""

    def answer(question: Question, _: Model) -> Reply:
        return replied(question, {(name, None): verdict for name, verdict in answers.items()})

    return answer


# ------------------------------------------------------------------ for all of them


def test_there_is_one_for_each_use() -> None:
    assert NAMES == sorted(["contract-review", "math-answer", *NEW])


@pytest.mark.parametrize("name", NAMES)
def test_a_good_answer_earns_everything(name: str) -> None:
    pitfalls = {c.name: "no" for c in _criteria(name) if c.weight < 0}
    result, judge = score(rollout_of(name, GOOD[name]), name, saying(**pitfalls))
    assert result.reward == pytest.approx(1.0)
    assert len(judge.asked) == (name in JUDGED)


@pytest.mark.parametrize("name", NAMES)
def test_none_is_warned_of_and_each_has_its_range(name: str) -> None:
    definition = load_definition(name)
    assert definition.warnings == ()
    assert (definition.name, definition.low, definition.high) == (name, 0.0, 1.0)


@given(data=st.data())
@settings(max_examples=60, deadline=None)
@pytest.mark.parametrize("name", FREE_TEXT)
def test_no_verdicts_lead_out_of_the_range(name: str, data: st.DataObject) -> None:
    answers = {
        c.name: data.draw(st.sampled_from([str(answer) for answer in c.worth])) for c in _criteria(name)
    }
    result, _ = score(rollout_of(name, GOOD[name]), name, saying(**answers))
    assert 0.0 <= result.reward <= 1.0


@pytest.mark.parametrize("name", FREE_TEXT)
def test_a_question_asks_one_thing_to_be_answered_yes_or_no(name: str) -> None:
    for criterion in _criteria(name):
        question, mark, _ = criterion.question.partition("?")
        assert mark, criterion.name
        assert re.match(r"(?:Do|Does|Is|Are|Has|Have)\b", question), criterion.name
        assert not re.search(r"\band\b", question), criterion.name


@pytest.mark.parametrize("name", JUDGED)
def test_weights_leave_few_ties(name: str) -> None:
    weights = [abs(criterion.weight) for criterion in _criteria(name) if criterion.weight > 0]
    assert len(set(weights)) > len(weights) / 2


# ------------------------------------------------------------------ what the gates keep from the judge

GERMAN = "Der Ausschuss hat beschlossen, den Wellenbrecher noch vor dem Oktober ausbessern zu lassen."
FRENCH = "Le comité a décidé de faire réparer la digue avant le mois d'octobre, comme on l'a conseillé."
TALK = {
    "hollow_answer": "Let us begin with the document.",
    "unicode_noise": "The br\ufffdakw\ufffdter is m\ufffdnded bef\ufffdre October.",
    "repetition": "The breakwater is to be mended. " * 30,
    "safety": "The breakwater is to be mended before October, you fucking idiot.",
}
ECHOED = (
    "Write a friendly letter of a page to all the residents of the harbour about the breakwater, which is to "
    "be mended in October."
)
INVENTED = {
    "safety": "The breakwater is mended before October; ask dora.lehm@brannick-harbour.co.uk for the day."
}


def order(**values: Any) -> str:
    """The reference's order, but for these values."""
    return json.dumps({**ORDER, **values}, ensure_ascii=False)


def review(action: str) -> str:
    """The good review with another action."""
    return GOOD["contract-review"].replace("Say that it is mended before winter.", action)


STOPPED: Mapping[str, Mapping[str, str]] = {
    "contract-review": {
        "hollow_answer": TALK["hollow_answer"],
        "json_schema": json.dumps({"comments": "none"}),
        "safety": review(TALK["safety"]),
        "language": review(GERMAN),
        "unicode_noise": review(TALK["unicode_noise"]),
    },
    "instruction-following": {**TALK, "echo": ECHOED},
    "rag-faithfulness": {**TALK, **INVENTED, "language": FRENCH},
    "reasoning": {
        "hollow_answer": "Let's solve this problem step by step.",
        "safety": "Every fucking idiot knows that.\nA: 14",
        "right_answer": STEPS + "15",
    },
    "structured-output": {
        "json_schema": f"Here it is: {json.dumps(ORDER)}",
        "unicode_noise": order(buyer="Fj\ue000llh\ue000im"),
        "safety": order(buyer="Fjellheim, orders@fjellheim-hotels.no"),
    },
    "summarization": {**TALK, **INVENTED, "length": words(301), "language": GERMAN},
    "math-answer": {"hollow_answer": TALK["hollow_answer"]},
}


@pytest.mark.parametrize(("name", "gate"), [(name, gate) for name in STOPPED for gate in STOPPED[name]])
def test_a_failed_gate_is_the_floor_and_costs_no_call(name: str, gate: str) -> None:
    result, judge = score(rollout_of(name, STOPPED[name][gate]), name)
    assert (result.gate, result.reward, judge.asked) == (gate, 0.0, [])


@pytest.mark.parametrize("name", NAMES)
def test_every_gate_has_a_case_here(name: str) -> None:
    assert STOPPED[name].keys() == {gate.name for gate in load_definition(name).gates}


def test_what_the_source_holds_may_be_said_again() -> None:
    address = INVENTED["safety"].partition("ask ")[2].partition(" ")[0]
    told = f"{SOURCE} Ask {address} for the day."
    for name, place in (("summarization", "document"), ("rag-faithfulness", "context")):
        result, judge = score(rollout_of(name, INVENTED["safety"], **{place: told}), name)
        assert (result.gate, len(judge.asked)) == ("", 1)


def test_a_quote_in_the_sources_language_is_no_other_language() -> None:
    answer = f"The manual says it in so many words: “{GERMAN}”"
    row = rollout_of("rag-faithfulness", answer, context=f"{GERMAN} {SOURCE}")
    result, judge = score(row, "rag-faithfulness")
    assert (result.gate, len(judge.asked)) == ("", 1)


# ------------------------------------------------------------------ what the data must hold

LACKING: Mapping[str, list[dict[str, Any]]] = {
    "structured-output": [{"schema": None}, {"schema": {"type": "objekt"}}, {"reference_answer": None}],
    "instruction-following": [{"rubric": "Is it short?"}, {"rubric": [{"name": "On_Task", "question": "x"}]}],
    "summarization": [{"document": None, "prompt": ""}],
    "rag-faithfulness": [{"context": None, "prompt": ""}, {"question": None, "prompt": ""}],
    "reasoning": [{"reference_answer": None}, {"reference_answer": {"answer": "many"}}],
}


@pytest.mark.parametrize(("name", "change"), [(name, c) for name in LACKING for c in LACKING[name]])
def test_missing_data_leave_a_rollout_unscored_and_flagged(name: str, change: dict[str, Any]) -> None:
    result, judge = score(rollout_of(name, GOOD[name], **change), name)
    values = shown(result)
    assert (result.reward, values["rejected"], values["imputed"], judge.asked) == (0.5, 1.0, 1.0, [])
    assert [reason.reason in {Reason.NO_SOURCE, Reason.BAD_ROW} for reason in result.reasons] == [True]


# ------------------------------------------------------------------ the arithmetic, one rollout each


def test_structured_output_pays_the_share_of_right_values() -> None:
    """5 values in the reference. 3 are right, 2 wrong, 2 made up: 3 / (5 + 2).

    12,000 characters lie half way from 8,000 to 16,000: half of 0.1 off.
    """
    answer = json.dumps({**ORDER, "total": 13, "paid": True, "gift": True, "note": "x"})
    result, _ = score(rollout_of("structured-output", answer.ljust(12_000)), "structured-output")
    assert result.reward == pytest.approx(3 / 7 - 0.05)


def test_instruction_following_counts_the_rollouts_own_criteria() -> None:
    """No limits were set, so they count neither way.

    (0.6 On_Task + 1.5 Names_The_Month - 0.5 Blames) / (0.6 + 1.0 Everything_Asked + 1.5) = 1.6 / 3.1.
    1,200 words lie half way from 800 to 1,600: half of 0.1 off.
    """
    own = [
        {"name": "Names_The_Month", "question": "Does the letter name October?", "weight": 1.5},
        {"name": "Blames", "question": "Does the letter blame the divers?", "weight": -0.5},
    ]
    row = rollout_of("instruction-following", words(1200), rubric=own)
    answers = saying(Everything_Asked="no", Limits_Kept="not_applicable", Courts_The_Grader="no")
    result, _ = score(row, "instruction-following", answers)
    assert result.reward == pytest.approx(1.6 / 3.1 - 0.05)


def test_summarization_pays_for_the_points_and_takes_off_for_distortion_and_length() -> None:
    """(1.0 Faithful + 1.2 Main_Point - 0.8 Distorts) / (1.0 + 1.2 + 1.0 Key_Points) = 1.4 / 3.2.

    225 words lie half way from 150 to 300: half of 0.2 off.
    """
    answers = saying(Key_Points="no", Own_Opinion="no")
    result, _ = score(rollout_of("summarization", words(225)), "summarization", answers)
    assert result.reward == pytest.approx(1.4 / 3.2 - 0.1)


def test_rag_faithfulness_pays_for_an_answer_that_a_passage_bears_out() -> None:
    """Without an expected answer that criterion counts neither way.

    (0.8 Nothing_Invented + 1.2 Borne_Out - 0.4 Off_The_Question) / (0.8 + 1.2 + 1.0 Question_Met) = 1.6 / 3.
    375 words lie half way from 250 to 500: half of 0.1 off.
    """
    row = rollout_of("rag-faithfulness", words(375), reference_answer=None)
    answers = saying(Question_Met="no", As_Expected="not_applicable")
    result, _ = score(row, "rag-faithfulness", answers)
    assert result.reward == pytest.approx(1.6 / 3 - 0.05)


def test_reasoning_pays_three_quarters_for_the_answer() -> None:
    """rubric = (1.2 Steps_Follow - 0.8 Leaps) / (1.2 + 0.8 No_Gaps + 1.0 Agrees_With_Solution) = 0.4 / 3.

    reward = (3.0 * 1 + 1.0 * 0.4 / 3) / (3.0 + 1.0)
    """
    answers = saying(No_Gaps="no", Agrees_With_Solution="no")
    result, _ = score(rollout_of("reasoning", GOOD["reasoning"]), "reasoning", answers)
    assert result.reward == pytest.approx((3.0 + 0.4 / 3) / 4.0)


def test_reasoning_takes_off_for_loops_and_length() -> None:
    """20 times the same 13 words repeat more than half of the text: all of 0.1 off.

    18,000 characters are 4,500 tokens, half way from 3,000 to 6,000: half of 0.1 off. All else is yes or 1.
    """
    looping = "Three boxes of six pens are eighteen pens, of which four are gone. " * 20
    answers = saying(Leaps="no")
    result, _ = score(rollout_of("reasoning", looping + "\nA: 14"), "reasoning", answers)
    assert result.reward == pytest.approx(1.0 - 0.1)
    long = words(4000)[: 18_000 - len("\nA: 14")] + "\nA: 14"
    result, _ = score(rollout_of("reasoning", long), "reasoning", answers)
    assert result.reward == pytest.approx(1.0 - 0.05)


# ------------------------------------------------------------------ ways to game them


@pytest.mark.parametrize(
    ("name", "criterion"),
    [
        ("instruction-following", "On_Task"),
        ("summarization", "Faithful"),
        ("rag-faithfulness", "Nothing_Invented"),
    ],
)
def test_without_the_essential_thing_nothing_else_pays(name: str, criterion: str) -> None:
    pitfalls = {c.name: "no" for c in _criteria(name) if c.weight < 0}
    result, _ = score(rollout_of(name, GOOD[name]), name, saying(**pitfalls, **{criterion: "no"}))
    assert (result.reward, result.gate, shown(result)["rubric"] > 0.5) == (0.0, "", True)


@pytest.mark.parametrize(
    ("name", "criterion", "rest"),
    [
        ("summarization", "Main_Point", 2.0 / 3.2),  # without its 1.2 of 3.2
        ("rag-faithfulness", "Borne_Out", 3.2 / 4.4),  # without its 1.2 of 4.4
    ],
)
def test_a_yes_without_a_passage_of_the_source_does_not_pay(name: str, criterion: str, rest: float) -> None:
    pitfalls: dict[tuple[str, int | None], str] = {
        (c.name, None): "no" for c in _criteria(name) if c.weight < 0
    }

    def lenient(question: Question, _: Model) -> Reply:
        verdicts = content(question, pitfalls)
        verdicts["answer"][criterion]["evidence"] = "Everybody knows that this is so, beyond any doubt."
        return Reply(verdicts, input_tokens=100, output_tokens=10)

    result, _ = score(rollout_of(name, GOOD[name]), name, lenient)
    assert result.reward == pytest.approx(rest)
    assert shown(result)["unsupported_quotes"] == 1.0


def test_the_finest_steps_to_a_wrong_answer_earn_less_than_the_right_answer_with_the_worst() -> None:
    wrong, judge = score(rollout_of("reasoning", STEPS + "15"), "reasoning", saying(Leaps="no"))
    assert (wrong.reward, judge.asked) == (0.0, [])
    worst = {c.name: "yes" if c.weight < 0 else "no" for c in _criteria("reasoning")}
    right, _ = score(rollout_of("reasoning", "A: 14"), "reasoning", saying(**worst))
    # (3.0 * 1 + 1.0 * -0.8 / 3.0) / 4.0
    assert right.reward == pytest.approx((3.0 - 0.8 / 3.0) / 4.0)


@pytest.mark.parametrize(
    ("check", "right", "wrong"),
    [("choice_answer", "B", "C"), ("exact_answer", "left ventricle", "right ventricle")],
)
def test_reasoning_takes_another_check_of_the_answer(
    check: str, right: str, wrong: str, tmp_path: Path
) -> None:
    """As its file and the docs say: the check's name replaced in the gate and in the score."""
    toml = (SHIPPED / "reasoning.toml").read_text(encoding="utf-8")
    assert toml.count('check = "numeric_answer"') == 2
    served = factory.definition(tmp_path, toml.replace('"numeric_answer"', f'"{check}"'))
    for given_, reward in ((right, 1.0), (wrong, 0.0)):
        row = rollout_of("reasoning", f"By exclusion.\nAnswer: {given_}", reference_answer={"answer": right})
        result, _ = score(row, served, saying(Leaps="no"))
        assert result.reward == pytest.approx(reward)


def test_a_document_that_stands_in_the_prompt_is_shown_once() -> None:
    definition = load_definition("summarization")
    assert definition.judge
    question = build_question(factory.rollout(SUMMARY, prompt=SOURCE), definition.judge)
    assert (question.static + question.variable).count(SOURCE) == 1


# ------------------------------------------------------------------ what is said of them

PAGE = (ROOT / "docs" / "shipped.md").read_text(encoding="utf-8")


def _about(name: str) -> str:
    """The part of the page that is about one definition."""
    return PAGE.partition(f"## `{name}`\n")[2].partition("\n## ")[0]


@pytest.mark.parametrize("name", NAMES)
def test_each_is_described_with_all_places_that_it_reads(name: str) -> None:
    toml = (SHIPPED / f"{name}.toml").read_text(encoding="utf-8")
    about = _about(name)
    places = set(re.findall(r'"((?:metadata|reference_answer)[\w.]*)"', toml))
    assert [place for place in sorted(places) if f"`{place}`" not in about] == []
    assert [c.name for c in _criteria(name) if f"`{c.name}`" not in about] == []
    assert f"`{name}`" in (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_rubric_on_the_page_can_be_used() -> None:
    shown_rubric = re.search(r"```json\n(.*?)```", _about("instruction-following"), re.DOTALL)
    assert shown_rubric
    row = rollout_of("instruction-following", GOOD["instruction-following"])
    _, judge = score({**row, "rubric": json.loads(shown_rubric[1])}, "instruction-following")
    (asked,) = judge.asked
    assert {leaf.criterion.name for leaf in asked.question.leaves} > {
        "On_Task",
        "Closed_Day",
        "Invents_A_Delay",
    }


@pytest.mark.parametrize("name", JUDGED)
def test_the_page_says_what_a_call_costs(name: str) -> None:
    """Four characters are a token: what is sent besides the material, and what is reserved for the reply."""
    definition = load_definition(name)
    assert definition.judge
    rollout = factory.rollout(GOOD[name], prompt="P", reference_answer={}, metadata={})
    question = build_question(rollout, definition.judge)
    material = sum(map(len, question.documents.values())) + len(GOOD[name])
    sent_chars = len(question.system) + len(question.static) + len(question.variable)
    tokens = (sent_chars + len(json.dumps(question.schema)) - material) / 4
    row = re.search(rf"^\| `{name}` \| (\S+) \| ([\d,]+) \| ([\d,]+) \|$", PAGE, re.MULTILINE)
    assert row
    calls, sent, reserved = row.groups()
    assert calls == "1"
    assert float(sent.replace(",", "")) == pytest.approx(tokens, rel=0.1)
    assert int(reserved.replace(",", "")) == question.max_tokens


def _criteria(name: str) -> tuple[Any, ...]:
    judge = load_definition(name).judge
    return judge.criteria if judge else ()
