"""The texts that a page holds: the chosen ones always, others as long as there is room, long ones cut."""

import json
from collections.abc import Sequence
from typing import Any

from rewardctl.explain.explain import explain
from rewardctl.explain.types import Explanation
from rewardctl.report.texts import CUT, RESPONSE_CHARS, read_texts, short_form
from tests.report.records import Record, record


def rows(count: int, response: str = "An answer.") -> list[Record]:
    return [record(0.5, "g", id=f"r{i}", response=response) for i in range(count)]


def test_a_prompt_is_held_once_for_its_group() -> None:
    texts = read_texts(rows(3), [0, 0, 0], [], {})
    assert texts.prompts == {0: "Q"}
    assert [texts.rollouts[i]["response"] for i in range(3)] == ["An answer."] * 3


def test_without_room_only_the_chosen_rollouts_have_texts() -> None:
    texts = read_texts(rows(5), [0] * 5, [3], {0: [0, 1, 2, 3, 4]}, room=0)
    assert list(texts.rollouts) == [3]


def test_the_room_is_filled_in_the_order_of_the_run() -> None:
    texts = read_texts(rows(50, "x" * 100), [0] * 50, [], {}, room=1000)
    assert list(texts.rollouts) == list(range(len(texts.rollouts)))
    assert 5 < len(texts.rollouts) < 12


def test_a_long_response_is_cut_and_says_so() -> None:
    form = short_form(record(response="x" * (RESPONSE_CHARS + 1)))
    assert form["response"] == "x" * RESPONSE_CHARS + CUT


def test_a_chosen_rollout_is_explained_beside_its_group() -> None:
    asked: list[tuple[str, Sequence[str]]] = []

    def explained(one: Any, siblings: Any) -> Explanation:
        asked.append((one["id"], [sibling["id"] for sibling in siblings]))
        return explain(one, siblings, None)

    texts = read_texts(rows(3), [0, 0, 0], [1], {0: [0, 1, 2]}, explained)
    assert asked == [("r1", ["r0", "r1", "r2"])]
    assert texts.explained[1]["reward"] == 0.5
    assert "prompt" not in texts.explained[1]


def test_a_long_marked_response_is_cut_too() -> None:
    texts = read_texts(
        [record(response="x" * 3 * RESPONSE_CHARS)], [0], [0], {0: [0]}, lambda r, s: explain(r, s, None)
    )
    shown = "".join(segment["text"] for segment in texts.explained[0]["response"]["segments"])
    assert shown == "x" * RESPONSE_CHARS + CUT


def test_a_row_that_was_rejected_has_its_reason_and_no_text() -> None:
    why = [{"reason": "bad_row", "detail": "row 3: messages is not a list"}]
    texts = read_texts([record(0.5, None, row=None, reasons=why)], [-1], [0], {}, room=0)
    assert texts.rollouts[0] == {"reasons": [["bad_row", "row 3: messages is not a list"]], "prompt": ""}


def test_several_turns_of_a_prompt_are_told_apart() -> None:
    messages = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Hello"},
        {"role": "assistant", "content": "Hi"},
    ]
    texts = read_texts([record(row={"messages": messages})], [0], [], {})
    assert texts.prompts[0] == "system: Be brief.\n\nuser: Hello"


def test_long_documents_do_not_reach_the_page_by_an_explanation() -> None:
    """The reference of 100,000 characters is cut in the short form, and left out of the explanation."""
    document = "The parties agree. " * 5_000
    row = {"messages": [{"role": "assistant", "content": "A"}], "reference_answer": document, "metadata": {}}
    verdict = {"criterion": "C", "item": None, "answer": "yes", "worth": 1.0, "unsupported": False}
    judged = record(row=row, verdicts=[{**verdict, "evidence": document}])
    texts = read_texts([judged], [0], [0], {0: [0]}, lambda r, s: explain(r, s, None))
    assert texts.explained[0]["criteria"][0]["answers"][0]["evidence"].endswith(CUT)
    assert len(json.dumps(texts.explained)) < 5_000
    assert len(json.dumps(texts.rollouts)) < 5_000


def test_a_record_that_can_not_be_explained_keeps_its_short_form() -> None:
    def fails(_record: Any, _siblings: Any) -> Explanation:
        raise KeyError("calls")

    texts = read_texts([record()], [0], [0], {0: [0]}, fails)
    assert (texts.explained, texts.rollouts[0]["response"]) == ({}, "A")
