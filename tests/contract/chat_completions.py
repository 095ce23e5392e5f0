"""Bodies of chat completions and of their errors, as OpenAI-compatible servers send them."""

import json
from typing import Any

from tests.contract.converse_server import Response


def completion(content: Any = None, *, finish: Any = "stop", **message: Any) -> dict[str, Any]:
    """A chat completion with this text, and with other fields of its message."""
    return {
        "id": "c-1",
        "object": "chat.completion",
        "choices": [
            {
                "index": 0,
                "finish_reason": finish,
                "message": {"role": "assistant", "content": content, **message},
            }
        ],
        "usage": {"prompt_tokens": 120, "completion_tokens": 34, "total_tokens": 154},
    }


def tool_call(value: Any) -> dict[str, Any]:
    """A call of the tool. A text stands for arguments that are not valid JSON."""
    arguments = value if isinstance(value, str) else json.dumps(value)
    return {"id": "t-1", "type": "function", "function": {"name": "record_verdicts", "arguments": arguments}}


def called(*values: Any) -> Response:
    """A completion that calls the tool once for each value."""
    return Response(completion(tool_calls=[tool_call(value) for value in values], finish="tool_calls"))


def refusal(status: int, message: str = "No.", code: Any = None, kind: str | None = None) -> Response:
    """An error in OpenAI's form."""
    return Response({"error": {"message": message, "type": kind, "param": None, "code": code}}, status)
