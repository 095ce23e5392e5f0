"""Required and forbidden words, phrases and patterns: one search, counted both ways."""

from typing import Any

import pytest

from reward_fn.types.unscored import Reason, Unscored
from tests.factory import check, rollout, score_of


def required(response: str, metadata: Any = None, **parameters: Any) -> float:
    """The score for what must be there."""
    return score_of(check("required_content", **parameters), rollout(response, metadata=metadata))


def forbidden(response: str, metadata: Any = None, **parameters: Any) -> float:
    """The score for what must not be there."""
    return score_of(check("forbidden_content", **parameters), rollout(response, metadata=metadata))


@pytest.mark.parametrize(
    ("text", "phrase", "there"),
    [
        ("the cap", "cap", True),
        ("(Cap)", "cap", True),
        ("cap, escape", "cap", True),
        ("escape", "cap", False),
        ("caps", "cap", False),
        ("escape caps cap-it", "cap", True),
        ("force\n majeure", "Force Majeure", True),
        ("I can’t — ever", "i can't - ever", True),
        ("ca\u200bp", "cap", True),
        ("ＣＡＰ", "cap", True),
        ("at 3.5 % now", "3.5 %", True),
        ("at 13.5 % now", "3.5 %", False),
        ("C++ code", "c++", True),
        ("我们禁止转让", "禁止", True),
        ("ห้ามโอน", "โอน", True),
        ("Straße", "STRASSE", True),
        ("", "cap", False),
        ("cap" * 10, "cap", False),
        ("the **cap** on it", "the cap on it", True),
        ("a [cap](https://x.io/y) on it", "a cap on it", True),
        ("> the `cap`", "the cap", True),
        ("li-\nability", "liability", True),
        ("a long-\nterm cap", "long-term", True),
        ("2**10 is a cap", "210", False),
        ("snake_case", "snake_case", True),
        ("계약서에는", "계약서", True),
        ("계약서류함", "계약서", False),
        ("ובחוזה כתוב", "חוזה", True),
        ("כלאב", "אב", False),
        ("بالعقد", "عقد", True),
        ("للشركة", "الشركة", True),
        ("مُتَعاقِد", "عقد", False),
        ("العَقْدُ", "العقد", True),
        ("តាមកិច្ចសន្យា", "កិច្ចសន្យា", True),
    ],
)
def test_a_phrase_stands_there_as_whole_words_however_it_is_written(
    text: str, phrase: str, there: bool
) -> None:
    assert required(text, phrases=[phrase]) == float(there)
    assert forbidden(text, phrases=[phrase]) == float(not there)


def test_case_counts_where_the_definition_says_so() -> None:
    assert required("The Cap", phrases=["cap"], match_case=True) == 0.0
    assert required("The cap", phrases=["cap"], match_case=True) == 1.0
    assert required("The Cap’s", phrases=["Cap's"], match_case=True) == 1.0
    assert required("DAYS", patterns=["days"], match_case=True) == 0.0
    assert required("DAYS", patterns=["days"]) == 1.0


@pytest.mark.parametrize(
    ("text", "where", "there"),
    [
        ("Dear Ann, hello", "start", True),
        ("\n**Dear Ann**, hello", "start", True),
        ("Oh Dear Ann", "start", False),
        ("Dear Anna", "start", False),
        ("Goodbye, dear Ann", "end", True),
        ('Goodbye, "dear Ann"\n', "end", True),
        ("Goodbye, dear Ann!", "end", False),
        ("Goodbye, endear Ann", "end", False),
        ("My dear Ann, hello", "anywhere", True),
    ],
)
def test_where_a_phrase_must_stand_can_be_said(text: str, where: str, there: bool) -> None:
    assert required(text, phrases=["dear Ann"], where=where) == float(there)


@pytest.mark.parametrize(("where", "there"), [("start", 1.0), ("end", 0.0), ("anywhere", 1.0)])
def test_a_pattern_keeps_to_the_place_with_all_its_alternatives(where: str, there: float) -> None:
    assert required(" one two ", patterns=["zero|one"], where=where) == there


def test_the_share_of_what_is_there_is_the_score() -> None:
    assert required("one two", phrases=["one", "two", "three"], patterns=[r"\d"]) == 0.5


def test_any_one_will_do_where_the_definition_says_so() -> None:
    assert required("one", phrases=["one", "two"], need="any") == 1.0
    assert required("three", phrases=["one", "two"], need="any") == 0.0


def test_one_forbidden_thing_is_enough() -> None:
    assert forbidden("one", phrases=["one", "two", "three"]) == 0.0
    assert forbidden("four", phrases=["one", "two", "three"], patterns=[r"\d"]) == 1.0
    assert forbidden("4", phrases=["one", "two", "three"], patterns=[r"\d"]) == 0.0


SOURCES = ["metadata.none", "metadata.terms"]


@pytest.mark.parametrize(
    ("terms", "there"),
    [
        ("one", 1.0),
        (["one", "two"], 0.5),
        ([], 1.0),
        ("", 1.0),
        ([None, {}, " "], 1.0),
        ([1], 1.0),
        (["\u200b"], 1.0),
    ],
)
def test_a_row_brings_its_own_phrases(terms: Any, there: float) -> None:
    assert required("one 1", {"terms": terms}, phrases_from=SOURCES) == there


def test_a_rows_phrases_add_to_those_of_the_definition() -> None:
    assert required("one", {"terms": ["two"]}, phrases=["one"], phrases_from=SOURCES) == 0.5
    assert forbidden("two", {"terms": ["two"]}, phrases=["one"], phrases_from=SOURCES) == 0.0


@pytest.mark.parametrize("metadata", [{}, {"terms": None}, {"terms": {"a": 1}}, {"terms": 5}])
@pytest.mark.parametrize("name", ["required_content", "forbidden_content"])
def test_a_row_that_brings_no_phrases_is_unscored(name: str, metadata: Any) -> None:
    result = check(name, phrases_from=SOURCES, phrases=["one"])(rollout("one", metadata=metadata))
    assert isinstance(result, Unscored)
    assert result.reason is Reason.NO_SOURCE


def test_thoughts_are_searched_in_the_whole_response_alone() -> None:
    text = "<think>one</think>two"
    assert required(text, phrases=["one"]) == 0.0
    assert required(text, phrases=["one"], of="response") == 1.0
    assert forbidden(text, phrases=["one"]) == 1.0
    assert forbidden(text, phrases=["one"], of="response") == 0.0


# 400,001 characters are too many for phrases, 100,001 for patterns; "(a+)+$" never gets done with its bait.
@pytest.mark.parametrize(
    ("text", "parameters"),
    [
        ("cap " * 100_000 + "x.", {"phrases": ["cap"]}),
        ("cap " * 25_000 + "x.", {"patterns": ["cap"]}),
        ("a" * 1000 + "!", {"patterns": ["(a+)+$"]}),
    ],
)
def test_what_cannot_be_decided_counts_against_the_text(text: str, parameters: Any) -> None:
    assert required(text, **parameters) == 0.0
    assert forbidden(text, **parameters) == 0.0


@pytest.mark.parametrize("name", ["required_content", "forbidden_content"])
@pytest.mark.parametrize(
    ("parameters", "complaint"),
    [
        ({}, "set phrases, patterns or phrases_from"),
        ({"where": "start"}, "set phrases, patterns or phrases_from"),
        ({"phrases": ["a", "\u200b"]}, r"phrases\[1\]: has no visible character"),
        ({"patterns": ["a", "["]}, r"patterns\[1\]: '\[' does not compile"),
        ({"patterns": ["(a|a)*$"]}, r"patterns\[0\]: .* backtracks"),
    ],
)
def test_what_cannot_be_looked_for_is_refused_at_load(name: str, parameters: Any, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        check(name, **parameters)
