"""Read the JSON objects of an export, whether it is one array or JSON Lines. Pure."""

import json
from collections.abc import Iterator
from typing import Any


def entries(content: str) -> Iterator[dict[str, Any]]:
    """The objects of an export, in order. Raises ValueError that names the place of what is not one."""
    if content.lstrip()[:1] == "[":
        values = list(enumerate(json.loads(content), start=1))
    else:
        lines = enumerate(content.split("\n"), start=1)
        values = [(number, _line(line, number)) for number, line in lines if line.strip()]
    for number, value in values:
        if not isinstance(value, dict):
            raise ValueError(f"entry {number} is not an object")
        yield value


def _line(line: str, number: int) -> Any:
    try:
        return json.loads(line)
    except ValueError as error:
        raise ValueError(f"line {number} is not JSON") from error
