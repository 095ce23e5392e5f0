"""The one place where the commands get AWS clients from; tests put their own in its place."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from rewardctl.cloud.errors import explained

Clients = Callable[[str], Any]
"""The name of a service to its client, as "lambda"."""

READ_TIMEOUT_S = 910
"""A little more than the longest that an invocation may take."""
MAX_POOL = 256


def connect(profile: str | None = None, region: str | None = None) -> Clients:
    """Clients of the profile and region; where None, those that boto3 finds in its own environment.

    Nothing is tried twice but what AWS throttles: an invocation is never sent again. Raises CloudError.
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
            tcp_keepalive=True,  # or a gateway between here and there forgets a call that takes minutes
        )
        if service == "lambda" and loopback_endpoint():
            config = config.merge(Config(signature_version=UNSIGNED))  # so that no credentials are needed
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
    """The Lambda endpoint that the environment names, where it lies on this machine; "" otherwise."""
    url = os.environ.get("AWS_ENDPOINT_URL_LAMBDA", "") or os.environ.get("AWS_ENDPOINT_URL", "")
    host = urlsplit(url).hostname or ""
    try:
        return url if host == "localhost" or ip_address(host).is_loopback else ""
    except ValueError:
        return ""
