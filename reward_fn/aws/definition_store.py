"""A pinned definition from S3 or the SSM Parameter Store: bounded in bytes and in time, every failure told.

It is fetched in Lambda's initialisation phase, which has ten seconds for everything, so all of it may take
``BUDGET_S`` seconds, however many addresses a name has and however slowly bytes come.
"""

import threading
from collections.abc import Callable, Mapping
from queue import Empty, SimpleQueue
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionError,  # noqa: A004 - botocore's own: refused, and no route
    HTTPClientError,
    IncompleteReadError,
    NoCredentialsError,
    NoRegionError,
)

from reward_fn.definition.load import load_pinned
from reward_fn.definition.pin import MAX_BYTES, Pin, check_hash, check_size, parse_pin, sha256_of
from reward_fn.errors import DefinitionStoreError
from reward_fn.types.definition import Definition

BUDGET_S = 6.0
CONNECT_TIMEOUT_S = 1.5
READ_TIMEOUT_S = 2.5
ATTEMPTS = 2

_PASSING = frozenset(
    {"SlowDown", "Throttling", "ThrottlingException", "TooManyUpdates", "RequestTimeout", "InternalError"}
    | {"InternalServerError", "ServiceUnavailable", "RequestLimitExceeded"}
)
_DENIED = frozenset({"AccessDenied", "AccessDeniedException", "403", "AllAccessDisabled"})
_NO_KEYS = frozenset(
    {"ExpiredToken", "ExpiredTokenException", "InvalidAccessKeyId", "UnrecognizedClientException"}
    | {"SignatureDoesNotMatch", "InvalidSignatureException", "InvalidToken"}
)
_MISSING: Mapping[str, str] = {
    "NoSuchBucket": "there is no such bucket; correct its name",
    "NoSuchKey": "there is no such object; correct its key, or upload it",
    "NoSuchVersion": "the object has no such version; aws s3api list-object-versions lists them",
    "InvalidArgument": "that is no version id; aws s3api list-object-versions lists them",
    "MethodNotAllowed": "that version is a deletion; name the version before it",
    "404": "there is no such object or version; aws s3api list-object-versions lists them",
    "ParameterNotFound": "there is no such parameter in this region; correct its name, or create it here",
    "ParameterVersionNotFound": "the parameter has no such version; aws ssm get-parameter-history lists them",
}


def load_stored(uri: str, sha256: str, *, judge_model: str, judges_allowed: tuple[str, ...]) -> Definition:
    """The definition pinned by ``uri`` and ``sha256``, its bytes compared before they are parsed.

    Raises DefinitionStoreError where it can't be had or is another, DefinitionError where it can't be served.
    """
    raw = fetch(parse_pin(uri))
    check_hash(sha256_of(raw), sha256, uri)
    return load_pinned(raw, uri, judge_model=judge_model, judges_allowed=judges_allowed)


def fetch(pin: Pin) -> bytes:
    """The stored bytes, at most ``MAX_BYTES``, with boto3's own credentials and region.

    Raises DefinitionStoreError, ``passing`` where a later try may succeed.
    """
    raw = _within_budget(lambda: _typed(pin), pin)
    check_size(raw, pin.uri)
    return raw


def _within_budget(call: Callable[[], bytes], pin: Pin) -> bytes:
    """What ``call`` returns or raises; one that is still running at the end of the budget is left behind."""
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


def _typed(pin: Pin) -> bytes:
    try:
        return _from_s3(pin) if pin.store == "s3" else _from_ssm(pin)
    except ClientError as error:
        raise _refusal(error, pin) from error
    except NoCredentialsError as error:
        cause = "there are no AWS credentials; on Lambda they are its role's, elsewhere your own"
        raise DefinitionStoreError(pin.uri, cause) from error
    except NoRegionError as error:
        raise DefinitionStoreError(pin.uri, "set AWS_DEFAULT_REGION to the region that has it") from error
    except (HTTPClientError, ConnectionError, IncompleteReadError) as error:
        raise DefinitionStoreError(
            pin.uri, f"{_no_answer(pin)} ({type(error).__name__})", passing=True
        ) from error
    except (BotoCoreError, ValueError) as error:
        raise DefinitionStoreError(pin.uri, f"boto3 can't fetch it: {error}") from error
    except (KeyError, TypeError, AttributeError) as error:
        raise DefinitionStoreError(pin.uri, f"{pin.store} gave no answer of its kind") from error


def _client(store: str) -> Any:
    """A client of its own session: the shared one is not safe to use from several threads."""
    retries: Any = {"total_max_attempts": ATTEMPTS, "mode": "standard"}
    config = Config(connect_timeout=CONNECT_TIMEOUT_S, read_timeout=READ_TIMEOUT_S, retries=retries)
    session: Any = boto3.session.Session()
    return session.client(store, config=config)


def _from_s3(pin: Pin) -> bytes:
    answer = _client("s3").get_object(Bucket=pin.place, Key=pin.key, VersionId=pin.version)
    body = answer["Body"]
    try:
        # Bounded, whatever it says of its length; the second read finds a body that was cut short.
        return bytes(body.read(MAX_BYTES + 1)) + bytes(body.read(1))
    finally:
        body.close()


def _from_ssm(pin: Pin) -> bytes:
    """Not decrypted: a definition is no secret, and the key would be one permission more."""
    answer = _client("ssm").get_parameter(Name=f"{pin.key}:{pin.version}", WithDecryption=False)
    parameter = answer["Parameter"]
    if parameter["Type"] != "String":
        raise DefinitionStoreError(
            pin.uri,
            f"the parameter is a {parameter['Type']}; a definition is no secret, store it as a String",
        )
    return str(parameter["Value"]).encode("utf-8", "surrogatepass")


def _refusal(error: ClientError, pin: Pin) -> DefinitionStoreError:
    code = str(error.response.get("Error", {}).get("Code", ""))
    status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
    if code in _NO_KEYS:
        return DefinitionStoreError(pin.uri, f"the AWS credentials are not accepted ({code}); renew them")
    if code in _DENIED or (status == 403 and code not in _PASSING):
        return DefinitionStoreError(pin.uri, _denied(pin, str(error)))
    if code in _MISSING:
        return DefinitionStoreError(pin.uri, f"{_MISSING[code]} ({code})")
    passing = code in _PASSING or status >= 500 or status == 429
    return DefinitionStoreError(pin.uri, f"{pin.store} answered {code or status}", passing=passing)


def _denied(pin: Pin, words: str) -> str:
    if "kms:" in words.lower():
        return "access denied to the key that it is encrypted with: allow kms:Decrypt on that key"
    if pin.store == "s3":
        arn = f"arn:aws:s3:::{pin.place}/{pin.key}"
        return (
            f"access denied: allow s3:GetObjectVersion on {arn} (or the key is wrong: S3 says the same then)"
        )
    return f"access denied: allow ssm:GetParameter on arn:aws:ssm:<region>:<account>:parameter{pin.key}"


def _no_answer(pin: Pin) -> str:
    kind = "a gateway endpoint for s3" if pin.store == "s3" else "an interface endpoint for ssm"
    return (
        f"no answer from {pin.store} in time; a function in a VPC needs {kind} (or a NAT). "
        "It is tried again at the next invocation"
    )
