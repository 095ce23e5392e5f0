"""The strict verifier as an assertion, and the envelopes around an answer."""

import json
from collections.abc import Sequence
from typing import Any, NoReturn

from rewardctl.strict import expected_id, faults

__all__ = ["expected_id", "faults", "opened", "verify"]

HEADERS = {"Content-Type": "application/json"}


def verify(rows: Sequence[Any], answer: Any, *, low: float = 0.0, high: float = 1.0) -> None:
    """Raises AssertionError with all :func:`faults`."""
    found = faults(rows, answer, low=low, high=high)
    assert not found, "\n".join(found)


def opened(answer: Any, envelope: str = "list") -> Any:
    """The results inside an answer. Raises AssertionError where its envelope is not exactly the one named."""
    if envelope == "list":
        return answer
    assert isinstance(answer, dict), f"the answer is {type(answer).__name__}, not an HTTP answer"
    assert answer.keys() == {"statusCode", "headers", "body"}, f"the envelope has {sorted(answer)}"
    assert (type(answer["statusCode"]), answer["statusCode"]) == (int, 200)
    assert answer["headers"] == HEADERS
    body = answer["body"]
    if envelope == "http_list":
        return body
    assert isinstance(body, str), f"the body is {type(body).__name__}, not a JSON string"
    return json.loads(body, parse_constant=_refuse)


def _refuse(constant: str) -> NoReturn:
    raise AssertionError(f"{constant} in the body")
