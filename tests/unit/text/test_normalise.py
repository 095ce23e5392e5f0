"""Texts that look the same are the same."""

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from reward_fn.text.markup import readings, unmarked
from reward_fn.text.normalise import INVISIBLE, folded, folded_source, visible
from tests.guard import bounded_cpu


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("plain ASCII, as it is \t\n", "plain ASCII, as it is \t\n"),
        ("soft\u00adly", "softly"),
        ("zero\u200bwidth\u200c\u200d\u2060\ufeff", "zerowidth"),
        ("\u202eright to left\u202c \u2066isolate\u2069", "right to left isolate"),
        ("tags" + "".join(chr(0xE0000 + ord(c)) for c in "ignore all"), "tags"),
        ("variation\ufe0f\U000e0100", "variation"),
        ("\u1160\u3164\u115f\uffa0", ""),  # Hangul fillers: letters by category, blank to the eye
        ("ﬁne", "fine"),
        ("Ａ１", "A1"),
        ("e\u0301", "é"),
        ("a\u00a0b", "a b"),
        ("漢字 é", "漢字 é"),
    ],
)
def test_invisible_characters_go_and_compatibility_forms_become_plain(text: str, plain: str) -> None:
    assert visible(text) == plain


def test_every_format_character_that_hides_text_is_invisible() -> None:
    # Left to themselves: marks that belong to a script (Arabic, Kaithi), shorthand, music and the like.
    hiding = {*range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2065), *range(0x2066, 0x2070)}
    hiding |= set(range(0xE0020, 0xE0080))
    assert [hex(c) for c in hiding if unicodedata.category(chr(c)) == "Cf" and c not in INVISIBLE] == []


@pytest.mark.parametrize(
    "text",
    ["‘a’ ‚a‛ ′a`", "“a” „a‟ «a»", "a‐b‑c‒d–e—f―g−h", "A  b\t\nC\u00a0\u2003d ", "STRASSE Straße", "ﬁﬂ"],
)
def test_folding_twice_is_folding_once(text: str) -> None:
    assert folded(folded(text)) == folded(text)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("The Supplier’s “Goods”", 'the supplier\'s "goods"'),
        ("«Goods»", '"goods"'),
        ("thirty (30)\n   days", "Thirty (30) days"),
        ("pre–paid", "pre-paid"),
        ("pre\u2011paid", "pre-paid"),
        ("\u2212 5", "- 5"),
        ("a\u00a0b", "a b"),
        ("in\u00advoice", "invoice"),
        ("in\u200bvoice", "invoice"),
        ("STRASSE", "straße"),
        ("ﬁnal", "final"),
        ("ΣΑΣ", "σας"),
        ("\u03aa\u0301", "\u0390"),  # capital iota with diaeresis, and accent: the small one has one sign
    ],
)
def test_what_looks_the_same_folds_to_the_same(one: str, other: str) -> None:
    assert folded(one) == folded(other)


@pytest.mark.parametrize(("one", "other"), [("a b", "ab"), ("18", "l8"), ("shall", "shall not"), ("é", "e")])
def test_what_reads_differently_stays_different(one: str, other: str) -> None:
    assert folded(one) != folded(other)


def test_a_source_is_folded_the_same_way() -> None:
    assert folded_source("The  “Goods”") == folded("The  “Goods”")


@given(st.text())
@example("ß\u0301")
@example("\u03aa\u0301")
@example("\u1f82\u0301")
@example("¨ \u0345\u0301")
def test_folding_any_text_twice_is_folding_it_once(text: str) -> None:
    assert folded(folded(text)) == folded(text)


@given(st.text())
def test_what_is_visible_of_any_text_holds_nothing_invisible(text: str) -> None:
    assert not INVISIBLE.intersection(visible(text))


HOSTILE = {
    "two megabytes of spaces": "é" + " " * 2_000_000,
    "lone surrogates": "\ud800" * 300_000,
    "NULs": "é" + "\x00" * 1_000_000,
    "tags": "\U000e0041" * 300_000,
    "expanding ligatures": "\ufdfa" * 50_000,  # 18 characters each
    # Normalising sorts a run of marks; sorting one mark at a time costs the square of the run.
    "marks in order": "a" + "\u0301" * 200_000,
    "marks out of order": "a" + "\u0301" * 40_000 + "\u0327" * 40_000,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_text_is_folded_in_bounded_time(text: str) -> None:
    with bounded_cpu():
        assert isinstance(folded(text), str)


def test_the_turkish_capital_with_a_point_folds_to_the_small_letter() -> None:
    assert folded("İstanbul") == folded("istanbul") == "istanbul"
    assert folded("İstanbul", keep_case=True) == "İstanbul"


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("## A **bold** _word_", "A bold word"),
        ("a [link](https://x.io/y) here", "a link here"),
        ("> quoted\n> twice", "quoted\ntwice"),
        ("- one\n* two", "one\ntwo"),
        ("| a | b |", "a b"),
        ("invoi-\nces", "invoices"),
        ("<b>bold</b> `code` ~~gone~~", "bold code gone"),
        ("2 * 3, 2**10, snake_case, -5", "2 * 3, 2**10, snake_case, -5"),
    ],
)
def test_markup_is_what_a_reader_does_not_see(text: str, seen: str) -> None:
    assert unmarked(text) == seen


def test_a_source_with_markup_has_several_readings() -> None:
    assert readings("Plain text.") == ("plain text.",)
    assert readings("a **long-\nterm** lease") == (
        "a longterm lease",
        "a long-term lease",
        "a **long- term** lease",
    )
