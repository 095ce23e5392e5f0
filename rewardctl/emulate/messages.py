"""Bedrock Runtime's error messages, from ``messages.toml``, which names the source of each."""

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

CALLER_ARN = "arn:aws:sts::123456789012:assumed-role/reward-function/call"
"""The caller, in messages that name it."""


@dataclass(frozen=True, slots=True)
class ServiceError:
    """One of the service's error shapes: its name, HTTP status and message."""

    code: str
    status: int
    message: str

    def body(self) -> bytes:
        """The JSON body; the name travels in the header ``x-amzn-errortype``."""
        return json.dumps({"message": self.message}).encode()


def service_error(name: str, model_id: str = "", *, place: str = "", key: str = "") -> ServiceError:
    """The error of that name in ``messages.toml``, about ``model_id`` and a part of the request.

    Raises KeyError for a name that is not in the file.
    """
    error = all_messages()[name]
    values = {"{model}": model_id, "{arn}": CALLER_ARN, "{place}": place, "{key}": key}
    message = error.message
    for placeholder, value in values.items():
        message = message.replace(placeholder, value)
    return ServiceError(error.code, error.status, message)


def too_long(model_id: str) -> ServiceError:
    """The error of a model about a text that is longer than its context window."""
    if "amazon.nova" in model_id:
        return service_error("nova_input_tokens_exceeded")
    return service_error("input_too_long" if "anthropic." in model_id else "maximum_context_length")


@cache
def all_messages() -> Mapping[str, ServiceError]:
    """Every error by its name, with the placeholders in the messages not filled in."""
    text = (files("rewardctl.emulate") / "messages.toml").read_text(encoding="utf-8")
    return {
        entry["name"]: ServiceError(entry["code"], entry["status"], entry["message"])
        for entry in tomllib.loads(text)["message"]
    }
