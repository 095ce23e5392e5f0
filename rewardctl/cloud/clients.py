"""AWS clients and credentials of the commands."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from rewardctl.cloud.errors import explained

Clients = Callable[[str], Any]
"""Returns the client of a service by its name, such as "lambda"."""

READ_TIMEOUT_S = 910
"""Slightly more than the longest invocation, 900 s (AWS Lambda quotas)."""
MAX_POOL = 256


def connect(profile: str | None = None, region: str | None = None) -> Clients:
    """Return clients of a profile and region; None stands for those of the environment.

    Requests are retried in boto3's standard mode, except invocations, which are never repeated. Raises
    CloudError.
    """

    @cache
    def session() -> Any:
        import boto3

        with explained("choosing the profile"):
            return boto3.Session(profile_name=profile, region_name=region or environment_region())

    @cache
    def client(service: str) -> Any:
        from botocore import UNSIGNED
        from botocore.config import Config

        retries: Any = {"total_max_attempts": 1 if service == "lambda" else 4, "mode": "standard"}
        config = Config(
            read_timeout=READ_TIMEOUT_S,
            max_pool_connections=MAX_POOL,
            retries=retries,
            tcp_keepalive=True,  # so that no gateway drops the connection of a call that takes minutes
        )
        if service == "lambda" and loopback_endpoint():
            config = config.merge(Config(signature_version=UNSIGNED))  # needs no credentials
        with explained(f"connecting to {service}"):
            return session().client(service, config=config)

    return client


def environment_region() -> str | None:
    """AWS_REGION, which all tools of AWS read except boto3, or None if it is not set."""
    return os.environ.get("AWS_REGION") or None


@contextmanager
def boto3_environment(profile: str | None = None, region: str | None = None) -> Iterator[None]:
    """Set the variables that boto3 reads to a profile and region for the length of the block.

    It is for code that makes its own clients, as the function's does. `region` None stands for AWS_REGION.
    """
    chosen = {"AWS_PROFILE": profile, "AWS_DEFAULT_REGION": region or environment_region()}
    before = {name: os.environ.get(name) for name, value in chosen.items() if value}
    os.environ.update({name: value for name, value in chosen.items() if value})
    try:
        yield
    finally:
        for name, old in before.items():
            if old is None:
                del os.environ[name]
            else:
                os.environ[name] = old


def loopback_endpoint() -> str:
    """The Lambda endpoint of the environment if it is a loopback address, else ""."""
    url = os.environ.get("AWS_ENDPOINT_URL_LAMBDA", "") or os.environ.get("AWS_ENDPOINT_URL", "")
    host = urlsplit(url).hostname or ""
    try:
        return url if host == "localhost" or ip_address(host).is_loopback else ""
    except ValueError:
        return ""
