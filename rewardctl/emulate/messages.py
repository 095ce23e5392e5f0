"""Bedrock Runtime's errors in its own words: ``messages.toml``, which names the source of each."""

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

CALLER_ARN = "arn:aws:sts::123456789012:assumed-role/reward-function/call"
"""Stands for the caller where a message names it."""


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
    for mark, value in values.items():
        message = message.replace(mark, value)
    return ServiceError(error.code, error.status, message)


def too_long(model_id: str) -> ServiceError:
    """What a model says of a text that is longer than its context window."""
    if "amazon.nova" in model_id:
        return service_error("nova_input_tokens_exceeded")
    return service_error("input_too_long" if "anthropic." in model_id else "maximum_context_length")


@cache
def all_messages() -> Mapping[str, ServiceError]:
    """Every error by its name; the marks in the messages are not filled in."""
    text = (files("rewardctl.emulate") / "messages.toml").read_text(encoding="utf-8")
    return {
        each["name"]: ServiceError(each["code"], each["status"], each["message"])
        for each in tomllib.loads(text)["message"]
    }
