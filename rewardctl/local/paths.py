"""Where things lie in the project."""

from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent.parent
BUILD = PROJECT / ".build"
RESULTS = BUILD / "results"
LOGS = BUILD / "logs"
SHIPPED_DEFINITIONS = PROJECT / "reward_fn" / "rewards"


def shown(path: Path) -> str:
    """A path as a person wants it: relative to the current folder where it lies below."""
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)
