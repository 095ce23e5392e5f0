"""What the reward function is measured against: plain boto3, as it is used elsewhere."""

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
    # It warns of every connection beyond its pool; the writing of that is not counted against it.
    logging.getLogger("urllib3.connectionpool").setLevel(logging.ERROR)
    return boto3.client("bedrock-runtime")


def pooled_client(connections: int) -> "BedrockRuntimeClient":
    """The same with a connection for each thread."""
    return boto3.client("bedrock-runtime", config=Config(max_pool_connections=connections))


def call_in_threads(client: "BedrockRuntimeClient", requests: Sequence[Request], threads: int) -> None:
    """All requests through a pool of threads made for it."""
    with ThreadPoolExecutor(threads) as pool:
        for _ in pool.map(lambda request: client.converse(**request), requests):
            pass


def call_in_turn(client: "BedrockRuntimeClient", requests: Sequence[Request]) -> None:
    """One request after the other."""
    for request in requests:
        client.converse(**request)
