"""Why something that was expected has no score."""

from dataclasses import dataclass
from enum import StrEnum


class Reason(StrEnum):
    """Why something that was expected has no score. The value is the name in logs and metrics."""

    # The judge's own failures: never the rollout's fault.
    THROTTLED = "throttled"
    QUOTA_EXHAUSTED = "quota_exhausted"
    TIMEOUT = "timeout"
    UNAVAILABLE = "unavailable"
    MODEL_ERROR = "model_error"
    DENIED = "denied"
    INVALID_REQUEST = "invalid_request"
    TRUNCATED = "truncated"
    REFUSED = "refused"
    MALFORMED = "malformed"
    INCOMPLETE = "incomplete"
    DEADLINE = "deadline"
    CIRCUIT_OPEN = "circuit_open"
    BUDGET = "budget"
    CANNOT_ASSESS = "cannot_assess"
    # Set off by the rollout's own text.
    FILTERED = "filtered"
    OVERFLOW = "overflow"
    # No judge call was made.
    BAD_ROW = "bad_row"
    NO_RESPONSE = "no_response"
    NO_SOURCE = "no_source"
    CHECK_FAILED = "check_failed"
    INTERNAL_ERROR = "internal_error"


@dataclass(frozen=True, slots=True)
class Unscored:
    """An expected score that does not exist, with the reason; it is not 0, not None and not NaN."""

    reason: Reason
    detail: str = ""
