"""Which labels a text commits to, if it has no mark of an answer."""

import pytest

from reward_fn.text.choices import Choices

LETTERS = Choices("ABC", {})


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("Let me see\nB. *", {"B"}),  # the last line is a label and marks
        ("A) red\nmore of it", {"A"}),  # the first line begins with a label, and no other line does
        ("A) red\nB) blue", set()),  # two lines do
        ("A) is wrong\nmore of it", set()),
    ],
)
def test_a_first_or_last_line_chooses_by_itself(text: str, labels: set[str]) -> None:
    assert LETTERS.concluded_in(text) == labels
