"""No character of a rollout steers the terminal or hides."""

import pytest

from rewardctl.labels.visible_text import MAX_CHARS, visible


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain\nlines", "plain\nlines"),
        ("a\tb", "a    b"),
        ("\x1b[2Jgone\x07", "\u241b[2Jgone\u2407"),
        ("one\rtwo", "one\u240dtwo"),
        ("one\r\ntwo", "one\ntwo"),
        ("\u202eabc\u2066", "⟨U+202E⟩abc⟨U+2066⟩"),
        ("\x9b31m", "⟨U+009B⟩31m"),
        ("\x7f", "⟨U+007F⟩"),
        ("zero\u200bwidth", "zero⟨U+200B⟩width"),
        ("tag\U000e0041", "tag⟨U+E0041⟩"),
        ("\ud800", "⟨U+D800⟩"),
        ("caf\u00e9 \u4e2d\u6587 \u05d0", "caf\u00e9 \u4e2d\u6587 \u05d0"),
        ("\U0001f469\u200d\U0001f52c", "\U0001f469\u200d\U0001f52c"),
        ("[bold]x[/bold]", "[bold]x[/bold]"),
    ],
)
def test_invisible_characters_are_shown_by_their_code(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_a_very_long_text_is_cut_and_says_so() -> None:
    shown = visible("x" * (MAX_CHARS + 1234))
    assert shown == "x" * MAX_CHARS + "\n[… 1,234 more characters are not shown]"
    assert visible("x" * MAX_CHARS) == "x" * MAX_CHARS
