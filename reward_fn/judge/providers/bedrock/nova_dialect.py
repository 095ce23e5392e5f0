"""Nova 2 now and then writes its tool call as text, in a dialect of its own, instead of calling the tool:

    <tools>
      <__function=record_verdicts>
        <__parameter=answer>{"Sound": "yes"}</__parameter>
      </__function>
    </tools>

Bedrock then stops with ``malformed_tool_use`` (vercel/ai issue 16926, where the last two tags are missing).
Read strictly: the text is one call of the tool and nothing else, each parameter is closed, is JSON and comes
once. No parameter may hold a tag of the dialect, not even in a string: what a judge quotes of a rollout could
then pass for a parameter.
"""

import re
from typing import Any

from reward_fn.text.bounded_json import MAX_CHARS, parse_json
from reward_fn.text.thoughts import after_leading_thoughts

MAX_PARAMETERS = 8
"""A verdict object has at most two: items and answer."""

_PARAMETER = re.compile(r"<__parameter=(\w{1,64})>([^<]*(?:<(?!/?__)[^<]*)*)</__parameter>\s*")
_END = re.compile(r"(?:</__function>\s*)?(?:</tools>\s*)?")


def read_call(text: str, tool: str) -> dict[str, Any] | None:
    """The input of the tool call, if the text is one call of ``tool`` and nothing else; otherwise None."""
    text = after_leading_thoughts(text)
    opening = re.match(rf"(?:<tools>\s*)?<__function={re.escape(tool)}>\s*", text)
    if opening is None or len(text) > MAX_CHARS:
        return None
    place = opening.end()
    parameters: dict[str, Any] = {}
    while (parameter := _PARAMETER.match(text, place)) and len(parameters) < MAX_PARAMETERS:
        name, parsed = parameter[1], parse_json(parameter[2].strip())
        if parsed.error or name in parameters:
            return None
        parameters[name] = parsed.value
        place = parameter.end()
    return parameters if parameters and _END.fullmatch(text, place) else None
