"""Judges on any server that speaks OpenAI's chat completions: vLLM, Ollama, llama.cpp, LiteLLM and others.

A model's name is ``openai:MODEL@URL``, such as ``openai:qwen2.5:7b@http://127.0.0.1:11434/v1``.
"""

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

from reward_fn.judge.providers.openai_compatible.names import mistake, read_model

if TYPE_CHECKING:
    from reward_fn.judge.base import Judge
    from reward_fn.settings import Settings

__all__ = ["mistake", "open_judge", "read_model"]


def open_judge(settings: "Settings", names: Sequence[str]) -> "Judge":
    """One judge for all servers. Raises SettingsError if one of ``names`` has a URL that is not allowed."""
    from reward_fn.judge.providers.openai_compatible.judge import OpenAiJudge  # imports urllib3

    judge = OpenAiJudge(settings, is_deployed="AWS_LAMBDA_RUNTIME_API" in os.environ)
    judge.check_urls(names)
    return judge
