"""Read the traces that the function wrote."""

import gzip
import json
import zlib
from typing import Any

FORMAT = 1
"""The newest format that this module can read; see ``docs/traces.md``."""

_GZIP = b"\x1f\x8b"


def read_traces(content: bytes) -> list[dict[str, Any]]:
    """Return the records of one object, gzipped or not, in the order of the batch.

    Raises ValueError that names the line if it is not a trace, or has a newer format.
    """
    try:
        lines = (gzip.decompress(content) if content.startswith(_GZIP) else content).splitlines()
    except (OSError, EOFError, zlib.error) as error:
        raise ValueError(f"not gzip, or truncated: {error}") from error
    return [_record(line, number) for number, line in enumerate(lines, 1) if line.strip()]


def _record(line: bytes, number: int) -> dict[str, Any]:
    try:
        record: Any = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"line {number} is not JSON: {error}") from error
    version = record.get("trace") if isinstance(record, dict) else None
    if not isinstance(version, int) or isinstance(version, bool):
        raise ValueError(f'line {number} is not a trace: it has no format number under "trace"')
    if version > FORMAT:
        raise ValueError(f"line {number} has the format {version}, newer than {FORMAT}; update this program")
    return dict(record)
