"""Paths in the project."""

from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent.parent
BUILD = PROJECT / ".build"
RESULTS = BUILD / "results"
LOGS = BUILD / "logs"
SHIPPED_DEFINITIONS = PROJECT / "reward_fn" / "rewards"


def shown(path: Path) -> str:
    """A path for messages: relative to the current folder if it lies below, else absolute."""
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)
