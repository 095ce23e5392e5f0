"""JSON out of an answer, and every way in which hostile text is refused."""

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reward_fn.text.bounded_json import MAX_CHARS, MAX_DEPTH, MAX_DIGITS, MAX_LENGTH, MAX_NODES, parse_answer
from tests.guard import bounded_cpu


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("{}", {}),
        (' \n{"a": [1, 2.5, "x", true, null]}\n', {"a": [1, 2.5, "x", True, None]}),
        ("[]", []),
        ("5", 5),
        ('"text"', "text"),
        ("null", None),
        ("-0.5e-3", -0.0005),
        ('```json\n{"a": 1}\n```', {"a": 1}),
        ('<think>{"a": 0}</think>\n{"a": 1}', {"a": 1}),
        ('so <|begin_of_solution|>\n```json\n{"a": 1}\n```\n<|end_of_solution|> done', {"a": 1}),
        ('<think>{"a": 0}</think>\n<answer>\n{"a": 1}\n</answer>', {"a": 1}),
        ('{"a": 0} is too low.\n</think>\n\n{"a": 1}', {"a": 1}),
        ('[THINK]{"a": 0}[/THINK]{"a": 1}', {"a": 1}),
        ('~~~json\n{"a": 1}\n~~~', {"a": 1}),
        ('````json\n{"a": "```"}\n````', {"a": "```"}),
        ('```json\n{"a": "```sh"}\n```', {"a": "```sh"}),
        ('\ufeff{"a": 1}', {"a": 1}),
        ('```json\r\n{"a": 1}\r\n```\r\n', {"a": 1}),
        ('{"a": "<answer>1</answer>"}', {"a": "<answer>1</answer>"}),
        ('{"a": "x</think>y"}', {"a": "x</think>y"}),
        ('{"a": 1}<|im_end|>', {"a": 1}),
        ('"\\ud800 \\u0000"', "\ufffd \x00"),
        (
            '["\\uD83D\\ude00", "\\udc00\\ud800", "\\\\ud800", "\ud800"]',
            ["😀", "\ufffd\ufffd", "\\ud800", "\ufffd"],
        ),
        ('{"\\udfff": {"a": "\\ud8000"}}', {"\ufffd": {"a": "\ufffd0"}}),
        ('"é 漢 👍"', "é 漢 👍"),
    ],
)
def test_json_is_found_under_tags_thoughts_and_one_fence(text: str, value: Any) -> None:
    parsed = parse_answer(text)
    assert (parsed.value, parsed.error) == (value, "")


@pytest.mark.parametrize(
    "text", ["", "  ", "<think>{}</think>", "<think>{}", "<|begin_of_solution|>", "```\n```"]
)
def test_nothing_is_empty(text: str) -> None:
    assert parse_answer(text).error == "empty"


@pytest.mark.parametrize(
    "text",
    [
        *(
            "{",
            "}",
            '{"a": 1',
            "{'a': 1}",
            '{"a": 1,}',
            "[1 2]",
            '"open',
            "{} {}",
            '"a\nb"',
            "tru",
        ),
        *(
            'Here it is: {"a": 1}',
            '{"a": 1} Hope this helps!',
            '```json\n{"a": 1}\n``` done',
            "\x00",
            "\ud800",
        ),
        *("01", "+1", ".5", "1.", "0x1", "1_000", "True", "None", "undefined"),
    ],
)
def test_what_is_no_json_or_has_prose_around_it_says_so_with_a_place(text: str) -> None:
    parsed = parse_answer(text)
    assert parsed.value is None
    assert parsed.error.startswith("not JSON: ")
    assert "line 1" in parsed.error


@pytest.mark.parametrize(
    "literal", ["NaN", "Infinity", "-Infinity", "1e999", "-1e999", '{"a": [NaN]}', "[1e400]"]
)
def test_numbers_that_are_not_finite_are_refused(literal: str) -> None:
    assert parse_answer(literal).error == "not JSON: a number that is not finite or too long"


# One more than each bound is refused, the bound itself is not.


def test_the_longest_text_is_read_and_one_character_more_is_not() -> None:
    inside = "x" * (MAX_CHARS - 2)
    assert parse_answer(f'"{inside}"').value == inside
    assert parse_answer(f'"{inside}x"').error == f"longer than {MAX_CHARS} characters"


def test_the_deepest_value_is_read_and_one_level_more_is_not() -> None:
    # The outermost list is level 0, so MAX_DEPTH + 1 lists reach level MAX_DEPTH.
    levels = MAX_DEPTH + 1
    assert parse_answer("[" * levels + "]" * levels).error == ""
    assert parse_answer("[" * (levels + 1) + "]" * (levels + 1)).error == f"nested deeper than {MAX_DEPTH}"
    assert parse_answer('{"a":' * (levels + 1) + "1" + "}" * (levels + 1)).error.startswith("nested deeper")


def test_the_longest_list_and_object_are_read_and_one_entry_more_is_not() -> None:
    error = f"a list or object of more than {MAX_LENGTH} entries"
    assert parse_answer(json.dumps([0] * MAX_LENGTH)).error == ""
    assert parse_answer(json.dumps([0] * (MAX_LENGTH + 1))).error == error
    assert parse_answer(json.dumps({str(i): 0 for i in range(MAX_LENGTH)})).error == ""
    assert parse_answer(json.dumps({str(i): 0 for i in range(MAX_LENGTH + 1)})).error == error


def test_many_short_lists_are_bounded_together() -> None:
    # 1 outer + 400 inner lists + 400 * 48 zeros = 19,601 values, and 400 * 49 zeros make 20,001.
    assert parse_answer(json.dumps([[0] * 48] * 400)).error == ""
    assert parse_answer(json.dumps([[0] * 49] * 400)).error == f"more than {MAX_NODES} values"


@pytest.mark.parametrize("sign", ["", "-"])
def test_the_longest_number_is_read_and_a_longer_one_is_not(sign: str) -> None:
    longest = sign + "9" * (MAX_DIGITS - len(sign))
    assert parse_answer(longest).value == int(longest)
    assert parse_answer(longest + "9").error == f"not JSON: a number of {MAX_DIGITS + 1} digits"


HOSTILE = {
    "a megabyte of brackets": "[" * 1_000_000,
    "brackets up to the bound": "[" * MAX_CHARS,
    "50,000 nested objects": '{"a":' * 50_000 + "1" + "}" * 50_000,
    "50,000 nested lists": "[" * 50_000 + "]" * 50_000,
    "20,000 digits": "9" * 20_000,
    "20,000 digits below zero": "-" + "9" * 20_000,
    "20,000 decimals": "0." + "9" * 20_000,
    "a long exponent": "1e" + "9" * 20_000,
    "two megabytes of spaces": " " * 2_000_000,
    "spaces inside": "[" + " " * 390_000 + "]",
    "NULs": "\x00" * 300_000,
    "lone surrogates": '"' + "\ud800" * 100_000,
    "backslashes": '"' + "\\" * 300_001,
    "escapes": '"' + "\\u0000" * 60_000 + '"',
    "quotes": '"' * 300_001,
    "commas": "[" + "," * 300_000,
    "a list of 100,000": json.dumps([0] * 100_000),
    "one key 20,000 times": "{" + '"a": 0, ' * 20_000 + '"a": 0}',
    "fences": "```\n" * 80_000,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_text_is_parsed_or_refused_in_bounded_time(text: str) -> None:
    with bounded_cpu():
        parsed = parse_answer(text)
    assert (parsed.value is None) or not parsed.error
    assert len(parsed.error) < 200


@pytest.mark.parametrize(
    "text",
    ['{"the-secret": the-secret}', 'the-secret {"a": 1}', '{"a": "the-secret\n"}', '["\\q-the-secret"]'],
)
def test_an_error_does_not_quote_the_text(text: str) -> None:
    parsed = parse_answer(text)
    assert parsed.error
    assert "secret" not in parsed.error


@pytest.mark.parametrize(
    "text", ['{"a": 1, "a": 1}', '[{"b": {"a": 1, "\\u0061": 2}}]', '{"": 0, "b": 0, "": 0}']
)
def test_a_key_that_stands_twice_in_an_object_is_a_fault(text: str) -> None:
    assert parse_answer(text).error == "not JSON: an object has a key twice"
    assert parse_answer('[{"a": 1}, {"a": {"a": 1}}]').error == ""


@given(st.text() | st.text(alphabet='{}[]",:0123456789.eE+-\\ntrufalsN `<|>_'))
def test_no_text_raises(text: str) -> None:
    parsed = parse_answer(text)
    assert not (parsed.error and parsed.value is not None)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers(-(10**30), 10**30) | st.floats(allow_nan=False) | st.text(),
        lambda children: st.lists(children, max_size=4) | st.dictionaries(st.text(), children, max_size=4),
        max_leaves=20,
    ).filter(lambda value: not (isinstance(value, float) and math.isinf(value)))
)
def test_what_json_writes_is_read_back(value: Any) -> None:
    try:
        text = json.dumps(value, allow_nan=False)
    except ValueError:
        return
    if "```" not in text and "<|begin_of_solution|>" not in text:
        assert parse_answer(text).value == value
