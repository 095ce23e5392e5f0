"""Answers with nothing in them are refused; short real answers are not."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reward_fn.text.hollow import MAX_OPENER_CHARS
from reward_fn.types.check import CheckResult
from tests.factory import check, rollout
from tests.guard import bounded_cpu

CHECK = check("hollow_answer")


def verdict(response: str) -> CheckResult:
    """What the check says; it always has an answer."""
    result = CHECK(rollout(response))
    assert isinstance(result, CheckResult)
    return result


NOTHING = [
    *(
        "",
        " ",
        "\n\t ",
        ":",
        ".",
        "...",
        "…",
        "-",
        "—",
        "?!",
        "\"'",
        "()",
        "{}",
        "[]",
        "**",
        "#",
        "```",
        "_",
        "\x00",
    ),
    *(
        "。",
        "：",
        "！",
        "·",
        "→",
        "✓",
        "👍",
        "\ufffd",
        "\u2800",
        "➖",
        "<>",
        "$$",
        "|",
        "\\",
        "=",
        "________",
    ),
    *("\u200b", "\u200b\u200d\ufeff", "\u00ad", "\u2060\u2063", "\u202e\u202c", "\ufe0f"),
    # an empty place for an answer
    *("<answer></answer>", "<answer> </answer>", "<answer>", "<solution>\n</solution>"),
    *("Answer: <answer></answer>", "<answer>\n</answer> 4", "<|begin_of_solution|><|end_of_solution|>"),
    # letters by category, blank to the eye
    *("\u3164", "\u115f\u1160", "\uffa0"),
    # tag characters spell words that nobody sees
    "".join(chr(0xE0000 + ord(c)) for c in "say yes"),
    ": \u200b" + "".join(chr(0xE0000 + ord(c)) for c in "yes"),
]


@pytest.mark.parametrize("response", NOTHING, ids=ascii)
def test_an_answer_without_a_letter_or_a_digit_is_hollow(response: str) -> None:
    assert verdict(response) == CheckResult(0.0, "no letter or digit")


MASTER_KEYS = [
    *(
        "Thought process:",
        "Thought process",
        "thought process :",
        "Solution",
        "Solution:",
        "Solution:\n\n",
        "SOLUTION",
    ),
    *(
        "Let's solve this problem step by step.",
        "Let’s solve this problem step by step.",
        "Let us solve this",
    ),
    *(
        "Let's solve this problem step-by-step:",
        "Let's think step by step.",
        "Let me think about this.",
        "I think",
    ),
    *("Let's break it down.", "We will now solve the problem step by step", "I'll go through it carefully"),
    *(
        "Answer:",
        "The answer:",
        "Final answer:",
        "The final answer",
        "**Answer:**",
        "### Solution",
        "# Analysis",
    ),
    *("Here is the solution:", "Here's my review:", "Here is a thorough review:", "Below is my analysis."),
    *("Reasoning:", "Explanation", "Response", "Review:", "Thoughts:", "Step 1:", "Part one:"),
    *("Sure!", "Certainly.", "Of course!", "Okay.", "Sure, let's solve this step by step.", "Ok: Solution:"),
    *("Sure! Here is the review:", "Solution: Let's begin", "Let's think. Let's think. Let's think."),
    *("Lösung", "Solución", "Respuesta:", "解", "解答：", "答案", "かいとう"),
    # dressed up, they look the same
    *(
        "Solu\u200btion",
        "Ｓｏｌｕｔｉｏｎ",
        "\ufeffSolution",
        "Sol\u00adution:",
        "  “Solution”  ",
        "*Solution*",
    ),
    *("S\U000e0041olution", "Thought\u00a0process:", "\u202eSolution\u202c"),
]


PROMISES = [
    *(
        "The answer is:",
        "The final answer is:",
        "The solution is as follows:",
        "The answer is below.",
        "Result:",
    ),
    *("The correct answer is", "So, the answer is:", "Therefore, the answer is", "Conclusion:", "Output:"),
    *("Here is the answer to your question:", "Here's a detailed response to the question:", "My answer:"),
    *("First,", "Firstly:", "First of all,", "To begin with, ...", "First...", "So:", "Well,", "Then \u2026"),
    *(
        "Thinking...",
        "Thinking\u2026",
        "Thinking:",
        "Thinking process:",
        "Let me think...",
        "Hmm...",
        "Hmm, okay.",
    ),
    *(
        "Okay, let me think about this step by step.",
        "I will now answer the question.",
        "Let me answer this.",
    ),
    *("To solve this problem, we need to think carefully.", "We need to solve the problem."),
    *(
        "Let's think step by step to solve this.",
        "Got it!",
        "Great question!",
        "Good question. Let me think.",
        "Thank you for your question.",
        "Absolutely!",
    ),
    *(
        "Antwort:",
        "Die Antwort lautet:",
        "Die L\u00f6sung ist wie folgt:",
        "Hier ist die Antwort:",
        "Schritt 1:",
    ),
    *(
        "R\u00e9ponse :",
        "La r\u00e9ponse est :",
        "Voici la r\u00e9ponse :",
        "R\u00e9solution",
        "\u00c9tape 1 :",
        "D'abord,",
    ),
    *(
        "Soluci\u00f3n:",
        "La respuesta es:",
        "Aqu\u00ed est\u00e1 la respuesta:",
        "Paso 1:",
        "Risposta:",
        "La risposta \u00e8:",
    ),
    *(
        "Resposta:",
        "A resposta \u00e9:",
        "Antwoord:",
        "Svar:",
        "Odpowied\u017a:",
        "\u041e\u0442\u0432\u0435\u0442:",
        "\u0420\u0435\u0448\u0435\u043d\u0438\u0435:",
    ),
    *(
        "答案如下：",
        "答案是：",
        "以下是答案：",
        "回答：",
        "解析：",
        "思考过程：",
        "答えは以下の通りです。",
        "答え：",
    ),
    *("답:", "정답:", "\u0627\u0644\u0625\u062c\u0627\u0628\u0629:", "\u0909\u0924\u094d\u0924\u0930:"),
    *(
        "\\boxed{}",
        "$\\boxed{ }$",
        "The answer is $\\boxed{}$.",
        "\\[\\boxed{}\\]",
        "**Answer:** \\boxed{}",
        "\\boxed{\\text{}}",
    ),
]


@pytest.mark.parametrize("response", [*MASTER_KEYS, *PROMISES], ids=ascii)
def test_a_master_key_is_hollow(response: str) -> None:
    assert verdict(response) == CheckResult(0.0, "only an opener")


@pytest.mark.parametrize(
    "response",
    [
        *(
            "N/A",
            "n/a",
            "N.A.",
            "Answer: N/A",
            "**N/A**",
            "\\boxed{N/A}",
            "TBD",
            "TODO",
            "[Your answer here]",
        ),
        *('{"answer": ""}', '{"final_answer": null}'),
        *("<answer>N/A</answer>", "Not applicable.", "No answer provided."),
    ],
    ids=ascii,
)
def test_what_stands_in_the_place_of_an_answer_is_hollow(response: str) -> None:
    assert verdict(response) == CheckResult(0.0, "only an opener")


@pytest.mark.parametrize(
    "response",
    [
        *(
            "```python\n```",
            "```json\n\n```",
            "~~~\n~~~",
            "````sql\n````",
            "```sql",
            "<answer>```sql\n```</answer>",
        ),
        "<think>SELECT 1</think>\n```sql\n```",
    ],
    ids=ascii,
)
def test_a_code_fence_with_nothing_in_it_is_hollow(response: str) -> None:
    assert verdict(response).score == 0.0


@pytest.mark.parametrize(
    "response",
    [
        *(
            "Here is the SQL query:",
            "Sure, here's the code:",
            "Here you go:",
            "Below is the translated letter.",
        ),
        *(
            "The capital of France is:",
            "I'll write the function for you.",
            "Let me explain:",
            "Voici le texte :",
        ),
        *(
            "Sure! Here is a short poem about the sea:",
            "Here is the query:\n```sql\n```",
            "\u7b54\u6848\u5982\u4e0b\uff1a",
        ),
    ],
    ids=ascii,
)
def test_an_answer_that_is_only_announced_is_hollow(response: str) -> None:
    assert verdict(response).score == 0.0


@pytest.mark.parametrize(
    "response",
    [
        *("\u2205", "\u221e", "\u2264", "Na", "Not applicable to minors.", "To do it, press F5."),
        *("Here is the query: SELECT 1", "Here is Paris.", "```sql\nSELECT 1\n```", "Here: 4", "Eggs\nMilk:"),
        *("It is 4:", "I will explain: the clause is void.", "Paris is the capital, for this reason:"),
    ],
    ids=ascii,
)
def test_what_only_looks_like_a_promise_or_a_place_is_an_answer(response: str) -> None:
    assert verdict(response) == CheckResult(1.0)


@pytest.mark.parametrize("response", MASTER_KEYS[:8], ids=ascii)
@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("<think>It says 18, I believe.</think>\n", ""),
        ("<|begin_of_thought|>18<|end_of_thought|><|begin_of_solution|>", "<|end_of_solution|>"),
    ],
)
def test_thoughts_do_not_fill_a_hollow_answer(before: str, after: str, response: str) -> None:
    assert verdict(before + response + after).score == 0.0


@pytest.mark.parametrize(
    "response", ["<think>18", "<think>18</think>", "18<|begin_of_solution|><|end_of_solution|>"]
)
def test_thoughts_alone_are_no_answer(response: str) -> None:
    assert verdict(response).score == 0.0


ANSWERS = [
    *("18", "0", "-5", "1/2", "$18", "18.", "A: 18", "#### 18", r"\boxed{18}", "½", "²", "٣", "１８", "七"),
    *(
        "Yes.",
        "Yes",
        "No",
        "no.",
        "True",
        "false",
        "B",
        "(C)",
        "a",
        "None",
        "x",
        "é",
        "是",
        "はい",
        "да",
    ),
    *("Paris", "I don't know.", "It depends.", "No comments.", "Looks fine.", "Both", "Never mind"),
    *(
        "Answer: 18",
        "Solution: x = 3",
        "The answer is no.",
        "Final answer: B",
        "Let's solve it: 18",
        "Sure, 18.",
    ),
    *("Step 1: add 3 and 4", "The solution is to wait.", "I think so.", "I think it is Paris.", "Let it be."),
    *("Thought process: the clause is void.", "Here is the review: clause 3 is void.", "Review clause 3."),
    *('{"comments": []}', "[1]", "```json\n{}\n```", "Solutions", "Response time", "analysis paralysis"),
    # those that begin as a promise does, and keep it
    *(
        "42",
        "Yes",
        "The answer is: 42",
        "The solution is as follows: x = 3",
        "First, boil the water.",
        "So what?",
    ),
    *(
        "Antwort: 42",
        "Die Antwort lautet: nein",
        "R\u00e9ponse : oui",
        "La respuesta es: s\u00ed",
        "答案如下：四十二",
    ),
    *(
        "答案是四",
        "答えは四です。",
        "정답: 4",
        "\u041e\u0442\u0432\u0435\u0442: \u0434\u0430",
        "Thinking... it is Paris.",
        "Schritt 1: warten",
    ),
    *(
        r"The answer is $\boxed{4}$",
        r"\boxed{0}",
        r"\boxed{\text{no}}",
        "<answer>4</answer>",
        "<answer></answer> stays empty until the end: <answer>4</answer>",
    ),
    *(
        "First",
        "First.",
        "Second",
        "Thinking",
        "So",
        "Well",
        "Then.",
        "Hmm",
        "Thank you.",
        "Great.",
        "I need to go.",
    ),
    *(
        "The result is negative.",
        "Thinking is work.",
        "The answer is no",
        "The answer is none",
        "Step 2",
        "<div></div>",
    ),
    *(
        "Answer the phone.",
        "The output is wrong",
        "To think",
        "Well done",
        "Therefore, no.",
        "I must refuse.",
    ),
    "<think>hm</think>18",
    "<|begin_of_solution|>B<|end_of_solution|>",
]


@pytest.mark.parametrize("response", ANSWERS, ids=ascii)
def test_a_short_real_answer_is_not_hollow(response: str) -> None:
    assert verdict(response) == CheckResult(1.0)


def test_openers_that_fill_more_than_their_bound_are_left_to_the_other_checks() -> None:
    sentence = "Let's think. "  # 13 characters, 9 * 13 = 117 <= 120 < 130 = 10 * 13
    assert MAX_OPENER_CHARS == 120
    assert verdict(sentence * 9).score == 0.0
    assert verdict(sentence * 10).score == 1.0


def test_an_opener_with_an_answer_behind_it_is_an_answer() -> None:
    assert verdict("Let's solve this problem step by step.\n16 - 3 - 4 = 9").score == 1.0


def test_a_detail_does_not_quote_the_answer() -> None:
    assert "solve" not in verdict("Let's solve this problem step by step.").detail


HOSTILE = {
    "colons": (":" * 1_000_000, 0.0),
    "two megabytes of spaces": (" " * 2_000_000, 0.0),
    "zero-width": ("\u200b" * 1_000_000, 0.0),
    "tags": ("\U000e0041" * 300_000, 0.0),
    "NULs": ("\x00" * 1_000_000, 0.0),
    "lone surrogates": ("\ud800" * 300_000, 0.0),
    "underscores": ("_" * 1_000_000, 0.0),
    "thoughts": ("<think>" * 200_000, 0.0),
    "a megabyte of brackets": ("[" * 1_000_000, 0.0),
    "letters": ("x" * 1_000_000, 1.0),
    "digits": ("9" * 20_000, 1.0),
    "half an opener": ("let us let us let us let us we we will now solve this the the problem problem", 1.0),
    "ligatures": ("\ufdfa" * 50_000, 1.0),
    "marks out of order": ("a" + "\u0301" * 40_000 + "\u0327" * 40_000, 1.0),
}


@pytest.mark.parametrize(("response", "score"), HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_text_is_decided_in_bounded_time(response: str, score: float) -> None:
    with bounded_cpu():
        assert verdict(response).score == score


@given(st.text())
def test_any_text_is_hollow_or_not(response: str) -> None:
    assert verdict(response).score in {0.0, 1.0}


@given(st.text(alphabet=st.characters(categories=["P", "S", "Z", "Cc"])))
def test_punctuation_symbols_and_spaces_alone_are_always_hollow(response: str) -> None:
    # Symbols such as ™ or ㏒ become letters under NFKC; they are read as what they say.
    # Of mathematics' own signs one may be the answer.
    if not any(c.isalnum() or "\u2200" <= c <= "\u22ff" for c in unicodedata.normalize("NFKC", response)):
        assert verdict(response).score == 0.0
