"""Exact answers, choices among options, and the words shared with a reference."""

from typing import Any

import pytest

from reward_fn.rubric import Reason, Unscored
from reward_fn.types import CheckResult
from tests.factory import check, rollout

OPTIONS = ["a dog", "Vitamin C", "Plan A", "nothing"]


def score(name: str, response: str, reference: Any, texts: Any = None, **parameters: Any) -> float:
    """What the response earns against the reference."""
    judged = check(name, **parameters)
    result = judged(rollout(response, reference_answer=reference, metadata={"options": texts}))
    assert isinstance(result, CheckResult), result
    assert bool(result.detail) == (result.score < 1)
    return result.score


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


def test_labels_that_are_the_same_but_for_case_are_refused() -> None:
    with pytest.raises(ValueError, match="two of them are the same but for case"):
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
