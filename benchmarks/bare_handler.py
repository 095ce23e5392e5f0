"""What the cold start is measured against: a bare boto3 client, and one `converse` an invocation."""

from typing import Any

import boto3

client = boto3.client("bedrock-runtime")


def lambda_handler(event: dict[str, Any], context: object) -> dict[str, Any]:  # noqa: ARG001 - Lambda's form
    """``event`` holds the arguments of Converse; the answer is the tokens that it used."""
    return dict(client.converse(**event)["usage"])
