"""Traces in a bucket: whatever S3 does, answers are not delayed, and dropped batches are counted."""

import json
import os
import queue
import subprocess
import sys
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from reward_fn import handler
from reward_fn.aws import traces as aws_traces
from reward_fn.aws.extension import FLUSH_S
from reward_fn.aws.traces import READ_TIMEOUT_S
from reward_fn.report.telemetry import Telemetry
from rewardctl.runs.records import read_traces
from tests.factory import ROOT, row
from tests.fresh import fresh_handler
from tests.stores.conftest import KEYS
from tests.stores.function import in_process, messages, metrics
from tests.stores.lambda_api import WAIT_S
from tests.stores.s3_server import S3Server

EVENT = [row("A: 5", id="right", reference_answer="5"), row("A: 6", id="wrong", reference_answer="5")]
TRACED = {"REWARD_DEFINITION": "math-answer", "TRACE_SHARE": "1", "TRACE_BUCKET": "my-traces"}

Output = pytest.CaptureFixture[str]


def at(s3: S3Server) -> dict[str, str]:
    """The settings of a function whose traces go to this bucket."""
    return TRACED | {"AWS_ENDPOINT_URL_S3": s3.url}


# On Lambda


def test_an_s3_that_hangs_holds_up_no_answer_and_the_environment_once(
    monkeypatch: pytest.MonkeyPatch, capsys: Output
) -> None:
    """The bucket never answers, so an answer that waited for it would never come."""
    monkeypatch.setattr(aws_traces, "READ_TIMEOUT_S", 0.2)
    with S3Server(hangs=True) as s3:
        with in_process(monkeypatch, at(s3)) as api:
            answers = [api.invoke(EVENT) for _ in range(4)]
        assert [len(answer) for answer in answers] == [2, 2, 2, 2]
        assert s3.asked == 1, "for a minute no other batch is tried"
    out = capsys.readouterr().out
    assert (metrics(out)["TraceBatches"], metrics(out)["TraceBatchesDropped"]) == (0, 4)
    rested = "traces dropped: the last one failed less than 60 s ago"
    dropped = [message for message in messages(out) if "dropped" in message]
    assert dropped == ["traces dropped: ReadTimeoutError", rested, rested, rested]


def test_the_read_time_out_ends_before_the_environment_stops_waiting() -> None:
    assert READ_TIMEOUT_S < FLUSH_S, "else a store that hangs is never counted as a failure"


def test_without_an_extensions_api_a_thread_writes_them(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with S3Server() as s3:
        with in_process(monkeypatch, at(s3), extensions=False) as api:
            assert len(api.invoke(EVENT)) == 2
        s3.wait_for(1)
    assert "traces are written without an extension: no Extensions API (HTTP 403)" in caplog.text


def test_a_share_of_0_registers_nothing_and_writes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    with S3Server() as s3, in_process(monkeypatch, at(s3) | {"TRACE_SHARE": "0"}) as api:
        api.invoke(EVENT)
        assert (api.registered, s3.asked) == ([], 0)


# The bucket


class Reports(queue.SimpleQueue[str]):
    """Why each batch of traces was dropped, "" if it was written, as telemetry is told."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(Telemetry, "report_traces", lambda *_, dropped="": self.put(dropped))


def traced(monkeypatch: pytest.MonkeyPatch, settings: dict[str, str], batches: int = 1) -> None:
    """Answer some batches, and wait until the environment may be frozen."""
    with in_process(monkeypatch, settings) as api:
        for _ in range(batches):
            assert len(api.invoke(EVENT)) == 2


@mock_aws
def test_outside_lambda_an_object_is_written_under_the_prefix_and_encrypted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Two batches without a request id: each has a key of its own."""
    s3: Any = boto3.client("s3")
    s3.create_bucket(Bucket="my-traces")
    fresh_handler(monkeypatch, **TRACED, TRACE_PREFIX="runs/7")
    reported = Reports(monkeypatch)
    for _ in range(2):
        assert len(handler.lambda_handler(EVENT, {})) == 2
        assert reported.get(timeout=WAIT_S) == ""
    listed = s3.list_objects_v2(Bucket="my-traces", Prefix="runs/7/date=")["Contents"]
    assert len(listed) == 2
    found = s3.get_object(Bucket="my-traces", Key=listed[0]["Key"])
    assert found["ServerSideEncryption"] == "AES256"
    assert [record["id"] for record in read_traces(found["Body"].read())] == ["right", "wrong"]


def test_a_stale_connection_gets_a_second_attempt(monkeypatch: pytest.MonkeyPatch, capsys: Output) -> None:
    with S3Server() as s3:
        with in_process(monkeypatch, at(s3)) as api:
            api.invoke(EVENT)
            s3.resets = 1
            api.invoke(EVENT)
        assert (s3.asked, len(s3.objects)) == (3, 2)
    assert "traces dropped" not in capsys.readouterr().out


def test_a_refusal_is_logged_with_the_permission(monkeypatch: pytest.MonkeyPatch, capsys: Output) -> None:
    with S3Server(status=403) as s3:
        traced(monkeypatch, at(s3))
    out = capsys.readouterr().out
    assert "allow s3:PutObject on arn:aws:s3:::my-traces/traces/*" in out
    assert metrics(out)["TraceBatchesDropped"] == 1


def test_a_fault_in_packing_drops_the_batch_and_quotes_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: Output
) -> None:
    def broken(*_: Any) -> bytes:
        raise RuntimeError("SECRET-")

    monkeypatch.setattr(aws_traces, "encode", broken)
    traced(monkeypatch, TRACED)
    out = capsys.readouterr().out
    assert "traces dropped: RuntimeError" in messages(out)
    assert "SECRET-" not in out


def test_telemetry_that_fails_does_not_stop_the_traces(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise OSError("standard output is gone")

    monkeypatch.setattr(Telemetry, "report_traces", broken)
    with S3Server() as s3:
        traced(monkeypatch, at(s3), batches=2)
        assert len(s3.objects) == 2
    assert "telemetry of traces failed: OSError" in caplog.text


# Elsewhere


def test_a_process_that_ends_writes_its_traces_first(tmp_path: Path) -> None:
    code = "import json, sys, tests.stores.patient_function as f; "
    code += "f.lambda_handler(json.loads(sys.argv[1]), {})"
    with S3Server() as s3:
        environment = {**os.environ, **KEYS, **TRACED, "AWS_ENDPOINT_URL_S3": s3.url, "PYTHONPATH": str(ROOT)}
        command = [sys.executable, "-c", code, json.dumps(EVENT)]
        subprocess.run(command, env=environment, check=True, timeout=60, capture_output=True)
        assert len(s3.objects) == 1


def test_without_a_share_no_module_of_traces_is_imported() -> None:
    modules = [f"reward_fn.aws.{name}" for name in ("after_answer", "extension", "traces", "clients")]
    modules += [
        "reward_fn.report.trace",
        "reward_fn.aws.definition_store",
        "boto3",
        "botocore.session",
        "http.client",
    ]
    code = "import sys, reward_fn.handler as h; h.lambda_handler([], {}); "
    code += f"print(sorted(set({modules}) & set(sys.modules)))"
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "TRACE_"))
    }
    environment |= {"REWARD_DEFINITION": "math-answer", "TRACE_BUCKET": "b-b", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "[]"), done.stderr
