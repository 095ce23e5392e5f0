"""Which part of a response is the answer, and what comes off around it."""

import pytest

from reward_fn.text.answer import answer_region, unfenced
from tests.guard import bounded_time


@pytest.mark.parametrize(
    ("text", "region"),
    [
        ("", ""),
        (" \n", ""),
        ("  A \n", "A"),
        # a solution between Nova's tags, whatever stands around it
        ("before <|begin_of_solution|> A <|end_of_solution|> after", "A"),
        ("<|begin_of_thought|>hm<|end_of_thought|><|begin_of_solution|>A<|end_of_solution|>", "A"),
        ("<|begin_of_solution|>A", "A"),
        ("<|begin_of_solution|><|end_of_solution|>", ""),
        ("<|begin_of_solution|>", ""),
        ("A <|end_of_solution|>", "A <|end_of_solution|>"),
        # thoughts before the answer
        ("<think>hm</think>A", "A"),
        (" \n<think>hm\n</think>\n\nA\n", "A"),
        ("<thinking>hm</thinking> A", "A"),
        ("<|begin_of_thought|>hm<|end_of_thought|> A", "A"),
        ("<think></think>A", "A"),
        ("<think>a</think>\n<thinking>b</thinking>A", "A"),
        ("<think>hm</think>", ""),
        # thoughts that never end: no answer was given
        ("<think>hm, A", ""),
        ("<thinking>hm, A", ""),
        ("<|begin_of_thought|>hm, A", ""),
        ("<think>hm, A</thinking>", ""),
        # tags elsewhere are text
        ("A <think>hm</think>", "A <think>hm</think>"),
        ("I <think> so", "I <think> so"),
    ],
)
def test_the_answer_is_the_solution_or_what_follows_the_thoughts(text: str, region: str) -> None:
    assert answer_region(text) == region


def test_a_solution_inside_the_thoughts_is_a_thought() -> None:
    text = "<think>maybe <|begin_of_solution|>A<|end_of_solution|>?</think>B"
    assert answer_region(text) == "B"


def test_a_thought_that_never_ends_holds_no_solution_either() -> None:
    assert answer_region("<think>first <|begin_of_solution|>A<|end_of_solution|>, or else") == ""


@pytest.mark.parametrize(
    ("text", "inside"),
    [
        ("```\nA\n```", "A"),
        ('```json\n{"a": 1}\n```', '{"a": 1}'),
        ("```JSON5 \nA\nB\n```", "A\nB"),
        ("```\n```", ""),
        ("A", "A"),
        ("", ""),
        ("```", "```"),
        ("``````", "``````"),
        ("```A```", "```A```"),
        ("```json\nA", "```json\nA"),
        ("A\n```", "A\n```"),
        ("```\nA\n```\nB", "```\nA\n```\nB"),
        ("B\n```\nA\n```", "B\n```\nA\n```"),
        ("```\nA\n```\n```\nB\n```", "```\nA\n```\n```\nB\n```"),
        ("```a b c\nA\n```", "```a b c\nA\n```"),
    ],
)
def test_one_fence_around_the_whole_comes_off_and_no_other(text: str, inside: str) -> None:
    assert unfenced(text) == inside


@pytest.mark.parametrize(
    "text",
    [
        *(" " * 2_000_000, "<think>" * 200_000, "</think>" * 200_000, "```" * 500_000, "\x00" * 1_000_000),
        *("<|begin_of_solution|>" * 100_000, "<|end_of_solution|>" * 100_000, "\ud800" * 100_000),
        *("<think></think>\n<thinking></thinking>" * 50_000, "<think></think>" * 50_000 + "<think>" * 50_000),
    ],
    ids=[
        *("spaces", "think", "unthink", "fences", "NUL", "begin", "end", "surrogates"),
        *("closed thoughts", "thoughts that end open"),
    ],
)
def test_any_text_has_a_region_in_bounded_time(text: str) -> None:
    with bounded_time():
        region = unfenced(answer_region(text))
    assert region in text
