"""Traces and verdicts under Lambda's own runtime client: no answer waits for a store, and each freeze does.

One process serves all tests of this module. Lambda's stand-in notes when the answer is posted, which is when
Lambda sends it out; the stores hold every write until then.
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote

import pytest

from rewardctl.emulate import Emulator
from rewardctl.runs.records import read_traces
from tests.factory import row
from tests.stores.function import metrics, own_process
from tests.stores.lambda_api import LambdaApi
from tests.stores.s3_server import S3Server
from tests.stores.table_server import TableServer

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the runtime client is for Linux alone")


class Environment(NamedTuple):
    """One Lambda environment with its stores, and what they saw."""

    api: LambdaApi
    emulator: Emulator
    s3: S3Server
    table: TableServer
    log: Path
    at_start: tuple[list[str], int]
    """The table's operations and the bucket's requests in the initialisation phase."""
    early: list[str]
    """Writes that were served when the answer was not out, or the environment could be frozen already."""


def batch(prompt: str) -> list[dict[str, Any]]:
    """Five different answers to a prompt that no other test uses."""
    return [row(f"Because {n} is more than enough of it all.", id=f"r{n}", prompt=prompt) for n in range(5)]


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Environment]:
    log = tmp_path_factory.mktemp("on_lambda") / "log"
    early: list[str] = []
    with Emulator() as emulator, TableServer() as table, S3Server() as s3, LambdaApi() as api:

        def after_the_answer(store: str) -> None:
            """Hold a write until the answer is out and the runtime has nothing more to do."""
            api.wait_for_runtime()
            if api.is_frozen():
                early.append(store)

        def answer(operation: str, request: Any) -> tuple[int, bytes]:
            if operation == "BatchWriteItem":
                after_the_answer("table")
            return table.keep(operation, request)

        s3.before, table.answer = lambda: after_the_answer("s3"), answer
        settings = {
            "REWARD_DEFINITION": "instruction-following",
            "AWS_ENDPOINT_URL_BEDROCK_RUNTIME": emulator.url,
            "VERDICT_TABLE": "verdicts",
            "AWS_ENDPOINT_URL_DYNAMODB": table.url,
            "TRACE_SHARE": "1",
            "TRACE_BUCKET": "my-traces",
            "AWS_ENDPOINT_URL_S3": s3.url,
        }
        with own_process(api, log, **settings):
            yield Environment(api, emulator, s3, table, log, ([*table.asked], s3.asked), early)


def test_the_initialisation_phase_registers_both_extensions(environment: Environment) -> None:
    names = sorted(name for name, _ in environment.api.registered)
    assert names == ["reward-fn-traces", "reward-fn-verdicts"]
    assert all(body == {"events": ["INVOKE"]} for _, body in environment.api.registered)


def test_the_initialisation_phase_opens_the_tables_connection_and_not_s3s(environment: Environment) -> None:
    assert environment.at_start == (["BatchGetItem"], 0)


def test_both_stores_are_written_after_the_answer_and_before_the_freeze(environment: Environment) -> None:
    api, _, s3, table, *_ = environment
    objects, items = len(s3.objects), len(table.items)
    answer = api.invoke(batch("both"))
    # the environment is frozen now; a write that came before the answer would have held it for ever
    assert [result["id"] for result in answer] == ["r0", "r1", "r2", "r3", "r4"]
    assert (len(s3.objects) - objects, len(table.items) - items) == (1, 5)
    assert environment.early == []


def test_a_batch_that_comes_again_needs_neither_judge_nor_table(environment: Environment) -> None:
    api, emulator, _, table, *_ = environment
    answer = api.invoke(batch("again"))
    calls, operations = emulator.stats().calls, len(table.asked)
    assert api.invoke(batch("again")) == answer
    assert emulator.stats().calls == calls
    # this environment still has the verdicts in memory
    assert table.asked[operations:] == []


def test_an_object_is_named_by_day_definition_and_request(environment: Environment) -> None:
    api, s3 = environment.api, environment.s3
    before = set(s3.objects)
    api.invoke(batch("named"))
    (key,) = s3.objects.keys() - before
    name = rf"date=\d{{4}}-\d\d-\d\d/definition=instruction-following/{api.request_ids[-1]}\.jsonl\.gz"
    assert re.fullmatch(f"/my-traces/traces/{name}", unquote(key))
    assert [record["id"] for record in read_traces(s3.objects[key])] == ["r0", "r1", "r2", "r3", "r4"]
    assert s3.headers["x-amz-server-side-encryption"] == "AES256"


def test_an_invocation_that_raises_lets_the_environment_go(environment: Environment) -> None:
    api, s3 = environment.api, environment.s3
    objects = len(s3.objects)
    assert api.invoke("no batch")["errorType"] == "EventError"
    assert len(s3.objects) == objects
    api.invoke(batch("afterwards"))
    assert len(s3.objects) == objects + 1


def test_each_written_batch_of_traces_is_counted(environment: Environment) -> None:
    environment.api.invoke(batch("counted"))
    counts = metrics(environment.log.read_text())
    assert (counts["TraceBatches"], counts["TraceBatchesDropped"]) == (len(environment.s3.objects), 0)
