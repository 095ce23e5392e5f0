"""The environment as frozen settings. Reading it is a call, never an import."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass

from reward_fn.errors import SettingsError


@dataclass(frozen=True, slots=True)
class Settings:
    """Every setting with its default; ``docs/settings.md`` documents each. Units are in the names.

    ``deadline_s`` 0 means Lambda's own clock alone; where there is neither, ``DEFAULT_BUDGET_S`` holds.
    """

    reward_definition: str = "contract-review"
    judge_model: str = ""
    judge_max_workers: int = 64
    judge_max_attempts: int = 6
    judge_timeout_s: float = 30.0
    deadline_s: float = 0.0
    deadline_margin_s: float = 2.0
    log_text: bool = False


DEFAULT_BUDGET_S = 55.0
"""Without a clock: under the 60 s that a judge's Lambda needs at least (AWS's reward function guide)."""

BOUNDS: Mapping[str, tuple[float, float]] = {
    "JUDGE_MAX_WORKERS": (1, 256),
    "JUDGE_MAX_ATTEMPTS": (1, 20),
    "JUDGE_TIMEOUT_S": (1, 300),
    "DEADLINE_S": (0, 900),
    "DEADLINE_MARGIN_S": (0.1, 60),
}
_MODEL = re.compile(r"[A-Za-z0-9.:/_-]{1,2048}")
_SWITCH = {"true": True, "1": True, "on": True, "false": False, "0": False, "off": False}


def read_settings(environ: Mapping[str, str] = os.environ) -> Settings:
    """Settings from ``environ``; an unset or empty variable has its default.

    Raises :class:`SettingsError` naming every wrong variable, its value and what is allowed.
    """
    defaults, mistakes = Settings(), []

    def number(name: str, default: float) -> float:
        text = environ.get(name, "").strip()
        low, high = BOUNDS[name]
        try:
            value = float(text) if text else default
        except ValueError:
            value = float("nan")
        if not low <= value <= high or (isinstance(default, int) and value != int(value)):
            kind = "a whole number" if isinstance(default, int) else "a number"
            mistakes.append(
                f"{name}={text!r}: set {kind} from {low:g} to {high:g}, or leave it unset ({default:g})"
            )
        return value

    def switch(name: str, default: bool) -> bool:
        text = environ.get(name, "").strip().lower()
        if text and text not in _SWITCH:
            mistakes.append(f"{name}={text!r}: set true or false, or leave it unset ({str(default).lower()})")
        return _SWITCH.get(text, default)

    workers = number("JUDGE_MAX_WORKERS", defaults.judge_max_workers)
    attempts = number("JUDGE_MAX_ATTEMPTS", defaults.judge_max_attempts)
    judge_model = environ.get("JUDGE_MODEL", "").strip()
    if judge_model and not _MODEL.fullmatch(judge_model):
        mistakes.append(
            f"JUDGE_MODEL={judge_model[:80]!r}: set a tier, a model id or an inference profile's ARN"
        )
    timeout_s = number("JUDGE_TIMEOUT_S", defaults.judge_timeout_s)
    deadline_s = number("DEADLINE_S", defaults.deadline_s)
    margin_s = number("DEADLINE_MARGIN_S", defaults.deadline_margin_s)
    log_text = switch("LOG_TEXT", defaults.log_text)
    if mistakes:
        raise SettingsError("wrong environment variables: " + "; ".join(mistakes))
    return Settings(
        reward_definition=environ.get("REWARD_DEFINITION", "").strip() or defaults.reward_definition,
        judge_model=judge_model,
        judge_max_workers=int(workers),
        judge_max_attempts=int(attempts),
        judge_timeout_s=min(timeout_s, deadline_s or timeout_s),
        deadline_s=deadline_s,
        deadline_margin_s=margin_s,
        log_text=log_text,
    )
