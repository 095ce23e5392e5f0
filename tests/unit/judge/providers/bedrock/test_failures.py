"""Errors of Bedrock and of botocore: which failure each is, what it says of the cause and of the remedy."""

import inspect
import re
from typing import Any

import botocore.exceptions
import pytest
from botocore.exceptions import BotoCoreError, ClientError

from reward_fn.errors import JudgeFailure
from reward_fn.judge.models.catalogue import profile
from reward_fn.judge.providers.bedrock.failures import client_failure, library_failure
from reward_fn.judge.providers.bedrock.known_failures import KNOWN, REMEDIES
from reward_fn.types.unscored import Reason
from tests.factory import build_question, rollout
from tests.unit.rubric import criterion, judge_spec

MODEL = profile("anthropic.claude-x-v1:0")
QUESTION = build_question(
    rollout("Zanzibar wins, says the secret prompt.", prompt="Review."), judge_spec(criterion("Sound"))
)
ROLE = "arn:aws:sts::123456789012:assumed-role/fn/fn"
ARN = "arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-x-v1:0"


def failed(
    status: int, code: str, message: str, *, operation: str = "Converse", region: str = "us-east-1"
) -> JudgeFailure:
    answer: Any = {
        "Error": {"Code": code, "Message": message},
        "ResponseMetadata": {"HTTPStatusCode": status},
    }
    return client_failure(ClientError(answer, operation), QUESTION, MODEL, region)


def denied_by(policy: str) -> str:
    return f"User: {ROLE} is not authorized to perform: bedrock:InvokeModel on resource: {ARN} {policy}"


@pytest.mark.parametrize(
    "message",
    [
        "Too many tokens per day, please wait before trying again.",
        "Too many requests per day, please wait before trying again.",
        "The daily quota of this account is used up.",
    ],
)
@pytest.mark.parametrize("code", ["ThrottlingException", "ServiceQuotaExceededException", ""])
def test_a_quota_that_does_not_come_back_today_is_told_from_a_throttle(message: str, code: str) -> None:
    failure = failed(429, code, message)
    assert failure.reason is Reason.QUOTA_EXHAUSTED
    assert not failure.final, "another model has another quota"
    assert failure.remedy == (
        "today's quota for anthropic.claude-x-v1:0 is used up, or is 0: raise it in Service Quotas, "
        "or name a fallback"
    )


@pytest.mark.parametrize(
    "message",
    [
        "Too many tokens, please wait before trying again.",
        "Too many requests, please wait before trying again.",
        "Your request rate is too high. Reduce the frequency of requests.",
        "",
    ],
)
def test_a_quota_a_minute_stays_a_throttle(message: str) -> None:
    assert failed(429, "ThrottlingException", message).reason is Reason.THROTTLED


def test_a_rollout_that_speaks_of_days_is_no_quota() -> None:
    assert failed(400, "ValidationException", "input 'daily' is not valid").reason is Reason.INVALID_REQUEST


@pytest.mark.parametrize(
    ("status", "code", "message", "remedy"),
    [
        (
            400,
            "ValidationException",
            "Invocation of model ID anthropic.claude-x-v1:0 with on-demand throughput isn\u2019t supported. "
            "Retry your request with the ID or ARN of an inference profile that contains this model.",
            "this model needs an inference profile: use us.anthropic.claude-x-v1:0",
        ),
        (
            404,
            "ResourceNotFoundException",
            "This model version has reached the end of its life. Please refer to the AWS documentation.",
            "the model has reached its end of life: choose another",
        ),
        (
            404,
            "ResourceNotFoundException",
            "Access denied. This Model is marked by provider as Legacy and you have not been using it.",
            "the model is being retired and closed to accounts that did not use it lately: choose another",
        ),
        (
            404,
            "ResourceNotFoundException",
            "Model use case details have not been submitted for this account. Fill out the form.",
            "submit the provider's use case form in the Bedrock console, then wait 15 minutes",
        ),
        (
            403,
            "AccessDeniedException",
            "Model access is denied due to INVALID_PAYMENT_INSTRUMENT:A valid payment instrument must be "
            "provided. Your AWS Marketplace subscription for this model cannot be completed.",
            "the AWS account needs a valid payment method",
        ),
        (
            403,
            "AccessDeniedException",
            f"Model access is denied due to User: {ROLE} is not authorized to perform: "
            "aws-marketplace:ViewSubscriptions on resource: * because no policy allows it.",
            "the account is not subscribed to the model: open it in the Bedrock console, "
            "then wait 15 minutes",
        ),
        (
            403,
            "AccessDeniedException",
            denied_by("because no identity-based policy allows the bedrock:InvokeModel action"),
            f"the role lacks bedrock:InvokeModel on {ARN}: allow it in the function's role",
        ),
        (
            403,
            "AccessDeniedException",
            denied_by("with an explicit deny in a service control policy"),
            f"the organization forbids bedrock:InvokeModel on {ARN}: have its policy changed, or choose "
            "another region",
        ),
        (
            403,
            "AccessDeniedException",
            denied_by("because no VPC endpoint policy allows the bedrock:InvokeModel action"),
            f"the VPC endpoint's policy forbids bedrock:InvokeModel on {ARN}: allow it there",
        ),
        (
            403,
            "AccessDeniedException",
            "You don't have access to the model with the specified model ID.",
            "access to anthropic.claude-x-v1:0 is not granted in us-east-1: request it in the Bedrock "
            "console, or choose another",
        ),
        (
            400,
            "ValidationException",
            "Operation not allowed",
            "the account may not call this model in us-east-1: choose another region, or ask AWS Support",
        ),
        (
            400,
            "ValidationException",
            "The provided model identifier is invalid.",
            "us-east-1 has no model of this name: check the id, or use an inference profile of the region",
        ),
        (
            403,
            "ExpiredTokenException",
            "The security token included in the request is expired",
            "the credentials have expired: renew them",
        ),
        (400, "ExpiredToken", "The provided token has expired.", "the credentials have expired: renew them"),
        (
            403,
            "UnrecognizedClientException",
            "The security token included in the request is invalid.",
            "AWS does not know these credentials: check the access key, its session token and the account",
        ),
        (
            403,
            "InvalidSignatureException",
            "Signature expired: 20260101T000000Z is now earlier than 20260101T001000Z",
            "the request's signature is wrong or too old: check the secret key and the clock",
        ),
        (
            403,
            "AccessDeniedException",
            "Authentication failed: Please make sure your API Key is valid.",
            "AWS_BEARER_TOKEN_BEDROCK holds no valid API key: renew it, or unset it",
        ),
        (
            400,
            "ValidationException",
            "data retention mode 'default' is not available for this model",
            "the model needs another data retention mode: set it for the account, or choose another model",
        ),
        (
            403,
            "SomethingNew",
            "No.",
            "check bedrock:InvokeModel in the role, and the access to anthropic.claude-x-v1:0 in us-east-1",
        ),
    ],
)
def test_a_judge_that_may_not_be_asked_is_denied_with_its_remedy(
    status: int, code: str, message: str, remedy: str
) -> None:
    failure = failed(status, code, message)
    assert (failure.reason, failure.remedy) == (Reason.DENIED, remedy)


@pytest.mark.parametrize(
    ("region", "geography"),
    [("us-west-2", "us"), ("us-gov-west-1", "us-gov"), ("eu-central-1", "eu"), ("ap-south-1", "apac")],
)
def test_the_inference_profile_of_the_remedy_is_one_of_the_region(region: str, geography: str) -> None:
    message = "Invocation of model ID x with on-demand throughput isn't supported."
    failure = failed(400, "ValidationException", message, region=region)
    assert failure.remedy.endswith(f"use {geography}.anthropic.claude-x-v1:0")


@pytest.mark.parametrize("code", ["ValidationException", "ModelErrorException", "Anything", ""])
@pytest.mark.parametrize("status", [401, 403])
def test_every_401_and_403_is_denied_whatever_its_code(status: int, code: str) -> None:
    assert failed(status, code, "No.").reason is Reason.DENIED


@pytest.mark.parametrize(
    ("status", "code", "reason"),
    [
        (400, "InvalidIdentityToken", Reason.DENIED),
        (401, "UnauthorizedException", Reason.DENIED),
        (429, "TooManyRequestsException", Reason.THROTTLED),
        (500, "InternalFailure", Reason.UNAVAILABLE),
    ],
)
def test_what_sts_or_sso_refuse_during_a_call_is_a_denial(status: int, code: str, reason: Reason) -> None:
    assert failed(status, code, "No.", operation="AssumeRoleWithWebIdentity").reason is reason


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("ValidationException", "The model returned the following errors: Input is too long for this model"),
        ("ValidationException", "prompt is too long: 200049 tokens > 199999 maximum"),
        (
            "ValidationException",
            "This model's maximum context length is 4096 tokens. However, you asked for 9",
        ),
        (
            "ValidationException",
            "input length and `max_tokens` exceed context limit: 9 + 8 > 16, decrease it",
        ),
        ("ValidationException", "Input Tokens Exceeded: Number of input tokens exceeds maximum length."),
        ("ValidationException", "Input token count exceeds the maximum number of input tokens"),
        ("ValidationException", "Malformed input request: #/texts/0: expected maxLength: 10, actual: 11"),
        ("ModelErrorException", "Input is too long for this model"),
        ("RequestEntityTooLargeException", "The request body is too large."),
    ],
)
def test_each_wording_of_an_overflow_is_known(code: str, message: str) -> None:
    failure = failed(400, code, message)
    assert failure.reason is Reason.OVERFLOW
    assert "larger context" in failure.remedy


def test_a_body_too_large_for_a_gateway_is_an_overflow() -> None:
    assert failed(413, "", "").reason is Reason.OVERFLOW


@pytest.mark.parametrize(
    ("message", "remedy"),
    [
        ("This model doesn't support tool use.", "set another `structure` in [judge]"),
        (
            "This model doesn't support the toolConfig.toolChoice.tool field. Remove it.",
            "set another `structure`",
        ),
        ("`temperature` is deprecated for this model.", "the judge takes no temperature"),
        ("The maximum tokens you requested exceeds the model limit of 10.", "lower `max_tokens` in [judge]"),
        ("Something new.", "the judge refuses the request"),
    ],
)
def test_a_request_that_the_judge_refuses_says_what_to_set(message: str, remedy: str) -> None:
    failure = failed(400, "ValidationException", message)
    assert failure.reason is Reason.INVALID_REQUEST
    assert remedy in failure.remedy


def test_the_cause_is_code_message_and_remedy_without_a_word_of_the_rollout() -> None:
    failure = failed(400, "ValidationException", "input 'the secret prompt' says Zanzibar wins, not valid")
    assert failure.detail == "ValidationException: input …, not valid"
    assert failure.cause == f"{failure.detail}; the judge refuses the request: choose another judge"
    assert str(failure) == f"invalid_request: {failure.cause}"


def test_account_ids_are_masked_in_cause_and_remedy() -> None:
    own = ARN.replace("::foundation-model", ":123456789012:inference-profile")
    failure = failed(403, "AccessDeniedException", denied_by("because").replace(ARN, own))
    assert "123456789012" not in failure.cause
    assert f"on {own.replace('123456789012', '<account>')}: allow it" in failure.remedy


def test_an_error_without_code_and_message_is_named_by_its_status() -> None:
    assert failed(502, "", "").detail == "HTTP 502"


CREDENTIALS = re.compile("Credential|Token|SSO|Auth|Login|Metadata|MFA|Profile")


def library_errors() -> list[type[BotoCoreError]]:
    return [
        kind
        for _, kind in inspect.getmembers(botocore.exceptions, inspect.isclass)
        if issubclass(kind, BotoCoreError)
    ]


@pytest.mark.parametrize(
    "kind",
    [kind for kind in library_errors() if CREDENTIALS.search(kind.__name__)],
    ids=lambda kind: kind.__name__,
)
def test_every_failure_of_botocore_to_find_credentials_is_denied(kind: type[BotoCoreError]) -> None:
    failure = library_failure(kind.__new__(kind))
    assert failure.reason is Reason.DENIED
    assert failure.detail == kind.__name__
    assert "credentials" in failure.remedy


def test_the_list_of_botocores_credential_failures_is_not_empty() -> None:
    names = {kind.__name__ for kind in library_errors() if CREDENTIALS.search(kind.__name__)}
    assert names >= {
        "NoCredentialsError",
        "PartialCredentialsError",
        "CredentialRetrievalError",
        "TokenRetrievalError",
        "UnauthorizedSSOTokenError",
        "SSOTokenLoadError",
        "MetadataRetrievalError",
        "NoAuthTokenError",
    }


@pytest.mark.parametrize(
    ("name", "reason", "remedy"),
    [
        ("ReadTimeoutError", Reason.TIMEOUT, "JUDGE_TIMEOUT_S"),
        ("ConnectTimeoutError", Reason.TIMEOUT, "in a VPC"),
        ("EndpointConnectionError", Reason.UNAVAILABLE, "in a VPC"),
        ("ConnectionClosedError", Reason.UNAVAILABLE, "the service failed"),
        ("SSLError", Reason.UNAVAILABLE, "the service failed"),
        ("ParamValidationError", Reason.INVALID_REQUEST, "the judge refuses the request"),
    ],
)
def test_what_fails_on_the_way_has_its_reason_and_remedy(name: str, reason: Reason, remedy: str) -> None:
    kind = getattr(botocore.exceptions, name)
    failure = library_failure(kind.__new__(kind))
    assert failure.reason is reason
    assert remedy in failure.remedy


# The table


def test_every_known_message_has_a_source() -> None:
    assert [
        known.says for known in KNOWN if not re.search(r"[\w.-]+/[\w.-]+#\d+|user guide", known.source)
    ] == []


def test_a_remedy_names_nothing_that_can_not_be_filled_in() -> None:
    names = {"model", "profile", "region", "action", "resource"}
    for remedy in [*(known.remedy for known in KNOWN), *REMEDIES.values()]:
        assert set(re.findall(r"\{(\w*)\}", remedy)) <= names
        assert ";" not in remedy, "a semicolon separates cause and remedy"
