"""Whether a quote stands in a text."""

import pytest

from reward_fn.text.quotes import (
    MAX_CHARS,
    MAX_GAP_CHARS,
    MIN_CHARS,
    find_quote,
    quote_stands_in,
    share_a_passage,
)
from tests.guard import bounded_cpu

SOURCE = """3.1 The Supplier’s liability under this Agreement shall be unlimited
in respect of “Consequential Loss” – however it arises.

3.2 Fees are due within ninety (90) days of the invoice. Late payment bears interest at 2 % a month."""


@pytest.mark.parametrize(
    "quote",
    [
        "Fees are due within ninety (90) days of the invoice.",
        "fees ARE due   within\nninety (90) days",
        "The Supplier's liability under this Agreement",
        "The Supplier’s liability under this Agreement",
        "liability under this Agreement shall be unlimited in respect of",
        'unlimited in respect of "Consequential Loss" - however it arises',
        "unlimited in respect of «Consequential Loss» — however it arises",
        "“Fees are due within ninety (90) days”",
        '"Fees are due within ninety (90) days."',
        "'Fees are due within ninety (90) days',",
        "[Fees are due within ninety (90) days]",
        "Fees are due\u200b within ninety",
        "(90) days of the invoice. Late payment",
    ],
)
def test_white_space_quotation_marks_dashes_and_case_do_not_count(quote: str) -> None:
    assert quote_stands_in(quote, SOURCE)


@pytest.mark.parametrize(
    "quote",
    [
        "Fees are due … of the invoice",
        "Fees are due ... of the invoice",
        "Fees are due [...] of the invoice",
        "Fees are due […] of the invoice",
        "Fees are due . . . of the invoice",
        "… Fees are due within ninety …",
        "The Supplier's liability ... Fees are due ... bears interest at 2 %",
        "The Supplier's liability...shall be unlimited",
    ],
)
def test_ellipses_join_parts_that_follow_one_another(quote: str) -> None:
    assert quote_stands_in(quote, SOURCE)


@pytest.mark.parametrize(
    "quote",
    [
        "of the invoice … Fees are due",
        "Fees are due within … The Supplier’s liability",
        "Late payment ... ninety (90) days",
        "Fees are due ... Fees are due",  # once in the text, so not twice in a row
        "within ninety (90) … ninety (90) days",  # overlapping parts do not follow one another
    ],
)
def test_parts_out_of_order_are_no_quote(quote: str) -> None:
    assert not quote_stands_in(quote, SOURCE)


@pytest.mark.parametrize(
    "quote",
    [
        "Fees are due within thirty (30) days of the invoice.",
        "Fees are not due within ninety (90) days",
        "Fees are due within ninety days",
        "Fees are due within (90) days",
        "the supplier shall indemnify the customer",
        "Fees are due ... of the delivery note",
        "Fees are due .. of the invoice",
    ],
)
def test_a_changed_word_is_no_quote(quote: str) -> None:
    assert not quote_stands_in(quote, SOURCE)


@pytest.mark.parametrize(
    "quote",
    [
        "",
        " ",
        "…",
        "...",
        "\u200b" * 20,
        ".,;:'\"()[]" * 3,
        "the",
        "of the",
        "invoice.",
        "the … of … a",
        "due … the",
    ],
)
def test_too_little_is_no_quote_though_it_stands_there(quote: str) -> None:
    assert not quote_stands_in(quote, SOURCE)


def test_the_shortest_quote_has_sixteen_characters_after_folding() -> None:
    assert MIN_CHARS == 16
    assert quote_stands_in("invoice. late payment bears", SOURCE)
    assert quote_stands_in("of the “invoice.”  Late", SOURCE) is False  # the quotation marks are not there
    assert quote_stands_in("are due within ninety", SOURCE)
    assert quote_stands_in("bears interest at", SOURCE)  # 5 + 1 + 8 + 1 + 2 = 17
    assert not quote_stands_in("interest at 2 %", SOURCE)  # 8 + 1 + 2 + 1 + 1 + 1 + 1 = 15


@pytest.mark.parametrize(
    "cut", ["ees are due within ninety", "Fees are due within nine", "oice. Late payment bear"]
)
def test_a_quote_is_not_cut_out_of_longer_words(cut: str) -> None:
    assert not quote_stands_in(cut, SOURCE)


def test_scripts_without_spaces_have_no_words_to_cut() -> None:
    source = "本契約に基づく供給者の責任は、いかなる場合も無制限とする。"
    assert quote_stands_in("供給者の責任は、いかなる場合も無制限", source)


CHINESE = "第一条 本合同有效期为三年，自签署之日起计算。第二条 甲方应当在三十日内支付全部费用。"
JAPANESE = "第一条　本契約の期間は三年とする。第二条　甲は三十日以内に代金を支払うものとする。"


@pytest.mark.parametrize(
    ("quote", "source"),
    [
        ("本合同有效期为三年", CHINESE),  # 9 characters, 9 * 3 = 27 >= 16
        ("甲方应当在三十日内支付全部费用", CHINESE),
        ("甲方应当在三十日内支付全部费用。", CHINESE),
        ("“本合同有效期为三年。”", CHINESE),  # its own end in place of the comma
        ("「本合同有效期为三年」", CHINESE),
        ("有效期为三年", CHINESE),  # 6 * 3 = 18
        ("本合同有效期为三年……甲方应当在三十日内", CHINESE),
        ("应当在三十 ... 支付全部费用", CHINESE),  # 5 * 3 = 15 and 6 * 3 = 18, both >= 12
        ("本契約の期間は三年とする", JAPANESE),
        ("代金を支払うもの", JAPANESE),
        ("대금은 30일 이내", "갑은 대금은 30일 이내 지급한다."),  # 6 * 3 + 4 others = 22
    ],
)
def test_a_clause_of_few_characters_is_a_quote_where_a_character_is_a_syllable_or_a_word(
    quote: str, source: str
) -> None:
    assert quote_stands_in(quote, source)


@pytest.mark.parametrize(
    "quote", ["期为三年。", "三年", "三十日内支", "三年……三十日内支付", "日内……支付全部费用"]
)
def test_fewer_are_too_little_there_too(quote: str) -> None:
    # 4 * 3 and 5 * 3 are less than 16; parts of 2 * 3 less than 12
    assert not quote_stands_in(quote, CHINESE)


def test_letters_of_other_alphabets_count_as_one() -> None:
    clause = "\u0441\u0440\u043e\u043a \u0434\u0432\u0430 \u0433\u043e\u0434\u0430"  # 4 + 1 + 3 + 1 + 4 = 13
    assert not quote_stands_in(clause, f"{clause}, {clause}")
    assert quote_stands_in(f"{clause}, {clause}", f"{clause}, {clause}")


def test_a_short_passage_in_chinese_is_shared() -> None:
    assert share_a_passage("本合同有效期为三年", CHINESE)
    assert not share_a_passage("三年", CHINESE)


def test_each_part_between_ellipses_is_long_enough_to_say_something() -> None:
    # "fees are due" has 12 characters, "fees are" 8
    assert quote_stands_in("Fees are due … days of the invoice", SOURCE)
    assert not quote_stands_in("Fees are … days of the invoice", SOURCE)


def test_an_ellipsis_leaves_out_a_passage_and_not_a_page() -> None:
    for gap, stands in ((MAX_GAP_CHARS - 2, True), (MAX_GAP_CHARS, False)):
        source = f"The Vendor shall {'x' * gap} be liable for the loss"
        assert quote_stands_in("The Vendor shall … be liable for the loss", source) is stands


def test_the_shortest_length_can_be_set() -> None:
    assert quote_stands_in("ninety", SOURCE, min_chars=6)
    assert not quote_stands_in("ninety", SOURCE, min_chars=7)
    assert not quote_stands_in("", SOURCE, min_chars=1)


def test_the_shortest_length_counts_the_letters_of_all_parts_and_not_what_joins_them() -> None:
    quote = "Fees are due … days of the invoice"  # 12 + 19 characters
    assert quote_stands_in(quote, SOURCE, min_chars=31)
    assert not quote_stands_in(quote, SOURCE, min_chars=32)


def test_a_quote_of_the_usual_length_has_three_words_and_a_shorter_one_may_have_one() -> None:
    source = "It excludes consequential losses, and nothing else."
    assert not quote_stands_in("consequential losses", source, min_chars=MIN_CHARS)
    assert quote_stands_in("consequential losses", source, min_chars=MIN_CHARS - 1)


def test_the_longest_quote_that_is_looked_for_has_twenty_thousand_characters() -> None:
    source = "word " * MAX_CHARS
    assert find_quote("word " * 4_000, source) == (0, 4 * 4_000)
    assert find_quote("word " * 4_000 + "word", source) is None


def test_nothing_stands_in_an_empty_source() -> None:
    assert not quote_stands_in("Fees are due within ninety", "")


def test_a_quote_as_long_as_the_bound_is_found_and_a_longer_one_is_not() -> None:
    source = "word " * MAX_CHARS
    assert quote_stands_in(source[: MAX_CHARS - 1], source)
    assert not quote_stands_in(source[: MAX_CHARS + 1], source)


HOSTILE = {
    "a very long quote": ("x" * 5_000_000, SOURCE),
    "many ellipses": ("abcd…" * 4000, "abcd " * 200_000),
    "dots": ("." * MAX_CHARS, SOURCE),
    "dots and spaces": (". " * (MAX_CHARS // 2), SOURCE),
    "opening brackets": ("[ " * (MAX_CHARS // 2), SOURCE),
    "periodic": ("ab" * 9_999 + "c", "ab" * 500_000),
    "spaces": (" " * MAX_CHARS, " " * 2_000_000),
    "surrogates and NULs": ("\ud800\x00" * 5000, "\ud800\x00" * 100_000),
    "marks out of order in the quote": ("a" + "\u0301" * 9_999 + "\u0327" * 9_999, SOURCE),
    "marks out of order in the source": ("fees are due", "a" + "\u0301" * 40_000 + "\u0327" * 40_000),
}


@pytest.mark.parametrize(("quote", "source"), HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_text_is_compared_in_bounded_time(quote: str, source: str) -> None:
    with bounded_cpu():
        assert quote_stands_in(quote, source) in {True, False}


# Quotes that prove nothing

FORM = (
    """Signed: ____________________   Date: ____________________
| --- | --- | --- | --- |
The Supplier shall not be liable for lost profits. The Customer may never assign this contract.
- - - - - - - - - - - - - - - -
"""
    + "of the Customer and by the Supplier, in accordance with the law. " * 8
)


@pytest.mark.parametrize(
    "quote",
    [
        "____________________",
        "| --- | --- | --- | --- |",
        "- - - - - - - - - - - - - - - -",
        "Signed: ____________________",
    ],
)
def test_lines_and_rules_without_three_words_are_no_quote(quote: str) -> None:
    assert quote in FORM
    assert not quote_stands_in(quote, FORM)


@pytest.mark.parametrize(
    ("whole", "cut"),
    [
        ("The Supplier shall not be liable for", "The Supplier shall … be liable for lost profits"),
        ("The Customer may never assign", "The Customer may … assign this contract"),
    ],
)
def test_an_ellipsis_may_not_stand_for_a_negation(whole: str, cut: str) -> None:
    assert quote_stands_in(whole, FORM)
    assert not quote_stands_in(cut, FORM)


LIABLE = (
    "The supplier shall be, save as set out in clause 12 below and in its annex, {} liable for all damages"
)
DUTY = "Where the law of the place asks for it, the supplier {} liability for all damages"


@pytest.mark.parametrize(
    ("source", "left_out"),
    [
        (LIABLE, "in no event and under no circumstances whatever"),
        (LIABLE, "unless the customer has waived this, fully"),
        (LIABLE, "except for delays,"),
        (LIABLE, "neither jointly nor severally"),
        (LIABLE, "hardly ever"),
        (LIABLE, "as nobody doubts, never"),
        *((DUTY, f"{verb} accept") for verb in ("doesn't", "won’t", "shan't", "cannot", "refuses to")),
        *(
            (DUTY, f"{verb} accept")
            for verb in ("refused to", "will refuse to", "does not in any case at all")
        ),
    ],
)
def test_what_is_left_out_within_a_sentence_holds_no_negation_however_long_it_is(
    source: str, left_out: str
) -> None:
    first = "The supplier shall be" if source == LIABLE else "Where the law of the place"
    last = source.split("{} ")[1]
    assert quote_stands_in(f"{first} … {last}", source.format("jointly and severally"))
    assert not quote_stands_in(f"{first} … {last}", source.format(left_out))


SENTENCES = """The rent is due on the first of each month. No interest is owed before a reminder was sent,
and the landlord may not send one before the tenth; the tenant isn't in default until then! The deposit is
two rents, unless both parties agree otherwise in writing. It is paid back within six months."""


@pytest.mark.parametrize(
    "quote",
    [
        "The rent is due on the first of each month ... The deposit is two rents",
        "The rent is due on the first of each month. [...] The deposit is two rents",
        "The rent is due on the first of each month … the tenant isn't in default",
        "No interest is owed before a reminder was sent, … not send one … The deposit is two rents",
    ],
)
def test_whole_sentences_may_be_left_out_whatever_they_say(quote: str) -> None:
    assert quote_stands_in(quote, SENTENCES)


@pytest.mark.parametrize(
    "quote",
    [
        "The rent is due on the first \u2026 interest is owed before a reminder",  # no interest
        "The rent is due on the first \u2026 in default until then!",  # the tenant isn't
        "before a reminder was sent \u2026 send one before the tenth",  # the landlord may not
    ],
)
def test_a_negation_before_the_rest_of_its_sentence_is_not_left_out(quote: str) -> None:
    assert not quote_stands_in(quote, SENTENCES)


@pytest.mark.parametrize(
    "quote",
    [
        "interest is owed before a reminder was sent ... The deposit is two rents",  # the landlord may not
        "The deposit is two rents ... It is paid back within six months",  # unless both agree
    ],
)
def test_the_end_of_a_quoted_sentence_may_be_left_out_as_any_quote_may_end_there(quote: str) -> None:
    assert quote_stands_in(quote, SENTENCES)


def test_points_inside_a_sentence_hide_no_negation() -> None:
    source = (
        "The supplier shall be, in no event but that of sec. 12 and art. 5.4 et seq., liable for all damages"
    )
    assert not quote_stands_in("The supplier shall be \u2026 liable for all damages", source)


def test_a_negation_in_chinese_counts_too() -> None:
    source = "供应商在任何情况下对于间接损失均{}承担赔偿责任和其他违约责任。"
    quote = "供应商在任何情况下对于间接损失均……承担赔偿责任和其他违约责任"
    assert quote_stands_in(quote, source.format("应当"))
    assert not quote_stands_in(quote, source.format("不"))


def test_a_quote_of_more_parts_than_six_is_a_collage() -> None:
    parts = ["of the Customer and", "by the Supplier, in"] * 4
    assert quote_stands_in(" … ".join(parts[:6]), FORM)
    assert not quote_stands_in(" … ".join(parts[:7]), FORM)


@pytest.mark.parametrize("quote", ["of … the", "the Supplier … law", "in the … of the"])
def test_scraps_around_an_ellipsis_are_no_quote(quote: str) -> None:
    assert not quote_stands_in(quote, FORM)


def test_letters_of_another_alphabet_that_look_the_same_are_no_quote() -> None:
    assert quote_stands_in("The Customer may never assign", FORM)
    assert not quote_stands_in("The Customer m\u0430y never assign", FORM)


NEGATIONS = """
not no never nor neither none nobody nothing without cannot unless except hardly scarcely barely
refuse refuses refused don't doesn't didn't won't wouldn't shan't shouldn't can't couldn't isn't aren't
wasn't weren't hasn't haven't hadn't mustn't needn't nicht kein keine keinen keiner nie ohne ne pas
jamais sans non nunca sin mai senza niet geen inte ikke n\u00e3o sem bez
""".split()


@pytest.mark.parametrize("word", NEGATIONS)
def test_an_ellipsis_may_stand_for_no_negation(word: str) -> None:
    source = "The supplier shall in this case {} be liable for all damages"
    quote = "The supplier shall in \u2026 be liable for all damages"
    assert quote_stands_in(quote, source.format("surely"))
    assert not quote_stands_in(quote, source.format(word))


@pytest.mark.parametrize("sign", ["\u4e0d", "\u672a", "\u52ff", "\u65e0", "\u6ca1", "\u6c92"])
def test_nor_for_one_in_chinese(sign: str) -> None:
    source = (
        "\u4f9b\u5e94\u5546\u5728\u4efb\u4f55\u60c5\u51b5\u4e0b{}\u627f\u62c5\u8d54\u507f\u8d23\u4efb\u3002"
    )
    quote = "\u4f9b\u5e94\u5546\u5728\u4efb\u4f55\u2026\u2026\u627f\u62c5\u8d54\u507f\u8d23\u4efb"
    assert quote_stands_in(quote, source.format("\u5747"))
    assert not quote_stands_in(quote, source.format(sign))


@pytest.mark.parametrize(
    "limit",
    [
        "no less than",
        "no fewer than",
        "not more than",
        "no later than",
        "not longer than",
        "not only",
        "not to exceed",
    ],
)
def test_a_limit_is_no_negation(limit: str) -> None:
    source = f"The fee shall in each case {limit} ten dollars be paid by the customer"
    assert quote_stands_in("The fee shall in each \u2026 be paid by the customer", source)


@pytest.mark.parametrize(("gap", "stands"), [(40, False), (41, True)])
def test_in_a_short_gap_a_negation_of_an_earlier_sentence_counts_too(gap: int, stands: bool) -> None:
    # The gap between the two parts: ": not " and letters, a full stop and a space. 40 characters are short.
    left_out = " not " + "x" * (gap - 7) + ". "
    assert len(left_out) == gap
    source = f"The deposit is two rents{left_out}It is paid back within six months"
    assert (
        quote_stands_in("The deposit is two rents \u2026 It is paid back within six months", source) is stands
    )


def test_a_quote_is_found_where_it_stands_in_letters() -> None:
    # "Dear Sir, " has 7 letters, "fees are due within" 4 + 3 + 3 + 6 = 16, "of the invoice" 2 + 3 + 7 = 12.
    source = "Dear Sir, fees are due within 90 days of the invoice."
    assert find_quote("fees are due within", source) == (7, 23)
    assert find_quote("Dear Sir, fees are due", source) == (0, 17)
    # With an ellipsis from the first part to the end of the last, the 4 letters of "days" among them.
    assert find_quote("fees are due within \u2026 of the invoice", source) == (7, 39)
    assert find_quote("fees are not due within", source) is None


@pytest.mark.parametrize("quote", ["Fees are due within", "interest at 2 % a month."])
def test_a_quote_may_be_the_first_or_the_last_words_of_a_source(quote: str) -> None:
    source = "Fees are due within ninety days, and late payment bears interest at 2 % a month."
    assert quote_stands_in(quote, source)
    assert find_quote(quote, source) is not None


def test_a_quote_is_found_at_its_second_place_if_the_first_cuts_a_word() -> None:
    source = "Refees are due within ninety; fees are due within sixty"
    # "Refees" 6, "are" 3, "due" 3, "within" 6, "ninety" 6: 24 letters stand before.
    assert find_quote("fees are due within", source) == (24, 40)
    assert find_quote("aaa bbb ccc ddd eee", "xaaa bbb ccc ddd eee") is None
    assert find_quote("aaa bbb ccc ddd eee", "aaa bbb ccc ddd eeex") is None, "also at the very start"


@pytest.mark.parametrize(
    "quote", ["  fees are due within  ", "\u201cfees are due within\u201d.", "(fees are due within);"]
)
def test_spaces_and_signs_around_a_quote_are_stripped(quote: str) -> None:
    assert quote_stands_in(quote, "Dear Sir, fees are due within 90 days.")


@pytest.mark.parametrize(("count", "shared"), [(3, False), (4, True)])
def test_four_words_are_shared_and_three_are_not(count: int, shared: bool) -> None:
    words = ["liability", "insurance", "indemnity", "arbitration"][:count]
    one, other = " ".join(["before", *words, "after"]), " ".join(["former", *words, "latter"])
    assert share_a_passage(one, other) is shared


# Quotes that belong together

PASSAGE = "Fees are due within ninety (90) days of the invoice. Late payment bears interest at 2 % a month."


@pytest.mark.parametrize(
    "quote",
    [
        "Fees are due within ninety (90) days",
        "“bears interest at 2 %”",
        "invoice. Late payment bears interest at 2 % a month, compounded.",
        PASSAGE + " And more.",
        "FEES  are due\u200b within",
    ],
)
def test_four_words_in_a_row_are_a_shared_passage(quote: str) -> None:
    assert share_a_passage(quote, PASSAGE)
    assert share_a_passage(PASSAGE, quote)


@pytest.mark.parametrize(
    "quote",
    [
        "",
        "due",
        "within ninety",
        "Fees are not due within days",
        "Each party bears its own costs of the suit.",
    ],
)
def test_less_is_none(quote: str) -> None:
    assert not share_a_passage(quote, PASSAGE)
    assert not share_a_passage(PASSAGE, quote)


def test_the_shorter_text_is_sought_in_the_longer_one_whichever_comes_first() -> None:
    short, long = "Contractual obligations remain", "and contractual obligations remain here"
    assert share_a_passage(long, short)
    assert share_a_passage(short, long)


def test_a_part_is_found_at_the_first_place_where_it_stands_in_whole_words() -> None:
    source = "Overdue payments bear a fee. Due payments bear interest monthly. Due payments bear nothing."
    assert quote_stands_in("due payments bear … interest monthly", source)


def test_a_short_passage_counts_where_it_stands_whole() -> None:
    assert share_a_passage(
        "Haftungsbeschr\u00e4nkung entf\u00e4llt", "Jede Haftungsbeschr\u00e4nkung entf\u00e4llt hiermit."
    )
    assert not share_a_passage(
        "Haftungsbeschr\u00e4nkung bleibt", "Jede Haftungsbeschr\u00e4nkung entf\u00e4llt hiermit."
    )
