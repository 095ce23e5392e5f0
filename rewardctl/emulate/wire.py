"""Replies and errors in the form that Bedrock Runtime's clients parse."""

import json
from dataclasses import dataclass

from rewardctl.emulate.messages import ServiceError as ServiceError
from rewardctl.emulate.messages import service_error
from rewardctl.emulate.request import CHARS_PER_TOKEN, ConverseRequest, Form

REASONING = "I compare the words of the answer with those of the source."


THROTTLED = service_error("throttled_requests")
INTERNAL = service_error("internal_error")
UNAVAILABLE = service_error("unavailable")
BUSY = service_error("too_many_connections")
UNKNOWN_ROUTE = ServiceError("UnknownOperationException", 404, "The stand-in knows no such operation.")
LENGTH_REQUIRED = ServiceError("MissingContentLength", 411, "The request needs a Content-Length.")
TOO_LARGE = ServiceError("RequestEntityTooLargeException", 413, "The request body is too large.")


def invalid(message: str) -> ServiceError:
    """The error for a request that the service would refuse."""
    return ServiceError("ValidationException", 400, message)


@dataclass(frozen=True, slots=True)
class Reply:
    """A reply before it is serialised: ``blocks`` are content blocks, each as JSON."""

    blocks: tuple[str, ...]
    stop_reason: str
    output_tokens: int

    def body(
        self, input_tokens: int, latency_s: float, *, read_tokens: int = 0, write_tokens: int = 0
    ) -> bytes:
        """The JSON body. ``input_tokens`` excludes the tokens read from and written to the prompt cache.

        A NaN in a block stays a bare ``NaN``, as a careless service would send it.
        """
        output = f'{{"message":{{"role":"assistant","content":[{",".join(self.blocks)}]}}}}'
        usage = (
            f'{{"inputTokens":{input_tokens},"outputTokens":{self.output_tokens},'
            f'"totalTokens":{input_tokens + read_tokens + write_tokens + self.output_tokens},'
            f'"cacheReadInputTokens":{read_tokens},"cacheWriteInputTokens":{write_tokens}}}'
        )
        metrics = f'{{"latencyMs":{round(latency_s * 1000)}}}'
        text = f'{{"output":{output},"stopReason":"{self.stop_reason}","usage":{usage},"metrics":{metrics}}}'
        return text.encode("ascii")


def tokens(text: str) -> int:
    """The estimated tokens of a text, at least 1."""
    return max(1, len(text) // CHARS_PER_TOKEN)


def text_reply(text: str, stop_reason: str) -> Reply:
    """A reply of one text block."""
    return Reply((f'{{"text":{json.dumps(text)}}}',), stop_reason, tokens(text))


def structured_reply(request: ConverseRequest, payload: str, call_id: str, stop_reason: str = "") -> Reply:
    """``payload``, JSON in ASCII, in the form that the caller wants: a tool's input, or a text."""
    if request.form is not Form.TOOL:
        return text_reply(payload, stop_reason or "end_turn")
    name = json.dumps(request.tool)
    block = f'{{"toolUse":{{"toolUseId":"tooluse_{call_id}","name":{name},"input":{payload}}}}}'
    return Reply((block,), stop_reason or "tool_use", tokens(payload))


def with_reasoning(reply: Reply) -> Reply:
    """The reply with a reasoning block before its content."""
    content = {"reasoningText": {"text": REASONING, "signature": "c3RhbmQtaW4="}}
    block = json.dumps({"reasoningContent": content})
    return Reply((block, *reply.blocks), reply.stop_reason, reply.output_tokens + tokens(REASONING))
