"""The answer is JSON and valid under a JSON Schema (2020-12 unless the schema says otherwise): 1, else 0.

Solution tags, leading thoughts and one code fence around the JSON are taken off; prose around it is not.
The response is bounded before it is validated. Remote references are refused at load, never fetched.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from reward_fn.schema import compile_schema
from reward_fn.types import Check, CheckResult, Rollout

PARAMETERS: Mapping[str, Any] = {
    "type": "object",
    "properties": {"schema": {"type": ["string", "object"], "minLength": 1}},
    "required": ["schema"],
    "additionalProperties": False,
}


def build(parameters: Mapping[str, Any], folder: Path) -> Check:
    """``schema`` is the schema, or a file that holds it, relative to the definition.

    Raises ValueError where the file is missing or not a valid schema, or refers outside itself.
    """
    locate = compile_schema(_read(parameters["schema"], folder))

    def check(rollout: Rollout) -> CheckResult:
        if rollout.parsed.error:
            return CheckResult(0.0, rollout.parsed.error)
        where = locate(rollout.parsed.value)
        # The place is one in the schema: it quotes nothing that the rollout wrote.
        return CheckResult(0.0, f"violates the schema at {where}") if where else CheckResult(1.0)

    return check


def _read(schema: str | dict[str, Any], folder: Path) -> Any:
    if isinstance(schema, dict):
        return schema
    path = folder / schema
    try:
        loaded = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ValueError(f"cannot read {schema!r} beside the definition ({error.strerror})") from error
    except ValueError as error:
        raise ValueError(f"{schema!r} is not JSON: {error}") from error
    if not isinstance(loaded, dict):
        raise ValueError(f"{schema!r} holds no JSON object")
    return loaded
