"""Baselines of the reward function: plain boto3 in its usual forms."""

import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config

if TYPE_CHECKING:
    from mypy_boto3_bedrock_runtime import BedrockRuntimeClient

Request = dict[str, Any]


def default_client() -> "BedrockRuntimeClient":
    """``boto3.client`` without a Config: ten connections, five attempts in legacy mode."""
    # It warns of every connection beyond its pool; writing those warnings would count against it.
    logging.getLogger("urllib3.connectionpool").setLevel(logging.ERROR)
    return boto3.client("bedrock-runtime")


def pooled_client(connections: int) -> "BedrockRuntimeClient":
    """The default client with one connection for each thread."""
    return boto3.client("bedrock-runtime", config=Config(max_pool_connections=connections))


def call_in_threads(client: "BedrockRuntimeClient", requests: Sequence[Request], threads: int) -> None:
    """Send all requests through a new pool of threads."""
    with ThreadPoolExecutor(threads) as pool:
        for _ in pool.map(lambda request: client.converse(**request), requests):
            pass


def call_in_turn(client: "BedrockRuntimeClient", requests: Sequence[Request]) -> None:
    """Send the requests one after the other."""
    for request in requests:
        client.converse(**request)
