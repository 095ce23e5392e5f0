"""Errors of AWS as one line with a remedy, without credentials or traceback."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

DENIED = frozenset({"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"})
ABSENT = frozenset(
    {"ResourceNotFoundException", "NoSuchEntity", "ProvisionedConcurrencyConfigNotFoundException"}
)

_UNKNOWN = "AWS does not know these credentials: check AWS_PROFILE, or sign in again."
_BY_CODE = {
    "ExpiredToken": "Your session has ended: sign in again.",
    "ExpiredTokenException": "Your session has ended: sign in again.",
    "InvalidClientTokenId": _UNKNOWN,
    "UnrecognizedClientException": _UNKNOWN,
    "InvalidSignatureException": "Check the secret key and this machine's clock.",
    "SignatureDoesNotMatch": "Check the secret key and this machine's clock.",
    "ResourceNotFoundException": "Check name, region and account; `make outputs` shows what is deployed.",
    "TooManyRequestsException": "AWS throttles these requests: try again in a minute, with a smaller N.",
    "ThrottlingException": "AWS throttles these requests: try again in a minute.",
}
_BY_TYPE = {
    "NoCredentialsError": "Sign in (`aws sso login`, or AWS_PROFILE=...) and try again.",
    "PartialCredentialsError": "Set the access key and its secret together, or choose a profile.",
    "TokenRetrievalError": "Your sign-in has ended: `aws sso login`.",
    "SSOTokenLoadError": "Sign in: `aws sso login`.",
    "UnauthorizedSSOTokenError": "Your sign-in has ended: `aws sso login`.",
    "ProfileNotFound": "Give a profile of ~/.aws/config, or neither --profile nor AWS_PROFILE.",
    "NoRegionError": "Set AWS_REGION, or give --region.",
    "EndpointConnectionError": "Check the region's name and the network.",
    "ConnectTimeoutError": "Check the network.",
    "ReadTimeoutError": "The call may still be running: look at its log, then try again.",
}


class CloudError(Exception):
    """An error of AWS or of the project's cloud settings.

    `remedy` says what to do, `code` is AWS's error code, "" if the error does not come from AWS.
    """

    def __init__(self, message: str, *, remedy: str = "", code: str = "") -> None:
        self.message = message
        self.remedy = remedy
        self.code = code
        super().__init__(message)

    @property
    def is_denied(self) -> bool:
        """Whether AWS denied the request."""
        return self.code in DENIED

    @property
    def is_absent(self) -> bool:
        """Whether the resource does not exist."""
        return self.code in ABSENT


@contextmanager
def explained(doing: str) -> Iterator[None]:
    """Turn botocore's errors in the block into CloudError; `doing` says what failed: "reading the alias"."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except ClientError as error:
        raise _of_answer(doing, error.response.get("Error", {}), error.operation_name) from error
    except BotoCoreError as error:
        kind = type(error).__name__
        message = " ".join(str(error).split())[:300]
        raise CloudError(f"{doing}: {message}", remedy=_BY_TYPE.get(kind, "See the message.")) from error


def _of_answer(doing: str, answer: Mapping[str, Any], operation: str) -> CloudError:
    code = str(answer.get("Code", ""))
    message = " ".join(str(answer.get("Message", "")).split())[:300]
    remedy = _BY_CODE.get(code, "See AWS's message.")
    if code in DENIED:
        remedy = f"Your credentials lack the permission for {operation}: request it, or use another profile."
    elif code == "ValidationError" and "does not exist" in message:
        remedy = "Deploy it first with `make deploy`, or give another ENVIRONMENT, profile or region."
    return CloudError(f"{doing}: {code}: {message}", remedy=remedy, code=code)
