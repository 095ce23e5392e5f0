"""The result of a check."""

from dataclasses import dataclass
from typing import Literal

from rewardctl.cloud.errors import CloudError

State = Literal["ok", "warning", "failed", "can't tell"]


@dataclass(frozen=True)
class Finding:
    """One line of the report; `remedy` says what to do, "" if nothing."""

    check: str
    state: State
    seen: str
    remedy: str = ""


def unknown(check: str, error: CloudError, *, otherwise: str = "") -> Finding:
    """The finding if AWS denied the request, which is not a failure of the function."""
    return Finding(check, "can't tell", error.message, " ".join(filter(None, (error.remedy, otherwise))))
