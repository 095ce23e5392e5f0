"""What Bedrock Runtime's errors mean for a rollout: each a typed failure."""

from collections.abc import Mapping

from botocore.exceptions import ClientError

from reward_fn.errors import JudgeFailure
from reward_fn.judge.base import BLOCKED
from reward_fn.rubric import Reason

# Bedrock's error codes for Converse, as its API reference lists them.
_REASONS: Mapping[str, Reason] = {
    "ThrottlingException": Reason.THROTTLED,
    "TooManyRequestsException": Reason.THROTTLED,
    "ServiceQuotaExceededException": Reason.THROTTLED,
    "ModelNotReadyException": Reason.THROTTLED,
    "ModelTimeoutException": Reason.TIMEOUT,
    "RequestTimeout": Reason.TIMEOUT,
    "InternalServerException": Reason.UNAVAILABLE,
    "ServiceUnavailableException": Reason.UNAVAILABLE,
    "ModelErrorException": Reason.MODEL_ERROR,
    "AccessDeniedException": Reason.DENIED,
    "UnrecognizedClientException": Reason.DENIED,
    "ExpiredTokenException": Reason.DENIED,
    "InvalidSignatureException": Reason.DENIED,
    "ResourceNotFoundException": Reason.DENIED,
    "ValidationException": Reason.INVALID_REQUEST,
}
_BY_STATUS: Mapping[int, Reason] = {408: Reason.TIMEOUT, 424: Reason.MODEL_ERROR, 429: Reason.THROTTLED}
# What Bedrock calls a ValidationException, and the rollout's own text set off. Source: the Nova user guide's
# page on errors, and the models' own messages.
_SET_OFF_BY_TEXT: Mapping[str, Reason] = {
    "too long": Reason.OVERFLOW,
    "context length": Reason.OVERFLOW,
    "context limit": Reason.OVERFLOW,
    "context window": Reason.OVERFLOW,
    "input tokens": Reason.OVERFLOW,
    BLOCKED: Reason.FILTERED,
}


def message_of(error: ClientError) -> str:
    """What Bedrock says of it, in lower case."""
    return str(error.response.get("Error", {}).get("Message", "")).lower()


def client_failure(error: ClientError) -> JudgeFailure:
    """By its code, else by its status, else by what the rollout's own text set off."""
    code = str(error.response.get("Error", {}).get("Code", ""))
    message = message_of(error)
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    reason = _REASONS.get(code) or _BY_STATUS.get(status)
    if reason is None:
        reason = Reason.UNAVAILABLE if status >= 500 else Reason.INVALID_REQUEST
    if reason is Reason.INVALID_REQUEST:
        reason = next((why for mark, why in _SET_OFF_BY_TEXT.items() if mark in message), reason)
    return JudgeFailure(reason, code or f"HTTP {status}")
