"""Which labels a text commits to: letters and words, at a mark of an answer and without one."""

import pytest

from reward_fn.text.choices import HEAD_CHARS, TAIL_CHARS, Choices

WORDS = ("true", "false")


def concluded(text: str, labels: tuple[str, ...] = ("A", "B", "C")) -> set[str]:
    return Choices(labels, {}).concluded_in(text)


def named(span: str, labels: tuple[str, ...] = ("A", "B", "C")) -> set[str]:
    return Choices(labels, {}).named_in(span, marked=True)


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
    assert concluded(text) == labels


@pytest.mark.parametrize(
    ("span", "labels"),
    [
        ("B", {"B"}),
        ("b", {"B"}),
        ("B or C", {"B", "C"}),
        ("B or c", {"B"}),  # a small letter within a sentence is no label
        ("B is C", {"B", "C"}),
        ("A dog", {"A"}),  # after a mark a capital A is no article
        ("Bab", set()),
        ("Look at (B) there", {"B"}),
        ("Look at (b) there", set()),
        ("b IS WRONG", set()),
        ("B isn't it", set()),
        ("B, C are wrong", set()),
        ("B and C are wrong", set()),
        ("B, since A is wrong", {"B"}),
        ("B, since A fits, since C fits", {"B"}),
        ("B. A dog barks", {"B"}),  # in a later sentence it is one
        ('"A river"', set()),  # and within quotation marks
    ],
)
def test_letters_at_a_mark(span: str, labels: set[str]) -> None:
    assert named(span) == labels


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("So I pick C", {"C"}),
        ("so c", set()),
        ("so B needs it", {"B"}),
        ("so A needs it", {"A"}),
        ("选B吧", {"B"}),
        ("the key is C here", set()),
        ("it\u2019s C", {"C"}),
        ("so A is WRONG", set()),
        ("so B\nthus C", {"B", "C"}),
        ("我想答案是B", {"B"}),
        ("A and B are wrong, so C", {"C"}),
        ("A fits here", set()),  # the article
        ("B fits here", {"B"}),
    ],
)
def test_letters_without_a_mark(text: str, labels: set[str]) -> None:
    assert concluded(text) == labels


@pytest.mark.parametrize(
    ("span", "labels"),
    [
        ("TRUE", {"true"}),
        ("true or FALSE", {"true", "false"}),
        ("true is false", {"true"}),
        ("Look at [FALSE] there", {"false"}),
    ],
)
def test_words_at_a_mark(span: str, labels: set[str]) -> None:
    assert named(span, WORDS) == labels


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("So I say TRUE.", {"true"}),
        ("Well, TRUE it is", {"true"}),
        ("TRUE holds", {"true"}),
        ("FALSE: it fails\nmore of it", set()),
        ("so true love wins", set()),  # a word is a label only at the end of what it ends
        ("So I say false", {"false"}),  # which rejects nothing, being a label
        ("The claim is true", {"true"}),
        ("Well, TRUE", {"true"}),
        ("答案是true", {"true"}),
        ("I say TRUE AND no more", {"true"}),
        ("I say true andante", set()),
        ("TRUE: it holds\nmore of it", {"true"}),
        ("Let me see\nTRUE", {"true"}),
        ("true CANNOT be", set()),
        ("So I say true, which is wrong", {"true"}),
    ],
)
def test_words_without_a_mark(text: str, labels: set[str]) -> None:
    assert concluded(text, WORDS) == labels


@pytest.mark.parametrize(
    ("span", "labels", "chosen"),
    [
        ("no info", ("no", "no info"), {"no info"}),  # the longest label that fits
        ("true story, I say", ("true", "true story"), {"true story"}),
        ("No-show", ("no", "No-show"), {"No-show"}),
        ("no doubt remains", ("yes", "no"), set()),
        ("no, it fails", ("yes", "no"), {"no"}),
        ("I", ("I", "II"), {"I"}),
        ("I think it is II", ("I", "II"), {"II"}),
        ("ア", ("ア", "イ"), {"ア"}),
        ("アメリカ", ("ア", "イ"), set()),
    ],
)
def test_a_label_within_a_longer_word_or_that_is_a_word_itself_is_none(
    span: str, labels: tuple[str, ...], chosen: set[str]
) -> None:
    assert named(span, labels) == chosen


def padded(before: int, words: str, length: int) -> str:
    """``words`` at the place ``before`` in a text of that length that says nothing else."""
    text = "w " * (before // 2) + words
    return (text + " w" * length)[:length]


def test_a_text_as_long_as_its_two_ends_is_read_as_it_stands() -> None:
    whole = HEAD_CHARS + TAIL_CHARS
    assert concluded(padded(HEAD_CHARS - 2, "so C", whole)) == {"C"}
    assert concluded(padded(298, "also C", whole - 100)) == set()


def test_of_a_longer_text_the_middle_is_not_read() -> None:
    assert concluded(padded(1_500, "so C", 3_000)) == set()
    assert concluded(padded(100, "so C", 3_000)) == concluded(padded(2_000, "so C", 3_000)) == {"C"}


def test_an_option_is_named_by_its_text() -> None:
    choices = Choices(("A", "B"), {"A": "red wine", "B": "blue ink"})
    assert choices.label_of("Red wine.") == "A"
    assert choices.label_of("It's blue ink, not red") == "B"
    assert choices.label_of("It's red wine. It's blue ink too") is None
    assert choices.label_of("A or B") is None
    assert choices.label_of("A dog") == "A"


def test_an_options_text_may_hold_a_word_that_joins_clauses() -> None:
    choices = Choices(("A", "B"), {"A": "leaving early", "B": "salt so dry"})
    assert choices.label_of("It's leaving early, not late") == "A"
    assert choices.label_of("It's leaving early. It's salt so dry too") is None


@pytest.mark.parametrize(
    "rejection", ["can't", "can\u2019t", "cannot", "can not", "couldn't", "isn't", "doesn't", "wouldn't"]
)
def test_a_label_that_the_text_rejects_in_any_spelling_is_no_choice(rejection: str) -> None:
    assert concluded(f"Let me think.\nB {rejection} be it.\nIt is C") == {"C"}
    assert concluded(f"I looked at all of them and B {rejection} be it") == set()
