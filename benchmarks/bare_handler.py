"""The baseline of cold starts: a bare boto3 client, with one `converse` an invocation."""

from typing import Any

import boto3

client = boto3.client("bedrock-runtime")


def lambda_handler(event: dict[str, Any], context: object) -> dict[str, Any]:  # noqa: ARG001 - Lambda's form
    """``event`` holds the arguments of Converse; returns its token usage."""
    return dict(client.converse(**event)["usage"])
