"""The event and the definition that a person names, checked before anything is built or started."""

import json
from dataclasses import dataclass
from pathlib import Path

from rewardctl.local.errors import InputError
from rewardctl.local.paths import SHIPPED_DEFINITIONS

MAX_EVENT_BYTES = 6_291_456
"""What Lambda takes in a synchronous call."""


@dataclass(frozen=True)
class Event:
    """An event ready to be sent: its file's name without the ending, its JSON, and how many rows it has,
    None where it is no bare list."""

    name: str
    payload: bytes
    rows: int | None


def read_event(path: Path) -> Event:
    """Reads an event. Raises InputError where it is no JSON, or more than Lambda takes."""
    try:
        payload = path.read_bytes()
        value = json.loads(payload)
    except OSError as error:
        raise InputError(f"the event {path} can't be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise InputError(f"the event {path} is not JSON: {error}") from error
    if len(payload) > MAX_EVENT_BYTES:
        raise InputError(
            f"the event {path} has {len(payload):,} bytes, and Lambda takes {MAX_EVENT_BYTES:,} in one call",
            remedy="Split it. In training, lower the recipe's lambda_batch_size.",
        )
    return Event(path.stem, payload, len(value) if isinstance(value, list) else None)


def resolve_definition(name: str) -> str:
    """What REWARD_DEFINITION gets: the name of a shipped definition as it is, a file's path made absolute.

    Raises InputError where there is neither.
    """
    shipped = sorted(path.stem for path in SHIPPED_DEFINITIONS.glob("*.toml"))
    if name in shipped:
        return name
    path = Path(name).expanduser()
    if path.is_file():
        return str(path.resolve())
    raise InputError(
        f"there is no definition {name!r}",
        remedy=f"Give the path of a .toml file, or one that ships: {', '.join(shipped)}.",
    )
