"""The words of a request that all providers share."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

TOOL = "record_verdicts"
TOOL_DESCRIPTION = "Record the verdict on every criterion."


def schema_in_words(schema: Mapping[str, Any]) -> str:
    """The request for a verdict object, for a model that takes neither a tool nor a response format."""
    return f"The JSON object's schema:\n{json.dumps(schema)}"


def one_input(inputs: Sequence[Any]) -> Any:
    """The input of one or more calls of the tool, all with the same input.

    If the inputs differ, the result is their list, which is not a verdict object.
    """
    return inputs[0] if all(other == inputs[0] for other in inputs) else list(inputs)


def count(value: Any) -> int:
    """A number of tokens as a service reports it; 0 for anything but a positive whole number."""
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0
