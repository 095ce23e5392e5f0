"""Errors of an OpenAI-compatible server as typed failures, each with the server's words and a remedy.

The forms of an error's body: OpenAI's ``{"error": {message, type, code}}``, also of LiteLLM and llama.cpp;
vLLM's older ``{message, type, code}``; Ollama's ``{"error": "text"}``; FastAPI's ``{"detail": ...}``.
"""

import re
import ssl
from collections.abc import Mapping
from typing import Any, NamedTuple

from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    LocationValueError,
    NewConnectionError,
    ReadTimeoutError,
    SSLError,
)

from reward_fn.errors import JudgeFailure
from reward_fn.judge.base import Model, Question
from reward_fn.judge.providers._retry_after import seconds_in
from reward_fn.judge.providers._service_message import loggable
from reward_fn.types.unscored import Reason

_CODE = r"[A-Za-z][\w.-]{0,63}"
_QUOTA = re.compile(r"insufficient_quota|billing_hard_limit|exceeded your current quota")
"""OpenAI's guide "Error codes": 429 means either too many requests or no credit left."""
_OVERFLOW = re.compile(
    r"context_length_exceeded|exceed_context_size|contextwindowexceeded|maximum context length"
    r"|exceeds? the (?:available |model's |maximum )?context|prompt is too long"
    r"|longer than the maximum model length"
)
"""OpenAI; llama.cpp (tools/server); LiteLLM; vLLM, "This model's maximum context length is"."""
_FILTER = re.compile(r"content_filter|content_policy_violation|contentpolicyviolation|responsibleaipolicy")
"""Azure OpenAI, "Content filtering"; LiteLLM's exception mapping."""

_BY_STATUS: Mapping[int, Reason] = {
    401: Reason.DENIED,
    403: Reason.DENIED,
    408: Reason.TIMEOUT,
    413: Reason.OVERFLOW,
    424: Reason.MODEL_ERROR,
    429: Reason.THROTTLED,
}
REMEDIES: Mapping[Reason, str] = {
    Reason.DENIED: "the server refuses the API key: set JUDGE_API_KEY or JUDGE_API_KEY_SECRET",
    Reason.TIMEOUT: "the server is slow: raise JUDGE_TIMEOUT_S, or name a fallback",
    Reason.THROTTLED: "calls exceed the server's rate: lower lambda_concurrency_limit or JUDGE_MAX_WORKERS",
    Reason.QUOTA_EXHAUSTED: "the account has no credit left: add credit, or name a fallback",
    Reason.UNAVAILABLE: "the server failed: if it lasts, look at its log, or name a fallback",
    Reason.MODEL_ERROR: "the model failed: if it happens often, choose another judge",
    Reason.OVERFLOW: "the question is longer than the judge can read: choose one with a larger context",
    Reason.FILTERED: "the server's filter blocked the text: read the rollout, or choose another judge",
    Reason.INVALID_REQUEST: "the server refuses the request: check the model's name, the URL and `structure`",
}
_NETWORK = "the server can't be reached: check the URL, and on Lambda the VPC's route to it"
_REDIRECT = "the server answers with a redirect, which is not followed: name the URL that it leads to"
_CERTIFICATE = "the server's certificate is not trusted: install a valid one, or set SSL_CERT_FILE to its CA"


class Refused(NamedTuple):
    """An error as a server sends it: status, header Retry-After, the error's code and message."""

    status: int
    retry_after: str | None
    code: str
    message: str


def refusal_in(status: int, retry_after: str | None, data: Any) -> Refused | None:
    """The error of a response, None for a success. ``data`` is the body's JSON value, None without one.

    A success whose body is an error counts as an error.
    """
    error = _error_in(data)
    if status == 200 and error is None:
        return None
    fields = error if isinstance(error, dict) else {"message": error}
    code = next((c for key in ("code", "type") if (c := _as_code(fields.get(key)))), "")
    # A router answers 200 and puts the status of the model's own server into the error's code.
    inner_code = str(fields.get("code"))
    inner = int(inner_code) if status == 200 and re.fullmatch(r"[45]\d\d", inner_code) else status
    return Refused(424 if inner == 200 else inner, retry_after, code, str(fields.get("message") or ""))


def response_failure(refused: Refused, question: Question, model: Model, key: str = "") -> JudgeFailure:
    """The failure that a refusal means. Nothing of ``question`` nor of the API key is in its texts."""
    text = f"{refused.code}: {refused.message}".lower()
    reason = _refined(_BY_STATUS.get(refused.status, _of_class(refused.status)), text)
    remedy = _REDIRECT if 300 <= refused.status < 400 else REMEDIES[reason]
    code = "" if key and (key in refused.code or refused.code in key) else refused.code
    detail = f"HTTP {refused.status}" + (f" {code}" if code else "")
    # A message about a key may quote it, whole or in part.
    message = "" if reason is Reason.DENIED else refused.message
    shown = loggable(message, (question.static, question.variable, key), (model.model_id,))
    return JudgeFailure(
        reason,
        f"{detail}: {shown}" if shown else detail,
        remedy=remedy,
        retry_after_s=seconds_in(refused.retry_after),
    )


def connection_failure(error: HTTPError) -> JudgeFailure:
    """The failure that an error of urllib3 means. Only the error's class is in its texts."""
    name, cause = type(error).__name__, error
    if isinstance(cause, LocationValueError):  # such as a port of 99999, or a host that no resolver takes
        return JudgeFailure(
            Reason.INVALID_REQUEST, "the URL is malformed", remedy=REMEDIES[Reason.INVALID_REQUEST]
        )
    if isinstance(cause, NewConnectionError):  # derives from ConnectTimeoutError
        return JudgeFailure(Reason.UNAVAILABLE, name, remedy=_NETWORK)
    if isinstance(cause, ConnectTimeoutError):
        return JudgeFailure(Reason.TIMEOUT, name, remedy=_NETWORK)
    if isinstance(cause, ReadTimeoutError):
        return JudgeFailure(Reason.TIMEOUT, name, remedy=REMEDIES[Reason.TIMEOUT])
    if isinstance(cause, SSLError):
        untrusted = any(isinstance(arg, ssl.SSLCertVerificationError) for arg in cause.args)
        if untrusted or "CERTIFICATE_VERIFY_FAILED" in str(cause):
            return JudgeFailure(Reason.DENIED, "certificate not trusted", remedy=_CERTIFICATE)
    return JudgeFailure(Reason.UNAVAILABLE, name, remedy=REMEDIES[Reason.UNAVAILABLE])


def _of_class(status: int) -> Reason:
    return Reason.UNAVAILABLE if status >= 500 else Reason.INVALID_REQUEST


def _refined(first: Reason, text: str) -> Reason:
    """The reason by the status, refined by the error's words."""
    if first is Reason.THROTTLED:
        return Reason.QUOTA_EXHAUSTED if _QUOTA.search(text) else first
    if first in (Reason.INVALID_REQUEST, Reason.MODEL_ERROR, Reason.UNAVAILABLE):
        if _FILTER.search(text):
            return Reason.FILTERED
        if _OVERFLOW.search(text):
            return Reason.OVERFLOW
    return first


def _error_in(data: Any) -> Any:
    """The error in a body: an object or a text, None without one."""
    if not isinstance(data, dict):
        return None
    if data.get("object") == "error":
        return data
    error = data.get("error")
    if error is None and "choices" not in data:
        error = data.get("detail") or data.get("message")
    return error if isinstance(error, dict | str) else None


def _as_code(value: Any) -> str:
    return value if isinstance(value, str) and re.fullmatch(_CODE, value) else ""
