"""What AWS answers instead of what was asked: one line and its remedy, no credential, no traceback."""

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
    "InvalidSignatureException": "Check the secret key, and this machine's clock.",
    "SignatureDoesNotMatch": "Check the secret key, and this machine's clock.",
    "ResourceNotFoundException": "Check name, region and account; `make outputs` shows what is deployed.",
    "TooManyRequestsException": "AWS asks for a pause: try again in a minute, with a smaller N.",
    "ThrottlingException": "AWS asks for a pause: try again in a minute.",
}
_BY_TYPE = {
    "NoCredentialsError": "Sign in (`aws sso login`, or AWS_PROFILE=...) and try again.",
    "PartialCredentialsError": "Set the access key and its secret together, or choose a profile.",
    "TokenRetrievalError": "Your sign-in has ended: `aws sso login`.",
    "SSOTokenLoadError": "Sign in: `aws sso login`.",
    "UnauthorizedSSOTokenError": "Your sign-in has ended: `aws sso login`.",
    "ProfileNotFound": "Name a profile that ~/.aws/config has, or leave --profile and AWS_PROFILE out.",
    "NoRegionError": "Set AWS_REGION, or give --region.",
    "EndpointConnectionError": "Check the region's name and the network.",
    "ConnectTimeoutError": "Check the network.",
    "ReadTimeoutError": "It may still be running: see its log, and try again.",
}


class CloudError(Exception):
    """What stands in the way, with `remedy`: what to do about it; `code` is AWS's own, "" where none."""

    def __init__(self, message: str, *, remedy: str = "", code: str = "") -> None:
        self.message = message
        self.remedy = remedy
        self.code = code
        super().__init__(message)

    @property
    def is_denied(self) -> bool:
        """Whether the caller may not ask that."""
        return self.code in DENIED

    @property
    def is_absent(self) -> bool:
        """Whether AWS has no such thing."""
        return self.code in ABSENT


@contextmanager
def explained(doing: str) -> Iterator[None]:
    """Raises CloudError for what botocore raises inside; `doing` names the attempt: "reading the alias"."""
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
        remedy = f"Your credentials lack the permission for {operation}: ask for it, or use another profile."
    elif code == "ValidationError" and "does not exist" in message:
        remedy = "Deploy it first: `make deploy`. Or give another ENVIRONMENT, profile or region."
    return CloudError(f"{doing}: {code}: {message}", remedy=remedy, code=code)
