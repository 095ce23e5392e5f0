"""What repeats itself, as shares worked out by hand."""

import json
from typing import Any

import pytest

from tests.factory import check, rollout, score_of

ALL = {"free_share": 0.0, "zero_share": 1.0}
"""The score is then 1 less the share that repeats."""


def score(response: Any, **parameters: Any) -> float:
    """What a response earns; anything but a text is written as JSON."""
    text = response if isinstance(response, str) else json.dumps(response)
    return score_of(check("repetition", **parameters), rollout(text))


# n words have n - 1 pairs; what counts is how many of these stood there before.
@pytest.mark.parametrize(
    ("text", "repeated"),
    [
        ("a b c d e", 0),
        ("a b a b a b", 3 / 5),  # ab ba | ab ba ab
        ("A b. a, B!", 1 / 3),  # ab ba | ab
        ("a b\u200b a b", 1 / 3),
        ("a", 0),
        ("", 0),
        ("?! ... --", 0),
        ("東京東京東京", 2 / 4),  # two words are 3 characters of Han: four sequences, two of them new
    ],
)
def test_pairs_of_words_that_stood_there_before_repeat(text: str, repeated: float) -> None:
    assert score(text, words=2, **ALL) == pytest.approx(1 - repeated)


def test_up_to_the_free_share_it_costs_nothing_and_from_the_zero_share_on_all() -> None:
    # 3 of 5 pairs repeat: 0.6; between 0.5 and 0.9 three quarters are left.
    text = "a b a b a b"
    assert score(text, words=2, free_share=0.6, zero_share=0.7) == 1.0
    assert score(text, words=2, free_share=0.5, zero_share=0.9) == pytest.approx(0.75)
    assert score(text, words=2, free_share=0.1, zero_share=0.6) == 0.0


def test_a_long_word_is_read_in_pieces_so_that_a_loop_without_spaces_is_found() -> None:
    assert score("ha" * 500) == 0.0
    assert score("abc" * 500) == 0.0
    assert score("Donaudampfschifffahrtsgesellschaft ist ein langes Wort") == 1.0


WEEK = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@pytest.mark.parametrize(
    "text",
    [
        "\n".join(f"{day}: 10:00 to 12:00 at the desk, 14:00 to 18:00 at the desk" for day in WEEK),
        " ".join(f"On {day} the office opens at nine and closes at five." for day in WEEK),
        "\n".join(f"| {word} | No | No | Yes |" for word in "export import audit search backup".split()),
        "\n".join(f"ALTER TABLE users ADD COLUMN {day} TEXT NOT NULL DEFAULT '';" for day in WEEK),
        "\n".join(f"Week {i}: run five miles and rest on Sunday" for i in range(1, 12)),
    ],
)
def test_lines_with_one_frame_repeat_because_the_task_does(text: str) -> None:
    assert score(text) == 1.0


@pytest.mark.parametrize(
    ("line", "count", "earned"),
    [
        ("Open the door and wait", 7, 1.0),  # six old lines in a row are free
        ("Open the door and wait", 8, 0.0),
        ("Open the left door on the second floor and wait there", 3, 0.0),  # a sentence counts at once: 2/3
        ("Yes.", 7, 1.0),
        ("Yes.", 30, 0.0),
    ],
)
def test_old_lines_in_a_row_are_a_loop(line: str, count: int, earned: float) -> None:
    assert score("\n".join([line] * count)) == earned


def test_lines_that_only_count_on_are_a_loop_from_the_thirteenth_on() -> None:
    # of 40 lines the first is new and twelve are free: 27/40 repeat
    text = "\n".join(f"Day {i}: I get up, go to work, come home and go to sleep." for i in range(1, 41))
    assert score(text) == 0.0
    assert score("\n".join(text.splitlines()[:13])) == 1.0


def test_a_paragraph_counts_wherever_it_stood_before() -> None:
    paragraph = " ".join(f"word{i}" for i in range(50))
    assert score(f"{paragraph}\n{paragraph} and more") == pytest.approx(0.0, abs=0.1)


@pytest.mark.parametrize(
    "loop", ["ありがとうございました。", "请稍等片刻。", "ขอบคุณครับ", "កុំភ្លេច។", "ຂອບໃຈຫຼາຍ", "ကျေးဇူးတင်ပါသည်။"]
)
def test_a_loop_is_found_in_scripts_without_spaces(loop: str) -> None:
    assert score(loop * 20) == 0.0


# Pieces of 10 characters, from the first on: the 40 dashes of the first text, 60 to 99, are four of them.
@pytest.mark.parametrize(
    ("text", "repeated"),
    [
        ("ab " * 20 + "-" * 40, 0.4),
        ("-" * 9 + "ab" + "-" * 9, 0.0),
        ("\U0001f600" * 50 + "a b c d e f g h i j k l m n o p q r s t u v w x y!", 0.5),
    ],
)
def test_runs_of_one_character_repeat(text: str, repeated: float) -> None:
    assert score(text, words=20, run_chars=10, **ALL) == pytest.approx(1 - repeated)


def test_a_run_of_twice_the_length_is_found_wherever_it_begins() -> None:
    for before in range(25):
        assert score("ab cd ef gh ij kl mn op qr st"[:before] + "=" * 20, run_chars=10, words=20) < 1.0


def comments(*texts: Any) -> dict[str, Any]:
    """An answer with a list of comments, their numbers all different."""
    return {"comments": [{"id": f"c{i}", "text": text} for i, text in enumerate(texts)]}


# The share of elements that say nothing new is taken off.
@pytest.mark.parametrize(
    ("texts", "kept"),
    [
        (["Cap it.", "Pay later.", "Sign it."], 3 / 3),
        (["Cap it.", "cap  IT", "Sign it."], 2 / 3),
        (["Cap it."] * 4, 1 / 4),
        (["Cap it.", "It cap."], 2 / 2),
        ([1, 2, 3], 3 / 3),
        ([None, None], 1 / 2),
        (["!", "?"], 2 / 2),
        ([], 1.0),
    ],
)
def test_an_item_given_twice_says_nothing_new(texts: list[Any], kept: float) -> None:
    assert score(comments(*texts), items="comments", item_fields=["text"]) == pytest.approx(kept)


def test_without_fields_all_texts_of_an_item_count() -> None:
    assert score(comments("Cap it.", "Cap it."), items="comments") == 1.0  # c0 and c1
    assert score([["Cap", "it"], "cap it"], items="0") == 1.0
    assert score({"a": {"b": ["Cap it.", "CAP IT"]}}, items="a.b") == 0.5


@pytest.mark.parametrize("response", ["no JSON", "[]", '{"comments": {}}', '{"comments": "Cap it."}', "5"])
def test_without_the_list_there_is_nothing_to_compare(response: str) -> None:
    assert score(response, items="comments") == 1.0


def test_the_keys_of_json_do_not_count_as_repeated() -> None:
    many = [{"the key of the item": word} for word in ("alpha", "beta", "gamma", "delta", "eta")]
    assert score(many) == 1.0
    assert score(f"see {json.dumps(many)}") < 1.0  # no JSON, so all of it is text


def test_of_a_long_text_the_beginning_and_the_end_are_read() -> None:
    fresh = " ".join(f"w{i}" for i in range(60_000))
    assert len(fresh) > 300_000
    assert score(fresh) == 1.0
    assert score(fresh + " and so on and on" * 10_000) == pytest.approx(0.0, abs=0.2)


@pytest.mark.parametrize(
    ("parameters", "complaint"),
    [
        (
            {"free_share": 0.5, "zero_share": 0.5},
            "free_share must be below zero_share, but they are 0.5 and 0.5",
        ),
        ({"free_share": 0.6}, "free_share must be below zero_share"),
        ({"item_fields": ["text"]}, "item_fields needs items"),
    ],
)
def test_limits_that_contradict_each_other_are_refused_at_load(
    parameters: dict[str, Any], complaint: str
) -> None:
    with pytest.raises(ValueError, match=complaint):
        check("repetition", **parameters)
