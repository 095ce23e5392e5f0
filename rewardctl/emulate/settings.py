"""The settings of the stand-in, each with its range, validated at construction."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from enum import StrEnum
from typing import Any


class EmulatorSettingsError(ValueError):
    """One or more settings are wrong. The message names each setting, its value and what is allowed."""


class Fault(StrEnum):
    """A failure on purpose. The value is the name of the setting that holds its share of the calls."""

    THROTTLE = "throttle"
    NOT_READY = "not_ready"
    SERVER_ERROR = "server_error"
    UNAVAILABLE = "unavailable"
    MODEL_TIMEOUT = "model_timeout"
    MODEL_ERROR = "model_error"
    RESET = "reset"
    HANG = "hang"
    TRUNCATED = "truncated"
    MALFORMED = "malformed"
    REFUSAL = "refusal"
    FILTERED = "filtered"
    GUARDRAIL = "guardrail"
    NAN = "nan"
    MISSING = "missing"
    DENIED = "denied"
    OVERFLOW = "overflow"
    DRIP = "drip"


def _setting(default: Any, low: float, high: float, text: str) -> Any:
    return field(default=default, metadata={"low": low, "high": high, "help": text})


def _share(text: str) -> Any:
    return _setting(0.0, 0, 1, f"Share of the calls that {text}.")


@dataclass(frozen=True, slots=True)
class EmulatorSettings:
    """How the stand-in behaves; every field is also an option of ``rewardctl emulate``.

    The shares are probabilities and must not sum to more than 1; the remaining calls are answered correctly.
    Raises EmulatorSettingsError.
    """

    port: int = _setting(0, 0, 65_535, "Port on 127.0.0.1; 0 takes a free one.")
    latency_s: float = _setting(0.0, 0, 600, "Mean time from a call's arrival to its answer, in seconds.")
    latency_spread: float = _setting(
        0.0, 0, 2, "Spread of the latency: the sigma of a lognormal distribution; 0 makes all equal."
    )
    max_requests_per_s: float = _setting(
        0.0, 0, 100_000, "Calls a second, with a second's worth at once; 429 beyond. 0 sets no limit."
    )
    max_tokens_per_min: float = _setting(
        0.0,
        0,
        1e12,
        "Tokens a minute, with a minute's worth at once; a call reserves its input and maxTokens. "
        "429 beyond; 0 sets no limit.",
    )
    halved_after_s: float = _setting(
        0.0, 0, 86_400, "Seconds from the first call until both quotas are halved."
    )
    halved_s: float = _setting(0.0, 0, 86_400, "How long they stay halved, in seconds; 0 for never.")
    storm_every_s: float = _setting(
        0.0,
        0,
        86_400,
        "Seconds from one storm to the next: a burst of calls by others in the account.",
    )
    storm_s: float = _setting(0.0, 0, 86_400, "Duration of a storm, in seconds.")
    storm_share: float = _setting(0.0, 0, 1, "Share of both quotas that others use during a storm.")
    retry_after_s: float = _setting(0.0, 0, 3600, "The Retry-After of every 429, in seconds; 0 sends none.")
    outage_after_s: float = _setting(0.0, 0, 86_400, "Seconds from the first call until an outage starts.")
    outage_s: float = _setting(
        0.0, 0, 86_400, "Duration of the outage, in which all calls are unavailable (503); 0 for none."
    )
    max_input_tokens: int = _setting(
        1_000_000, 1, 100_000_000, "Longer prompts overflow the context window (400)."
    )
    poison: str = field(
        default="", metadata={"help": "Calls with this text always end in an internal error (500)."}
    )
    drip_s: float = _setting(
        120.0, 0.001, 3600, "Seconds from the first byte of a dripping answer to its last."
    )
    reasoning: bool = field(default=False, metadata={"help": "Start every answer with a reasoning block."})
    seed: int = _setting(0, 0, 2**63 - 1, "Another seed gives other faults and latencies.")
    throttle: float = _share("are throttled (429)")
    not_ready: float = _share("find the model not ready (429)")
    server_error: float = _share("end in an internal error (500)")
    unavailable: float = _share("find the service unavailable (503)")
    model_timeout: float = _share("end in the model's time-out (408)")
    model_error: float = _share("end in the model's error (424)")
    reset: float = _share("have their connection reset")
    hang: float = _share("are never answered")
    truncated: float = _share("stop in mid-answer (stopReason max_tokens)")
    malformed: float = _share("give broken JSON, wrong types, unknown names or an unknown verdict")
    refusal: float = _share("are refused in prose")
    filtered: float = _share("are stopped by the content filter")
    guardrail: float = _share("are stopped by a guardrail")
    nan: float = _share("hold NaN or a number in place of a verdict")
    missing: float = _share("lack one criterion")
    denied: float = _share("are denied (403)")
    overflow: float = _share("are too long for the model (400)")
    drip: float = _share("are answered correctly, but a few bytes at a time")

    def __post_init__(self) -> None:
        mistakes = [
            text for setting in fields(self) if (text := _mistake(setting, getattr(self, setting.name)))
        ]
        if not mistakes and math.fsum(self.shares.values()) > 1 + 1e-9:
            named = ", ".join(f"{fault} {share:g}" for fault, share in self.shares.items() if share)
            mistakes.append(f"the shares of failures sum to more than 1: {named}")
        if mistakes:
            raise EmulatorSettingsError("; ".join(mistakes))

    @property
    def shares(self) -> dict[Fault, float]:
        """The share of each failure, in [0, 1], in a fixed order."""
        return {fault: getattr(self, fault.value) for fault in Fault}

    def to_dict(self) -> dict[str, Any]:
        """As JSON values, for :meth:`from_dict`."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "EmulatorSettings":
        """Settings from JSON values. Raises EmulatorSettingsError for an unknown name."""
        unknown = sorted(set(values) - {setting.name for setting in fields(cls)})
        if unknown:
            raise EmulatorSettingsError(f"no such setting: {', '.join(unknown)}")
        return cls(**values)


def _mistake(setting: Any, value: Any) -> str:
    """What is wrong with a setting's value; "" if it is allowed."""
    kind = type(setting.default)
    if kind is bool:
        return "" if isinstance(value, bool) else f"{setting.name} is {value!r}: allowed are true and false"
    if kind is str:
        return "" if isinstance(value, str) else f"{setting.name} is {value!r}: allowed is a text"
    low, high = setting.metadata["low"], setting.metadata["high"]
    allowed = f"a whole number from {low} to {high}" if kind is int else f"a number from {low} to {high}"
    fits = isinstance(value, int) if kind is int else isinstance(value, int | float)
    if isinstance(value, bool) or not fits or not low <= value <= high:
        return f"{setting.name} is {value!r}: allowed is {allowed}"
    return ""
