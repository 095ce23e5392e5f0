"""Traces after the answer, as Lambda runs it: never delayed, never failed, written before the freeze.

Lambda's own runtime client runs the function against a stand-in of Lambda's API (it notes when the answer was
posted, which is when Lambda sends it out) and a bucket that answers at once, late or never.
"""

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import boto3
import pytest
from moto import mock_aws

from reward_fn import handler
from reward_fn.aws import traces as aws_traces
from reward_fn.report.telemetry import Telemetry
from rewardctl.local import artifact, runtime
from rewardctl.local.environment import function_environment
from rewardctl.traces import read_traces
from tests.factory import ROOT, row
from tests.fresh import fresh_handler
from tests.stores.conftest import KEYS
from tests.stores.lambda_api import LambdaApi
from tests.stores.s3_server import S3Server

EVENT = [row("A: 5", id="right", reference_answer="5"), row("A: 6", id="wrong", reference_answer="5")]
TRACED = {"REWARD_DEFINITION": "math-answer", "TRACE_SHARE": "1", "TRACE_BUCKET": "my-traces"}
HANG_S = 60.0
SOON_S = 1.0
"""For an answer that takes milliseconds, on a busy machine."""

needs_client = pytest.mark.skipif(sys.platform != "linux", reason="the runtime client is for Linux alone")
needs_emulator = pytest.mark.skipif(
    bool(runtime.why_not()), reason=f"no runtime emulator: {runtime.why_not()}"
)


@contextmanager
def function(api: LambdaApi, s3: S3Server, log: Path, **settings: str) -> Iterator[None]:
    """The function under Lambda's runtime client, until the block ends."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    environment |= {**KEYS, **TRACED, "AWS_REGION": "us-east-1", "AWS_EC2_METADATA_DISABLED": "true"}
    environment |= {"AWS_LAMBDA_RUNTIME_API": api.address, "AWS_ENDPOINT_URL_S3": s3.url, **settings}
    environment |= {"AWS_LAMBDA_FUNCTION_NAME": "f", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "1769"}
    environment |= {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "awslambdaric", "reward_fn.handler.lambda_handler"],
            env=environment, cwd=ROOT, stdout=out, stderr=subprocess.STDOUT,
        )  # fmt: skip
        try:
            yield
        finally:
            process.kill()
            process.wait(10)


def lines(log: Path) -> list[dict[str, Any]]:
    found = [json.loads(line) for line in log.read_text().splitlines() if line.startswith("{")]
    assert found
    return found


def counted(log: Path, metric: str) -> int:
    """The sum of a metric over all its records."""
    return int(sum(sum(line.get(metric, [])) for line in lines(log) if "_aws" in line))


# On Lambda


@needs_client
def test_a_trace_is_written_after_the_answer_and_before_the_freeze(tmp_path: Path) -> None:
    with S3Server(delay_s=1.5) as s3, LambdaApi() as api, function(api, s3, tmp_path / "log"):
        answer, answered_s, frozen_s = api.invoke(EVENT)
        assert [each["id"] for each in answer] == ["right", "wrong"]
        assert answered_s < SOON_S
        assert frozen_s > 1.5, "the environment waits for the object"
        assert len(s3.objects) == 1, "which is there before it is frozen"
        assert api.registered == [("reward-fn-traces", {"events": ["INVOKE"]})]
        request_id = api.request_id
    ((key, content),) = s3.objects.items()
    place = rf"/my-traces/traces/date=\d{{4}}-\d\d-\d\d/definition=math-answer/{request_id}\.jsonl\.gz"
    assert re.fullmatch(place, unquote(key))
    assert [(r["id"], r["reward"]) for r in read_traces(content)] == [("right", 1.0), ("wrong", 0.0)]
    assert s3.headers["x-amz-server-side-encryption"] == "AES256"
    assert (counted(tmp_path / "log", "TraceBatches"), counted(tmp_path / "log", "TraceBatchesDropped")) == (
        1,
        0,
    )


@needs_client
def test_an_s3_that_hangs_delays_no_answer_and_holds_the_environment_once(tmp_path: Path) -> None:
    with S3Server(delay_s=HANG_S) as s3, LambdaApi() as api, function(api, s3, tmp_path / "log"):
        answer, answered_s, frozen_s = api.invoke(EVENT)
        assert (len(answer), len(s3.objects)) == (2, 0)
        assert answered_s < SOON_S
        # the read time-out of 4 s, plus making the client; never more than the extension's 5 s
        assert aws_traces.READ_TIMEOUT_S - 0.5 < frozen_s < 5.0 + SOON_S
        for _ in range(3):
            _, answered_s, frozen_s = api.invoke(EVENT)
            assert answered_s <= frozen_s < SOON_S
        assert s3.asked == 1, "for a minute nothing is tried"
    assert counted(tmp_path / "log", "TraceBatchesDropped") == 4
    (first, *_) = [
        line["message"] for line in lines(tmp_path / "log") if "dropped" in line.get("message", "")
    ]
    assert first == "traces dropped: ReadTimeoutError"


@needs_client
def test_the_functions_deadline_is_never_passed(tmp_path: Path) -> None:
    with (
        S3Server(delay_s=HANG_S) as s3,
        LambdaApi(timeout_s=3.0) as api,
        function(api, s3, tmp_path / "log"),
    ):
        _, answered_s, frozen_s = api.invoke(EVENT)
        assert answered_s < SOON_S
        assert 2.0 < frozen_s < 3.0  # half a second before the deadline
        _, _, frozen_s = api.invoke(EVENT)
        assert frozen_s < SOON_S, "an upload that still hangs is not waited for again"


@needs_client
def test_an_invocation_that_raises_lets_the_environment_go(tmp_path: Path) -> None:
    with S3Server() as s3, LambdaApi() as api, function(api, s3, tmp_path / "log"):
        answer, _, frozen_s = api.invoke("no batch")
        assert answer["errorType"] == "EventError"
        assert frozen_s < SOON_S
        api.invoke(EVENT)
        assert len(s3.objects) == 1


@needs_client
def test_without_an_extensions_api_a_thread_writes_them(tmp_path: Path) -> None:
    with (
        S3Server() as s3,
        LambdaApi(extensions=False) as api,
        function(api, s3, tmp_path / "log"),
    ):
        _, answered_s, _ = api.invoke(EVENT)
        s3.wait_for(1)
    assert answered_s < SOON_S
    assert "without an extension" in (tmp_path / "log").read_text()


@needs_client
def test_what_is_off_registers_nothing_and_writes_nothing(tmp_path: Path) -> None:
    with (
        S3Server() as s3,
        LambdaApi() as api,
        function(api, s3, tmp_path / "log", TRACE_SHARE="0"),
    ):
        api.invoke(EVENT)
        time.sleep(0.3)
        assert (api.registered, s3.asked) == ([], 0)


@pytest.mark.slow
@needs_emulator
def test_under_the_runtime_emulator_the_artifact_traces(tmp_path: Path) -> None:
    """The emulator holds the answer until extensions are done, which Lambda does not: its own log says when
    the runtime was done."""
    built = artifact.build_artifact(tmp_path / "built")
    path = (built.function, built.layer, built.runtime)
    with S3Server(delay_s=1.5) as s3:
        environment = function_environment(
            definition="math-answer", judge_url="http://127.0.0.1:9", path=path, timeout_s=30, caller={}
        )
        environment |= TRACED | {"AWS_ENDPOINT_URL_S3": s3.url}
        log = tmp_path / "log"
        with runtime.RuntimeEmulator(environment, folder=built.function, log=log, timeout_s=30) as host:
            for _ in range(2):
                assert len(json.loads(host.invoke(json.dumps(EVENT).encode()))) == 2
            assert len(s3.objects) == 2
        said = host.emulator_log.read_text()
    assert "Internal agent reward-fn-traces" in said
    durations_ms = [
        float(ms) for ms in re.findall(r"INVOKE RTDONE\(status: success,.*duration: ([\d.]+)ms", said)
    ]
    assert len(durations_ms) == 2
    assert max(durations_ms) < 1000 * SOON_S
    assert all(len(read_traces(content)) == 2 for content in s3.objects.values())


# Elsewhere


def traced(monkeypatch: pytest.MonkeyPatch, **settings: str) -> aws_traces.Traces:
    """One traced batch in this process, done with."""
    fresh_handler(monkeypatch, **TRACED, **settings)
    assert len(handler.lambda_handler(EVENT, {})) == 2
    kept = handler.holder.get().traces
    assert kept is not None
    assert kept.flush(10.0)
    return kept


@mock_aws
def test_without_lambda_a_thread_writes_and_a_request_without_id_has_a_key(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    s3: Any = boto3.client("s3")
    s3.create_bucket(Bucket="my-traces")
    for _ in range(2):
        traced(monkeypatch, TRACE_PREFIX="runs/7")
    listed = s3.list_objects_v2(Bucket="my-traces", Prefix="runs/7/date=")["Contents"]
    assert len(listed) == 2
    found = s3.get_object(Bucket="my-traces", Key=listed[0]["Key"])
    assert found["ServerSideEncryption"] == "AES256"
    assert [record["id"] for record in read_traces(found["Body"].read())] == ["right", "wrong"]


def test_a_stale_connection_gets_a_second_attempt(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with S3Server() as s3:
        kept = traced(monkeypatch, AWS_ENDPOINT_URL_S3=s3.url)
        s3.resets = 1
        handler.lambda_handler(EVENT, {})
        assert kept.flush(10.0)
        assert (s3.asked, len(s3.objects)) == (3, 2)
    assert "traces dropped" not in capsys.readouterr().out


def test_a_refusal_is_logged_with_the_permission_and_costs_the_batch_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with S3Server(status=403) as s3:
        traced(monkeypatch, AWS_ENDPOINT_URL_S3=s3.url)
    out = capsys.readouterr().out
    assert "allow s3:PutObject on arn:aws:s3:::my-traces/traces/*" in out
    assert '"TraceBatchesDropped":[1' in out.replace(" ", "")


def test_a_fault_in_packing_is_a_dropped_batch_and_no_more(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: Any) -> bytes:
        raise RuntimeError("SECRET-")

    monkeypatch.setattr(aws_traces, "encode", broken)
    traced(monkeypatch)
    out = capsys.readouterr().out
    assert "traces dropped: RuntimeError" in out
    assert "SECRET-" not in out


def test_telemetry_that_fails_does_not_stop_the_traces(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise OSError("standard output is gone")

    monkeypatch.setattr(Telemetry, "report_traces", broken)
    with S3Server() as s3:
        kept = traced(monkeypatch, AWS_ENDPOINT_URL_S3=s3.url)
        handler.lambda_handler(EVENT, {})
        assert kept.flush(10.0)
        assert len(s3.objects) == 2


def test_a_process_that_ends_writes_what_it_has(tmp_path: Path) -> None:
    code = "import json, sys, reward_fn.handler as h; h.lambda_handler(json.loads(sys.argv[1]), {})"
    with S3Server(delay_s=0.5) as s3:
        environment = {**os.environ, **KEYS, **TRACED, "AWS_ENDPOINT_URL_S3": s3.url, "PYTHONPATH": str(ROOT)}
        command = [sys.executable, "-c", code, json.dumps(EVENT)]
        subprocess.run(command, env=environment, check=True, timeout=60, capture_output=True)
        assert len(s3.objects) == 1


# Off


@pytest.mark.parametrize(("settings", "expected"), [({}, "[]"), ({"TRACE_BUCKET": "my-traces"}, "[]")])
def test_nothing_of_it_is_imported_unless_it_is_switched_on(settings: dict[str, str], expected: str) -> None:
    report, aws = "'reward_fn.report.trace'", "'reward_fn.aws.extension', 'reward_fn.aws.background'"
    names = f"'boto3', 'http.client', {report}, {aws}"
    names += ", 'reward_fn.aws.traces', 'reward_fn.aws.definition_store'"
    code = f"import sys, reward_fn.handler as h; h.lambda_handler([], {{}}); print([n for n in ({names}) if n in sys.modules])"  # noqa: E501
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "TRACE_"))
    }
    environment |= {"REWARD_DEFINITION": "math-answer", "PYTHONPATH": str(ROOT), **settings}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, expected), done.stderr
