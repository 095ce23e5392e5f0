"""Made-up credentials, and an account in memory behind boto3's clients."""

from typing import Any

import boto3
import pytest
from botocore.client import BaseClient

from tests.cloud.account import Account
from tests.contract.converse_server import CREDENTIALS


@pytest.fixture(autouse=True)
def _made_up_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    """Credentials that open nothing, and no look at a profile or an instance's own."""
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", "no-such-file")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "no-such-file")
    for name in ("AWS_PROFILE", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_LAMBDA", "HTTP_PROXY", "http_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Account:
    """All of boto3's clients ask this account and nothing else."""
    made = Account()

    def call(client: Any, operation: str, parameters: dict[str, Any]) -> dict[str, Any]:
        return made.call(client, operation, parameters)

    monkeypatch.setattr(BaseClient, "_make_api_call", call)
    return made
