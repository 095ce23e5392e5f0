"""A pinned definition from S3 or the SSM Parameter Store, bounded in bytes and in time.

It is fetched in Lambda's initialisation phase, which has ten seconds for everything. So the whole fetch may
take ``BUDGET_S`` seconds, however many addresses a name has and however slowly bytes come.
"""

import threading
from collections.abc import Callable, Mapping
from queue import Empty, SimpleQueue
from typing import Any

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionError,  # noqa: A004 - botocore's own: refused, and no route
    HTTPClientError,
    IncompleteReadError,
    NoCredentialsError,
    NoRegionError,
)

from reward_fn.aws.clients import client_config, open_client
from reward_fn.definition.load import load_pinned
from reward_fn.definition.pin import MAX_BYTES, Pin, check_hash, check_size, parse_pin, sha256_of
from reward_fn.errors import DefinitionStoreError
from reward_fn.types.definition import Definition

BUDGET_S = 6.0
"""Leaves four of the ten seconds of Lambda's initialisation phase for imports and the judge's client."""
CONNECT_TIMEOUT_S = 1.5
READ_TIMEOUT_S = 2.5
ATTEMPTS = 2

_TRANSIENT = frozenset(
    {"SlowDown", "Throttling", "ThrottlingException", "TooManyUpdates", "RequestTimeout", "InternalError"}
    | {"InternalServerError", "ServiceUnavailable", "RequestLimitExceeded"}
)
_DENIED = frozenset({"AccessDenied", "AccessDeniedException", "403", "AllAccessDisabled"})
_NO_KEYS = frozenset(
    {"ExpiredToken", "ExpiredTokenException", "InvalidAccessKeyId", "UnrecognizedClientException"}
    | {"SignatureDoesNotMatch", "InvalidSignatureException", "InvalidToken"}
)
_MISSING: Mapping[str, str] = {
    "NoSuchBucket": "no such bucket: correct its name",
    "NoSuchKey": "no such object: correct its key, or upload it",
    "NoSuchVersion": "no such version of the object; aws s3api list-object-versions lists them",
    "InvalidArgument": "not a version id; aws s3api list-object-versions lists them",
    "MethodNotAllowed": "the version is a delete marker; name the version before it",
    "404": "no such object or version; aws s3api list-object-versions lists them",
    "ParameterNotFound": "no such parameter in this region: correct its name, or create it here",
    "ParameterVersionNotFound": "no such version of the parameter; aws ssm get-parameter-history lists them",
}


def load_stored(uri: str, sha256: str, *, judge_model: str, judges_allowed: tuple[str, ...]) -> Definition:
    """Fetch the definition that ``uri`` and ``sha256`` pin, and load it. The hash is compared before parsing.

    Raises DefinitionStoreError if it can't be fetched or has another hash, DefinitionError for its mistakes.
    """
    raw = fetch(parse_pin(uri))
    check_hash(sha256_of(raw), sha256, uri)
    return load_pinned(raw, uri, judge_model=judge_model, judges_allowed=judges_allowed)


def fetch(pin: Pin) -> bytes:
    """Return the stored bytes, at most ``MAX_BYTES``. Credentials and region come from the environment.

    Raises DefinitionStoreError, which is ``passing`` if a later try may succeed.
    """
    raw = _within_budget(lambda: _fetch(pin), pin)
    check_size(raw, pin.uri)
    return raw


def _within_budget(call: Callable[[], bytes], pin: Pin) -> bytes:
    """Return or raise what ``call`` does; a call that outlasts the budget is left behind in its thread."""
    answers: SimpleQueue[bytes | Exception] = SimpleQueue()

    def run() -> None:
        try:
            answers.put(call())
        except Exception as error:  # noqa: BLE001 - raised again by the caller
            answers.put(error)

    threading.Thread(target=run, name="definition", daemon=True).start()
    try:
        answer = answers.get(timeout=BUDGET_S)
    except Empty as error:
        raise DefinitionStoreError(pin.uri, _no_answer(pin), passing=True) from error
    if isinstance(answer, Exception):
        raise answer
    return answer


def _fetch(pin: Pin) -> bytes:
    """Return the stored bytes; every failure is raised as a DefinitionStoreError with its remedy."""
    try:
        return _from_s3(pin) if pin.store == "s3" else _from_ssm(pin)
    except ClientError as error:
        raise _refusal(error, pin) from error
    except NoCredentialsError as error:
        cause = "there are no AWS credentials: on Lambda check the function's role, elsewhere sign in"
        raise DefinitionStoreError(pin.uri, cause) from error
    except NoRegionError as error:
        raise DefinitionStoreError(
            pin.uri, "AWS_DEFAULT_REGION is not set: set the region that holds the definition"
        ) from error
    except (HTTPClientError, ConnectionError, IncompleteReadError) as error:
        raise DefinitionStoreError(
            pin.uri, f"{_no_answer(pin)} ({type(error).__name__})", passing=True
        ) from error
    except (BotoCoreError, ValueError) as error:
        raise DefinitionStoreError(pin.uri, f"botocore can't fetch it: {error}") from error
    except (KeyError, TypeError, AttributeError) as error:
        raise DefinitionStoreError(
            pin.uri, f"the reply is not one of {pin.store}; check AWS_ENDPOINT_URL"
        ) from error


def _client(store: str) -> Any:
    config = client_config(
        connect_timeout_s=CONNECT_TIMEOUT_S, read_timeout_s=READ_TIMEOUT_S, attempts=ATTEMPTS
    )
    return open_client(store, config)


def _from_s3(pin: Pin) -> bytes:
    response = _client("s3").get_object(Bucket=pin.place, Key=pin.key, VersionId=pin.version)
    body = response["Body"]
    try:
        # Bounded, whatever the header says of the length. The second read finds a body that was cut short.
        return bytes(body.read(MAX_BYTES + 1)) + bytes(body.read(1))
    finally:
        body.close()


def _from_ssm(pin: Pin) -> bytes:
    """Return a parameter's value. It is not decrypted: that would need the permission to use a key."""
    response = _client("ssm").get_parameter(Name=f"{pin.key}:{pin.version}", WithDecryption=False)
    parameter = response["Parameter"]
    if parameter["Type"] != "String":
        raise DefinitionStoreError(
            pin.uri,
            f"the parameter is a {parameter['Type']}; store it as a String, since a definition is not secret",
        )
    return str(parameter["Value"]).encode("utf-8", "surrogatepass")


def _refusal(error: ClientError, pin: Pin) -> DefinitionStoreError:
    """Return the error for a store's refusal, with the remedy that its code tells."""
    code = str(error.response.get("Error", {}).get("Code", ""))
    status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
    if code in _NO_KEYS:
        return DefinitionStoreError(pin.uri, f"the AWS credentials are not accepted ({code}); renew them")
    if code in _DENIED or (status == 403 and code not in _TRANSIENT):
        return DefinitionStoreError(pin.uri, _denied(pin, str(error)))
    if code in _MISSING:
        return DefinitionStoreError(pin.uri, f"{_MISSING[code]} ({code})")
    passing = code in _TRANSIENT or status >= 500 or status == 429
    return DefinitionStoreError(pin.uri, f"{pin.store} answered {code or status}", passing=passing)


def _denied(pin: Pin, message: str) -> str:
    """Return which permission to allow."""
    if "kms:" in message.lower():
        return "access denied to the key that it is encrypted with: allow kms:Decrypt on that key"
    if pin.store == "s3":
        arn = f"arn:aws:s3:::{pin.place}/{pin.key}"
        return (
            f"access denied: allow s3:GetObjectVersion on {arn} (or the key is wrong: S3 says the same then)"
        )
    return f"access denied: allow ssm:GetParameter on arn:aws:ssm:<region>:<account>:parameter{pin.key}"


def _no_answer(pin: Pin) -> str:
    """Return the likely cause of a time-out: a VPC without a way to the store."""
    endpoint = "a gateway endpoint for s3" if pin.store == "s3" else "an interface endpoint for ssm"
    return (
        f"no answer from {pin.store} in time; a function in a VPC needs {endpoint} (or a NAT). "
        "It is tried again at the next invocation"
    )
