"""Exact answers, choices among options, and the words shared with a reference."""

from typing import Any

import pytest

from reward_fn.types.unscored import Reason, Unscored
from tests.factory import check, rollout, score_of

OPTIONS = ["a dog", "Vitamin C", "Plan A", "nothing"]


def score(name: str, response: str, reference: Any, texts: Any = None, **parameters: Any) -> float:
    """What the response earns against the reference."""
    judged = check(name, **parameters)
    return score_of(judged, rollout(response, reference_answer=reference, metadata={"options": texts}))


# choice_answer


@pytest.mark.parametrize(
    "response",
    [
        *("B", "b", "B.", "(B)", "[b]", "`B`", "**B**", "B) carbon dioxide", "Option B is correct."),
        *(
            "The answer is (B)",
            "The answer is B.",
            "The correct choice is: B",
            "Final answer: (B)",
            "answer: b",
        ),
        *(
            r"\boxed{B}",
            r"$\boxed{\text{B}}$",
            r"\boxed{\textbf{(B)}}",
            "#### B",
            "Answer:\n\nB",
            "Choice: B",
        ),
        "The answer is B because option A ignores the light.",
        "B, since A and C are ruled out",
        "The answer is B, not C.",
        "The answer is B. A plant needs it.",
        "The answer is B. Vitamin C is no gas.",
        "The answer is carbon dioxide (B).",
        "The answer is clear.\nAnswer: B",
        "<think>A or C?</think>B",
        "Answer: B\nSo the answer is (B).",
    ],
)
def test_a_choice_is_found_however_it_is_written(response: str) -> None:
    assert score("choice_answer", response, "B") == 1.0
    assert score("choice_answer", response, "C") == 0.0


@pytest.mark.parametrize(
    "response",
    [
        *("B or C", "A and B", "B/C", "B, C", "B C", "(B) (C)", "B? C!", "B & C", "B; or C", "either B or C"),
        *(
            "The answer is B or C",
            "The answer is B, but C too",
            "B. Or maybe C",
            "B. No wait, C",
            "It is (B) or (C)",
        ),
        *("Answer: B\nAnswer: C", "The answer is B. The answer is C.", r"\boxed{B} or \boxed{C}"),
        r"A or \boxed{B}",
        "<|begin_of_solution|>B<|end_of_solution|><|begin_of_solution|>C<|end_of_solution|>",
    ],
)
def test_several_choices_are_wrong_whichever_is_right(response: str) -> None:
    assert [score("choice_answer", response, right) for right in "ABC"] == [0.0, 0.0, 0.0]


@pytest.mark.parametrize(
    "response",
    [
        "",
        " ",
        "Bob",
        "ABCDE",
        "all of the above",
        "The answer is Bob",
        "I think\nB\nit is",
        "A dog barks",
        "F",
        "3.B",
    ],
)
def test_no_choice_is_wrong(response: str) -> None:
    assert score("choice_answer", response, "B") == 0.0
    assert score("choice_answer", response, "A") == 0.0


@pytest.mark.parametrize(
    ("response", "chosen"),
    [
        ("A", True),
        ("a", True),
        ("The answer is A", True),
        ("The answer is A because it barks", True),
        ("A is correct", True),
        ("A) it barks", True),
        ("A dog", False),
        ("a dog", False),
        ("The answer is a dog", False),
    ],
)
def test_the_article_is_no_choice(response: str, chosen: bool) -> None:
    assert score("choice_answer", response, "A") == float(chosen)


@pytest.mark.parametrize(
    ("response", "reference"),
    [
        ("a dog", "A"),
        ("A dog", "A"),
        ("The answer is a dog.", "A"),
        ("Vitamin C", "B"),
        ("The answer is Vitamin C", "vitamin c"),
        ("(B) Vitamin C", "(B) Vitamin C"),
        ("C) Plan A", "C"),
        ("C", "Plan A"),
    ],
)
@pytest.mark.parametrize(
    "options",
    [OPTIONS, dict(zip("ABCD", OPTIONS, strict=True)), {"label": ["A", "B", "C", "D"], "text": OPTIONS}],
    ids=["list", "by label", "label and text"],
)
def test_where_the_options_are_known_their_texts_choose_too(
    response: str, reference: str, options: Any
) -> None:
    sources = ["metadata.none", "metadata.options"]
    assert score("choice_answer", response, reference, options, options=sources) == 1.0


@pytest.mark.parametrize("response", ["C) Vitamin C", "(B) nothing", "B. a dog"])
def test_a_label_with_another_options_text_says_two_things(response: str) -> None:
    for right in "ABCD":
        assert score("choice_answer", response, right, OPTIONS, options=["metadata.options"]) == 0.0


@pytest.mark.parametrize(
    "options", [None, [], "text", [1, None], {"label": None}, {"label": ["A"], "text": None}]
)
def test_options_that_are_none_leave_the_labels(options: Any) -> None:
    assert score("choice_answer", "B", "B", options, options=["metadata.options"]) == 1.0


def test_labels_can_be_words_and_numbers() -> None:
    assert score("choice_answer", "No, it does not.", "no", labels=["yes", "no"]) == 1.0
    assert score("choice_answer", "Yes or no", "no", labels=["yes", "no"]) == 0.0
    assert score("choice_answer", "A: 2", 2, labels=["1", "2"]) == 1.0
    assert score("choice_answer", "A: 2.5", 2, labels=["1", "2"]) == 0.0
    assert (
        score("choice_answer", "not enough info", "Not enough info", labels=["true", "not enough info"])
        == 1.0
    )


@pytest.mark.parametrize("reference", [None, "", "A or B", "Paris", 2, ["A", "B"], {"answer": None}])
def test_a_reference_that_names_no_single_option_is_the_datas_fault(reference: Any) -> None:
    judged = check("choice_answer")
    result = judged(rollout("B", reference_answer=reference))
    assert isinstance(result, Unscored)
    assert result.reason is Reason.NO_SOURCE


CONCLUDED = [
    # what the text rejects is never its choice
    "A is wrong since it is hot. C is wrong too. That leaves B.",
    "It is not A, the answer is B",
    "Answer: It is not A, the answer is B",
    "Answer: this rules out C, leaving B",
    "Neither A nor C. The answer is B.",
    "Eliminating A, C and D leaves B.",
    "The answer isn't A; it's B.",
    "Not A, not C: B.",
    "B is the answer. A is not.",
    "The answer is B. C is wrong since it leaves out drag.",
    "The answer is B. It can't be A or C.",
    "The answer is B. Option A ignores the heat, and option C contradicts the text.",
    "Answer: B\n\nA is incorrect because it is cold.\nC is incorrect because it is small.",
    "I considered (A), but it is incorrect. Final answer: B.",
    # sentences without a mark
    *(
        "My vote is for B.",
        "I'd go with option B.",
        "I choose B.",
        "It must be B.",
        "Only B works.",
        "Thus B.",
    ),
    *("B is correct.", "Statement B is true.", "Option B is right.", "I think B", "Probably B.", "It's B."),
    *("The correct statement is B.", "Hence, (B).", "So the best choice would be B."),
    "Let me see.\n\nA is too cold. C is too small.\n\nTherefore, the correct option is **B**.",
    "Answer: the question asks for a gas.\nIt is a gas.\nANSWER: B",
    "The answer seems to be B.",
    # the first line, the last line, headings, bold, wide and other marks
    *(
        "**B) Carbon dioxide**\n\nPlants take it up.",
        "B. Carbon dioxide\n\nBecause plants need it.",
        "B: a gas",
    ),
    *(
        "### Answer\nB",
        "## Final Answer\n\n**B**",
        "**Answer**\nB",
        "Answer\nB) Paris",
        "Plants need it.\n\n(B)",
    ),
    *(
        "Ｂ",
        "（Ｂ）",
        "Answer：Ｂ",
        "✅ B",
        "→ B",
        r"\[Answer: B\]",
        "ANSWER: $B$",
        "Final answer: ANSWER: B",
    ),
    "ANSWER: [letter]\n...\nANSWER: B",
    # tags, thoughts, objects, ends of a turn
    *(
        "<answer>\nB\n</answer>",
        "<answer>B. Carbon dioxide</answer>",
        "Perhaps the answer is A.\n</think>\nB",
    ),
    *(
        "[THINK]A[/THINK]B",
        '{"reasoning": "not A", "answer": "B"}',
        "```\nB\n```",
        "B<|im_end|>",
        "\ufeffB\r\n",
    ),
    r"The gap is \boxed{\Gamma \gg \Delta}." + "\n\n**Answer: B**",
    # other languages
    *(
        "Antwort: B",
        "Die richtige Antwort ist B.",
        "La respuesta correcta es la B.",
        "Réponse : B",
        "Resposta: B",
    ),
    *(
        "La bonne réponse est B.",
        "La risposta corretta è B",
        "Het antwoord is B",
        "Odpowiedź: B",
        "Doğru cevap B",
    ),
    *(
        "Правильный ответ: B",
        "الإجابة الصحيحة هي B",
        "सही उत्तर B है",
        "Đáp án đúng là B",
        "คำตอบคือ B",
        "Jawaban: B",
    ),
    *(
        "答案是B",
        "答案：（B）",
        "正确答案是B。",
        "选B",
        "故选：B。",
        "因此选择B。",
        "正解はBです。",
        "정답은 B입니다.",
        "选B，因为A不对。",
        "It's definitely B, not C.",
        "That's B",
        "Plants take in carbon dioxide, which corresponds to option B.",
        "I look at each option:\n\n**A) Oxygen**: wrong.\n**B) Carbon**: yes.\n\nThe answer is **B**.",
        "A不对，C也不对，所以选B。",
    ),
]


@pytest.mark.parametrize("response", CONCLUDED)
def test_a_choice_is_what_the_text_comes_to(response: str) -> None:
    assert [score("choice_answer", response, right) for right in "ABC"] == [0.0, 1.0, 0.0]


@pytest.mark.parametrize(
    "response",
    [
        *(
            "Option B is incorrect.",
            "B is not correct",
            "(B) is wrong",
            "It can't be B.",
            "The answer isn't B",
        ),
        *(
            "A, B and C are wrong.",
            "Not B",
            "Anything but B",
            "All except B",
            "Eliminate B.",
            "答案不是B",
            "B错误",
        ),
        *("Answer: not B", "B is tempting", "None of the above", "I don't know", "A\nB\nC\nD"),
        "A) Mars\nB) Venus\nC) Pluto",
    ],
)
def test_a_rejected_or_listed_label_is_no_choice(response: str) -> None:
    assert [score("choice_answer", response, right) for right in "ABC"] == [0.0, 0.0, 0.0]


@pytest.mark.parametrize(
    "response",
    [
        *("Both B and C are correct.", "A or B, hard to say", "It's either B or C.", "Answer: B/C"),
        *("Answer: B\nWait, C.", "B. On second thought, C.", "The answer is B. Actually, it is C."),
    ],
)
def test_a_choice_that_is_taken_back_is_none(response: str) -> None:
    assert [score("choice_answer", response, right) for right in "ABC"] == [0.0, 0.0, 0.0]


@pytest.mark.parametrize(
    ("response", "said"),
    [
        *(
            ("Yes", "yes"),
            ("**Yes.**", "yes"),
            ("Yes, there is no doubt.", "yes"),
            ("Yes — no other way.", "yes"),
        ),
        *(("No, that is not the case.", "no"), ("No. The lease says nothing.", "no"), ("I'd say no.", "no")),
        *(
            ("The answer is no.", "no"),
            ("Well, yes.", "yes"),
            ("There is no reason to doubt it. Yes.", "yes"),
        ),
        *(("Yes!\n\nIt is.", "yes"), (r"\boxed{no}", "no"), ("It does not follow. The answer is no.", "no")),
        *(
            ("Yes and no", ""),
            ("Yes? No?", ""),
            ("There is no way to tell.", ""),
            ("Not sure. Yes or no.", ""),
        ),
    ],
)
def test_yes_and_no_are_told_from_their_use_as_words(response: str, said: str) -> None:
    earned = {label: score("choice_answer", response, label, labels=["yes", "no"]) for label in ("yes", "no")}
    assert [label for label, value in earned.items() if value] == ([said] if said else [])


@pytest.mark.parametrize(
    ("response", "label"),
    [
        ("The answer is C because I computed the integral.", "C"),
        ("I think the answer is C", "C"),
        ("Answer: I", "I"),
        ("I. Gas", "I"),
        ("Answer: J", "J"),
    ],
)
def test_the_pronoun_is_no_choice(response: str, label: str) -> None:
    assert score("choice_answer", response, label, labels=[*"ABCDEFGHIJ"]) == 1.0


def test_a_label_that_means_rejection_can_be_the_choice() -> None:
    assert score("choice_answer", "The statement is false.", "false", labels=["true", "false"]) == 1.0


def test_a_definition_says_where_the_choice_stands() -> None:
    response = "The answer is A.\n<final>C</final>\nB"
    assert score("choice_answer", response, "B", answer="last_line") == 1.0
    assert score("choice_answer", response, "C", answer={"tag": "final"}) == 1.0


def test_labels_that_are_the_same_but_for_case_are_refused() -> None:
    with pytest.raises(ValueError, match="two of them differ only in case"):
        check("choice_answer", labels=["A", "a"])


# exact_answer


@pytest.mark.parametrize(
    ("response", "reference"),
    [
        ("Paris", "paris"),
        ("The answer is Paris.", "Paris"),
        ("So:\nA: **Paris**", "Paris"),
        (r"$\boxed{\text{New  York}}$", "new york"),
        (r"The answer is $\boxed{18}$.", "18"),
        ('"Paris"', "Paris"),
        ("«Łódź»", "łódź"),
        ("rock \u2019n\u2019 roll", "Rock 'n' Roll"),
        ("Answer: Yes\nThe answer is yes.", "yes"),
        ("4", 4),
        ("true", True),
        ("Holland", ["Netherlands", "Holland"]),
        ("x = 3\ny = 4", "x = 3\ny = 4"),
        ("Pa\u200bris", "Paris"),
        # formulas, fences, headings, objects, tags
        ("The answer is:\n\n\\[\n\\boxed{x+1}\n\\]", "x+1"),
        (r"\[x+1\]", "x+1"),
        (r"The answer is \boxed{Paris} in France.", "Paris"),
        ("I write it in \\boxed{}.\n\\boxed{Paris}", "Paris"),
        ("```sql\nSELECT 1;\n```", "SELECT 1"),
        ("~~~\nSELECT 1\n~~~", "SELECT 1"),
        ("```sql\nSELECT a FROM t WHERE answer = 3\n```", "SELECT a FROM t WHERE answer = 3"),
        ("## Answer\n\nParis", "Paris"),
        ("Answer: the capital is wanted here\nso ...\nANSWER: Paris", "Paris"),
        ('{"confidence": 0.9, "answer": "Paris"}', "Paris"),
        ("<think>Lyon</think><answer>\nParis\n</answer>", "Paris"),
        ("Lyon?\n</think>\nParis", "Paris"),
        ("答案：巴黎", "巴黎"),
        ("La respuesta es París.", "París"),
        # Turkish letters, signs that are no letters, brackets
        ("İzmir", "izmir"),
        ("ısparta", "Isparta"),
        ("∅", "∅"),
        (r"\boxed{[0, 1)}", "[0, 1)"),
        ("(Paris)", "Paris"),
        ("The answer is Paris. It lies on the Seine.", "Paris"),
        ("Final Answer: The final answer is $x+1$. I hope it is correct.", "x+1"),
        ("H₂O", "H2O"),
        ("½", "1/2"),
        ("x²", "x^2"),
    ],
)
def test_the_same_answer_is_right_but_for_case_and_punctuation(response: str, reference: Any) -> None:
    assert score("exact_answer", response, reference) == 1.0


@pytest.mark.parametrize(
    ("response", "reference"),
    [
        ("", "Paris"),
        ("Paris or Lyon", "Paris"),
        ("A: Paris\nA: Lyon", "Paris"),
        ("It is Paris", "Paris"),
        ("The answer is the Paris", "Paris"),
        ("35", "3.5"),
        ("5", "-5"),
        ("C", "C++"),
        ("50", "50%"),
        ("...", "?!x"),
        ("New York City", "New York"),
        ("NewYork", "New York"),
        ("(0, 1)", "[0, 1]"),
        ("[0, 1)", "[0, 1]"),
        ("10⁵", "105"),
        ("The answer is Paris. Or maybe Lyon.", "Paris"),
        ("The answer is not Paris. It is Lyon.", "Paris"),
        (r"\boxed{Paris} or \boxed{Lyon}", "Paris"),
        ("<answer>Paris</answer> <answer>Lyon</answer>", "Paris"),
        ("Here is the query:\n```sql\nSELECT 1\n```", "SELECT 1"),
    ],
)
def test_another_answer_is_wrong(response: str, reference: str) -> None:
    assert score("exact_answer", response, reference) == 0.0


@pytest.mark.parametrize(
    ("response", "reference", "ignore", "right"),
    [
        ("paris", "Paris", [], False),
        ("Paris.", "Paris", [], True),  # a full stop ends a sentence, not an answer
        ("(Paris)", "Paris", ["case"], False),
        ("(Paris)", "Paris", ["punctuation"], True),
        ("the Hague", "Hague", ["articles"], True),
        ("anthem", "them", ["articles"], False),
        ("1 000 x", "1000x", ["space"], True),
        ("1 000 x", "1000x", ["case"], False),
    ],
)
def test_what_is_ignored_can_be_chosen(response: str, reference: str, ignore: list[str], right: bool) -> None:
    assert score("exact_answer", response, reference, ignore=ignore) == float(right)


SEVERAL_PLACES = """Not SELECT 2.
```sql
SELECT 2
```
<query>SELECT 1</query>
```SQL
SELECT 1
```
It runs SELECT 1."""


@pytest.mark.parametrize(
    "where",
    [
        {"fence": "sql"},
        {"fence": ""},
        {"tag": "query"},
        {"pattern": r"runs (.*)\."},
        {"pattern": r"SELECT \d"},
    ],
)
def test_a_definition_says_where_the_answer_stands_and_the_last_one_counts(where: Any) -> None:
    assert score("exact_answer", SEVERAL_PLACES, "SELECT 1", answer=where) == 1.0
    assert score("exact_answer", SEVERAL_PLACES, "SELECT 2", answer=where) == 0.0


@pytest.mark.parametrize("where", [{"fence": "sql"}, {"tag": "query"}, {"pattern": r"runs (.*)\."}])
def test_without_the_place_there_is_no_answer(where: Any) -> None:
    assert score("exact_answer", "SELECT 1", "SELECT 1", answer=where) == 0.0


def test_a_pattern_for_the_answer_that_cannot_be_used_is_refused() -> None:
    with pytest.raises(ValueError, match=r"answer\.pattern: '\(' does not compile"):
        check("exact_answer", answer={"pattern": "("})


@pytest.mark.parametrize("reference", [None, "", " ", [], [None], {"a": "b"}, "!!"])
def test_without_a_reference_an_answer_is_unscored(reference: Any) -> None:
    for name in ("exact_answer", "text_similarity"):
        result = check(name)(rollout("Paris", reference_answer=reference))
        assert isinstance(result, Unscored)
        assert result.reason is Reason.NO_SOURCE


def test_an_answer_of_more_than_100000_characters_is_never_the_reference() -> None:
    assert score("exact_answer", "a" * 100_000, "a" * 100_000) == 1.0
    assert score("exact_answer", "a" * 100_001, "a" * 100_001) == 0.0


# text_similarity


# 2 * shared / (words of the answer + words of the reference)
@pytest.mark.parametrize(
    ("response", "reference", "similarity"),
    [
        ("the cat sat", "The cat sat.", 1.0),
        ("sat the cat", "the cat sat", 1.0),
        ("the cat", "the cat sat", 4 / 5),
        ("the the the", "the cat sat", 2 / 6),
        ("a dog", "the cat", 0.0),
        ("", "the cat", 0.0),
        ("!?", "the cat", 0.0),
        ("the cat " * 1000, "the cat", 4 / 2002),
        ("the dog", ["a bird", "the cat", "dog"], 2 / 3),
        ("<think>the cat</think>dog", "dog", 1.0),
        ("東京都", "東京", 4 / 5),
    ],
)
def test_similarity_is_the_f1_of_the_words(response: str, reference: Any, similarity: float) -> None:
    assert score("text_similarity", response, reference) == pytest.approx(similarity)


def test_below_the_minimum_similarity_earns_nothing() -> None:
    assert score("text_similarity", "the cat", "the cat sat", min_similarity=0.8) == 0.8
    assert score("text_similarity", "the cat", "the cat sat", min_similarity=0.81) == 0.0


def test_a_text_of_more_than_400000_characters_earns_nothing() -> None:
    assert score("text_similarity", "cat " * 100_000, "cat " * 100_000) == 1.0
    assert score("text_similarity", "cat " * 100_000 + "cat", "cat") == 0.0
