"""The fields of the log lines: which definition was served, and what became of one rollout.

The text of prompts and responses is in :func:`text_fields` alone, which is called only with LOG_TEXT on.
"""

from typing import Any

from reward_fn.types.definition import Definition
from reward_fn.types.result import Result
from reward_fn.types.rollout import Rejected, Rollout

MAX_LOGGED_ID_CHARS = 256
"""The trainers' own ids are far shorter. The caller chooses the id, so its length must not fill the log."""
MAX_LOGGED_TEXT_CHARS = 20_000
"""The limit for a prompt and for a response. A character takes up to 12 bytes in JSON, and an event of
CloudWatch Logs may have 1 MB (API reference, InputLogEvent), so both fit into one line."""


def definition_fields(definition: Definition) -> dict[str, str]:
    """Name and version of a definition; for a stored one also its URI, with the version, and its hash."""
    fields = {"definition": definition.name, "definition_version": definition.version}
    if definition.source:
        fields |= {"definition_source": definition.source, "definition_sha256": definition.sha256}
    return fields


def rollout_fields(result: Result, definition: Definition, request_id: str) -> dict[str, Any]:
    """The fields of one rollout's line.

    The reward has the name of AWS's contract, and each metric stands under its own name at the top level.
    ``reasons`` are strings, "reason: detail".
    """
    identity = result.id if isinstance(result.id, int | float) else str(result.id)[:MAX_LOGGED_ID_CHARS]
    return {
        "id": identity,
        "aggregate_reward_score": result.reward,
        **{metric.name: metric.value for metric in result.metrics},
        "gate": result.gate,
        "group": result.group,
        "details": dict(result.details),
        "reasons": [
            f"{unscored.reason}: {unscored.detail}" if unscored.detail else str(unscored.reason)
            for unscored in result.reasons
        ],
        **definition_fields(definition),
        "request_id": request_id,
    }


def text_fields(entry: Rollout | Rejected) -> dict[str, str]:
    """The first characters of a rollout's prompt and response; nothing for a rejected row."""
    if isinstance(entry, Rejected):
        return {}
    return {
        "prompt": entry.prompt[:MAX_LOGGED_TEXT_CHARS],
        "response": entry.response[:MAX_LOGGED_TEXT_CHARS],
    }
