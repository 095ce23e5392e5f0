"""A judge on OpenAI-compatible servers: one HTTP request a call, every failure typed."""

import json
import logging
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import urllib3
from urllib3.exceptions import HTTPError, ProtocolError

from reward_fn.aws.connections import Connections
from reward_fn.errors import JudgeFailure, SettingsError
from reward_fn.judge.base import Model, Question, Reply
from reward_fn.judge.providers._bounded_body import ReplyTooLongError, read_body
from reward_fn.judge.providers.openai_compatible.chat import (
    NEW_LIMIT,
    NO_TEMPERATURE,
    chat_request,
    read_reply,
)
from reward_fn.judge.providers.openai_compatible.connections import open_pools
from reward_fn.judge.providers.openai_compatible.failures import (
    Refused,
    connection_failure,
    refusal_in,
    response_failure,
)
from reward_fn.judge.providers.openai_compatible.keys import Keys
from reward_fn.judge.providers.openai_compatible.names import is_loopback, normal_url, read_model
from reward_fn.types.unscored import Reason

if TYPE_CHECKING:
    from reward_fn.settings import Settings

CONNECT_TIMEOUT_S = 5.0
_UNAUTHORIZED = (401, 403)
MAX_SERVERS = 8
"""Connection pools: a panel has five models, and each may be on a server of its own."""


class OpenAiJudge:
    """Calls models on the servers that their names hold, over pooled connections.

    A call ends after ``judge_timeout_s`` seconds, even if its reply hangs, drips or never ends. Redirects are
    not followed, and nothing is sent twice, except for requests on a stale connection. A deployed function
    calls only URLs in JUDGE_URLS_ALLOWED.
    """

    def __init__(self, settings: "Settings", *, is_deployed: bool) -> None:
        self._timeout_s = settings.judge_timeout_s
        self._allowed = frozenset(map(normal_url, settings.judge_urls_allowed))
        self._is_deployed = is_deployed
        secret = settings.judge_api_key_secret
        self._keys = Keys(settings.judge_api_key, (lambda: _secret(secret)) if secret else None)
        self._adapted: dict[str, frozenset[str]] = {}  # by model: what its server refused
        # A call that was left behind may end when the pool is full again: expected, but urllib3 logs it.
        logging.getLogger("urllib3.connectionpool").setLevel(logging.ERROR)
        self._pools = open_pools(servers=MAX_SERVERS, connections=settings.judge_max_workers)
        self._connections: dict[str, Connections] = {}

    def check_urls(self, names: Sequence[str]) -> None:
        """Raises SettingsError if the URL of one of the models is not allowed."""
        for name in names:
            if why := self._not_allowed(read_model(name).place):
                raise SettingsError(f"{name}: {why}")

    def ask(self, question: Question, model: Model, *, within_s: float | None = None) -> Reply:
        """One chat completion. It ends after ``within_s`` seconds, or after the judge's own shorter time-out.

        Raises JudgeFailure for every error.
        """
        if why := self._not_allowed(model.place):
            raise JudgeFailure(Reason.DENIED, "the URL is not allowed", remedy=why)
        until_s = time.monotonic() + min(self._timeout_s, self._timeout_s if within_s is None else within_s)
        try:
            return self._complete(question, model, until_s)
        except JudgeFailure:
            raise
        except ReplyTooLongError as error:
            raise JudgeFailure(Reason.UNAVAILABLE, str(error)) from error
        except TimeoutError as error:
            raise JudgeFailure(Reason.TIMEOUT, "the reply took too long") from error
        except HTTPError as error:
            raise connection_failure(error) from error
        except Exception as error:  # such as a response that is not HTTP
            # No message: that of a client library may quote the headers, with the API key.
            raise JudgeFailure(Reason.UNAVAILABLE, f"the request failed: {type(error).__name__}") from error

    def warm(self) -> None:
        """Fetch the API key if it is a secret's. A failure is reported by the first call."""
        try:
            self._keys.of("")
        except JudgeFailure:
            return

    def _complete(self, question: Question, model: Model, until_s: float) -> Reply:
        adapted, key = self._adapted.get(model.name, frozenset()), self._keys.of(model.place)
        status, retry_after, body = self._send(chat_request(question, model, adapted), model, key, until_s)
        data = _json(body)
        refused = refusal_in(status, retry_after, data)
        if refused is None:
            return read_reply(data)
        if unsupported := _unsupported(refused) - adapted:
            self._adapted[model.name] = adapted | unsupported
            return self._complete(question, model, until_s)  # twice at most: there are two such parameters
        if refused.status in _UNAUTHORIZED and self._keys.is_replaced(model.place, key):
            return self._complete(question, model, until_s)  # with the new key, which lasts a minute at least
        raise response_failure(refused, question, model, key)

    def _send(
        self, request: dict[str, Any], model: Model, key: str, until_s: float
    ) -> tuple[int, str | None, bytes]:
        """The status, the header Retry-After and the body of the response."""
        headers = {"Content-Type": "application/json", "User-Agent": "reward-fn"}
        if key:
            headers["Authorization"] = f"Bearer {key}"
        body = json.dumps(request).encode()

        def send() -> urllib3.BaseHTTPResponse:
            left_s = until_s - time.monotonic()
            if left_s <= 0:
                raise TimeoutError
            timeout = urllib3.Timeout(total=left_s, connect=CONNECT_TIMEOUT_S, read=left_s)
            return self._pools.request(
                "POST", f"{model.place}/chat/completions", body=body, headers=headers, timeout=timeout,
                redirect=False, retries=False, preload_content=False,
            )  # fmt: skip

        connections = self._connections.setdefault(model.place, Connections(ProtocolError))
        response = connections.call(send)
        content = read_body(response, until_s)
        response.release_conn()
        return response.status, response.headers.get("Retry-After"), content

    def _not_allowed(self, url: str) -> str:
        """Why a URL may not be called, with the remedy; "" if it may."""
        if url in self._allowed:
            return ""
        if self._is_deployed or self._allowed:
            return f"{url} is not among JUDGE_URLS_ALLOWED; add it there, or name another judge"
        if url.startswith("http:") and not is_loopback(url):
            return f"{url} is not encrypted; use https, or add it to JUDGE_URLS_ALLOWED"
        return ""


def _json(body: bytes) -> Any:
    """The value of a JSON text; None for anything else, such as an HTML page."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _unsupported(refused: Refused) -> frozenset[str]:
    """The parameters of the request that a refusal names as not supported."""
    message = refused.message.lower()
    if refused.status not in (400, 422) or "support" not in message:
        return frozenset()
    named = {NEW_LIMIT: NEW_LIMIT in message, NO_TEMPERATURE: "'temperature'" in message}
    return frozenset(name for name, is_named in named.items() if is_named)


def _secret(reference: str) -> str:
    from reward_fn.aws.secret import read_secret  # imports boto3

    return read_secret(reference)
