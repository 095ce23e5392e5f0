"""Raw events into rollouts: every form that a caller sends, and every way in which a row can be wrong."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reward_fn.errors import EventError
from reward_fn.event.parse import parse_event
from reward_fn.event.request import WRAPPERS
from reward_fn.paths import find_text, look_up
from reward_fn.text.encoded import MAX_DEPTH
from reward_fn.types.rollout import Message, Rejected, Rollout
from reward_fn.types.unscored import Reason
from tests.factory import row


def only(event: Any) -> Rollout:
    """The one rollout of an event that holds one good row."""
    (entry,) = parse_event(event)
    assert isinstance(entry, Rollout)
    return entry


def refused(event_row: Any, index: int = 0) -> Rejected:
    """The rejection of a bad row, after ``index`` good ones."""
    entry = parse_event([*[row()] * index, event_row])[index]
    assert isinstance(entry, Rejected)
    return entry


def nested(opening: str, closing: str, depth: int) -> str:
    """The text of JSON nested so deep."""
    return opening * depth + "1" + closing * depth


def deepest(opening: str, closing: str) -> int:
    """How deep this Python's own JSON reader goes from here (to within 8): nothing deeper can arrive."""
    least, most = 100, 20_000
    while most - least > 8:
        middle = (least + most) // 2
        try:
            json.loads(nested(opening, closing, middle))
            least = middle
        except RecursionError:
            most = middle
    return least


def deep_value(opening: str, closing: str) -> Any:
    """A value nested as deep as one can arrive."""
    return json.loads(nested(opening, closing, deepest(opening, closing)))


def entries_of(event: list[Any]) -> list[Rollout | Rejected] | None:
    """What ``parse_event`` gives, None for a RecursionError, whose thousand frames nobody wants to see."""
    try:
        return parse_event(event)
    except RecursionError:
        return None


# The three forms that AWS's trainers send


def test_nova_training_sends_the_reference_at_top_level_and_its_own_fields_beside_it() -> None:
    event = [
        {
            "id": "123",
            "messages": [{"role": "user", "content": "Q"}, {"role": "assistant", "content": "A"}],
            "reference_answer": {"compliant": "No", "explanation": "why"},
            "my_custom_field": "x",
        }
    ]
    assert only(event) == Rollout(
        index=0,
        id="123",
        messages=(Message("user", "Q"),),
        response="A",
        reference_answer={"compliant": "No", "explanation": "why"},
        metadata={"my_custom_field": "x"},
    )


def test_hyperpod_and_bedrock_send_the_reference_in_the_metadata() -> None:
    metadata = {"reference_answer": {"compliant": "No"}, "my_key": "sample-001"}
    found = only([row("A", metadata=metadata)])
    assert found.reference_answer == {"compliant": "No"}
    assert found.metadata["my_key"] == "sample-001"


def test_evaluation_sends_another_role_and_content_as_blocks() -> None:
    event = [
        {
            "id": "sample-001",
            "messages": [
                {"role": "user", "content": [{"type": "text", "text": "Q"}]},
                {"role": "nova_assistant", "content": [{"type": "text", "text": "A"}]},
            ],
            "reference_answer": {"x": 4},
        }
    ]
    found = only(event)
    assert (found.prompt, found.response, found.reference_answer) == ("Q", "A", {"x": 4})


# Wrappers


def test_an_empty_batch_has_no_entries() -> None:
    assert parse_event([]) == []


def test_a_single_object_is_a_batch_of_one() -> None:
    assert only(row("A")).response == "A"


@pytest.mark.parametrize("wrapper", WRAPPERS)
def test_a_batch_is_found_under_every_wrapper_seen_in_the_wild(wrapper: str) -> None:
    assert [e.id for e in parse_event({wrapper: [row(id="a"), row(id="b")]})] == ["a", "b"]


@pytest.mark.parametrize("body", [row("A"), [row("A")], {"input": [row("A")]}, json.dumps([row("A")])])
def test_a_body_may_be_an_array_an_object_or_json_text(body: Any) -> None:
    assert only({"body": body}).response == "A"


def test_a_body_of_bytes_is_read_as_json() -> None:
    assert only({"body": json.dumps([row("A")]).encode()}).response == "A"


@pytest.mark.parametrize(
    "event", [{"batch": []}, {"body": "[]"}, {"body": '{"samples": []}'}, {"body": {"batch": []}}]
)
def test_an_empty_batch_in_a_wrapper_is_empty(event: Any) -> None:
    assert parse_event(event) == []


@pytest.mark.parametrize("wrapper", WRAPPERS)
@pytest.mark.parametrize("key", ["messages", "prompt", "model_response"])
def test_a_row_may_have_fields_called_like_wrappers(wrapper: str, key: str) -> None:
    (entry,) = parse_event({"id": "a", key: "Q", wrapper: [row(id="b"), row(id="c")]})
    assert entry.id == "a"


@pytest.mark.parametrize("wrapper", WRAPPERS)
def test_a_wrapper_may_hold_a_single_row_or_json_text(wrapper: str) -> None:
    for inner in (row("A"), json.dumps(row("A")), json.dumps([row("A")])):
        assert only({wrapper: inner}).response == "A"


def test_a_wrapper_that_is_null_gives_way_to_the_next() -> None:
    assert only({"input": None, "batch": None, "body": json.dumps({"batch": [row("A")]})}).response == "A"


def test_of_two_wrappers_the_first_that_is_known_counts() -> None:
    assert [e.id for e in parse_event({"body": [row(id="b")], "input": [row(id="a")]})] == ["a"]


def test_a_single_row_of_a_custom_scorers_data_set_is_a_batch_of_one() -> None:
    (entry,) = parse_event({"query": "Q", "response": "18"})
    assert isinstance(entry, Rejected)
    assert entry.reason is Reason.NO_RESPONSE


@pytest.mark.parametrize(
    ("event", "named"),
    [
        (None, "null"),
        ("7", "a number"),
        (b"null", "null"),
        (7, "a number"),
        (True, "a boolean"),
        ({}, "an object"),
        ({"rows": []}, "an object"),
        ({"body": None}, "null"),
        ({"body": 3.5}, "a number"),
        ({"input": {"batch": {"samples": {"body": []}}}}, "an object"),
    ],
)
def test_an_event_without_a_batch_is_an_error_that_says_what_it_is_and_what_to_send(
    event: Any, named: str
) -> None:
    with pytest.raises(EventError, match=f"the event is {named}, not a batch: send a JSON array") as caught:
        parse_event(event)
    assert all(wrapper in str(caught.value) for wrapper in WRAPPERS)


def test_json_text_is_read_within_the_third_wrapper_too() -> None:
    assert only({"input": {"batch": {"samples": json.dumps([row("A")])}}}).response == "A"


@pytest.mark.parametrize(("event", "place"), [("{", "the event"), ({"body": "{"}, "the event's body")])
def test_text_that_is_not_json_is_named_with_its_place_and_the_remedy(event: Any, place: str) -> None:
    with pytest.raises(EventError) as caught:
        parse_event(event)
    assert str(caught.value) == f"{place} is not JSON (JSONDecodeError); send a JSON array"


@pytest.mark.parametrize("body", ["", "{", "[" * 100_000, "[" + "9" * 20_000 + "]", '"text"'])
def test_a_body_that_is_no_json_batch_is_an_event_error_that_does_not_quote_it(body: str) -> None:
    with pytest.raises(EventError) as caught:
        parse_event({"body": body})
    assert "999" not in str(caught.value)


# Data set rows, which AWS's pre-flight checks send


def test_a_data_set_row_without_an_assistant_turn_is_unscored_for_want_of_a_response() -> None:
    found = refused({"messages": [{"role": "user", "content": "Q"}], "reference_answer": "18"}, index=1)
    assert (found.reason, found.index, found.id) == (Reason.NO_RESPONSE, 1, "missing-1")
    assert "row 1 has no assistant turn" in found.detail


def test_no_messages_at_all_are_no_response_either() -> None:
    assert refused(row(messages=[])).reason is Reason.NO_RESPONSE


@pytest.mark.parametrize(
    "raw",
    [
        {"prompt": [{"role": "user", "content": "Q"}], "reward_model": {"ground_truth": "18"}},
        {"prompt": "Q", "extra_info": {"answer": "18"}},
        {"prompt": "Q", "completion": None},
        {"prompt": "Q", "messages": None},
        {"prompt": "Q", "messages": []},
        {"query": "Q", "response": "18"},
        {"query": "Q", "response": "18", "system": "S"},
    ],
)
def test_a_raw_row_of_any_data_set_has_no_response_and_its_gold_answer_is_never_taken_for_one(
    raw: dict[str, Any],
) -> None:
    found = refused(raw, index=1)
    assert (found.reason, found.id) == (Reason.NO_RESPONSE, "missing-1")


# Content


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("A", "A"),
        ("", ""),
        (None, ""),
        ([], ""),
        ({}, ""),
        ({"text": "A"}, "A"),
        ({"text": None}, ""),
        ({"text": ["A", {"text": "B"}]}, "A\nB"),
        (["A", "B"], "A\nB"),
        ([{"type": "text", "text": "A"}, {"text": "B"}], "A\nB"),
        (["A", {"text": "B"}, None], "A\nB"),
        ([{"type": "reasoning", "reasoning": "hm"}, {"type": "text", "text": "A"}], "A"),
        ([{"reasoningContent": {"reasoningText": {"text": "hm"}}}, {"text": "A"}], "A"),
        ([{"type": "image", "source": "bytes"}], ""),
    ],
)
def test_content_of_every_shape_becomes_the_text_that_a_reader_would_see(content: Any, text: str) -> None:
    found = only([row(content, prompt=content)])
    assert found.response == text
    assert found.messages == (Message("user", text),)


# Roles


def test_the_last_assistant_turn_is_the_response_and_what_follows_it_is_dropped() -> None:
    turns = [
        ("system", "S"),
        ("user", "Q1"),
        ("assistant", "A1"),
        ("tool", "T"),
        ("nova_assistant", "A2"),
        ("user", "Q3"),
    ]
    found = only([row(messages=[{"role": role, "content": text} for role, text in turns])])
    assert found.response == "A2"
    assert found.messages == tuple(Message(role, text) for role, text in turns[:4])
    assert found.prompt == "[system]\nS\n\nQ1\n\n[assistant]\nA1\n\n[tool]\nT"


@pytest.mark.parametrize("role", ["system", "tool", "developer", "user", "Assistant", ""])
def test_no_other_role_is_the_response(role: str) -> None:
    assert refused(row(messages=[{"role": role, "content": "A"}])).reason is Reason.NO_RESPONSE


def test_an_assistant_turn_alone_is_a_rollout_with_an_empty_prompt() -> None:
    found = only([row(messages=[{"role": "assistant", "content": "A"}])])
    assert (found.prompt, found.response) == ("", "A")


@pytest.mark.parametrize("content", [None, "", " \n", []])
def test_a_turn_of_tool_calls_alone_has_them_as_its_text(content: Any) -> None:
    calls = [{"id": "c1", "function": {"name": "sträuben", "arguments": "{}"}}]
    found = only([row(messages=[{"role": "assistant", "content": content, "tool_calls": calls}])])
    assert json.loads(found.response) == calls
    assert "sträuben" in found.response


def test_tool_calls_beside_a_text_are_no_part_of_it() -> None:
    message = {"role": "assistant", "content": "A", "tool_calls": [{"id": "c1"}]}
    assert only([row(messages=[message])]).response == "A"


@pytest.mark.parametrize("calls", [[], None, "x", {"id": "c1"}])
def test_tool_calls_of_a_wrong_shape_leave_the_turn_empty(calls: Any) -> None:
    message = {"role": "assistant", "content": None, "tool_calls": calls}
    assert only([row(messages=[message])]).response == ""


# Ids


@pytest.mark.parametrize(
    "identity",
    ["123", "", " ", 0, 7, -1, 2.5, 1e300, 10**400, False, True, "é\u0000", [], [1, "a"], {"a": None}],
)
def test_an_id_is_kept_as_sent_with_its_type(identity: Any) -> None:
    found = only([row(id=identity)]).id
    assert found == identity
    assert type(found) is type(identity)


@pytest.mark.parametrize("identity", [None, float("nan"), float("inf"), float("-inf")])
def test_an_id_that_is_null_or_that_json_cannot_say_is_replaced_by_its_place(identity: Any) -> None:
    assert [e.id for e in parse_event([row(), row(id=identity)])] == ["r-1", "missing-1"]


def test_a_missing_id_is_replaced_by_its_place() -> None:
    without = {"messages": row()["messages"]}
    assert [e.id for e in parse_event([without, without])] == ["missing-0", "missing-1"]


@pytest.mark.parametrize("identity", [[float("nan")], {"a": float("inf")}])
def test_an_id_with_a_nan_inside_would_make_the_whole_answer_no_json(identity: Any) -> None:
    (entry,) = parse_event([row(id=identity)])
    json.dumps(entry.id, allow_nan=False)


def test_an_id_with_a_lone_surrogate_could_not_be_sent_back() -> None:
    # Lambda's runtime encodes the answer as UTF-8: one such id would lose the batch.
    (entry,) = parse_event([row(id="a\ud800")])
    entry.id.encode("utf-8")


@pytest.mark.parametrize("identity", ["a", 7, {"k": 1}, "missing-1"])
def test_equal_ids_stay_two_entries(identity: Any) -> None:
    found = parse_event([row(id=identity), row(id=identity)])
    assert [(e.index, e.id) for e in found] == [(0, identity), (1, identity)]


@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a": ', "}")])
def test_no_id_is_too_deep_for_any_answer_that_holds_it(opening: str, closing: str) -> None:
    limit, tried = deepest(opening, closing), 0
    for depth in range(limit - 12, limit + 12):
        try:
            identity = json.loads(nested(opening, closing, depth))
        except RecursionError:
            break
        (entry,) = parse_event([row(id=identity)])
        json.dumps({"body": [{"id": entry.id}]}, allow_nan=False)
        tried += 1
    assert tried > 8


def test_a_key_of_the_data_set_is_no_id() -> None:
    # AWS's template for open-weight models names its own placeholder, my_key; the callers' field is id.
    without = {"messages": row()["messages"], "my_key": "sample-001"}
    found = only([without])
    assert (found.id, found.metadata["my_key"]) == ("missing-0", "sample-001")


def test_a_rejected_row_keeps_its_id() -> None:
    assert refused({"id": 42, "messages": None}).id == 42


# References and metadata


def test_a_reference_at_top_level_comes_before_that_in_the_metadata() -> None:
    assert (
        only([row(reference_answer="top", metadata={"reference_answer": "below"})]).reference_answer == "top"
    )


def test_a_null_reference_at_top_level_gives_way_to_the_metadata() -> None:
    assert only([row(reference_answer=None, metadata={"reference_answer": 4})]).reference_answer == 4


@pytest.mark.parametrize("reference", ["", 0, False, [], {}])
def test_an_empty_reference_at_top_level_is_still_the_reference(reference: Any) -> None:
    found = only([row(reference_answer=reference, metadata={"reference_answer": "below"})])
    assert found.reference_answer == reference


def test_no_reference_anywhere_is_none() -> None:
    assert only([row()]).reference_answer is None


@pytest.mark.parametrize(
    "sent",
    ['{"answer": 18}', "[0, 1]", ["a", {"b": 1}], 18, 1.5, False, "18", "null", "{not json}", "{" * 100_000],
)
def test_a_reference_stays_what_was_sent_wherever_it_stood(sent: Any) -> None:
    assert only([row(reference_answer=sent)]).reference_answer == sent
    assert only([row(metadata={"reference_answer": sent})]).reference_answer == sent


def test_a_field_without_a_name_is_metadata_too() -> None:
    assert only([row(**{"": 1})]).metadata == {"": 1}


def test_other_fields_of_the_row_become_metadata_and_the_metadata_has_the_last_word() -> None:
    found = only([row(data_source="gsm8k", level=1, metadata={"level": 2})])
    assert found.metadata == {"data_source": "gsm8k", "level": 2}


@pytest.mark.parametrize("metadata", [None, {}, "", [], 0])
def test_empty_metadata_of_any_kind_is_none(metadata: Any) -> None:
    assert only([row(metadata=metadata)]).metadata == {}


# Bad rows


@pytest.mark.parametrize(
    ("bad", "detail"),
    [
        (None, "row 1 is null; send an object"),
        ("text", "row 1 is a string; send an object"),
        (5, "row 1 is a number; send an object"),
        (True, "row 1 is a boolean; send an object"),
        ([], "row 1 is an array; send an object"),
        ({}, "row 1: no messages; send a list"),
        (row(messages=None), "row 1: no messages; send a list"),
        (row(messages="A"), "row 1: messages is a string; send a list"),
        (row(messages={"role": "user"}), "row 1: messages is an object; send a list"),
        (row(messages=[None]), "row 1: messages[0] is not an object with a role"),
        (row(messages=["A"]), "row 1: messages[0] is not an object with a role"),
        (row(messages=[{"content": "A"}]), "row 1: messages[0] is not an object with a role"),
        (row(messages=[{"role": 3, "content": "A"}]), "row 1: messages[0] is not an object with a role"),
        (row(5), "row 1: messages[1].content is a number; send a string"),
        (row(True), "row 1: messages[1].content is a boolean; send a string"),
        (row({"text": 5}), "row 1: messages[1].content.text is a number; send a string"),
        (row(["A", 5]), "row 1: messages[1].content[1] is a number; send a string"),
        (row([["A"]]), "row 1: messages[1].content[0] is an array; send a string"),
        (row([{"text": 5}]), "row 1: messages[1].content[0].text is a number; send a string"),
        (
            row([{"toolResult": {"content": ["A", 5]}}]),
            "row 1: messages[1].content[0].toolResult.content[1] is a number; send a string",
        ),
        (row(prompt=5), "row 1: messages[0].content is a number; send a string"),
        (row(metadata="x"), "row 1: metadata is a string; send an object"),
        (row(metadata=["x"]), "row 1: metadata is an array; send an object"),
        (row(metadata=5), "row 1: metadata is a number; send an object"),
    ],
)
def test_a_bad_row_says_where_and_what_to_send_and_leaves_its_neighbours_alone(bad: Any, detail: str) -> None:
    before, found, after = parse_event([row("first"), bad, row("last")])
    assert isinstance(found, Rejected)
    assert (found.index, found.reason) == (1, Reason.BAD_ROW)
    assert found.detail.startswith(detail)
    assert isinstance(before, Rollout)
    assert isinstance(after, Rollout)
    assert (before.response, after.response) == ("first", "last")
    assert (before.index, after.index) == (0, 2)


def test_a_row_that_is_no_object_has_the_id_of_its_place() -> None:
    assert refused("text", index=1).id == "missing-1"


def test_a_row_nested_too_deep_is_refused_with_its_id() -> None:
    deep = json.loads(nested('{"a": ', "}", MAX_DEPTH + 1))
    rejected = refused(row(id="x", other=deep))
    assert (rejected.id, rejected.reason) == ("x", Reason.BAD_ROW)
    assert rejected.detail == f"row 0 is nested deeper than {MAX_DEPTH}"


def test_the_detail_of_a_bad_row_does_not_quote_it() -> None:
    secret = "the-secret-text"
    for bad in (
        row([secret, 5]),
        row(messages=secret),
        row(metadata=secret),
        secret,
        {"id": 1, secret: secret},
    ):
        assert secret not in refused(bad).detail


# Hostile input


@pytest.mark.parametrize(
    ("opening", "closing"), [('{"text": ', "}"), ('{"text": [', "]}"), ("[", "]"), ('{"a": ', "}")]
)
def test_content_nested_as_deep_as_json_goes_costs_its_own_row_alone(opening: str, closing: str) -> None:
    entries = entries_of([row("first"), row(deep_value(opening, closing)), row("last")])
    assert entries is not None, "the whole batch is lost"
    assert [entry.index for entry in entries] == [0, 1, 2]


def group_of(entry: Rollout | Rejected) -> str | None:
    """The group's name, "" for a rejected row, None for a RecursionError."""
    try:
        return entry.group if isinstance(entry, Rollout) else ""
    except RecursionError:
        return None


def reference_text(entry: Rollout) -> str | None:
    """The reference as the judge would see it, "" where there is none, None for a RecursionError."""
    try:
        return find_text(entry, ["reference_answer"]) or ""
    except RecursionError:
        return None


def test_a_reference_nested_as_deep_as_json_goes_costs_its_own_row_alone() -> None:
    deep = deep_value('{"a": ', "}")
    entries = entries_of([row(), row(reference_answer=deep, metadata={"b": deep}), row()])
    assert entries is not None, "the whole batch is lost"
    assert all(group_of(entry) is not None for entry in entries), "the whole batch is lost"


@pytest.mark.parametrize("short", [0, 10, 20, 40, 80])
def test_a_reference_encoded_as_json_nested_as_deep_as_json_goes_is_no_worse(short: int) -> None:
    text = nested('{"a": ', "}", deepest('{"a": ', "}") - short)
    entries = entries_of([row(), row(reference_answer=text), row(metadata={"reference_answer": text})])
    assert entries is not None, "the whole batch is lost"
    for entry in entries:
        assert group_of(entry) is not None, "the whole batch is lost"
        assert isinstance(entry, Rejected) or reference_text(entry) is not None, "the whole batch is lost"


def test_tool_calls_nested_as_deep_as_json_goes_cost_their_own_row_alone() -> None:
    deep = {"role": "assistant", "content": None, "tool_calls": [deep_value("[", "]")]}
    entries = entries_of([row(), row(messages=[deep]), row()])
    assert entries is not None, "the whole batch is lost"
    assert len(entries) == 3


KEYS = ["id", "messages", "role", "content", "text", "metadata", "tool_calls", "prompt", "reward_model"]
KEYS += ["model_response", "query", "response", "ground_truth", "x", *WRAPPERS]

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda children: (
        st.lists(children, max_size=4)
        | st.dictionaries(
            st.sampled_from(KEYS),
            children,
            max_size=4,
        )
    ),
    max_leaves=12,
)
turns = st.fixed_dictionaries(
    {"role": st.sampled_from(["user", "assistant", "nova_assistant", "tool"]), "content": json_values},
    optional={"tool_calls": json_values},
)
near_rows = st.fixed_dictionaries(
    {},
    optional={
        "messages": st.lists(turns, max_size=3) | json_values,
        "prompt": st.lists(turns, max_size=3) | json_values,
        **dict.fromkeys(["id", "metadata", "reference_answer", "reward_model"], json_values),
        **dict.fromkeys(["model_response", "query", "response"], json_values),
    },
)


@given(st.lists(json_values | near_rows, max_size=6))
def test_any_json_list_gives_one_entry_for_each_row_in_order(event: list[Any]) -> None:
    entries = parse_event(event)
    assert [entry.index for entry in entries] == list(range(len(event)))
    assert all(isinstance(entry, Rejected) or isinstance(entry.response, str) for entry in entries)
    assert all(len(entry.group) == 16 for entry in entries if isinstance(entry, Rollout))


@given(json_values | st.dictionaries(st.sampled_from(KEYS), json_values | st.lists(near_rows, max_size=3)))
def test_any_json_value_gives_entries_in_order_or_an_event_error(event: Any) -> None:
    try:
        entries = parse_event(event)
    except EventError:
        assert not isinstance(event, list)
        return
    assert [entry.index for entry in entries] == list(range(len(entries)))


# Roles, blocks and texts of other services


@pytest.mark.parametrize("role", ["model", "bot"])
def test_a_model_or_bot_answers_where_no_assistant_does(role: str) -> None:
    asked, other = {"role": "user", "content": "Q"}, {"role": role, "content": "B"}
    assert only([row(messages=[asked, other])]).response == "B"
    assistant = {"role": "assistant", "content": "A"}
    assert only([row(messages=[asked, assistant, other])]).response == "A"


@pytest.mark.parametrize(
    "thoughts",
    [
        {"type": "reasoning", "text": "20"},
        {"type": "thinking", "thinking": "20"},
        {"type": "reasoning_content", "text": "20"},
        {"reasoningContent": {"reasoningText": {"text": "20"}}},
        {"text": "20", "thought": True},
    ],
)
def test_a_block_of_thoughts_is_no_part_of_the_answer(thoughts: dict[str, Any]) -> None:
    assert only([row([thoughts, {"text": "18"}])]).response == "18"
    assert only([row([thoughts])]).response == ""


@pytest.mark.parametrize(
    ("block", "text"),
    [
        ({"citationsContent": {"content": [{"text": "A"}, {"text": "B"}], "citations": []}}, "A\nB"),
        ({"guardContent": {"text": {"text": "A"}}}, "A"),
        ({"type": "text", "text": {"value": "A", "annotations": []}}, "A"),
        ({"type": "output_text", "text": "A", "annotations": []}, "A"),
        ({"type": "tool_result", "tool_use_id": "t", "content": [{"type": "text", "text": "A"}]}, "A"),
        ({"type": "tool_result", "tool_use_id": "t", "content": "AB"}, "AB"),
    ],
)
def test_text_is_found_in_the_blocks_that_hold_it(block: dict[str, Any], text: str) -> None:
    assert only([row([block])]).response == text


def test_geminis_parts_are_read_like_content() -> None:
    turns = [{"role": "user", "parts": [{"text": "Q"}]}, {"role": "model", "parts": [{"text": "A"}]}]
    found = only([row(messages=turns)])
    assert (found.prompt, found.response) == ("Q", "A")


def tool_use(**arguments: Any) -> dict[str, Any]:
    return {"toolUse": {"toolUseId": "t", "name": "add", "input": arguments}}


CALLS = [
    tool_use(a=1),
    {"type": "tool_use", "id": "t", "name": "add", "input": {"a": 1}},
    {"functionCall": {"name": "add", "args": {"a": 1}}},
]


@pytest.mark.parametrize("block", CALLS)
def test_a_tool_call_without_text_is_the_answer(block: dict[str, Any]) -> None:
    found = only([row([{"reasoningContent": {"reasoningText": {"text": "?"}}}, block])])
    assert json.loads(found.response) == {"name": "add", "input": {"a": 1}}
    assert found.tool_calls == ({"name": "add", "input": {"a": 1}},)


def test_several_tool_calls_are_a_list_in_order() -> None:
    found = only([row([tool_use(a=1), tool_use(a=2)])])
    assert [call["input"]["a"] for call in json.loads(found.response)] == [1, 2]


@pytest.mark.parametrize("block", CALLS)
def test_a_tool_call_beside_text_is_found_by_a_path(block: dict[str, Any]) -> None:
    found = only([row([{"text": "One moment."}, block])])
    assert found.response == "One moment."
    assert look_up(found, "response.tool_calls.0.name") == "add"
    assert look_up(found, "response.tool_calls.0.input.a") == 1
    assert look_up(found, "response.tool_calls.1") is None


def test_openai_tool_calls_are_found_by_the_same_path_with_their_arguments_decoded() -> None:
    call = {"id": "c", "type": "function", "function": {"name": "add", "arguments": '{"a": 1}'}}
    found = only([row(messages=[{"role": "assistant", "content": "A", "tool_calls": [call, {"id": 2}]}])])
    assert found.tool_calls == ({"name": "add", "input": {"a": 1}},)


@pytest.mark.parametrize("block", [{"toolUse": "x"}, {"toolUse": {"input": {}}}, {"toolUse": {"name": 5}}])
def test_a_tool_call_of_a_wrong_shape_leaves_the_turn_empty(block: dict[str, Any]) -> None:
    found = only([row([block])])
    assert (found.response, found.tool_calls) == ("", ())


def test_what_a_tool_answered_is_part_of_the_prompt() -> None:
    result = {"toolResult": {"toolUseId": "t", "content": [{"json": {"city": "Zürich"}}, {"text": "done"}]}}
    turns = [{"role": "user", "content": [result]}, {"role": "assistant", "content": "A"}]
    assert only([row(messages=turns)]).prompt == '{"city": "Zürich"}\ndone'


def test_messages_and_metadata_may_be_json_text() -> None:
    sent = row("A", metadata=json.dumps({"level": 2}))
    found = only([{**sent, "messages": json.dumps(sent["messages"])}])
    assert (found.prompt, found.response, found.metadata) == ("Q", "A", {"level": 2})


def test_a_row_of_an_unknown_form_names_its_keys_and_no_value() -> None:
    found = refused({"messages": [], "output": "secret", "a key with spaces": 1, "x" * 50: 1}, index=1)
    assert found.reason is Reason.NO_RESPONSE
    assert found.detail.endswith("its keys are messages, output")


@pytest.mark.parametrize(
    "event_row",
    [
        {"prompt": "Q", "completion": "A: 18", "answer": "18"},
        {"prompt": "Q", "completion": [{"role": "assistant", "content": "A: 18"}], "solution": "18"},
        {"prompt": "Q", "solution_str": "A: 18", "ground_truth": "18", "extra_info": {}},
    ],
    ids=["trl-answer", "trl-solution", "verl-arguments"],
)
def test_columns_of_trl_and_verl_hold_the_reference_beside_a_generated_answer(event_row: Any) -> None:
    rollout = only([event_row])
    assert (rollout.response, rollout.reference_answer) == ("A: 18", "18")


def test_a_column_called_answer_is_no_reference_beside_messages() -> None:
    assert only([row(answer="18")]).reference_answer is None


def test_output_items_of_openai_responses_are_read_as_their_text_and_calls() -> None:
    said = [
        {"type": "reasoning", "summary": []},
        {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "A: 18"}]},
    ]
    call = {"type": "function_call", "name": "look_up", "arguments": '{"page": 3}'}
    assert only([{"prompt": "Q", "response": said}]).response == "A: 18"
    called = only([{"prompt": "Q", "response": [call]}])
    assert called.tool_calls == ({"name": "look_up", "input": {"page": 3}},)
    assert json.loads(called.response) == {"name": "look_up", "input": {"page": 3}}
