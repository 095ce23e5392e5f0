"""Shared by the tests of the stores: credentials, and a store that answers as a test says."""

import functools
from collections.abc import Iterator

import botocore.session
import pytest

from tests.stores.patience import be_patient
from tests.stores.store_server import StoreServer

KEYS = {
    "AWS_ACCESS_KEY_ID": "test-key-id",
    "AWS_SECRET_ACCESS_KEY": "test-secret-key",
    "AWS_SESSION_TOKEN": "test-session-token",
    "AWS_DEFAULT_REGION": "us-east-1",
}


@pytest.fixture(autouse=True, scope="session")
def _descriptions_read_once() -> Iterator[None]:
    """Each of our clients has a session of its own, which would read S3's description anew: 50 ms a test."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(botocore.session, "create_loader", functools.cache(botocore.session.create_loader))
        yield


@pytest.fixture(autouse=True)
def _keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """No time limit of the function ends before a test says so."""
    be_patient(monkeypatch.setattr)


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Iterator[StoreServer]:
    """A store on loopback in the place of S3 and of the Parameter Store."""
    with StoreServer() as server:
        for service in ("S3", "SSM"):
            monkeypatch.setenv(f"AWS_ENDPOINT_URL_{service}", server.url)
        yield server
