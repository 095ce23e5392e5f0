"""The table of verdicts: entries are read as written, and no failure of the table reaches a batch."""

import itertools
import json
import os
import threading
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from reward_fn.aws import verdict_table
from reward_fn.aws.after_answer import MOST_WAITING
from reward_fn.aws.verdict_table import MOST_READ, REST_S, VerdictTable, open_verdict_table
from reward_fn.errors import SettingsError
from reward_fn.judge.cache.entry import Entry
from reward_fn.settings import Settings
from tests.stores.table_server import TableServer

NAME = "verdicts"
LONG_S = 60.0
"""For what comes at once; only a deadlock takes as long."""


def entries(count: int, start: int = 0) -> list[Entry]:
    return [Entry(f"key-{n}", f"text-{n}", 2_000_000_000) for n in range(start, start + count)]


def keys(count: int) -> list[str]:
    return [f"key-{n}" for n in range(count)]


@pytest.fixture
def dynamodb() -> Iterator[Any]:
    with mock_aws():
        client = boto3.client("dynamodb", region_name="us-east-1")
        client.create_table(
            TableName=NAME,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": verdict_table.KEY, "AttributeType": "S"}],
            KeySchema=[{"AttributeName": verdict_table.KEY, "KeyType": "HASH"}],
        )
        client.update_time_to_live(
            TableName=NAME,
            TimeToLiveSpecification={"Enabled": True, "AttributeName": verdict_table.EXPIRES},
        )
        yield client


def at(server: TableServer, monkeypatch: pytest.MonkeyPatch) -> VerdictTable:
    monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", server.url)
    return open_verdict_table(Settings(verdict_table=NAME))


# With moto's DynamoDB


def test_entries_are_read_as_they_were_written(dynamodb: Any) -> None:
    table = VerdictTable(NAME, dynamodb)
    table.write(entries(130))  # six writes of 25, two reads of 100
    assert table.flush(LONG_S)
    found = table.read([*keys(130), "key-none"], LONG_S)
    assert found == {entry.key: entry for entry in entries(130)}
    assert table.take_errors() == 0


def test_a_second_write_replaces_the_first(dynamodb: Any) -> None:
    table = VerdictTable(NAME, dynamodb)
    for text in ("old", "new"):
        table.write([Entry("key", text, 2_000_000_000)])
    assert table.flush(LONG_S)
    assert table.read(["key"], LONG_S)["key"].text == "new"


def test_the_time_to_live_is_a_number_of_seconds_at_the_top_of_the_item(dynamodb: Any) -> None:
    table = VerdictTable(NAME, dynamodb)
    table.write(entries(1))
    assert table.flush(LONG_S)
    item = dynamodb.get_item(TableName=NAME, Key={verdict_table.KEY: {"S": "key-0"}})["Item"]
    assert item[verdict_table.EXPIRES] == {"N": "2000000000"}


def test_items_that_lack_an_attribute_are_misses(dynamodb: Any) -> None:
    for n, rest in enumerate(
        (
            {},
            {"verdicts": {"N": "1"}},
            {"verdicts": {"S": "x"}},
            {"verdicts": {"S": "x"}, "expires_s": {"S": "1"}},
        )
    ):
        dynamodb.put_item(TableName=NAME, Item={verdict_table.KEY: {"S": f"key-{n}"}, **rest})
    table = VerdictTable(NAME, dynamodb)
    table.write(entries(1, start=4))
    assert table.flush(LONG_S)
    assert list(table.read(keys(5), LONG_S)) == ["key-4"]


def test_a_missing_table_counts_once_and_is_left_alone_for_the_rest(dynamodb: Any) -> None:
    clock = [100.0]
    table = VerdictTable("another", dynamodb, clock=lambda: clock[0])
    assert table.read(keys(1), LONG_S) == {}
    assert table.take_errors() == 1
    assert table.read(keys(1), LONG_S) == {}
    table.write(entries(1))
    assert table.flush(LONG_S)
    assert table.take_errors() == 0, "the table rests"
    clock[0] += REST_S
    assert table.read(keys(1), LONG_S) == {}
    assert table.take_errors() == 1


def test_without_keys_no_request_is_made() -> None:
    assert VerdictTable(NAME, None).read([], LONG_S) == {}


# With a table that misbehaves


def test_a_table_that_hangs_costs_one_batch_its_time_and_the_next_nothing(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with TableServer(hangs=True) as server:
        table = at(server, monkeypatch)
        assert table.read(keys(3), 0.1) == {}
        assert "verdict table: TimeoutError" in caplog.text, "the read's time is over, not the client's"
        assert table.read(keys(3), LONG_S) == {}
        table.write(entries(3))
        assert table.flush(LONG_S)
        assert table.take_errors() == 1
        server.wait_until_asked()
        assert server.asked == ["BatchGetItem"], "by the read that was left behind"


def test_entries_that_came_in_time_count_though_the_rest_did_not() -> None:
    """The clock stands still until the first hundred came, then the time is over."""
    gate = threading.Event()
    first = {entry.key: entry for entry in entries(MOST_READ)}

    class SecondHangs:
        calls = 0

        def batch_get_item(self, RequestItems: Any) -> Any:  # noqa: N803 - DynamoDB's name
            self.calls += 1
            if self.calls > 1:
                gate.wait(LONG_S)
            read = [first[key["verdict_key"]["S"]] for key in RequestItems[NAME]["Keys"]]
            items = [
                {"verdict_key": {"S": e.key}, "verdicts": {"S": e.text}, "expires_s": {"N": str(e.expires_s)}}
                for e in read
            ]
            return {"Responses": {NAME: items}}

    # read by the rest, the deadline, and the wait for the first part; 10 s are over at the second
    times = itertools.chain([100.0, 100.0, 100.0], itertools.repeat(110.0))
    table = VerdictTable(NAME, SecondHangs(), clock=lambda: next(times))
    assert table.read(keys(MOST_READ + 1), 10.0) == first
    assert table.take_errors() == 1
    gate.set()


GARBAGE = [
    (200, b""),
    (200, b"<html>"),
    (200, b"[]"),
    (200, b"{}"),
    (200, b'{"Responses": []}'),
    (200, b'{"Responses": {"verdicts": 7}}'),
    (200, b"\xff\xfe" * 100),
    (400, b'{"__type":"com.amazonaws.dynamodb.v20120810#ResourceNotFoundException","message":"no table"}'),
    (400, b'{"__type":"com.amazon.coral.service#AccessDeniedException","Message":"no"}'),
    (500, b'{"__type":"InternalServerError"}'),
    (503, b""),
]


@pytest.mark.parametrize(("status", "body"), GARBAGE)
def test_garbage_and_errors_are_misses_and_counted(
    monkeypatch: pytest.MonkeyPatch, status: int, body: bytes
) -> None:
    with TableServer(answer=lambda *_: (status, body)) as server:
        table = at(server, monkeypatch)
        assert table.read(keys(2), LONG_S) == {}
        assert table.take_errors() == 1


@pytest.mark.parametrize(
    "items",
    ["[7]", "[[]]", "[null]", '[{"verdict_key": {"S": 5}}]', '[{"verdict_key": "x", "verdicts": "y"}]'],
)
def test_items_of_another_form_are_misses(monkeypatch: pytest.MonkeyPatch, items: str) -> None:
    body = f'{{"Responses": {{"{NAME}": {items}}}, "UnprocessedKeys": {{}}}}'.encode()
    with TableServer(answer=lambda *_: (200, body)) as server:
        assert at(server, monkeypatch).read(keys(2), LONG_S) == {}


def test_a_throttled_write_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(_operation: str, request: Any) -> tuple[int, bytes]:
        return 200, json.dumps({"UnprocessedItems": request["RequestItems"]}).encode()

    with TableServer(answer=refused) as server:
        table = at(server, monkeypatch)
        table.write(entries(2))
        assert table.flush(LONG_S)
        assert table.take_errors() == 1


def test_a_write_that_fails_is_counted_and_the_next_ones_are_spared(monkeypatch: pytest.MonkeyPatch) -> None:
    with TableServer(answer=lambda *_: (500, b"{}")) as server:
        table = at(server, monkeypatch)
        for _ in range(3):
            table.write(entries(60))
            assert table.flush(LONG_S)
        assert server.asked == ["BatchWriteItem"]
        assert table.take_errors() == 1


def test_too_many_waiting_writes_are_dropped_and_counted() -> None:
    gate, begun = threading.Event(), threading.Event()

    class Slow:
        def batch_write_item(self, **_: Any) -> dict[str, Any]:
            begun.set()
            gate.wait(LONG_S)
            return {}

    table = VerdictTable(NAME, Slow())
    table.write(entries(1))
    assert begun.wait(LONG_S)
    for _ in range(MOST_WAITING + 3):
        table.write(entries(1))
    gate.set()
    assert table.flush(LONG_S)
    assert table.take_errors() == 3, "one was being written, four waited"


def test_a_missing_region_is_a_wrong_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    monkeypatch.setenv("AWS_CONFIG_FILE", os.devnull)
    with pytest.raises(SettingsError, match="DynamoDB client"):
        open_verdict_table(Settings(verdict_table=NAME))


# Connections that Lambda's freeze left stale


def test_a_stale_connection_gets_a_second_attempt(monkeypatch: pytest.MonkeyPatch) -> None:
    with TableServer() as server:
        table = at(server, monkeypatch)
        table.warm()
        server.resets = 1
        table.write(entries(1))
        assert table.flush(LONG_S)
        server.resets = 1
        assert table.read(keys(1), LONG_S) == {entry.key: entry for entry in entries(1)}
        assert server.asked == ["BatchGetItem"] + 2 * ["BatchWriteItem"] + 2 * ["BatchGetItem"]
        assert table.take_errors() == 0


def test_a_table_that_resets_every_request_rests_after_two(monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*_: Any) -> tuple[int, bytes]:
        raise ConnectionError

    with TableServer() as server:
        table = at(server, monkeypatch)
        table.warm()
        server.answer = gone
        assert table.read(keys(1), LONG_S) == {}
        assert table.read(keys(1), LONG_S) == {}
        assert server.asked == 3 * ["BatchGetItem"]
        assert table.take_errors() == 1
