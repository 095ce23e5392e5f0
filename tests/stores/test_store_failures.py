"""A store that refuses, fails or never answers: the error names the remedy, and whether to try again."""

import re

import pytest

from reward_fn.aws import definition_store
from reward_fn.aws.definition_store import BUDGET_S, fetch
from reward_fn.definition.pin import MAX_BYTES, parse_pin
from reward_fn.errors import DefinitionStoreError
from tests.stores.store_server import StoreServer, s3_error, ssm_error

S3_URI = "s3://my-rewards/one.toml?versionId=abc"
SSM_URI = "ssm:/rewards/one:1"


@pytest.fixture(autouse=True)
def _one_attempt(monkeypatch: pytest.MonkeyPatch) -> None:
    """botocore waits up to a second between attempts."""
    monkeypatch.setattr(definition_store, "ATTEMPTS", 1)


def failure(uri: str) -> DefinitionStoreError:
    with pytest.raises(DefinitionStoreError) as caught:
        fetch(parse_pin(uri))
    assert caught.value.uri == uri
    return caught.value


def cause(error: DefinitionStoreError) -> str:
    """The message without the name of the definition."""
    return str(error).removeprefix(f"reward definition {error.uri}: ")


DENIED_S3 = (
    "access denied: allow s3:GetObjectVersion on arn:aws:s3:::my-rewards/one.toml "
    "(or the key is wrong: S3 says the same then)"
)
DENIED_SSM = "access denied: allow ssm:GetParameter on arn:aws:ssm:<region>:<account>:parameter/rewards/one"
DENIED_KEY = "access denied to the key that it is encrypted with: allow kms:Decrypt on that key"
RENEW = "the AWS credentials are not accepted ({}); renew them"


@pytest.mark.parametrize(
    ("uri", "step", "message"),
    [
        (S3_URI, s3_error(403, "AccessDenied"), DENIED_S3),
        (S3_URI, s3_error(403, "SomethingNew"), DENIED_S3),
        (S3_URI, s3_error(403, "AccessDenied", "may not perform: KMS:Decrypt"), DENIED_KEY),
        (SSM_URI, ssm_error("AccessDeniedException"), DENIED_SSM),
        (SSM_URI, ssm_error("AccessDeniedException", message="needs kms:Decrypt"), DENIED_KEY),
        (S3_URI, s3_error(400, "ExpiredToken"), RENEW.format("ExpiredToken")),
        (S3_URI, s3_error(403, "SignatureDoesNotMatch"), RENEW.format("SignatureDoesNotMatch")),
        (S3_URI, s3_error(403, "InvalidAccessKeyId"), RENEW.format("InvalidAccessKeyId")),
        (SSM_URI, ssm_error("UnrecognizedClientException"), RENEW.format("UnrecognizedClientException")),
    ],
)
def test_a_refusal_names_the_permission_or_the_credentials(
    store: StoreServer, uri: str, step: tuple[int, bytes], message: str
) -> None:
    store.script = [step]
    error = failure(uri)
    assert (cause(error), error.passing) == (message, False)


VERSIONS = "aws s3api list-object-versions lists them"
DELETED = "the version is a delete marker; name the version before it"


@pytest.mark.parametrize(
    ("uri", "step", "message"),
    [
        (S3_URI, s3_error(404, "NoSuchBucket"), "no such bucket: correct its name"),
        (S3_URI, s3_error(404, "NoSuchKey"), "no such object: correct its key, or upload it"),
        (S3_URI, s3_error(404, "NoSuchVersion"), f"no such version of the object; {VERSIONS}"),
        (S3_URI, s3_error(400, "InvalidArgument"), f"not a version id; {VERSIONS}"),
        (
            S3_URI,
            s3_error(405, "MethodNotAllowed"),
            DELETED,
        ),
        (S3_URI, (404, b""), f"no such object or version; {VERSIONS}"),
        (
            SSM_URI,
            ssm_error("ParameterNotFound"),
            "no such parameter in this region: correct its name, or create it here",
        ),
        (
            SSM_URI,
            ssm_error("ParameterVersionNotFound"),
            "no such version of the parameter; aws ssm get-parameter-history lists them",
        ),
    ],
)
def test_a_missing_version_is_told_with_the_way_to_find_it(
    store: StoreServer, uri: str, step: tuple[int, bytes], message: str
) -> None:
    store.script = [step]
    error = failure(uri)
    assert re.fullmatch(re.escape(message) + r" \(\w+\)", cause(error)), cause(error)
    assert not error.passing


@pytest.mark.parametrize(
    ("uri", "step", "message", "passing"),
    [
        (S3_URI, s3_error(503, "SlowDown"), "s3 answered SlowDown", True),
        (S3_URI, s3_error(400, "RequestTimeout"), "s3 answered RequestTimeout", True),
        (S3_URI, s3_error(403, "Throttling"), "s3 answered Throttling", True),
        (S3_URI, s3_error(500, "Odd"), "s3 answered Odd", True),
        (S3_URI, s3_error(499, "Odd"), "s3 answered Odd", False),
        (SSM_URI, ssm_error("ThrottlingException"), "ssm answered ThrottlingException", True),
        (SSM_URI, ssm_error("TooManyUpdates"), "ssm answered TooManyUpdates", True),
        (SSM_URI, ssm_error("Odd", 429), "ssm answered Odd", True),
        (SSM_URI, ssm_error("Odd", 428), "ssm answered Odd", False),
        (SSM_URI, ssm_error("InternalServerError", 400), "ssm answered InternalServerError", True),
    ],
)
def test_an_outage_and_throttling_pass_and_other_errors_do_not(
    store: StoreServer, uri: str, step: tuple[int, bytes], message: str, passing: bool
) -> None:
    store.script = [step]
    error = failure(uri)
    assert (cause(error), error.passing) == (message, passing)


def test_a_reply_of_something_else_is_told_and_final(store: StoreServer) -> None:
    store.script = [(200, b"{}")]
    error = failure(SSM_URI)
    assert (cause(error), error.passing) == ("the reply is not one of ssm; check AWS_ENDPOINT_URL", False)


def test_a_body_that_is_cut_short_passes(store: StoreServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "tests.loopback.QuietHandler.head",
        lambda self, status, length, _: self.wfile.write(
            b"HTTP/1.1 %d OK\r\nContent-Length: %d\r\n\r\n" % (status, length + 1)
        ),
    )
    store.script = [(200, b'name = "x"')]
    error = failure(S3_URI)
    assert "no answer from s3 in time" in cause(error)
    assert "(IncompleteReadError)" in cause(error)
    assert error.passing


@pytest.mark.parametrize("over", [0, 1])
def test_an_object_may_have_as_many_bytes_as_the_limit_and_no_more(store: StoreServer, over: int) -> None:
    raw = b"#" * (MAX_BYTES + over)
    store.script = [(200, raw)]
    if not over:
        assert fetch(parse_pin(S3_URI)) == raw
    else:
        error = failure(S3_URI)
        assert cause(error) == "it is longer than 131072 bytes, which no definition needs"
        assert not error.passing


# No answer

ENDPOINTS = {S3_URI: "s3 in time; a function in a VPC needs a gateway endpoint for s3"}
ENDPOINTS[SSM_URI] = "ssm in time; a function in a VPC needs an interface endpoint for ssm"
NO_ANSWER = {
    uri: f"no answer from {endpoint} (or a NAT). It is tried again at the next invocation"
    for uri, endpoint in ENDPOINTS.items()
}


@pytest.mark.parametrize("uri", NO_ANSWER)
def test_a_store_that_hangs_is_left_at_the_end_of_the_budget(
    store: StoreServer, monkeypatch: pytest.MonkeyPatch, uri: str
) -> None:
    """The store never answers, so only the budget can end this; the client's time-out has its name added."""
    monkeypatch.setattr(definition_store, "BUDGET_S", 0.05)
    store.script = [None]
    error = failure(uri)
    assert (cause(error), error.passing) == (NO_ANSWER[uri], True)


def test_the_clients_own_time_out_passes_too(store: StoreServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(definition_store, "READ_TIMEOUT_S", 0.05)
    store.script = [None]
    error = failure(SSM_URI)
    assert (cause(error), error.passing) == (f"{NO_ANSWER[SSM_URI]} (ReadTimeoutError)", True)


def test_the_budget_leaves_time_in_an_initialisation_phase_of_ten_seconds() -> None:
    assert BUDGET_S <= 6.0


# The environment


def test_missing_credentials_are_told(store: StoreServer, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    for name in ("AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE"):
        monkeypatch.setenv(name, "/dev/null")
    error = failure(S3_URI)
    assert (
        cause(error) == "there are no AWS credentials: on Lambda check the function's role, elsewhere sign in"
    )
    assert (error.passing, store.asked) == (False, 0)


def test_a_missing_region_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    error = failure(SSM_URI)
    assert cause(error) == "AWS_DEFAULT_REGION is not set: set the region that holds the definition"
    assert not error.passing


def test_a_wrong_region_is_told_in_botocores_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "no region")
    error = failure(SSM_URI)
    assert cause(error).startswith("botocore can't fetch it: ")
    assert not error.passing
