"""Judges on Amazon Bedrock, through the Converse API: the default provider, whose names have no prefix."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from reward_fn.judge.providers.bedrock.names import mistake, read_model

if TYPE_CHECKING:
    from reward_fn.judge.base import Judge
    from reward_fn.settings import Settings

__all__ = ["mistake", "open_judge", "read_model"]


def open_judge(settings: "Settings", names: Sequence[str]) -> "Judge":  # noqa: ARG001 - IAM decides on models
    """One judge for all models, with a client for each region. Raises SettingsError."""
    from reward_fn.judge.providers.bedrock.converse import Extras
    from reward_fn.judge.providers.bedrock.judge import BedrockJudge  # imports botocore

    return BedrockJudge(
        max_workers=settings.judge_max_workers,
        timeout_s=settings.judge_timeout_s,
        prompt_cache=settings.prompt_cache,
        extras=Extras.of(
            settings.service_tier, dict(settings.request_metadata), cache_ttl=settings.prompt_cache_ttl
        ),
    )
