"""Verdicts in a DynamoDB table that all environments share: read within a time, written after the answer.

A table that is slow, broken or full costs a batch at most the time that one read may take. Then it is left
alone for ``REST_S``. :mod:`reward_fn.judge.cache.verdicts` says what an entry holds.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from queue import Empty, SimpleQueue
from typing import Any, TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from reward_fn.aws.after_answer import AfterAnswer
from reward_fn.aws.clients import client_config, open_client
from reward_fn.aws.connections import Connections
from reward_fn.deadline import Clock
from reward_fn.errors import SettingsError
from reward_fn.judge.cache.entry import Entry
from reward_fn.settings import Settings

KEY, TEXT, EXPIRES = "verdict_key", "verdicts", "expires_s"
"""The attributes of an item: the table's hash key, the verdicts, and the time to live."""

MOST_READ, MOST_WRITTEN = 100, 25
"""Items in one BatchGetItem and in one BatchWriteItem (the DynamoDB API reference)."""
WARM_S = 0.5
"""The time for the first read, which opens the connection: name resolution and TLS take long."""
REST_S = 30.0
"""The pause after a failure. 20 environments with a broken table then lose one read each in 30 s."""
CONNECT_TIMEOUT_S = 1.0
READ_TIMEOUT_S = 2.0

_WARM_KEY = "0"

T = TypeVar("T")
_Parts = SimpleQueue[dict[str, Entry] | Exception | None]
"""A reading thread's output: entries by key, part by part, then None; or an error."""


class VerdictTable:
    """A :class:`reward_fn.judge.cache.verdicts.Table`.

    ``client`` is botocore's for DynamoDB; ``clock`` gives monotonic seconds.
    """

    def __init__(self, name: str, client: Any, *, clock: Clock = time.monotonic) -> None:
        self._name = name
        self._client = client
        self._connections = Connections()
        self._clock = clock
        self._lock = threading.Lock()
        self._errors = 0
        self._after_answer = AfterAnswer(self._put, self._done, name="verdicts", rest_s=REST_S, clock=clock)
        self.keep_awake = self._after_answer.keep_awake
        self.end_invocation = self._after_answer.end_invocation
        self.flush = self._after_answer.flush

    def read(self, keys: Sequence[str], within_s: float) -> dict[str, Entry]:
        """Return the entries of ``keys`` that came within ``within_s`` seconds; {} while the table rests."""
        entries: dict[str, Entry] = {}
        if not keys or self._after_answer.is_resting():
            return entries
        until_s = self._clock() + within_s
        parts: _Parts = SimpleQueue()
        try:
            threading.Thread(target=self._get, args=(keys, parts), name="verdicts-read", daemon=True).start()
            while (part := parts.get(timeout=max(0.0, until_s - self._clock()))) is not None:
                if isinstance(part, Exception):
                    raise part
                entries |= part
        except Empty:  # the thread is left behind; its further output is never read
            self._fail(TimeoutError())
        except Exception as error:  # noqa: BLE001 - whatever the table does, the batch goes on without it
            self._fail(error)
        return entries

    def write(self, entries: Sequence[Entry]) -> None:
        """Write after the answer; nothing while the table rests. A refused write counts as an error."""
        if not self._after_answer.is_resting() and not self._after_answer.offer(entries):
            self._count()

    def take_errors(self) -> int:
        """Return how many reads and writes failed since the last call."""
        with self._lock:
            errors, self._errors = self._errors, 0
        return errors

    def warm(self) -> None:
        """Open the connection, so that the first batch's read need not."""
        self.read([_WARM_KEY], WARM_S)

    def _get(self, keys: Sequence[str], parts: _Parts) -> None:
        """Read all keys into ``parts``. A key that DynamoDB leaves unprocessed is a miss."""
        try:
            for some in _parts(keys, MOST_READ):
                request = {self._name: {"Keys": [{KEY: {"S": key}} for key in some]}}
                response = self._call(self._client.batch_get_item, request)
                entries = map(_entry, response["Responses"][self._name])
                parts.put({entry.key: entry for entry in entries if entry is not None})
            parts.put(None)
        except Exception as error:  # noqa: BLE001 - read() raises it
            parts.put(error)

    def _put(self, entries: Sequence[Entry]) -> None:
        """Write all entries. A request that DynamoDB does not process whole counts as an error."""
        for some in _parts(entries, MOST_WRITTEN):
            request = {self._name: [{"PutRequest": {"Item": _item(entry)}} for entry in some]}
            if self._call(self._client.batch_write_item, request).get("UnprocessedItems"):
                self._count()

    def _done(self, failure: Exception | None) -> None:
        if failure is not None:
            self._fail(failure)

    def _call(self, operation: Callable[..., Any], items: dict[str, Any]) -> Any:
        """Make one attempt, or two if the connection was stale."""
        return self._connections.call(lambda: operation(RequestItems=items))

    def _count(self) -> None:
        with self._lock:
            self._errors += 1

    def _fail(self, error: Exception) -> None:
        self._after_answer.rest()
        self._count()
        code = error.response.get("Error", {}).get("Code") if isinstance(error, ClientError) else ""
        logging.getLogger(__name__).warning("verdict table: %s", code or type(error).__name__)


def open_verdict_table(settings: Settings) -> VerdictTable:
    """Return the table of the settings, which stays awake until its verdicts are written.

    Raises SettingsError if botocore can't make a client of the environment.
    """
    config = client_config(
        connect_timeout_s=CONNECT_TIMEOUT_S, read_timeout_s=READ_TIMEOUT_S, every_batch=True
    )
    try:
        client = open_client("dynamodb", config)
    except (BotoCoreError, ValueError) as error:
        raise SettingsError(f"boto3 can't make a DynamoDB client of the AWS_* variables: {error}") from error
    table = VerdictTable(settings.verdict_table, client)
    table.keep_awake()
    return table


def _parts(whole: Sequence[T], most: int) -> Iterator[Sequence[T]]:
    yield from (whole[start : start + most] for start in range(0, len(whole), most))


def _item(entry: Entry) -> dict[str, dict[str, str]]:
    return {KEY: {"S": entry.key}, TEXT: {"S": entry.text}, EXPIRES: {"N": str(entry.expires_s)}}


def _entry(item: Any) -> Entry | None:
    """Return the entry of an item; None for an item that this module did not write."""
    try:
        key, text, expires_s = item[KEY]["S"], item[TEXT]["S"], int(item[EXPIRES]["N"])
    except (KeyError, TypeError, ValueError):
        return None
    return Entry(key, text, expires_s) if isinstance(key, str) and isinstance(text, str) else None
