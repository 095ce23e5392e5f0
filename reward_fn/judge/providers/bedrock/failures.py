"""Bedrock Runtime's errors as typed failures, each with the service's words and a remedy."""

import re
from collections.abc import Mapping

from botocore.exceptions import BotoCoreError, ClientError

from reward_fn.errors import JudgeFailure
from reward_fn.judge.base import Model, Question
from reward_fn.judge.providers._retry_after import seconds_in
from reward_fn.judge.providers._service_message import loggable
from reward_fn.judge.providers.bedrock.known_failures import KNOWN, REMEDIES
from reward_fn.judge.providers.bedrock.names import bare_id
from reward_fn.types.unscored import Reason

# Error codes of Converse (Bedrock API reference) and those common to AWS's services (Bedrock user guide,
# Troubleshooting API error codes). Any other 401 or 403 is a denial too.
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
    "ResourceNotFoundException": Reason.DENIED,
    "FTUFormNotFilled": Reason.DENIED,
    "NotAuthorized": Reason.DENIED,
    "RequestExpired": Reason.DENIED,
    "IncompleteSignature": Reason.DENIED,
    "ExpiredToken": Reason.DENIED,
    "ExpiredTokenException": Reason.DENIED,
    "TokenRefreshRequired": Reason.DENIED,
    "AccessDeniedException": Reason.DENIED,
    "UnrecognizedClientException": Reason.DENIED,
    "InvalidClientTokenId": Reason.DENIED,
    "InvalidSignatureException": Reason.DENIED,
    "ValidationException": Reason.INVALID_REQUEST,
}
_BY_STATUS: Mapping[int, Reason] = {408: Reason.TIMEOUT, 424: Reason.MODEL_ERROR, 429: Reason.THROTTLED}
_UNAUTHORIZED = frozenset({401, 403})
LONGEST_CODE_CHARS = 64
"""The longest code of an AWS service has about 50."""
_GEOGRAPHIES: Mapping[str, str] = {"us-gov": "us-gov", "eu": "eu", "ap": "apac"}
"""Prefixes of inference profiles by the region's own; "us" elsewhere (Bedrock user guide, Supported Regions
and models for inference profiles)."""
_LACKS = r"not authorized to perform: ([\w:-]+)(?: on resource: ([\w:/.*@+=-]+))?"
_ACCOUNT = r"(?<=:)\d{12}(?=:)"

_CREDENTIALS = "the function finds no usable credentials: on Lambda check its role, elsewhere sign in again"
_NETWORK = (
    "Bedrock can't be reached: in a VPC the function needs a NAT gateway or an endpoint for bedrock-runtime"
)

CLIENT_ERRORS: Mapping[str, tuple[Reason, str]] = {
    "ReadTimeoutError": (Reason.TIMEOUT, REMEDIES[Reason.TIMEOUT]),
    "ConnectTimeoutError": (Reason.TIMEOUT, _NETWORK),
    "EndpointConnectionError": (Reason.UNAVAILABLE, _NETWORK),
    "ProxyConnectionError": (Reason.UNAVAILABLE, _NETWORK),
    "ConnectionError": (Reason.UNAVAILABLE, REMEDIES[Reason.UNAVAILABLE]),
    "HTTPClientError": (Reason.UNAVAILABLE, REMEDIES[Reason.UNAVAILABLE]),
    **dict.fromkeys(
        (
            "NoCredentialsError",
            "PartialCredentialsError",
            "CredentialRetrievalError",
            "UnknownCredentialError",
            "RefreshWithMFAUnsupportedError",
            "MetadataRetrievalError",
            "ProfileNotFound",
            "InvalidConfigError",  # raised in a call only where credentials are resolved
            "NoAuthTokenError",
            "TokenRetrievalError",
            "UnknownTokenProviderError",
            "SSOError",
            "LoginError",
        ),
        (Reason.DENIED, _CREDENTIALS),
    ),
}
"""botocore's own exceptions by the name of the class, or of the nearest one that it derives from."""


def client_failure(error: ClientError, question: Question, model: Model, region: str) -> JudgeFailure:
    """The failure that an error response means: by its code and status, refined by its message.

    ``region`` is where the model was asked. Nothing of ``question`` is in the failure's texts.
    """
    code, message = _code(error), _message(error)
    reason, remedy = _meaning(f"{code}: {message}".lower(), _first_reason(error, code))
    names = (model.model_id, bare_id(model.model_id))
    shown = loggable(message, (question.static, question.variable), names)
    detail = f"{code}: {shown}" if shown else code
    filled = _filled(remedy, message, model, region)
    return JudgeFailure(reason, detail, remedy=filled, retry_after_s=_retry_after_s(error))


def library_failure(error: BotoCoreError) -> JudgeFailure:
    """The failure that an exception of botocore itself means, by its class: its message may quote a file."""
    names = [kind.__name__ for kind in type(error).__mro__]
    known = (CLIENT_ERRORS[name] for name in names if name in CLIENT_ERRORS)
    reason, remedy = next(known, (Reason.INVALID_REQUEST, REMEDIES[Reason.INVALID_REQUEST]))
    return JudgeFailure(reason, names[0], remedy=remedy)


def _code(error: ClientError) -> str:
    """The error's code, or the HTTP status if botocore has no code."""
    code = str(error.response.get("Error", {}).get("Code", ""))[:LONGEST_CODE_CHARS]
    return f"HTTP {_status(error)}" if not code or code.isdigit() else code


def _message(error: ClientError) -> str:
    # IAM's refusals spell the key "Message"; botocore puts either spelling under "Message".
    return str(error.response.get("Error", {}).get("Message") or "")


def _status(error: ClientError) -> int:
    return error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)


def _retry_after_s(error: ClientError) -> float:
    return seconds_in(error.response.get("ResponseMetadata", {}).get("HTTPHeaders", {}).get("retry-after"))


def _first_reason(error: ClientError, code: str) -> Reason:
    """The reason by code and status alone."""
    status = _status(error)
    reason = _REASONS.get(code) or _BY_STATUS.get(status)
    if reason is None:
        reason = Reason.UNAVAILABLE if status >= 500 else Reason.INVALID_REQUEST
    # STS and SSO are called in here too, for credentials: their refusals are not the fault of the question.
    refused = reason in (Reason.INVALID_REQUEST, Reason.MODEL_ERROR)
    if status in _UNAUTHORIZED and reason is not Reason.THROTTLED:
        return Reason.DENIED
    return Reason.DENIED if refused and error.operation_name != "Converse" else reason


def _meaning(text: str, first: Reason) -> tuple[Reason, str]:
    for known in KNOWN:
        if first in known.among and re.search(known.says, text):
            return known.reason, known.remedy
    return first, REMEDIES[first]


def _filled(remedy: str, message: str, model: Model, region: str) -> str:
    """The remedy with its names; what the message does not tell is said in words."""
    lacks = re.search(_LACKS, message)
    geography = next((prefix for start, prefix in _GEOGRAPHIES.items() if region.startswith(start)), "us")
    return remedy.format(
        model=model.model_id,
        profile=f"{geography}.{bare_id(model.model_id)}",
        region=region,
        action=lacks[1] if lacks else "bedrock:InvokeModel",
        resource=re.sub(_ACCOUNT, "<account>", lacks[2]) if lacks and lacks[2] else "this model",
    )
