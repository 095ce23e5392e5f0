"""The environment as frozen settings. Reading it is a call, never an import."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field

from reward_fn.definition.pin import is_stored
from reward_fn.definition.variables import BOUNDS, Variables
from reward_fn.errors import SettingsError
from reward_fn.judge.base import Price
from reward_fn.types.result import ENVELOPE_NAMES, Envelope

__all__ = ["BOUNDS", "PROMPT_CACHES", "Settings", "read_settings"]


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
    service_tier: str = "default"
    request_metadata: tuple[tuple[str, str], ...] = ()
    prompt_cache_ttl: str = "5m"


_BUCKET = r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]"
_PREFIX = r"[A-Za-z0-9!_.*'()/-]{1,200}"
_TABLE = r"[A-Za-z0-9_.-]{3,255}"
_KEY_PLACE = r"arn:[a-z-]+:secretsmanager:[a-z0-9-]+:\d{12}:secret:[\w/+=.@-]{1,519}|ssm:(?:/[\w.-]+){1,15}"
_KEY_REMEDY = "set the ARN of a secret in Secrets Manager, or ssm:/name of a parameter"
PROMPT_CACHES = ("off", "free", "lead")
SERVICE_TIERS = ("default", "priority", "flex", "reserved")
"""Tiers of Bedrock's Converse (botocore's service model, ``ServiceTierType``); "default" is the usual one."""
PROMPT_CACHE_TTLS = ("5m", "1h")
"""How long Converse keeps a prefix (botocore's service model, ``CacheTTL``)."""


def read_settings(environ: Mapping[str, str] = os.environ) -> Settings:
    """Settings from ``environ``; an unset or empty variable has its default.

    Raises :class:`SettingsError` naming every wrong variable, its value and what is allowed.
    """
    default, variables = Settings(), Variables(environ)
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
        service_tier=variables.choice("SERVICE_TIER", default.service_tier, SERVICE_TIERS),
        request_metadata=variables.metadata("REQUEST_METADATA"),
        prompt_cache_ttl=variables.choice("PROMPT_CACHE_TTL", default.prompt_cache_ttl, PROMPT_CACHE_TTLS),
    )
    _refuse_contradictions(settings, variables)
    if variables.mistakes:
        raise SettingsError("wrong environment variables: " + "; ".join(variables.mistakes))
    return settings


def _refuse_contradictions(settings: Settings, variables: Variables) -> None:
    """Record the mistakes that concern two variables together."""
    if is_stored(settings.reward_definition) and not settings.reward_definition_sha256:
        variables.refuse(
            "REWARD_DEFINITION_SHA256", "a stored definition needs it; rewardctl check prints it"
        )
    if settings.trace_share and not settings.trace_bucket:
        variables.refuse("TRACE_BUCKET", "TRACE_SHARE is above 0, so set the bucket that takes the traces")
    if settings.judge_api_key and settings.judge_api_key_secret:
        variables.refuse("JUDGE_API_KEY_SECRET", "JUDGE_API_KEY is set too; set one of them")
