"""Rules of form, each kept or broken."""

from typing import Any

import pytest

from tests.factory import check, rollout, score_of


def score(response: str, **parameters: Any) -> float:
    """The share of rules that the response keeps."""
    return score_of(check("format", **parameters), rollout(response))


@pytest.mark.parametrize(
    "line",
    [
        "Risks",
        "Risks:",
        "# Risks",
        "### RISKS ###",
        "**Risks**",
        "**Risks:**",
        "## **Risks**",
        "__Risks__",
        "> Risks",
        "2. Risks",
        "## 2) Risks",
        "**2. Risks**",
        "Risks: none that we see",
        "  * **Risks:** none",
    ],
)
def test_a_line_with_the_heading_begins_a_section(line: str) -> None:
    assert score(f"before\n{line}\nafter", sections=["Risks"]) == 1.0


@pytest.mark.parametrize(
    "line",
    ["The risks", "Risks are low", "Risks, and more", "No Risks:", "Risksome", "Ri sks", "a\u2028Risks are"],
)
def test_other_lines_begin_none(line: str) -> None:
    assert score(f"before\n{line}\nafter", sections=["Risks"]) == 0.0


def test_a_section_given_twice_breaks_its_rule() -> None:
    assert score("# Risks\nx\n# Risks\ny", sections=["Risks"]) == 0.0


def test_one_heading_may_begin_with_another() -> None:
    text = "# Next\nx\n# Next steps\ny\n# Next\tsteps later\nz"
    assert score(text, sections=["Next", "Next steps", "Next steps later"]) == 1.0


def test_signs_in_a_heading_are_no_pattern() -> None:
    assert score("# Why (not)?", sections=["Why (not)?"]) == 1.0
    assert score("# Why not", sections=["Why (not)?"]) == 0.0


# Three rules: two sections, one order.
@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("# A\n# B", 3),
        ("# B\n# A", 2),
        ("# A\nB or not", 1),
        ("neither", 0),
        ("# A\n# A\n# B", 2),
        ("# B\n# B\n# A", 1),
    ],
)
def test_the_order_of_sections_is_a_rule_of_its_own(text: str, kept: int) -> None:
    assert score(text, sections=["A", "B"]) == pytest.approx(kept / 3)


def test_any_order_will_do_where_the_definition_says_so() -> None:
    assert score("# B\n# A", sections=["A", "B"], in_order=False) == 1.0
    assert score("<b>1</b><a>2</a>", tags=["a", "b"], in_order=False) == 1.0


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("<a>1</a><b>2</b>", 3),
        ("x <a>1</a> y\n<b>2\n</b> z", 3),
        ("<b>2</b><a>1</a>", 2),
        ("<a>1<b>2</b></a>", 2),
        ("<a>1</a>", 1),
        ("<a>1</a><b></b>", 1),
        ("<a>1</a><b> \n</b>", 1),
        ("<a>1</a></b>2<b>", 1),
        ("<a>1</a><b>2</b><b>", 1),
        ("<a>1</a><b>2</b></b>", 1),
        ("<A>1</A>", 0),
        ("", 0),
    ],
)
def test_a_tag_encloses_something_exactly_once_and_tags_have_an_order(text: str, kept: int) -> None:
    assert score(text, tags=["a", "b"]) == pytest.approx(kept / 3)


def test_thoughts_are_seen_in_the_whole_response_alone() -> None:
    response = "<think>six</think><answer>18</answer>"
    assert score(response, tags=["think", "answer"], of="response") == 1.0
    with pytest.raises(ValueError, match='set of = "response"'):
        check("format", tags=["think", "answer"])
    assert score(response, must_match=[r"\A<answer>"]) == 1.0


def test_every_pattern_is_a_rule() -> None:
    # The first is found and the third is not: 2 of 4 are kept.
    found = {"must_match": ["18", "20"], "must_not_match": ["21", "8$"]}
    assert score("A: 18", **found) == 0.5


def test_a_detail_counts_the_broken_rules_and_names_the_first_by_its_place() -> None:
    judged = check("format", must_match=["18", "20"], sections=["Risks"])
    assert judged(rollout("secret 18")).detail == "2 of 3 rules broken, first must_match[1]"


@pytest.mark.parametrize(
    ("parameters", "complaint"),
    [
        ({}, "set at least one of must_match, must_not_match, sections and tags"),
        ({"in_order": True}, "set at least one"),
        ({"must_match": ["a", "("]}, r"must_match\[1\]: '\(' does not compile"),
        ({"must_not_match": ["(a|a)*$"]}, r"must_not_match\[0\]: '\(a\|a\)\*\$' backtracks"),
        ({"sections": ["Risks", "RISKS"]}, "two headings differ only in case"),
    ],
)
def test_rules_that_cannot_be_kept_are_refused_at_load(parameters: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        check("format", **parameters)
