"""The table of verdicts: what is written is read, and whatever it does, no answer waits or fails for it."""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from reward_fn import handler
from reward_fn.aws import verdict_table
from reward_fn.aws.verdict_table import MOST_READ, REST_S, VerdictTable, open_verdict_table
from reward_fn.errors import SettingsError
from reward_fn.judge.cache.entry import Entry
from reward_fn.settings import Settings
from rewardctl.emulate import Emulator
from tests.factory import ROOT, row
from tests.fresh import fresh_handler
from tests.stores.conftest import KEYS
from tests.stores.lambda_api import LambdaApi
from tests.stores.s3_server import S3Server
from tests.stores.table_server import TableServer

NAME = "verdicts"
SOON_S = 2.0
LONG_S = 10.0
BATCH = [row(f"Because {n} is more than enough of it all.", id=f"r{n}", prompt="Why?") for n in range(5)]


def entries(count: int, start: int = 0) -> list[Entry]:
    return [Entry(f"key-{n}", f"text-{n}", 2_000_000_000) for n in range(start, start + count)]


def keys(count: int) -> list[str]:
    return [f"key-{n}" for n in range(count)]


@pytest.fixture
def of_moto() -> Iterator[Any]:
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


# With DynamoDB as moto has it


def test_what_is_written_is_read(of_moto: Any) -> None:
    table = VerdictTable(NAME, of_moto)
    table.write(entries(130))  # six writes of 25, two reads of 100
    assert table.flush(LONG_S)
    found = table.read([*keys(130), "key-none"], LONG_S)
    assert found == {entry.key: entry for entry in entries(130)}
    assert table.take_errors() == 0


def test_what_is_written_again_has_its_new_value(of_moto: Any) -> None:
    table = VerdictTable(NAME, of_moto)
    for text in ("old", "new"):
        table.write([Entry("key", text, 2_000_000_000)])
    assert table.flush(LONG_S)
    assert table.read(["key"], LONG_S)["key"].text == "new"


def test_the_time_to_live_is_a_number_of_seconds_at_the_top_of_the_item(of_moto: Any) -> None:
    table = VerdictTable(NAME, of_moto)
    table.write(entries(1))
    assert table.flush(LONG_S)
    item = of_moto.get_item(TableName=NAME, Key={verdict_table.KEY: {"S": "key-0"}})["Item"]
    assert item[verdict_table.EXPIRES] == {"N": "2000000000"}


def test_items_that_somebody_else_wrote_are_not_there(of_moto: Any) -> None:
    for n, rest in enumerate(
        (
            {},
            {"verdicts": {"N": "1"}},
            {"verdicts": {"S": "x"}},
            {"verdicts": {"S": "x"}, "expires_s": {"S": "1"}},
        )
    ):
        of_moto.put_item(TableName=NAME, Item={verdict_table.KEY: {"S": f"key-{n}"}, **rest})
    table = VerdictTable(NAME, of_moto)
    table.write(entries(1, start=4))
    assert table.flush(LONG_S)
    assert list(table.read(keys(5), LONG_S)) == ["key-4"]


def test_a_table_that_is_not_there_is_an_error_and_then_left_alone(of_moto: Any) -> None:
    clock = [100.0]
    table = VerdictTable("another", of_moto, clock=lambda: clock[0])
    assert table.read(keys(1), LONG_S) == {}
    assert table.take_errors() == 1
    assert table.read(keys(1), LONG_S) == {}
    table.write(entries(1))
    assert table.flush(LONG_S)
    assert table.take_errors() == 0, "it rests"
    clock[0] += REST_S
    assert table.read(keys(1), LONG_S) == {}
    assert table.take_errors() == 1


def test_nothing_is_asked_for_no_keys() -> None:
    assert VerdictTable(NAME, None).read([], LONG_S) == {}


# With one that misbehaves


def test_a_table_that_hangs_costs_one_batch_its_time_and_the_next_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with TableServer(delay_s=60.0) as server:
        table = at(server, monkeypatch)
        begun = time.monotonic()
        assert table.read(keys(3), 0.1) == {}
        assert 0.09 < time.monotonic() - begun < SOON_S
        begun = time.monotonic()
        assert table.read(keys(3), 0.1) == {}
        table.write(entries(3))
        assert time.monotonic() - begun < 0.05
        assert table.take_errors() == 1
        assert server.asked == ["BatchGetItem"]


def test_what_came_in_time_counts_though_the_rest_did_not(monkeypatch: pytest.MonkeyPatch) -> None:
    def second_hangs(operation: str, request: Any) -> tuple[int, bytes]:
        if len(server.asked) > 2:
            server.stopped.wait(60.0)
        return server._keep(operation, request)

    with TableServer() as server:
        table = at(server, monkeypatch)
        table.write(entries(1))
        assert table.flush(LONG_S)
        server.answer = second_hangs
        assert list(table.read(keys(MOST_READ + 1), 0.5)) == ["key-0"]
        assert table.take_errors() == 1


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


def test_too_many_waiting_writes_are_dropped_and_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    gate = threading.Event()
    monkeypatch.setattr(verdict_table, "SETTLE_S", 0.0)

    class Slow:
        def batch_write_item(self, **_: Any) -> dict[str, Any]:
            gate.wait(LONG_S)
            return {}

    table = VerdictTable(NAME, Slow())
    for _ in range(8):
        table.write(entries(1))
    gate.set()
    assert table.flush(LONG_S)
    # one in hand, or still waiting as the first of four; the others are refused
    assert table.take_errors() in (3, 4)


def test_no_region_is_a_wrong_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    monkeypatch.setenv("AWS_CONFIG_FILE", os.devnull)
    with pytest.raises(SettingsError, match="DynamoDB client"):
        open_verdict_table(Settings(verdict_table=NAME))


# The whole function


def served(monkeypatch: pytest.MonkeyPatch, emulator: Emulator, **settings: str) -> None:
    fresh_handler(
        monkeypatch,
        REWARD_DEFINITION="instruction-following",
        AWS_ENDPOINT_URL_BEDROCK_RUNTIME=emulator.url,
        **settings,
    )


def metrics(text: str) -> dict[str, float]:
    """The sums of all metrics in the records of what was written, by the definition."""
    found: dict[str, float] = {}
    for line in text.splitlines():
        record = json.loads(line) if line.startswith("{") else {}
        names = [m["Name"] for d in record.get("_aws", {}).get("CloudWatchMetrics", []) for m in d["Metrics"]]
        found |= {name: found.get(name, 0) + sum(record[name]) for name in set(names)}
    return found


def test_another_environment_pays_nothing_for_a_batch_that_comes_again(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with Emulator() as emulator, TableServer() as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", server.url)
        served(monkeypatch, emulator, VERDICT_TABLE=NAME)
        first = handler.lambda_handler(BATCH, {})
        table = handler.holder.get().table
        assert table is not None
        assert table.flush(LONG_S)
        assert emulator.stats().calls == len(server.items) == 5
        capsys.readouterr()
        served(monkeypatch, emulator)  # begins anew, as another environment does
        assert handler.lambda_handler(BATCH, {}) == first
        assert emulator.stats().calls == 5
        counted = metrics(capsys.readouterr().out)
        assert (counted["VerdictCacheHits"], counted["VerdictCacheMisses"]) == (5, 0)
        assert (counted["VerdictCacheErrors"], counted["JudgeCalls"]) == (0, 0)


@pytest.mark.parametrize("fault", ["hangs", "fails", "garbage"])
def test_a_broken_table_delays_and_changes_no_answer(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], fault: str
) -> None:
    answer = (500, b"{}") if fault == "fails" else (200, b"\x00")
    delay_s = 60.0 if fault == "hangs" else 0.0
    with Emulator() as emulator, TableServer(delay_s=delay_s, answer=lambda *_: answer) as server:
        served(monkeypatch, emulator)
        expected = handler.lambda_handler(BATCH, {})
        monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", server.url)
        served(monkeypatch, emulator, VERDICT_TABLE=NAME)
        handler.holder.get()
        capsys.readouterr()
        begun = time.monotonic()
        assert handler.lambda_handler(BATCH, {}) == expected
        assert time.monotonic() - begun < 1.0
        assert metrics(capsys.readouterr().out)["VerdictCacheErrors"] == 1


def test_without_a_table_dynamodbs_client_is_never_made() -> None:
    """Its import and its model cost a cold start; the function must not pay for what it does not use."""
    code = """
import sys, botocore.session
made = []
create = botocore.session.Session.create_client
def noted(self, name, *a, **k):
    made.append(name)
    return create(self, name, *a, **k)
botocore.session.Session.create_client = noted
from reward_fn import handler
handler.holder.get()
print(made, "reward_fn.aws.verdict_table" in sys.modules)
"""
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "VERDICT_", "REWARD_"))}
    found = {}
    for name in ("", NAME):
        environ = {**clean, **KEYS, "PYTHONPATH": str(ROOT), "VERDICT_TABLE": name}
        done = subprocess.run(
            [sys.executable, "-c", code], env=environ, capture_output=True, text=True, timeout=60, check=True
        )
        found[name] = done.stdout.strip()
    assert found == {"": "['bedrock-runtime'] False", NAME: "['bedrock-runtime', 'dynamodb'] True"}


needs_client = pytest.mark.skipif(sys.platform != "linux", reason="the runtime client is for Linux alone")


@contextmanager
def on_lambda(log: Path, **settings: str) -> Iterator[tuple[LambdaApi, Emulator, TableServer]]:
    """The function under Lambda's runtime client, with a judge and a table on loopback."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    environment |= {**KEYS, "AWS_REGION": "us-east-1", "AWS_EC2_METADATA_DISABLED": "true"}
    environment |= {"AWS_LAMBDA_FUNCTION_NAME": "f", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "1769"}
    environment |= {"REWARD_DEFINITION": "instruction-following", "VERDICT_TABLE": NAME}
    environment |= {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1", **settings}
    with Emulator() as emulator, TableServer() as server, LambdaApi() as api, log.open("wb") as out:
        environment |= {
            "AWS_ENDPOINT_URL_BEDROCK_RUNTIME": emulator.url,
            "AWS_ENDPOINT_URL_DYNAMODB": server.url,
            "AWS_LAMBDA_RUNTIME_API": api.address,
        }
        process = subprocess.Popen(
            [sys.executable, "-m", "awslambdaric", "reward_fn.handler.lambda_handler"],
            env=environment, cwd=ROOT, stdout=out, stderr=subprocess.STDOUT,
        )  # fmt: skip
        try:
            api.wait_until_ready()
            yield api, emulator, server
        finally:
            process.kill()
            process.wait(10)


@needs_client
def test_on_lambda_verdicts_are_written_after_the_answer_and_before_the_freeze(tmp_path: Path) -> None:
    with on_lambda(tmp_path / "log") as (api, emulator, server):
        assert server.asked == ["BatchGetItem"], "the connection is opened in the initialisation phase"
        answer, answered_s, frozen_s = api.invoke(BATCH)
        assert [each["id"] for each in answer] == [each["id"] for each in BATCH]
        assert len(server.items) == 5
        assert answered_s + verdict_table.SETTLE_S < frozen_s
        assert [name for name, _ in api.registered] == ["reward-fn-verdicts"]
        again, _, _ = api.invoke(BATCH)
        assert (again, emulator.stats().calls) == (answer, 5)
        assert server.asked == ["BatchGetItem", "BatchGetItem", "BatchWriteItem"]


@needs_client
def test_on_lambda_a_table_that_hangs_costs_an_answer_its_tenth_of_a_second(tmp_path: Path) -> None:
    with on_lambda(tmp_path / "log") as (api, _, server):
        api.invoke(BATCH[:1])
        server.delay_s = 60.0
        answer, answered_s, frozen_s = api.invoke(BATCH)
        assert len(answer) == 5
        assert answered_s <= frozen_s < 1.0, "it rests, so that nothing is written either"


@needs_client
def test_on_lambda_traces_and_verdicts_are_both_written(tmp_path: Path) -> None:
    with S3Server() as s3:
        traced = {"TRACE_SHARE": "1", "TRACE_BUCKET": "my-traces", "AWS_ENDPOINT_URL_S3": s3.url}
        with on_lambda(tmp_path / "log", **traced) as (api, _, server):
            for _ in range(2):
                answer, answered_s, frozen_s = api.invoke(BATCH)
                assert len(answer) == 5
                assert answered_s < frozen_s
            assert (len(server.items), len(s3.objects)) == (5, 2)
            assert sorted(name for name, _ in api.registered) == ["reward-fn-traces", "reward-fn-verdicts"]


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
