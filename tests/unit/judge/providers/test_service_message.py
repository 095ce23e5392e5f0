"""What of a service's message may be logged: its own words and names, never those of a rollout."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reward_fn.judge.providers._service_message import LONGEST_CHARS, SERVICE_WORDS, loggable

MODEL = "anthropic.claude-x-v1:0"


@pytest.mark.parametrize(
    "message",
    [
        "Too many tokens per day, please wait before trying again.",
        "You don't have access to the model with the specified model ID.",
        "prompt is too long: 208310 tokens > 200000 maximum",
        "This model version has reached the end of its life.",
        "Range of input length should be [1, 258048]",
    ],
)
def test_a_message_that_quotes_nothing_stays_as_it_is(message: str) -> None:
    assert loggable(message, ["The lawyer's answer."]) == message


def test_a_known_message_stays_whole_even_if_the_question_holds_the_same_words() -> None:
    message = (
        f"Invocation of model ID {MODEL} with on-demand throughput isn\u2019t supported. Retry your request "
        "with the ID or ARN of an inference profile that contains this model."
    )
    assert loggable(message, [f"{message} {MODEL}"], [MODEL]) == message


def test_words_of_the_question_are_cut_out_and_service_words_stay() -> None:
    message = "messages.0.text: the zebra clause of Acme Ltd is not valid input"
    assert loggable(message, ["About the ZEBRA clause of Acme Ltd."]) == (
        "messages.0.text: the … of … is not valid input"
    )


@pytest.mark.parametrize(
    ("message", "shown"),
    [
        ('Value "I, the policy, win" is not valid', "Value … is not valid"),
        ("Value 'I, the policy, win' at 'messages.1.content' failed", "Value … at messages.1.content failed"),
        ("Value “I win” failed", "Value … failed"),
        ("string [I win, really] does not match", "string … does not match"),
        ('unexpected {"answer": {"I": "win"}} in the request', "unexpected … in the request"),
        ("<html><p>I win</p></html>", "…"),
        ("Value 'I win and never end", "Value …"),
        ("extraneous key [cachePoint] is not permitted", "extraneous key cachePoint is not permitted"),
        (
            "This model's `max_tokens` is too large; lower it",
            "This model's max_tokens is too large, lower it",
        ),
        ("token FwoGZXIvYXdzEMPFwoGZXIvYXdzEMPFwoGZXIvYXdzEMP/abc= of the caller", "token … of the caller"),
    ],
)
def test_quoted_passages_and_secrets_are_cut_out_and_quoted_names_stay(message: str, shown: str) -> None:
    assert loggable(message, [""]) == shown


def test_a_quoted_name_that_stands_in_the_question_is_cut_out() -> None:
    assert loggable("Value 'Zanzibar' failed", ["I choose Zanzibar."]) == "Value … failed"


def test_escapes_hide_no_word() -> None:
    question = ["caf\u00e9\nzebra"]
    assert loggable(r"input is caf\u00e9\nzebra", question) == "input is …"


def test_arns_and_the_judges_id_stay_and_account_ids_do_not() -> None:
    message = (
        "User: arn:aws:sts::123456789012:assumed-role/fn/fn may not call bedrock:InvokeModel on "
        f"arn:aws:bedrock:us-east-1::foundation-model/{MODEL} ({MODEL}) in 210987654321"
    )
    shown = loggable(message, [f"claude {MODEL} assumed role fn arn"], [MODEL])
    assert f"arn:aws:bedrock:us-east-1::foundation-model/{MODEL} ({MODEL})" in shown
    assert "arn:aws:sts::<account>:assumed-role/fn/fn" in shown
    assert shown.endswith("in <account>")


def test_a_long_message_is_bounded_and_stands_in_one_line() -> None:
    shown = loggable("too long\n\t" * 10_000, [""])
    assert len(shown) == LONGEST_CHARS
    assert shown.startswith("too long too long")
    assert shown.endswith("…")


WORDS = st.text("abcdefghijklmnopqrstuvwxyzäß0123456789", min_size=2, max_size=12)


@given(
    rollout=st.lists(WORDS, min_size=1, max_size=12),
    before=st.text(max_size=40),
    after=st.text(max_size=40),
    quote=st.sampled_from(["{}", '"{}"', "'{}'", "[{}]", "input: {}"]),
)
def test_whatever_surrounds_a_quote_no_word_of_it_is_left(
    rollout: list[str], before: str, after: str, quote: str
) -> None:
    text = " ".join(rollout)
    shown = loggable(f"{before} {quote.format(text)} {after}", [text])
    left = {word.casefold() for word in re.findall(r"\w+", shown)}
    assert not left & {word.casefold() for word in rollout} - SERVICE_WORDS - {"account"}
    assert len(shown) <= LONGEST_CHARS
