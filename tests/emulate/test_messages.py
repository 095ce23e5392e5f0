"""The table of the service's own words: complete, sourced, and what the stand-in's faults say."""

import re
import tomllib
from typing import Any

import botocore.loaders
import pytest
from botocore.exceptions import ClientError

from rewardctl.emulate.messages import CALLER_ARN, all_messages, service_error
from tests.emulate.conftest import Connect, Serve
from tests.emulate.material import converse_request
from tests.factory import ROOT

ENTRIES: list[dict[str, Any]] = tomllib.loads(
    (ROOT / "rewardctl" / "emulate" / "messages.toml").read_text(encoding="utf-8")
)["message"]
SIGNING = {"ExpiredTokenException", "UnrecognizedClientException", "InvalidSignatureException"}
"""Of every AWS service, before a request reaches Converse; botocore's model of a service leaves them out."""


@pytest.mark.parametrize("entry", ENTRIES, ids=[each["name"] for each in ENTRIES])
def test_an_entry_is_complete_and_says_who_quotes_it(entry: dict[str, Any]) -> None:
    assert set(entry) - {"note"} == {"name", "code", "status", "message", "source"}
    assert re.fullmatch(r"[a-z_]+", entry["name"])
    # An issue by its number, or a page of the documentation; what is neither has a note.
    assert re.search(r"\w/[\w.-]+#\d+|user guide|API reference", entry["source"]) or entry["note"]


@pytest.mark.parametrize("entry", ENTRIES, ids=[each["name"] for each in ENTRIES])
def test_code_and_status_are_those_of_converse(entry: dict[str, Any]) -> None:
    description = botocore.loaders.Loader().load_service_model("bedrock-runtime", "service-2")
    known = {
        error["shape"]: description["shapes"][error["shape"]]["error"]["httpStatusCode"]
        for error in description["operations"]["Converse"]["errors"]
    } | dict.fromkeys(SIGNING, 403)
    assert entry["status"] == known[entry["code"]]


def test_no_name_stands_twice() -> None:
    assert len(all_messages()) == len(ENTRIES)


def test_the_marks_are_filled_in() -> None:
    model = "us.amazon.nova-pro-v1:0"
    assert service_error("needs_inference_profile", model).message.startswith(
        "Invocation of model ID us.amazon.nova-pro-v1:0 with on-demand throughput isn\u2019t supported."
    )
    denied = service_error("not_authorized", model).message
    assert denied.startswith(f"User: {CALLER_ARN} is not authorized to perform: bedrock:InvokeModel")
    assert "{" not in denied


def test_a_name_that_is_not_in_the_table_is_an_error() -> None:
    with pytest.raises(KeyError, match="no_such"):
        service_error("no_such")


@pytest.mark.parametrize(
    ("fault", "name"),
    [
        ("throttle", "throttled_requests"),
        ("not_ready", "model_not_ready"),
        ("unavailable", "unavailable"),
        ("denied", "model_access_not_granted"),
        ("server_error", "internal_error"),
        ("model_timeout", "model_timeout"),
        ("model_error", "model_error"),
    ],
)
def test_a_fault_fails_in_the_services_words(serving: Serve, connect: Connect, fault: str, name: str) -> None:
    with pytest.raises(ClientError) as caught:
        connect(serving(**{fault: 1.0})).converse(**converse_request())
    error = all_messages()[name]
    assert caught.value.response["Error"] == {"Message": error.message, "Code": error.code}
