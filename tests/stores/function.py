"""The function on a stand-in of Lambda: in this process, or in its own under Lambda's runtime client."""

import importlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from types import SimpleNamespace

import pytest

from reward_fn import handler
from tests.factory import ROOT
from tests.fresh import fresh_handler
from tests.stores.conftest import KEYS
from tests.stores.lambda_api import LambdaApi

_RUNTIME = "/2018-06-01/runtime/invocation"


@contextmanager
def in_process(
    monkeypatch: pytest.MonkeyPatch, settings: Mapping[str, str], *, extensions: bool = True
) -> Iterator[LambdaApi]:
    """The handler's module, imported anew as Lambda does, and a thread in the runtime's place."""
    with LambdaApi(extensions=extensions) as api:
        fresh_handler(monkeypatch, AWS_LAMBDA_RUNTIME_API=api.address, **settings)
        importlib.reload(handler)
        threading.Thread(target=_serve, args=(api.address,), daemon=True).start()
        api.wait_until_frozen()
        yield api


def _serve(address: str) -> None:
    """The runtime's loop, until Lambda's stand-in goes away."""
    try:
        while True:
            _serve_one(HTTPConnection(address))
    except (OSError, HTTPException):
        return


def _serve_one(connection: HTTPConnection) -> None:
    try:
        connection.request("GET", f"{_RUNTIME}/next")
        response = connection.getresponse()
        request_id = response.headers["Lambda-Runtime-Aws-Request-Id"]
        event = json.loads(response.read())
        try:
            path, answer = (
                "response",
                handler.lambda_handler(event, SimpleNamespace(aws_request_id=request_id)),
            )
        except Exception as error:  # noqa: BLE001 - as the runtime does
            path, answer = "error", {"errorType": type(error).__name__, "errorMessage": str(error)}
        connection.request("POST", f"{_RUNTIME}/{request_id}/{path}", json.dumps(answer))
        connection.getresponse().read()
    finally:
        connection.close()


@contextmanager
def own_process(api: LambdaApi, log: Path, **settings: str) -> Iterator[None]:
    """The function under ``awslambdaric`` until the block ends. The runtime client is for Linux alone."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    environment |= {**KEYS, "AWS_REGION": "us-east-1", "AWS_EC2_METADATA_DISABLED": "true"}
    environment |= {"AWS_LAMBDA_FUNCTION_NAME": "f", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "1769"}
    environment |= {"AWS_LAMBDA_RUNTIME_API": api.address, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "awslambdaric", "tests.stores.patient_function.lambda_handler"],
            env=environment | settings, cwd=ROOT, stdout=out, stderr=subprocess.STDOUT,
        )  # fmt: skip
        try:
            api.wait_until_frozen()
            yield
        finally:
            process.kill()
            process.wait(10)


def metrics(text: str) -> dict[str, float]:
    """The sum of each metric over all records in what was written."""
    sums: dict[str, float] = {}
    for line in text.splitlines():
        record = json.loads(line) if line.startswith("{") else {}
        names = [m["Name"] for d in record.get("_aws", {}).get("CloudWatchMetrics", []) for m in d["Metrics"]]
        sums |= {name: sums.get(name, 0) + sum(record[name]) for name in set(names)}
    return sums


def messages(text: str) -> list[str]:
    """The messages of the log lines in what was written."""
    lines = [json.loads(line) for line in text.splitlines() if line.startswith("{")]
    return [line["message"] for line in lines if "message" in line]
