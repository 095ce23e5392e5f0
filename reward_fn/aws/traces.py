"""Traces to S3 after the answer: one object a batch, bounded in time and number, never failing anything.

``docs/traces.md`` says what they hold and what they cost.
"""

import atexit
import logging
import os
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Protocol

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from reward_fn.aws.background import Background
from reward_fn.aws.connections import Connections
from reward_fn.aws.extension import FLUSH_S, Extension
from reward_fn.report.trace import Batch, choose, encode, object_key
from reward_fn.settings import Settings
from reward_fn.types.batch import Scored
from reward_fn.types.definition import Definition

MOST_WAITING = 4
SETTLE_S = 0.05
"""The answer is posted meanwhile: what packs traces would compete with it for the interpreter."""
REST_S = 60.0
"""After a failure; an outage of S3 must not keep every environment busy with time-outs."""
CONNECT_TIMEOUT_S = 2.0
READ_TIMEOUT_S = 4.0

Put = Callable[[str, bytes], None]
"""Writes an object by its key, once, or raises."""


class Report(Protocol):
    """How a batch of traces ended; ``dropped`` is why it was not written, "" where it was."""

    def __call__(self, definition: Definition, *, dropped: str = "") -> None: ...


class Traces:
    """What an environment keeps for its traces. ``offer`` and ``end_invocation`` return at once."""

    def __init__(self, settings: Settings, definition: Definition, report: Report, put: Put) -> None:
        self._settings = settings
        self._definition = definition
        self._report = report
        self._put = put
        self._rest_until_s = 0.0
        self._background = Background(self._write, most_waiting=MOST_WAITING, name="traces")
        self._extension: Extension | None = None

    def register(self, api: str) -> bool:
        """Keep a Lambda environment awake for the traces; False where it has no Extensions API."""
        try:
            self._extension = Extension(api, self.flush)
        except (OSError, ValueError) as error:
            logging.getLogger(__name__).warning("traces are written without an extension: %s", error)
        return self._extension is not None

    def offer(self, scored: Scored, request_id: str) -> None:
        """Trace the sampled rollouts of an answered batch, or count what can't be traced."""
        chosen = choose(scored, self._definition, self._settings.trace_share)
        if not chosen:
            return
        if time.monotonic() < self._rest_until_s:
            self._report(self._definition, dropped=f"the last one failed less than {REST_S:g} s ago")
        elif not self._background.offer(
            Batch(scored, chosen, request_id or uuid.uuid4().hex, datetime.now(UTC))
        ):
            self._report(self._definition, dropped="others are still being written")

    def end_invocation(self) -> None:
        """Say that the handler is done, on Lambda."""
        if self._extension is not None:
            self._extension.handled()

    def flush(self, timeout_s: float) -> bool:
        """Wait for what was offered, ``timeout_s`` at most; whether all of it is done."""
        return self._background.drain(timeout_s)

    def _write(self, batch: Batch) -> None:
        """Pack and put one batch; whatever goes wrong is counted, and the next ones are spared it a while."""
        time.sleep(SETTLE_S)
        dropped = ""
        try:
            key = object_key(self._settings.trace_prefix, self._definition, batch)
            self._put(key, encode(batch, self._definition))
        except Exception as error:  # noqa: BLE001 - the answer is out; a trace must not cost the next one
            self._rest_until_s = time.monotonic() + REST_S
            dropped = _cause(error, self._settings)
        try:
            self._report(self._definition, dropped=dropped)
        except Exception as error:  # noqa: BLE001 - likewise
            logging.getLogger(__name__).warning("telemetry of traces failed: %s", type(error).__name__)


def open_traces(settings: Settings, definition: Definition, report: Report) -> Traces:
    """Traces to the bucket that is set; on Lambda with an extension, elsewhere by a thread alone.

    A process that ends waits ``FLUSH_S`` seconds at most for what it still has to write.
    """
    traces = Traces(settings, definition, report, S3Bucket(settings.trace_bucket).put)
    api = os.environ.get("AWS_LAMBDA_RUNTIME_API", "")
    if not api or not traces.register(api):
        atexit.register(traces.flush, FLUSH_S)
    return traces


class S3Bucket:
    """A bucket, whose client is made when it is first written to: after an answer, not before one."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._client: Any = None
        self._connections = Connections()

    def put(self, key: str, body: bytes) -> None:
        """Encrypted at rest; one attempt, or two if the connection was stale. Raises what botocore raises."""
        client = self._client = self._client or _client()
        self._connections.call(
            lambda: client.put_object(
                Bucket=self._name,
                Key=key,
                Body=body,
                ContentType="application/gzip",
                ServerSideEncryption="AES256",
            )
        )


def _client() -> Any:
    retries: Any = {"total_max_attempts": 1, "mode": "standard"}
    config = Config(connect_timeout=CONNECT_TIMEOUT_S, read_timeout=READ_TIMEOUT_S, retries=retries)
    session: Any = boto3.session.Session()  # its own: the shared one is not safe in a second thread
    return session.client("s3", config=config)


def _cause(error: Exception, settings: Settings) -> str:
    """In words that name the remedy and quote nothing of a rollout."""
    if not isinstance(error, ClientError):
        return type(error).__name__
    code = str(error.response.get("Error", {}).get("Code", ""))
    if code in ("AccessDenied", "403"):
        place = f"{settings.trace_bucket}/{settings.trace_prefix.strip('/')}"
        return f"access denied; allow s3:PutObject on arn:aws:s3:::{place}/*"
    return f"S3 answered {code}"
