"""The environment as frozen settings. Reading it is a call, never an import."""

import os
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from reward_fn.definition.pin import is_sha256, is_stored, parse_pin
from reward_fn.errors import SettingsError
from reward_fn.judge.base import Price
from reward_fn.judge.models.price_text import parse_prices
from reward_fn.judge.models.tiers import TIERS
from reward_fn.types.result import ENVELOPE_NAMES, Envelope


@dataclass(frozen=True, slots=True)
class Settings:
    """Every setting with its default; ``docs/settings.md`` documents each. Units are in the names.

    ``deadline_s`` 0 means that only Lambda's clock counts; without a clock it means ``DEFAULT_BUDGET_S`` of
    :mod:`reward_fn.deadline`.
    """

    reward_definition: str = "contract-review"
    judge_model: str = ""
    judge_max_workers: int = 64
    judge_max_attempts: int = 6
    judge_timeout_s: float = 30.0
    deadline_s: float = 0.0
    deadline_margin_s: float = 2.0
    log_text: bool = False
    response_envelope: Envelope = "list"
    reward_definition_sha256: str = ""
    judges_allowed: tuple[str, ...] = ()
    trace_share: float = 0.0
    trace_bucket: str = ""
    trace_prefix: str = "traces/"
    verdict_memory: int = 20_000
    verdict_table: str = ""
    verdict_ttl_s: float = 604_800.0
    prompt_cache: str = "free"
    max_cost_usd: float = 0.0
    judge_prices: tuple[tuple[str, Price], ...] = ()
    judge_urls_allowed: tuple[str, ...] = ()
    judge_api_key: str = field(default="", repr=False)
    judge_api_key_secret: str = ""


BOUNDS: Mapping[str, tuple[float, float]] = {
    "JUDGE_MAX_WORKERS": (1, 256),
    "JUDGE_MAX_ATTEMPTS": (1, 20),
    "JUDGE_TIMEOUT_S": (1, 300),
    "DEADLINE_S": (0, 900),
    "DEADLINE_MARGIN_S": (0.1, 60),
    "TRACE_SHARE": (0, 1),
    "VERDICT_MEMORY": (0, 500_000),
    "VERDICT_TTL_S": (60, 864_000),
    "MAX_COST_USD": (0, 100),
}
_MODEL = re.compile(r"(?=.*[.:/])[A-Za-z0-9.:/@_-]{1,2048}")
_BUCKET = r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]"
_PREFIX = r"[A-Za-z0-9!_.*'()/-]{1,200}"
_TABLE = r"[A-Za-z0-9_.-]{3,255}"
_URL = r"https?://[A-Za-z0-9.-]+(?::\d{1,5})?(?:/[A-Za-z0-9._~-]+)*/?"
_KEY_PLACE = r"arn:[a-z-]+:secretsmanager:[a-z0-9-]+:\d{12}:secret:[\w/+=.@-]{1,519}|ssm:(?:/[\w.-]+){1,15}"
_KEY_REMEDY = "set the ARN of a secret in Secrets Manager, or ssm:/name of a parameter"
PROMPT_CACHES = ("off", "free", "lead")
Choice = TypeVar("Choice", bound=str)
_SWITCH = {"true": True, "1": True, "on": True, "false": False, "0": False, "off": False}


def read_settings(environ: Mapping[str, str] = os.environ) -> Settings:
    """Settings from ``environ``; an unset or empty variable has its default.

    Raises :class:`SettingsError` naming every wrong variable, its value and what is allowed.
    """
    default, variables = Settings(), _Variables(environ)
    deadline_s = variables.number("DEADLINE_S", default.deadline_s)
    timeout_s = variables.number("JUDGE_TIMEOUT_S", default.judge_timeout_s)
    settings = Settings(
        reward_definition=variables.definition("REWARD_DEFINITION") or default.reward_definition,
        reward_definition_sha256=variables.sha256("REWARD_DEFINITION_SHA256"),
        judge_model=variables.model("JUDGE_MODEL"),
        judges_allowed=variables.models("JUDGES_ALLOWED"),
        judge_max_workers=variables.count("JUDGE_MAX_WORKERS", default.judge_max_workers),
        judge_max_attempts=variables.count("JUDGE_MAX_ATTEMPTS", default.judge_max_attempts),
        judge_timeout_s=min(timeout_s, deadline_s / 2 or timeout_s),  # time to ask a fallback
        deadline_s=deadline_s,
        deadline_margin_s=variables.number("DEADLINE_MARGIN_S", default.deadline_margin_s),
        log_text=variables.switch("LOG_TEXT", default.log_text),
        response_envelope=variables.choice("RESPONSE_ENVELOPE", default.response_envelope, ENVELOPE_NAMES),
        trace_share=variables.number("TRACE_SHARE", default.trace_share),
        trace_bucket=variables.matching("TRACE_BUCKET", _BUCKET, "set the name of a bucket"),
        trace_prefix=variables.matching("TRACE_PREFIX", _PREFIX, "set a key's beginning, such as traces/")
        or default.trace_prefix,
        verdict_memory=variables.count("VERDICT_MEMORY", default.verdict_memory),
        verdict_table=variables.matching("VERDICT_TABLE", _TABLE, "set the name of a DynamoDB table"),
        verdict_ttl_s=variables.number("VERDICT_TTL_S", default.verdict_ttl_s),
        prompt_cache=variables.choice("PROMPT_CACHE", default.prompt_cache, PROMPT_CACHES),
        max_cost_usd=variables.number("MAX_COST_USD", default.max_cost_usd),
        judge_prices=variables.prices("JUDGE_PRICES"),
        judge_urls_allowed=variables.urls("JUDGE_URLS_ALLOWED"),
        judge_api_key=variables.text("JUDGE_API_KEY"),
        judge_api_key_secret=variables.matching("JUDGE_API_KEY_SECRET", _KEY_PLACE, _KEY_REMEDY),
    )
    if is_stored(settings.reward_definition) and not settings.reward_definition_sha256:
        variables.refuse(
            "REWARD_DEFINITION_SHA256", "a stored definition needs it; rewardctl check prints it"
        )
    if settings.trace_share and not settings.trace_bucket:
        variables.refuse("TRACE_BUCKET", "TRACE_SHARE is above 0, so set the bucket that takes the traces")
    if settings.judge_api_key and settings.judge_api_key_secret:
        variables.refuse("JUDGE_API_KEY_SECRET", "JUDGE_API_KEY is set too; set one of them")
    if variables.mistakes:
        raise SettingsError("wrong environment variables: " + "; ".join(variables.mistakes))
    return settings


class _Variables:
    """Reads environment variables, one method for each type of value; ``mistakes`` collects wrong values."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self.mistakes: list[str] = []

    def text(self, name: str) -> str:
        return self._environ.get(name, "").strip()

    def definition(self, name: str) -> str:
        text = self.text(name)
        try:
            if is_stored(text):
                parse_pin(text)
        except ValueError as error:
            self.refuse(name, str(error))
        return text

    def sha256(self, name: str) -> str:
        text = self.text(name).lower()
        if text and not is_sha256(text):
            self.refuse(
                name, "set the 64 hex digits of the definition's SHA-256; rewardctl check prints them"
            )
        return text

    def number(self, name: str, default: float) -> float:
        value = self._bounded(name, default)
        if value is None:
            self.refuse(name, f"set a number {_span(name)}, or leave it unset ({default:g})")
        return default if value is None else value

    def count(self, name: str, default: int) -> int:
        value = self._bounded(name, default)
        if value is None or value != int(value):
            self.refuse(name, f"set a whole number {_span(name)}, or leave it unset ({default})")
            return default
        return int(value)

    def switch(self, name: str, default: bool) -> bool:
        text = self.text(name).lower()
        if text and text not in _SWITCH:
            self.refuse(name, f"set true or false, or leave it unset ({str(default).lower()})")
        return _SWITCH.get(text, default)

    def choice(self, name: str, default: Choice, allowed: Collection[Choice]) -> Choice:
        text = self.text(name).lower() or default
        chosen = next((each for each in allowed if each == text), None)
        if chosen is None:
            self.refuse(name, f"set one of {', '.join(allowed)}, or leave it unset ({default})")
        return chosen or default

    def model(self, name: str) -> str:
        text = self.text(name)
        if text and not _is_model(text):
            self.refuse(name, f"set a tier ({', '.join(TIERS)}), a model id or an inference profile's ARN")
        return text

    def models(self, name: str) -> tuple[str, ...]:
        names = tuple(part for each in self.text(name).split(",") if (part := each.strip()))
        if not all(map(_is_model, names)):
            self.refuse(name, f"set tiers ({', '.join(TIERS)}) and model ids, with a comma between them")
        return names

    def urls(self, name: str) -> tuple[str, ...]:
        urls = tuple(part for each in self.text(name).split(",") if (part := each.strip()))
        if not all(re.fullmatch(_URL, each) for each in urls):
            self.refuse(name, "set URLs such as https://judge.example/v1, with a comma between them")
        return urls

    def prices(self, name: str) -> tuple[tuple[str, Price], ...]:
        try:
            return parse_prices(self.text(name))
        except ValueError:
            self.refuse(name, "set MODEL=INPUT/OUTPUT, in US dollars for a million tokens, with commas")
            return ()

    def matching(self, name: str, pattern: str, remedy: str) -> str:
        text = self.text(name)
        if text and not re.fullmatch(pattern, text):
            self.refuse(name, remedy)
        return text

    def _bounded(self, name: str, default: float) -> float | None:
        """The number, or its default if unset; None if it is no number or out of bounds."""
        text = self.text(name)
        low, high = BOUNDS[name]
        try:
            value = float(text) if text else default
        except ValueError:
            return None
        return value if low <= value <= high else None

    def refuse(self, name: str, remedy: str) -> None:
        self.mistakes.append(f"{name}={self.text(name)[:80]!r}: {remedy}")


def _is_model(text: str) -> bool:
    return text in TIERS or _MODEL.fullmatch(text) is not None


def _span(name: str) -> str:
    low, high = BOUNDS[name]
    return f"from {low:g} to {high:g}"
