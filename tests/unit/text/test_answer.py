"""Which part of a response is the answer, and what comes off around it."""

import pytest

from reward_fn.text.answer import MAX_BLOCKS, Answer, answer_region, fenced, find_answer, unfenced
from reward_fn.text.thoughts import after_leading_thoughts, without_thoughts
from tests.factory import rollout
from tests.guard import bounded_cpu


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
        # thoughts of other families
        ("<thought>hm</thought>A", "A"),
        ("<reasoning>\nhm\n</reasoning>\nA", "A"),
        ("<THINK>hm</THINK>A", "A"),
        ("[THINK]hm[/THINK]A", "A"),
        ("◁think▷hm◁/think▷A", "A"),
        ("<seed:think>hm</seed:think>A", "A"),
        ("<|START_THINKING|>hm<|END_THINKING|><|START_RESPONSE|>A<|END_RESPONSE|>", "A"),
        ("<|channel>thought\nhm<channel|>A", "A"),
        ("Here is my thought process: hm\n\nHere is my response: A", "A"),
        (
            "<|channel|>analysis<|message|>hm<|end|><|start|>assistant<|channel|>final<|message|>A<|return|>",
            "A",
        ),
        ("<|channel|>final <|constrain|>json<|message|>{}", "{}"),
        ("<|channel|>analysis<|message|>hm, A", ""),
        ("analysisHm, maybe.assistantfinalA", "A"),
        ("analysis of A", "analysis of A"),
        # the template opened them, so that only the closing tag arrives
        ("hm\n</think>\n\nA", "A"),
        ("hm.</think>A", "A"),
        ("hm</reasoning> A", "A"),
        ("hm [/THINK] A", "A"),
        ("a </think> b\n</think>\nA", "A"),
        ("hm\n</think>\n<think>more</think>\nA", "A"),
        ('{"a": 0}?\n</think>\n{"a": 1}', '{"a": 1}'),
        # a closing tag in quotation marks or in a string of JSON is text
        ("End with `</think>` always", "End with `</think>` always"),
        ('{"a": "b</think>c"}', '{"a": "b</think>c"}'),
        # thoughts that fill lines between the parts of an answer
        ("A\n<think>hm</think>\nB", "A\nB"),
        ("A\n<think>hm", "A\n<think>hm"),
        # solution tags of other families
        ("so <answer> A </answer> done", "A"),
        ("<Answer>A</Answer>", "A"),
        ('<answer type="text">A</answer>', "A"),
        ("<final_answer>A</final_answer>", "A"),
        ("<solution>\nA\n</solution>", "A"),
        ("[ANSWER]A[/ANSWER]", "A"),
        ("<|begin_of_box|>A<|end_of_box|>", "A"),
        ("A</answer>", "A"),
        ("A\n</answer>", "A"),
        ("<|Begin_of_Solution|>A<|end_of_solution|> B", "A"),
        ("<answer>A</answer>[answer]B[/ANSWER] C", "B"),
        ("<answers>A</answers>", "<answers>A</answers>"),
        # the last block with something in it
        ("<answer>A</answer><answer>B</answer>", "B"),
        ("<answer>A</answer><answer></answer>", "A"),
        ("between <answer> and </answer>: <answer>A</answer>", "A"),
        ("<answer></answer> A", ""),
        # tags in strings of JSON are data
        ('{"a": "<answer>b</answer>"}', '{"a": "<answer>b</answer>"}'),
        ('[{"a": "<answer>b</answer>"}]', '[{"a": "<answer>b</answer>"}]'),
        ("[1] says <answer>A</answer> [2]", "A"),
        # marks of a turn's end, a byte order mark, carriage returns
        ("A<|im_end|>", "A"),
        ("A</s></s>", "A"),
        ("A <|eot_id|>\n", "A"),
        ("\ufeffA", "A"),
        ("A\r\nB\r\n", "A\nB"),
    ],
)
def test_the_answer_is_the_solution_or_what_follows_the_thoughts(text: str, region: str) -> None:
    assert answer_region(text) == region


def test_a_solution_inside_the_thoughts_is_a_thought() -> None:
    text = "<think>maybe <|begin_of_solution|>A<|end_of_solution|>?</think>B"
    assert answer_region(text) == "B"


def test_a_thought_that_never_ends_holds_no_solution_either() -> None:
    assert answer_region("<think>first <|begin_of_solution|>A<|end_of_solution|>, or else") == ""


def test_a_judges_reply_has_no_thoughts_but_those_that_it_opens_itself() -> None:
    quoted = 'The response says:\n</think>\n{"answer": {}}'
    assert after_leading_thoughts(quoted) == quoted
    assert without_thoughts(quoted) == '{"answer": {}}'
    assert after_leading_thoughts("<think>hm</think>A") == "A"


def test_blocks_are_all_that_have_something_in_them() -> None:
    found = find_answer("<answer>A</answer><answer></answer><answer>B</answer>")
    assert (found.blocks, found.tagged) == (("A", "B"), True)


@pytest.mark.parametrize("text", ["A", '{"a": "<answer>b</answer>"}'])
def test_without_tags_the_whole_text_is_the_only_block(text: str) -> None:
    assert find_answer(text) == Answer(text, (text,), tagged=False)


def test_more_blocks_than_the_limit_are_not_read() -> None:
    assert len(find_answer("<answer>A</answer>" * (MAX_BLOCKS + 10)).blocks) == MAX_BLOCKS + 1


def test_the_answer_of_a_rollout_is_found_once() -> None:
    one = rollout("<answer>A</answer>")
    assert one.answer is one.answer
    assert one.answer == find_answer("<answer>A</answer>")


@pytest.mark.parametrize(
    ("text", "language", "inside"),
    [
        ("```sql\nA\n```", "sql", "A"),
        ("x\n```SQL\nA\n```\ny", "sql", "A"),
        ("```sql\nA\n```\n```sql\nB\n```", "sql", "B"),
        ("```py\nA\n```", "sql", None),
        ("```py\nA\n```", "", "A"),
        ("~~~sql\nA\n~~~", "sql", "A"),
        ("````sql\n```\nA\n```\n````", "sql", "```\nA\n```"),
        ('```sql title="x"\nA\n```', "sql", "A"),
        ("```sql\nA", "sql", None),
        ("SELECT 1", "", None),
    ],
)
def test_the_last_fence_of_a_language_is_found(text: str, language: str, inside: str | None) -> None:
    assert fenced(text, language) == inside


@pytest.mark.parametrize(
    ("text", "inside"),
    [
        ("~~~\nA\n~~~", "A"),
        ("~~~json\nA\n~~~", "A"),
        ("````\n```\nA\n```\n````", "```\nA\n```"),
        ('```json\n{"a": "```sh"}\n```', '{"a": "```sh"}'),
        ("```c++\nA\n```", "A"),
        ("```application/json\nA\n```", "A"),
        ("```json\nA```", "A"),
        ("```\nA``` B```", "```\nA``` B```"),
        ("```\nA\n````", "A"),
        ("~~~\nA\n```", "~~~\nA\n```"),
        ("````\nA\n```", "````\nA\n```"),
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
        *("x\n<think>" * 100_000, "<answer>" * 100_000, "<answer>x</answer>" * 50_000, "</s>" * 250_000),
        *(
            "<|channel|>final<|message|>" * 40_000,
            "\n</think>" * 100_000,
            "```a\n" * 200_000,
            "~~~\n" * 200_000,
        ),
        *("<|begin_of_solution|>" * 100_000, "<|end_of_solution|>" * 100_000, "\ud800" * 100_000),
        *("<think></think>\n<thinking></thinking>" * 50_000, "<think></think>" * 50_000 + "<think>" * 50_000),
    ],
    ids=[
        *("spaces", "think", "unthink", "fences", "NUL", "think lines", "answers", "closed answers"),
        *("ends", "finals", "unthink lines", "fence lines", "tildes", "begin", "end", "surrogates"),
        *("closed thoughts", "thoughts that end open"),
    ],
)
def test_any_text_has_a_region_in_bounded_time(text: str) -> None:
    with bounded_cpu():
        region = unfenced(answer_region(text))
    assert region in text
