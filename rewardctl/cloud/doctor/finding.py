"""What a check found."""

from dataclasses import dataclass
from typing import Literal

from rewardctl.cloud.errors import CloudError

State = Literal["ok", "warning", "failed", "can't tell"]


@dataclass(frozen=True)
class Finding:
    """One line: which check, its state, what was seen, and what to do about it ("" where nothing)."""

    check: str
    state: State
    seen: str
    remedy: str = ""


def unknown(check: str, error: CloudError, *, otherwise: str = "") -> Finding:
    """The finding where AWS did not say: a denial is no failure of the function."""
    return Finding(check, "can't tell", error.message, " ".join(filter(None, (error.remedy, otherwise))))
