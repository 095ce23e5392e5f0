"""The final answer is the reference's number, and only that number."""

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reward_fn.checks.numeric_answer import final_number
from reward_fn.text.answer_marks import MAX_MARKS
from reward_fn.types.check import CheckResult
from reward_fn.types.unscored import Reason, Unscored
from tests.factory import check, rollout, score_of
from tests.guard import bounded_cpu

CHECK = check("numeric_answer")


def score(response: str, reference: Any = "18") -> float:
    """What the response earns against the reference."""
    return score_of(CHECK, rollout(response, reference_answer=reference))


LONG = "She has 16 eggs, eats 3 of them and bakes with 4, so 9 are left.\nShe sells each for 2 dollars.\n"

RIGHT = {
    "A:": f"{LONG}A: 18",
    "a lower-case a:": f"{LONG}a: 18",
    "quoted": f"{LONG}> A: 18",
    "indented": f"{LONG}   A:18",
    "Answer:": f"{LONG}Answer: 18",
    "bold mark": f"{LONG}**Answer:** 18",
    "bold line": f"{LONG}**A: 18**",
    "bold number": f"{LONG}A: **18**",
    "with units": f"{LONG}A: $18 a day",
    "with decimals": f"{LONG}A: 18.00",
    "as a fraction": f"{LONG}A: 36/2",
    "as an equation": f"{LONG}A: 9 * 2 = 18",
    "with calculator marks": f"{LONG}She makes 9 * 2 = $<<9*2=18>>18.\n#### 18",
    "hashes": f"{LONG}#### 18",
    "hashes without a space": f"{LONG}####18",
    "the answer is": f"{LONG}So the answer is 18 dollars.",
    "the final answer is:": f"{LONG}The final answer is: 18",
    "the answer =": f"{LONG}Hence the answer = 18.",
    "boxed": LONG + r"So she makes \boxed{18} dollars.",
    "boxed in maths": LONG + r"$\boxed{18}$",
    "boxed with a space": LONG + r"\boxed {18}",
    "boxed fraction": LONG + r"\boxed{\frac{36}{2}}",
    "boxed text": LONG + r"\boxed{\text{18 dollars}}",
    "boxed after the mark": LONG + r"The final answer is \boxed{18}.",
    "boxed after two line breaks": LONG + "Final answer:\n\n" + r"$$\boxed{18}$$",
    "fbox": LONG + r"\fbox{18}",
    "all marks agree": LONG + "The answer is 18.\n" + r"\boxed{18.0}" + "\n#### 18\nA: $18",
    "one bare line": "18",
    "one bare line with words": "She makes 18 dollars.",
    "solution tags": f"{LONG}<|begin_of_solution|>18<|end_of_solution|>",
    "lines in solution tags": f"{LONG}A: 5<|begin_of_solution|>\n18\n<|end_of_solution|>",
    "a mark in solution tags": f"<|begin_of_solution|>{LONG}A: 18<|end_of_solution|>",
    "a solution that never ends": f"{LONG}<|begin_of_solution|>18",
    "Nova's thoughts": "<|begin_of_thought|>A: 5<|end_of_thought|><|begin_of_solution|>18<|end_of_solution|>",
    "thoughts before": f"<think>A: 5 or 20</think>\n{LONG}A: 18",
    "thinking before": "<thinking>is it 20?</thinking> 18",
    "more text that takes nothing back": f"{LONG}A: 18\nShe will be happy with that.",
    "a sentence with the same number": f"{LONG}A: 18\nSo she makes 18 dollars, no more.",
    # marks in Markdown, in formulas and as headings
    "a heading": f"{LONG}### Final Answer\n18",
    "a bold heading": f"{LONG}**Answer**\n\n18 dollars",
    "a word alone on its line": f"{LONG}Answer\n18",
    "a heading of level four": f"{LONG}#### Final Answer\n18",
    "headings of level four before it": f"#### Step 1: count\n{LONG}#### Step 2: sell\n9 * 2\n#### 18",
    "a formula below": f"{LONG}The final answer is:\n\n\\[\n18\n\\]",
    "a boxed formula below": f"{LONG}The final answer is:\n\n$$\n\\boxed{{18}}\n$$",
    "a fence below": f"{LONG}Answer:\n```\n18\n```",
    "italics": f"{LONG}*Answer:* _18_",
    "a sign before the mark": f"{LONG}✅ Final Answer: **18**",
    "Ans:": f"{LONG}Ans: 18",
    "a full-width colon": f"{LONG}Answer：１８",
    "a long mark": f"{LONG}The answer to this question is therefore 18.",
    "it must be": f"{LONG}The answer must be 18.",
    "a bullet below": f"{LONG}Answer:\n\n- 18",
    "a check after it": f"{LONG}The answer is 18.\n\n(Checking: 18 / 2 = 9.)",
    "Minerva's format": f"{LONG}Final Answer: The final answer is $18$. I hope it is correct.",
    "an explanation in the line": f"{LONG}Answer: 18. Explanation: 9 * 2 = 18.",
    "a mark in a mark": f"{LONG}Final answer: ANSWER: 18",
    "a box in a box": LONG + r"\boxed{\boxed{18}}",
    # what only leads to the answer is no answer
    "an empty box": LONG + "I put it in \\boxed{}.\n\\boxed{18}",
    "a box that is spoken of": LONG + "It goes in \\boxed at the end.\n\\boxed{18}",
    "a placeholder in a box": LONG + "Write \\boxed{answer}.\n\\boxed{18}",
    "a sentence after Answer:": f"Answer:\nFirst I count the eggs, then the price.\n{LONG}#### 18",
    "a sentence after the answer is": f"The answer is simple once you count.\n{LONG}The answer is 18.",
    "a sum after Answer:": f"Answer: she has 16 eggs and eats 3 of them.\n{LONG}Answer: 18",
    "a word after the answer is": f"The answer is clear.\n{LONG}A: 18",
    "an explanation after it": f"Answer: 18\n\nExplanation: {LONG}",
    "a confidence after it": f"{LONG}A: 18\nConfidence: 95%",
    # tags, thoughts and objects
    "answer tags": f"{LONG}<answer>18</answer>",
    "answer tags over lines": f"{LONG}<answer>\n18\n</answer>\n",
    "answer tags in a fence": f"```\n{LONG}<answer>18</answer>\n```",
    "a box in answer tags": LONG + "<answer>$\\boxed{18}$</answer>",
    "tags that are spoken of": f"I use <answer> and </answer>.\n{LONG}<answer>18</answer>",
    "the template's thoughts": f"A: 5 or 20\n</think>\n\n{LONG}A: 18",
    "reasoning tags": "<reasoning>\nA: 20\n</reasoning>\n<answer>\n18\n</answer>",
    "Mistral's thoughts": f"[THINK]A: 20[/THINK]{LONG}A: 18",
    "Kimi's thoughts": f"◁think▷A: 20◁/think▷{LONG}A: 18",
    "Harmony's channels": "<|channel|>analysis<|message|>A: 20<|end|><|start|>assistant"
    f"<|channel|>final<|message|>{LONG}A: 18<|return|>",
    "thoughts between the lines": f"{LONG}\n<think>A: 20</think>\nA: 18",
    "a mark of the turn's end": f"{LONG}A: 18<|im_end|>",
    "carriage returns": f"{LONG}A: 18\n".replace("\n", "\r\n"),
    "an object": '{"steps": "3 * 6", "answer": 18}',
    "an object in a fence": '```json\n{\n  "steps": ["16 - 3 - 4 = 9"],\n  "final_answer": "18"\n}\n```',
}


@pytest.mark.parametrize("response", RIGHT.values(), ids=RIGHT.keys())
def test_the_right_number_is_found_however_it_is_marked(response: str) -> None:
    assert score(response) == 1.0


@pytest.mark.parametrize("response", RIGHT.values(), ids=RIGHT.keys())
def test_the_same_text_earns_nothing_where_the_truth_is_another_number(response: str) -> None:
    assert score(response, "20") == 0.0
    assert score(response, "-18") == 0.0


@pytest.mark.parametrize(
    "mark",
    [
        *("Antwort: 18", "Die Antwort lautet: 18", "Ergebnis: 18 €", "Respuesta: 18", "La respuesta es 18."),
        *("Réponse : 18", "La réponse est 18.", "Resposta: 18", "A resposta correta é 18", "Risposta: 18"),
        *(
            "La risposta è 18.",
            "Antwoord: 18",
            "Svar: 18",
            "Vastaus: 18",
            "Odpowiedź: 18",
            "Cevap: 18",
            "Jawaban: 18",
        ),
        *(
            "Ответ: **18**",
            "Правильный ответ — 18",
            "Απάντηση: 18",
            "الإجابة: 18",
            "الجواب هو 18",
            "תשובה: 18",
        ),
        *("उत्तर: 18", "जवाब: 18", "Đáp án: 18", "คำตอบ: 18", "คำตอบคือ 18"),
        *(
            "答案：18",
            "所以答案是18。",
            "答案为 18",
            "答え：18",
            "答えは18です。",
            "정답: 18",
            "정답은 18입니다.",
        ),
    ],
)
def test_a_mark_may_be_in_another_language(mark: str) -> None:
    for response in (mark, f"16 - 3 - 4 = 9\n9 * 2\n{mark}"):
        assert (score(response, "18"), score(response, "20")) == (1.0, 0.0)


VALUES = {
    "A: 1,234": Fraction(1234),
    "A: 1 234 567": Fraction(1234567),
    "A: -5": Fraction(-5),
    "A: \u22125": Fraction(-5),
    "A: .5": Fraction(1, 2),
    "A: 3/4": Fraction(3, 4),
    "A: 1 1/2 cups": Fraction(3, 2),
    "A: 25%": Fraction(25),
    "A: 276 thousand": Fraction(276000),
    "A: 1e3": Fraction(1000),
    r"\boxed{1{,}200}": Fraction(1200),
    r"\boxed{-\frac{3}{4}}": Fraction(-3, 4),
    r"\boxed{25\%}": Fraction(25),
    r"\boxed{\$1,200.50}": Fraction(2401, 2),
    "A: x = 18": Fraction(18),
}


@pytest.mark.parametrize(("response", "value"), VALUES.items())
def test_the_number_is_read_exactly(response: str, value: Fraction) -> None:
    assert final_number(response) == (value, "")


# A hedge between several answers is wrong, whichever of them is right: here 18 or 20.
HEDGES = [
    # in one marked line
    *("A: 18 or 20", "A: 20 or 18", "A: 18 and 20", "A: 18, 20", "A: 18,20", "A: 18; 20", "A: 18/20"),
    *("A: 18-20", "A: 18–20", "A: 18 - 20", "A: 18 to 20", "A: between 18 and 20", "A: from 18 up to 20"),
    *("A: either 18 or 20", "A: neither 18 nor 20", "A: 18 (or 20)", "A: 18 (20 with tax)", "A: 18 [20]"),
    *("A: {18, 20}", "A: (18)(20)", "A: 18 vs. 20", "A: 18 = 20", "A: 18 ≈ 20", "A: 18 ± 20", "A: 18 | 20"),
    *("A: 18 20", "A: 18 … 20", "A: 18 A: 20", "A: 18 B: 20", "A: 18 if Monday counts, otherwise 20"),
    *("A: 18 dollars, or with the tip 20 dollars", "A: $18 or $20", "**A:** 18 / 20", "A: 18\u200b20"),
    # another number than the digits say
    *("A: 18 lakh", "A: 2 crore", "A: a third of 18", "The answer is a quarter of 20"),
    # glued together
    "A: 18or20",
    "A: 18x20",
    "A: 18_20",
    "A: 18..20",
    "A: 18...20",
    "18.or.20",
    # in several marks
    *("A: 18\nA: 20", "A: 20\nA: 18", "#### 18\n#### 20", "#### 18 #### 20", "A: 18\n#### 20"),
    *("Answer: 18\nAnswer: 20", "Final answer: 18\nAlternative answer: 20", "Answer 1: 18\nAnswer 2: 20"),
    *(
        "The answer is 18. The answer is 20.",
        "The answer is 18 or 20.",
        "The answer is 18, the answer was 20.",
    ),
    *("The answer is 18.\nNo wait, the answer is 20.", f"{LONG}The answer is 18.\n{LONG}A: 20"),
    # boxes
    r"\boxed{18} or \boxed{20}",
    r"\boxed{18}\boxed{20}",
    r"\boxed{18, 20}",
    r"\boxed{18 \text{ or } 20}",
    r"\boxed{18} \fbox{20}",
    "#### 18\n" + r"\boxed{20}",
    r"A: \boxed{18} or 20",
    r"A: \boxed{18} and 20",
    r"A: \boxed{18}, 20",
    r"A: 20, \boxed{18}",
    r"The answer is 20 or \boxed{18}",
    r"#### 20 or \boxed{18}",
    r"It is 20 or \boxed{18}.",
    "It is 20 or #### 18",
    # equations
    "x = 18 or x = 20",
    "A: x = 18 or x = 20",
    "A: 20 or x = 18",
    "A: x = 18, y = 20",
    "A: 20, 2 * 9 = 18",
    "A: 2 * 9 = 18 or 4 * 5 = 20",
    "A: x = 2 * 10 or x = 18",
    "A: x = 2 * 9 = 18, y = 4 * 5 = 20",
    "A: 2 * 9 = 18\nOr 4 * 5 = 20",
    r"\boxed{x = 18 \text{ or } x = 20}",
    # taken back after the mark
    *(
        "A: 18\nor 20",
        "A: 18\nor maybe 20",
        "A: 18\nActually, 20.",
        "A: 18\nAlternatively 20",
        "A: 18\nWait, 20.",
    ),
    *("A: 18\nIt could also be 20.", "A: 18\nCorrection: 20", "A: 18\nPerhaps 20 instead."),
    *("A: 18\nSorry, it is 20.", "A: 18\nHmm, on reflection it is 20.", "A: 18\nI mean 20.", "A: 18\n20"),
    *("A: 18\nScratch that: 20.", "A: 18\nOption 2: 20", "A: 18\nB: 20", "A: 18\n(20)", "A: 18\n\n\n\n20"),
    *("A: 18\nMy second guess is 20.", "A: 18\n= 20", "#### 18\nThe total is 20.", "A: 18\n**20**"),
    # without a mark
    *("18 or 20", "18, 20", "18 20", "It is 18. It is 20.", "18/20", "18-20", "Between 18 and 20 dollars."),
    "A: 18\n" + "Well.\n" * 50 + "20",
    # sentences before another mark that offer a choice, or are an answer themselves
    "Answer: it is either 18 or 20, as the case may be.\nAnswer: 18",
    "Answer: all in all she makes 20 dollars.\nAnswer: 18",
    "A: zero\nA: 18",
    "Antwort: 18\nAntwort: 20",
    "<answer>18</answer> <answer>20</answer>",
    '{"answer": "18 or 20"}',
    # in words
    "A: 18 or a hundred",
    "A: 18 or zero",
    "A: 18 or none",
    *("A: 18 or twenty", "A: twenty or 18", "A: 18\nA: twenty", "A: 18\nActually, twenty.", "18 or twenty"),
    # between solution tags
    "<|begin_of_solution|>18 or 20<|end_of_solution|>",
    "<|begin_of_solution|>18\n20<|end_of_solution|>",
    "<|begin_of_solution|>A: 18\nA: 20<|end_of_solution|>",
    "<|begin_of_solution|>18<|end_of_solution|>\n<|begin_of_solution|>20<|end_of_solution|>",
    "<|begin_of_solution|>20<|end_of_solution|>\n<|begin_of_solution|>18<|end_of_solution|>",
]


def test_there_are_many_hedges_in_many_styles() -> None:
    assert len(set(HEDGES)) == len(HEDGES) >= 100


@pytest.mark.parametrize("response", HEDGES)
def test_a_hedge_between_two_answers_earns_nothing_for_either(response: str) -> None:
    assert (score(response, "18"), score(response, "20")) == (0.0, 0.0)


@pytest.mark.parametrize(
    "response",
    [
        *(
            "The answer is not 18.",
            "A: not 18",
            "A: anything but 18",
            "A: ≠ 18",
            r"\boxed{\neq 18}",
            "It is not 18",
        ),
        *(
            "A: more than 18",
            "A: less than 18",
            "A: at least 18",
            "A: > 18",
            "A: <18",
            "A: 18 or more",
            "A: 18+",
        ),
    ],
)
def test_a_denial_or_a_bound_commits_to_no_number(response: str) -> None:
    assert score(response) == 0.0


@pytest.mark.parametrize(
    "response",
    [
        "A: √18",
        "A: 18π",
        "A: 1*8",
        r"-\boxed{18}",
        r"A: 5\boxed{18}",
        r"\boxed{\sqrt{18}}",
        "A: 18k",
        "A: 18½",
        "A: 18²",
        "A: 18 and a half",
        "A: 18 trillion",
        "A: 1.8e1000",
        "A: 18/0",
        "A: 18.01",
    ],
)
def test_another_number_that_begins_like_the_right_one_is_wrong(response: str) -> None:
    assert score(response) == 0.0


@pytest.mark.parametrize(
    "response",
    [
        *(
            "",
            " \n",
            "A:",
            "A: none",
            "I do not know.",
            "A: ?",
            "Final answer: n/a",
            "####",
            "\x00",
        ),
        r"\boxed{}",
        r"\boxed{x}",
        LONG,  # numbers, but nothing marked and more than one line
        f"{LONG}She makes 18.",
        # 85 characters are no bare answer
        "She sells what is left of them every day at the farmers' market, and so she earns 18.",
        "<think>A: 18",
        "<think>A: 18</think>",
        "<|begin_of_thought|>A: 18",
        "A: 18<|begin_of_solution|><|end_of_solution|>",
        f"<|begin_of_solution|>{'18 ' * 200}<|end_of_solution|>",  # 600 characters are no answer
    ],
)
def test_no_marked_number_earns_nothing(response: str) -> None:
    assert score(response) == 0.0


def test_a_solution_written_in_the_thoughts_is_not_the_answer() -> None:
    response = "<think><|begin_of_solution|>18<|end_of_solution|></think>A: 20"
    assert score(response, "18") == 0.0


def test_the_same_answer_may_be_marked_twenty_times_and_no_more() -> None:
    assert score("A: 18\n" * MAX_MARKS) == 1.0
    assert final_number("A: 18\n" * (MAX_MARKS + 1)) == (None, f"more than {MAX_MARKS} marked answers")
    assert final_number(r"\boxed{18}" * (MAX_MARKS + 1)) == (None, f"more than {MAX_MARKS} marked answers")


# References


@pytest.mark.parametrize(
    "reference",
    [
        *("18", 18, 18.0, "$18", "18 dollars", "A: 18", f"{LONG}#### 18", f"{LONG}A: 18"),
        *({"answer": "18"}, {"answer": 18}, {"ground_truth": "18"}, {"answer": f"{LONG}#### 18"}),
        *({"answer": "18", "ground_truth": "20"}, {"answer": None, "ground_truth": 18}),
    ],
)
def test_the_truth_is_found_in_every_shape_of_reference(reference: Any) -> None:
    assert score("A: 18", reference) == 1.0
    assert score("A: 20", reference) == 0.0


@pytest.mark.parametrize(
    "reference",
    [
        *(None, "", " ", {}, [], "none", "eighteen", "18 or 20", True, {"a": 18}),
        {"answer": "", "explanation": "3 steps"},
    ],
)
def test_without_one_number_in_the_reference_the_rollout_is_unscored(reference: Any) -> None:
    result = CHECK(rollout("A: 18", reference_answer=reference))
    assert isinstance(result, Unscored)
    assert result.reason is Reason.NO_SOURCE
    assert "no number under reference_answer.answer or reference_answer.ground_truth or" in result.detail


def test_the_reference_may_lie_elsewhere() -> None:
    elsewhere = check("numeric_answer", reference=["metadata.truth"])
    assert elsewhere(rollout("A: 18", reference_answer="20", metadata={"truth": 18})) == CheckResult(1.0)
    assert isinstance(elsewhere(rollout("A: 18", reference_answer="18")), Unscored)


# 18 + 0.3 = 18.3 is within, 18.31 is not; exact, though no float is 0.3.
@pytest.mark.parametrize(
    ("given", "earned"),
    [
        ("18.3", 1.0),
        ("17.7", 1.0),
        ("18", 1.0),
        ("18.31", 0.0),
        ("17.69", 0.0),
        ("18.30000000000000000001", 0.0),
    ],
)
def test_a_tolerance_is_absolute_and_exact(given: str, earned: float) -> None:
    assert (
        score_of(check("numeric_answer", tolerance=0.3), rollout(f"A: {given}", reference_answer="18"))
        == earned
    )


# 1 % of 200 is 2, of -200 also; of 0 nothing. Where both tolerances are given the wider counts.
@pytest.mark.parametrize(
    ("given", "right", "tolerances", "earned"),
    [
        ("202", "200", {"relative_tolerance": 0.01}, 1.0),
        ("202.01", "200", {"relative_tolerance": 0.01}, 0.0),
        ("-198", "-200", {"relative_tolerance": 0.01}, 1.0),
        ("0.001", "0", {"relative_tolerance": 0.01}, 0.0),
        ("203", "200", {"relative_tolerance": 0.01, "tolerance": 3}, 1.0),
        ("203", "200", {"relative_tolerance": 0.015, "tolerance": 1}, 1.0),
        ("203", "200", {"relative_tolerance": 0.01, "tolerance": 1}, 0.0),
    ],
)
def test_a_tolerance_can_be_a_share_of_the_reference(
    given: str, right: str, tolerances: dict[str, Any], earned: float
) -> None:
    assert (
        score_of(check("numeric_answer", **tolerances), rollout(f"A: {given}", reference_answer=right))
        == earned
    )


def test_without_a_tolerance_nearly_is_wrong() -> None:
    assert score("A: 0.333333333333", "1/3") == 0.0
    assert score("A: 1/3", {"answer": "2/6"}) == 1.0


# Several right numbers, units, and where the answer stands


def test_any_of_several_references_is_right() -> None:
    assert score("A: 18", ["17", "18.0"]) == 1.0
    assert score("A: 18", ["17", "19"]) == 0.0
    assert score("A: 18", ["eighteen", "18"]) == 1.0


@pytest.mark.parametrize(
    "reference", [r"(18, \infty)", "x + 18", "18x", "[18, 20]", "a number to be found", ["x", "eighteen"]]
)
def test_a_reference_that_is_no_number_is_never_guessed_at(reference: Any) -> None:
    assert isinstance(CHECK(rollout("A: 18", reference_answer=reference)), Unscored)


@pytest.mark.parametrize(
    ("response", "unit", "earned"),
    [
        ("A: 18 km/h", "km/h", 1.0),
        ("A: 18km/h.", "km/h", 1.0),
        (r"\boxed{18\,\text{km/h}}", "km/h", 1.0),
        ("A: 18", "km/h", 0.0),
        ("A: 18 km", "km/h", 0.0),
        ("A: 18 km/h^2", "km/h", 0.0),
        ("A: 18 km/hour", "km/h", 0.0),
        ("A: 18 kilometres per hour", ["km/h", "kilometres per hour"], 1.0),
        ("A: 18 m/s²", "m/s^2", 1.0),
        (r"\boxed{18\text{ cm}^2}", "cm²", 1.0),
        ("A: $18", "$", 1.0),
        (r"\boxed{\$18}", "$", 1.0),
        (r"$\boxed{18}$", "$", 0.0),
        ("A: 18 €", "€", 1.0),
        ("A: 18%", "%", 1.0),
        ("A: 20 km/h", "km/h", 0.0),
        ("18 km/h", "km/h", 1.0),
    ],
)
def test_a_unit_can_be_demanded(response: str, unit: Any, earned: float) -> None:
    assert score_of(check("numeric_answer", unit=unit), rollout(response, reference_answer="18")) == earned


def test_without_a_demand_any_unit_is_ignored() -> None:
    assert score("A: 18 km/h", "18 m/s") == 1.0


@pytest.mark.parametrize(
    ("where", "earned"),
    [("last_line", 1.0), ({"tag": "total"}, 0.0), ({"pattern": r"in all (\d+)"}, 1.0), ({"fence": ""}, 0.0)],
)
def test_a_definition_says_where_the_number_stands(where: Any, earned: float) -> None:
    response = "A: 20\n<total>17</total>\n```\n16\n```\nThat is in all 18"
    assert score_of(check("numeric_answer", answer=where), rollout(response, reference_answer="18")) == earned


# Details and hostile text


@pytest.mark.parametrize(
    ("response", "detail"),
    [
        ("A: 20", "another number"),
        ("A: 18 or 20", "several answers"),
        ("A: none", "the marked answer is not a number"),
        (LONG, "no marked answer"),
    ],
)
def test_a_detail_says_what_is_wrong(response: str, detail: str) -> None:
    assert CHECK(rollout(response, reference_answer="18")) == CheckResult(0.0, detail)


@pytest.mark.parametrize(
    "response", ["A: secret", "secret", "A: 18 or secret 20", r"\boxed{secret}", "#### 4242"]
)
def test_a_detail_quotes_neither_response_nor_reference(response: str) -> None:
    for reference in ("18", "secret"):
        assert "secret" not in CHECK(rollout(response, reference_answer=reference)).detail
        assert "4242" not in CHECK(rollout(response, reference_answer=reference)).detail


HOSTILE = {
    "hashes": "#" * 1_000_000,
    "hashes and spaces": "#### " * 200_000,
    "marks": "A: 18\n" * 200_000,
    "marks without numbers": "A:\n" * 300_000,
    "answer": "answer " * 200_000,
    "answer is": "the answer is " * 100_000,
    "answer and spaces": "answer" + " " * 2_000_000,
    "spaces": " " * 2_000_000,
    "lines of spaces": (" " * 1000 + "\n") * 1000,
    "boxes": r"\boxed{" * 150_000,
    "a box of digits": r"\boxed{" + "9" * 1_000_000 + "}",
    "braces": r"\boxed{" + "{" * 1_000_000,
    "digits": "9" * 20_000,
    "digits after the mark": "A: " + "9" * 20_000,
    "a long exponent": "A: 1e" + "9" * 20_000,
    "1e999": "A: 1e999",
    "NaN": "A: NaN",
    "infinity": "A: inf",
    "NULs": "A: \x00" * 100_000,
    "surrogates": "A: \ud800" * 100_000,
    "second thoughts": "A: 18\n" + "or 20 " * 200_000,
    "bold": "*" * 1_000_000,
    "tags": "<|begin_of_solution|>" * 50_000,
    "line separators": "A: 18\u2028" * 50_000,
}


@pytest.mark.parametrize("response", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_text_earns_nothing_in_bounded_time(response: str) -> None:
    with bounded_cpu():
        assert score(response) == 0.0


@pytest.mark.parametrize("reference", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_reference_leaves_the_rollout_unscored_in_bounded_time(reference: str) -> None:
    with bounded_cpu():
        assert isinstance(CHECK(rollout("A: 18", reference_answer=reference)), Unscored)


def test_a_mark_is_found_behind_a_megabyte_of_spaces_in_bounded_time() -> None:
    with bounded_cpu():
        assert score("x\n" + " " * 1_000_000 + "A: 18") == 1.0


@given(st.text() | st.text(alphabet="A: answeris#\\boxed{}0123456789.,/=-\n<|>"))
def test_no_text_raises(text: str) -> None:
    value, why = final_number(text)
    assert (value is None) == bool(why)
