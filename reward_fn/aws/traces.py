"""Traces to S3 after the answer: one object a batch, bounded in time and number, without effect on answers.

``docs/traces.md`` says what they hold and what they cost.
"""

import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Protocol

from botocore.exceptions import ClientError

from reward_fn.aws.after_answer import AfterAnswer
from reward_fn.aws.clients import client_config, open_client
from reward_fn.aws.connections import Connections
from reward_fn.report.trace import Batch, choose, encode, object_key
from reward_fn.settings import Settings
from reward_fn.types.batch import Scored
from reward_fn.types.definition import Definition

REST_S = 60.0
"""The pause after a failure, so that an outage of S3 does not keep every environment busy with time-outs."""
CONNECT_TIMEOUT_S = 2.0
READ_TIMEOUT_S = 4.0
"""Below the five seconds that an environment waits for its traces, so that a failure is seen and counted."""

Put = Callable[[str, bytes], None]
"""Writes an object under a key, or raises."""


class Report(Protocol):
    """Called when a batch of traces is done; ``dropped`` is the reason if it was not written, else ""."""

    def __call__(self, definition: Definition, *, dropped: str = "") -> None: ...


class Traces:
    """The traces of an environment. ``offer`` and ``end_invocation`` return at once."""

    def __init__(self, settings: Settings, definition: Definition, report: Report, put: Put) -> None:
        self._settings = settings
        self._definition = definition
        self._report = report
        self._put = put
        self._after_answer = AfterAnswer(self._write, self._done, name="traces", rest_s=REST_S)
        self.keep_awake = self._after_answer.keep_awake
        self.end_invocation = self._after_answer.end_invocation
        self.flush = self._after_answer.flush

    def offer(self, scored: Scored, request_id: str) -> None:
        """Have the sampled rollouts of an answered batch traced, or report why they are not."""
        chosen = choose(scored, self._definition, self._settings.trace_share)
        if not chosen:
            return
        batch = Batch(scored, chosen, request_id or uuid.uuid4().hex, datetime.now(UTC))
        if self._after_answer.is_resting():
            self._report(self._definition, dropped=f"the last one failed less than {REST_S:g} s ago")
        elif not self._after_answer.offer(batch):
            self._report(self._definition, dropped="others are still being written")

    def _write(self, batch: Batch) -> None:
        key = object_key(self._settings.trace_prefix, self._definition, batch)
        self._put(key, encode(batch, self._definition))

    def _done(self, failure: Exception | None) -> None:
        self._report(self._definition, dropped=_cause(failure, self._settings) if failure else "")


def open_traces(settings: Settings, definition: Definition, report: Report) -> Traces:
    """Return traces to the bucket of the settings, which stay awake until they are written."""
    traces = Traces(settings, definition, report, S3Bucket(settings.trace_bucket).put)
    traces.keep_awake()
    return traces


class S3Bucket:
    """A bucket. Its client is made at the first write, so after an answer and not before one."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._client: Any = None
        self._connections = Connections()

    def put(self, key: str, body: bytes) -> None:
        """Write an object, encrypted at rest: one attempt, or two if the connection was stale.

        Raises botocore's errors.
        """
        client = self._client = self._client or open_client(
            "s3", client_config(connect_timeout_s=CONNECT_TIMEOUT_S, read_timeout_s=READ_TIMEOUT_S)
        )
        self._connections.call(
            lambda: client.put_object(
                Bucket=self._name,
                Key=key,
                Body=body,
                ContentType="application/gzip",
                ServerSideEncryption="AES256",
            )
        )


def _cause(error: Exception, settings: Settings) -> str:
    """Return the cause, with the remedy if it is a permission. It quotes nothing of a rollout."""
    if not isinstance(error, ClientError):
        return type(error).__name__
    code = str(error.response.get("Error", {}).get("Code", ""))
    if code in ("AccessDenied", "403"):
        place = f"{settings.trace_bucket}/{settings.trace_prefix.strip('/')}"
        return f"access denied; allow s3:PutObject on arn:aws:s3:::{place}/*"
    return f"S3 answered {code}"
