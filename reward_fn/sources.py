"""Paths into a rollout: ``prompt``, ``response``, ``reference_answer.a.b``, ``metadata.a.b``."""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from reward_fn.types import Rollout

PATTERN = r"^(prompt|response|(reference_answer|metadata)(\.[A-Za-z0-9_-]+)*)$(?!\n)"
_PATH = re.compile(PATTERN)


def is_source(path: str) -> bool:
    """Whether ``path`` is one that :func:`look_up` understands."""
    return _PATH.match(path) is not None


def look_up(rollout: Rollout, path: str) -> Any:
    """The value at ``path``, or None where there is none."""
    root, *keys = path.split(".")
    value: Any = getattr(rollout, root)
    for key in keys:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value


def find_text(rollout: Rollout, paths: Iterable[str]) -> str | None:
    """The first of ``paths`` that holds something, as text: objects as JSON, white space only as nothing."""
    for path in paths:
        value = look_up(rollout, path)
        if value is None or value == {} or value == []:
            continue
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        if text.strip():
            return text
    return None
