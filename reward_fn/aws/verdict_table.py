"""Verdicts in a DynamoDB table, shared by all environments: read within a time, written after the answer.

A table that is slow, broken or full costs a batch at most the time that a read may take, once: then it is
left alone for ``REST_S``. What it holds is said in :mod:`reward_fn.judge.cache.verdicts`.
"""

import atexit
import logging
import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from queue import Empty, SimpleQueue
from typing import Any, TypeVar

import botocore.session
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from reward_fn.aws.background import Background
from reward_fn.aws.connections import Connections
from reward_fn.aws.extension import FLUSH_S, Extension
from reward_fn.errors import SettingsError
from reward_fn.judge.cache.entry import Entry
from reward_fn.settings import Settings

KEY, TEXT, EXPIRES = "verdict_key", "verdicts", "expires_s"
"""The attributes of an item; the table's hash key is the first, its time to live the last."""

MOST_READ, MOST_WRITTEN = 100, 25
"""Items in one BatchGetItem and in one BatchWriteItem (the DynamoDB API reference)."""
MOST_WAITING = 4
WARM_S = 0.5
SETTLE_S = 0.05
REST_S = 30.0
CONNECT_TIMEOUT_S = 1.0
READ_TIMEOUT_S = 2.0
EXTENSION = "reward-fn-verdicts"

_WARM_KEY = "0"

T = TypeVar("T")


class VerdictTable:
    """A :class:`reward_fn.judge.cache.verdicts.Table`. ``client`` is boto3's; ``clock`` gives monotonic
    seconds."""

    def __init__(self, name: str, client: Any, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._name = name
        self._client = client
        self._connections = Connections()
        self._clock = clock
        self._lock = threading.Lock()
        self._errors = 0
        self._rest_until_s = 0.0
        self._background = Background(self._put, most_waiting=MOST_WAITING, name="verdicts")
        self._extension: Extension | None = None

    def read(self, keys: Sequence[str], within_s: float) -> dict[str, Entry]:
        """Those of ``keys`` that are there and came within the time; none while the table rests."""
        found: dict[str, Entry] = {}
        if not keys or self._rests():
            return found
        until_s = self._clock() + within_s
        parts: SimpleQueue[dict[str, Entry] | Exception | None] = SimpleQueue()
        try:
            threading.Thread(target=self._get, args=(keys, parts), name="verdicts-read", daemon=True).start()
            while (part := parts.get(timeout=max(0.0, until_s - self._clock()))) is not None:
                if isinstance(part, Exception):
                    raise part
                found |= part
        except Empty:  # what comes of it later is nobody's any more
            self._failed(TimeoutError())
        except Exception as error:  # noqa: BLE001 - whatever the table does, the batch goes on without it
            self._failed(error)
        return found

    def write(self, entries: Sequence[Entry]) -> None:
        """Write after the answer; while the table rests, or too much waits, nothing."""
        if not self._rests() and not self._background.offer(entries):
            self._count()

    def take_errors(self) -> int:
        """How many reads and writes failed since this was last asked."""
        with self._lock:
            errors, self._errors = self._errors, 0
        return errors

    def warm(self) -> None:
        """Open the connection, so that the first batch's read has its time for itself."""
        self.read([_WARM_KEY], WARM_S)

    def register(self, api: str) -> bool:
        """Keep a Lambda environment awake for the writes; False where it has no Extensions API."""
        try:
            self._extension = Extension(api, self.flush, name=EXTENSION)
        except (OSError, ValueError) as error:
            logging.getLogger(__name__).warning("verdicts are written without an extension: %s", error)
        return self._extension is not None

    def end_invocation(self) -> None:
        """Say that the handler is done, on Lambda."""
        if self._extension is not None:
            self._extension.handled()

    def flush(self, timeout_s: float) -> bool:
        """Wait for what was offered, ``timeout_s`` at most; whether all of it is done."""
        return self._background.drain(timeout_s)

    def _get(self, keys: Sequence[str], parts: "SimpleQueue[dict[str, Entry] | Exception | None]") -> None:
        """Keys that DynamoDB leaves unprocessed are misses."""
        try:
            for some in _parts(keys, MOST_READ):
                wanted = {self._name: {"Keys": [{KEY: {"S": key}} for key in some]}}
                answer = self._call(self._client.batch_get_item, wanted)
                parts.put(dict(map(_with_key, filter(None, map(_entry, answer["Responses"][self._name])))))
            parts.put(None)
        except Exception as error:  # noqa: BLE001 - told to whoever waits
            parts.put(error)

    def _put(self, entries: Sequence[Entry]) -> None:
        time.sleep(SETTLE_S)  # the answer is posted meanwhile
        try:
            for some in _parts(entries, MOST_WRITTEN):
                puts = {self._name: [{"PutRequest": {"Item": _item(entry)}} for entry in some]}
                answer = self._call(self._client.batch_write_item, puts)
                if answer.get("UnprocessedItems"):
                    self._count()
        except Exception as error:  # noqa: BLE001 - likewise; it is counted
            self._failed(error)

    def _call(self, operation: Callable[..., Any], items: dict[str, Any]) -> Any:
        """One attempt, or two if the connection was stale."""
        return self._connections.call(lambda: operation(RequestItems=items))

    def _rests(self) -> bool:
        return self._clock() < self._rest_until_s

    def _count(self) -> None:
        with self._lock:
            self._errors += 1

    def _failed(self, error: Exception) -> None:
        self._rest_until_s = self._clock() + REST_S
        self._count()
        code = error.response.get("Error", {}).get("Code") if isinstance(error, ClientError) else ""
        logging.getLogger(__name__).warning("verdict table: %s", code or type(error).__name__)


def open_verdict_table(settings: Settings) -> VerdictTable:
    """The table that is set. Raises SettingsError where boto3 can't make a client of the environment."""
    table = VerdictTable(settings.verdict_table, _client())
    api = os.environ.get("AWS_LAMBDA_RUNTIME_API", "")
    if not api or not table.register(api):
        atexit.register(table.flush, FLUSH_S)
    return table


def _client() -> Any:
    config = Config(
        connect_timeout=CONNECT_TIMEOUT_S,
        read_timeout=READ_TIMEOUT_S,
        retries={"total_max_attempts": 1, "mode": "standard"},
        parameter_validation=False,
        user_agent="reward-fn",
        tcp_keepalive=True,
    )
    try:
        return botocore.session.get_session().create_client("dynamodb", config=config)
    except (BotoCoreError, ValueError) as error:
        raise SettingsError(f"boto3 can't make a DynamoDB client of the AWS_* variables: {error}") from error


def _parts(whole: Sequence[T], most: int) -> Iterator[Sequence[T]]:
    yield from (whole[start : start + most] for start in range(0, len(whole), most))


def _item(entry: Entry) -> dict[str, dict[str, str]]:
    return {KEY: {"S": entry.key}, TEXT: {"S": entry.text}, EXPIRES: {"N": str(entry.expires_s)}}


def _entry(item: Any) -> Entry | None:
    """None for an item that this module did not write."""
    try:
        key, text, expires_s = item[KEY]["S"], item[TEXT]["S"], int(item[EXPIRES]["N"])
    except (KeyError, TypeError, ValueError):
        return None
    return Entry(key, text, expires_s) if isinstance(key, str) and isinstance(text, str) else None


def _with_key(entry: Entry) -> tuple[str, Entry]:
    return entry.key, entry
