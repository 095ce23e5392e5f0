"""The secret of the judges' key, from Secrets Manager and the Parameter Store."""

from collections.abc import Iterator

import boto3
import pytest
from moto import mock_aws

from reward_fn.aws.secret import read_secret
from reward_fn.errors import JudgeFailure
from reward_fn.types.unscored import Reason

KEY = "sk-very-secret-0123456789"
MISSING = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:not-there-AbCdEf"


@pytest.fixture(autouse=True)
def _account(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws():
        yield


def test_a_secret_is_read_in_the_region_that_its_arn_names() -> None:
    client = boto3.client("secretsmanager", region_name="eu-west-1")
    arn = client.create_secret(Name="judge", SecretString=KEY)["ARN"]
    assert read_secret(arn) == KEY


def test_a_secure_parameter_is_read_decrypted() -> None:
    boto3.client("ssm").put_parameter(Name="/judge/key", Value=KEY, Type="SecureString")
    assert read_secret("ssm:/judge/key") == KEY


@pytest.mark.parametrize(
    ("reference", "code", "action"),
    [
        (MISSING, "ResourceNotFoundException", "secretsmanager:GetSecretValue"),
        ("ssm:/not/there", "ParameterNotFound", "ssm:GetParameter"),
    ],
)
def test_a_secret_that_is_not_there_is_denied_with_its_name_and_remedy(
    reference: str, code: str, action: str
) -> None:
    with pytest.raises(JudgeFailure) as caught:
        read_secret(reference)
    assert caught.value.reason is Reason.DENIED
    assert caught.value.detail == f"{code} for {reference}"
    assert action in caught.value.remedy


def test_a_binary_secret_is_refused() -> None:
    client = boto3.client("secretsmanager")
    arn = client.create_secret(Name="judge", SecretBinary=KEY.encode())["ARN"]
    with pytest.raises(JudgeFailure, match="holds no text; store the API key as text") as caught:
        read_secret(arn)
    assert KEY not in str(caught.value)


@pytest.mark.parametrize("url", ["http://127.0.0.1:9", "not a URL"])
def test_a_service_that_is_not_reached_is_unavailable(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_SSM", url)
    with pytest.raises(JudgeFailure) as caught:
        read_secret("ssm:/judge/key")
    assert caught.value.reason is Reason.UNAVAILABLE
