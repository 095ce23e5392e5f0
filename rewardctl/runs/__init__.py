"""Run folders: what was scored, by which judge, at what cost, and every result."""

from rewardctl.runs.folder import RunError, RunFolder
from rewardctl.runs.records import Record, read_records
from rewardctl.runs.state import RunIdentity

__all__ = ["Record", "RunError", "RunFolder", "RunIdentity", "read_records"]
