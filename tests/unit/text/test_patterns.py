"""Patterns are refused at load if they backtrack without bound, and their searches end."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reward_fn.text import batch_time
from reward_fn.text.patterns import (
    BATCH_S,
    MAX_TEXT_CHARS,
    SHORT_TIMEOUT_S,
    TIMEOUT_S,
    Allowance,
    compile_pattern,
    probing_within,
)
from tests.guard import bounded_cpu

BAIT = "a" * 1000 + "!"


def found(pattern: str, text: str, *, ignore_case: bool = False) -> bool | None:
    return compile_pattern(pattern, ignore_case=ignore_case)(text, Allowance())


def test_a_pattern_is_found_anywhere_in_a_text() -> None:
    assert found(r"\d+ days", "within 30 days") is True
    assert found(r"^\d+ days", "within 30 days") is False
    assert found("DAYS", "30 days") is False
    assert found("DAYS", "30 days", ignore_case=True) is True


EXPONENTIAL = [
    "(a|a)*$",
    "^(a|aa)+$",
    r"(.|\s)*x$",
    "^(a|a)*bc$",
    "^foo(?:x|x)*bar$",
    "(?P<q>ab|ab)*c$",
    "^(?:(?:a{1,9}){1,9}){1,9}b",
    r"(?:\s|\s)+$",
    "(a{0,30}){0,30}$",
    r"(.*?,){11}P",
    "^\\x61(?:b|bb)*$",
    "([^b]|a)*\\u0062c(d|d)+$",
]


@pytest.mark.parametrize("pattern", EXPONENTIAL)
def test_an_exponential_pattern_is_refused_with_the_remedy(pattern: str) -> None:
    with (
        bounded_cpu(2.0),
        # The machine decides which limit it meets first: that of one bait or that of all.
        pytest.raises(ValueError, match=r"backtracks .*: .*; (don't repeat a|use fewer) repeat"),
    ):
        compile_pattern(pattern)


@pytest.mark.parametrize(
    "pattern", ["(", "[", "*a", "(?<n>a", r"\p{Nothing}", "(?P=n)", r"\1", "(" * 499 + ")" * 499, r"\N{NO}"]
)
def test_what_is_no_pattern_is_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match="does not compile: "):
        compile_pattern(pattern)


@pytest.mark.parametrize(
    "pattern", ["(a{1000}){1000}", "a{99999999}", "((a{100}){100}){100}", "(?#x)a(?:b(?i:c){200}){200}"]
)
def test_a_pattern_that_would_fill_the_memory_is_refused(pattern: str) -> None:
    with bounded_cpu(1.0), pytest.raises(ValueError, match="needs too much memory"):
        compile_pattern(pattern)


def test_a_long_pattern_is_refused() -> None:
    with pytest.raises(ValueError, match="a pattern of 1001 characters; at most 1000"):
        compile_pattern("a" * 1001)


USUAL = [
    r"(?s)<think>.*</think>\s*<answer>.*</answer>",
    r"^(?:- .*\n?)+$",
    r".*foo.*bar.*",
    r"(\d{1,3})(,\d{3})*(\.\d+)?",
    r"[\w.+-]+@[\w-]+\.[\w.]+",
    r'^(?:[^"\\]|\\.)*$',
    r"^([a-z]+)( [a-z]+)*$",
    r"(?:https?://)?(?:[\w-]+\.)+\w+(/\S*)?$",
    r"[a-z]{64}@[a-z]{255}",
    r"\p{L}+\s[[:punct:]]",
    "(a+)+$",  # a polynomial: cut off when it runs
]


@pytest.mark.parametrize("pattern", USUAL)
def test_a_usual_pattern_is_accepted(pattern: str) -> None:
    assert found(pattern, "") in (True, False)


def test_a_search_that_runs_out_of_time_is_undecided() -> None:
    with bounded_cpu(1.0):
        assert found("(a+)+$", BAIT) is None


def test_a_text_that_is_too_long_is_undecided() -> None:
    assert found("a", "a" * MAX_TEXT_CHARS) is True
    assert found("a", "a" * (MAX_TEXT_CHARS + 1)) is None


def test_the_searches_of_one_check_share_their_time() -> None:
    allowance = Allowance()
    assert compile_pattern("a")(BAIT, allowance) is True
    assert compile_pattern("(a+)+$")(BAIT, allowance) is None
    assert compile_pattern("a")(BAIT, allowance) is None


def test_a_batch_full_of_bait_is_soon_hurried_and_its_neighbours_are_not_hurt() -> None:
    """128 checks of bait: 10 of them take 0.05 s until 0.5 s are spent, the others 0.004 s: 1 s, not 6.4."""
    bait, plain = compile_pattern("(a+)+$"), compile_pattern("(?i)fees? (?:are|is) due")
    begun_s = time.process_time()
    with batch_time.of_batch(lambda: 60.0):
        for _ in range(128):
            assert bait(BAIT, Allowance()) is None
            assert plain("The fees are due in advance. " * 100, Allowance()) is True
        assert Allowance().left_s == SHORT_TIMEOUT_S
    assert time.process_time() - begun_s < 2 * (BATCH_S + 128 * SHORT_TIMEOUT_S)
    with batch_time.of_batch(lambda: 60.0):
        assert Allowance().left_s == TIMEOUT_S, "the next batch has its own time"


MANY_REPEATS = "^" + "[a-z0-9_-]{1,20}" * 40 + "$"


def test_a_pattern_that_each_bait_keeps_busy_for_a_while_is_refused() -> None:
    """No bait takes 0.2 s, but all of them together 2.4 s."""
    with pytest.raises(ValueError, match=r"backtracks too much: bait takes it more than 0.5 s"):
        compile_pattern(MANY_REPEATS)


def test_patterns_that_are_compiled_together_share_their_time() -> None:
    with (
        probing_within(0.0),
        pytest.raises(ValueError, match=r"'a': checking all patterns up to this took more than 0 s"),
    ):
        compile_pattern("a")
    with probing_within(10.0):
        assert compile_pattern("a")("a", Allowance()) is True
    assert compile_pattern("a")("a", Allowance()) is True, "outside the block there is no such limit"


PIECES = [
    *("(", ")", "[", "]", "{", "}", "*", "+", "?", "|", "^", "$", ".", "\\", "a", "0", "-", ",", "<", ">"),
    *("(?:", "(?=", "(?<=", "(?P<n>", "(?P=n)", "(?i)", "(?>", "(?|", "(?#", "(?R)", "(?1)", "(*FAIL)"),
    *("\\1", "\\p{L}", "\\d", "\\s", "\\b", "\\K", "\\X", "\\x41", "\\u00e9", "\\x", "\\N", "[[:alpha:]]"),
    *("{2}", "{1,3}", "{,2}", "{e<=1}", "\n", "\ud800", "\x00", "--", "&&", "++", "*?"),
]


@given(st.lists(st.sampled_from(PIECES), max_size=10).map("".join))
def test_any_pattern_is_refused_or_answers(pattern: str) -> None:
    with bounded_cpu():
        try:
            search = compile_pattern(pattern)
        except ValueError:
            return
        assert search("ab a0\n[" * 30, Allowance()) in (True, False, None)
