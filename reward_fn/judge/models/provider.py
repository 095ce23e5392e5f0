"""Find the provider of a model by the prefix of its name.

A provider is a module or package in ``reward_fn/judge/providers``. The first word of its name is the prefix:
``openai_compatible`` serves ``openai:...``. A name without a known prefix belongs to the default provider.
The core imports no provider by name, so that a cold start loads only the providers that a definition uses.
"""

import pkgutil
import re
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import import_module
from typing import Protocol, cast

from reward_fn.judge.base import Judge, Model, Structure

PACKAGE = "reward_fn.judge.providers"
DEFAULT = "bedrock"


class JudgeSettings(Protocol):
    """The settings that providers read: those of :class:`reward_fn.settings.Settings` about judges."""

    @property
    def judge_max_workers(self) -> int:
        """Calls at once, and connections kept."""
        ...

    @property
    def judge_timeout_s(self) -> float:
        """Seconds for one attempt."""
        ...

    @property
    def prompt_cache(self) -> str:
        """Which models are sent cache points: off, free or lead."""
        ...

    @property
    def prompt_cache_ttl(self) -> str:
        """How long a prompt cache keeps a prefix: 5m or 1h."""
        ...

    @property
    def service_tier(self) -> str:
        """The tier in which calls are served: default, priority, flex or reserved."""
        ...

    @property
    def request_metadata(self) -> tuple[tuple[str, str], ...]:
        """Names and values that the provider logs with each call."""
        ...

    @property
    def judge_urls_allowed(self) -> tuple[str, ...]:
        """URLs of servers that may be called."""
        ...

    @property
    def judge_api_key(self) -> str:
        """The API key, or a JSON object of URLs and keys."""
        ...

    @property
    def judge_api_key_secret(self) -> str:
        """The ARN or the ``ssm:/name`` under which AWS stores the API key."""
        ...


class Provider(Protocol):
    """The functions of a provider's module. Importing the module loads no client library."""

    def read_model(self, name: str, structure: Structure) -> Model:
        """The model of that name, prefix included. A malformed name gives a model too, and a mistake."""
        ...

    def mistake(self, name: str, structure: Structure) -> str:
        """Why no definition may name this model, or may not request this structure; "" if it may.

        The message names the remedy.
        """
        ...

    def open_judge(self, settings: JudgeSettings, names: Sequence[str]) -> Judge:
        """A judge for all models of the provider.

        ``names`` are the models that are known now. Raises SettingsError if the settings do not allow one.
        """
        ...


def provider_of(name: str) -> Provider:
    """The provider of a model, by the prefix of the model's name."""
    prefix = _prefix(name)
    return _provider(prefixes().get(prefix, DEFAULT) if prefix else DEFAULT)


def is_default(name: str) -> bool:
    """Whether a model is on the default provider, Bedrock."""
    return prefixes().get(_prefix(name), DEFAULT) == DEFAULT


def unknown_prefix(name: str) -> str:
    """The prefix of a name if it looks like a provider's and no provider has it, else ""."""
    prefix = _prefix(name)
    return prefix if prefix not in ("", "arn", *prefixes()) else ""


@cache
def prefixes() -> Mapping[str, str]:
    """The module of each prefix. A module whose name begins with ``_`` is a helper."""
    names = (module.name for module in pkgutil.iter_modules(import_module(PACKAGE).__path__))
    return {name.partition("_")[0]: name for name in names if not name.startswith("_")}


def _prefix(name: str) -> str:
    """Lower-case letters and digits before the first colon, else "". Bedrock's ids have a dot there."""
    match = re.match(r"([a-z][a-z0-9]*):", name)
    return match[1] if match else ""


@cache
def _provider(module: str) -> Provider:
    return cast("Provider", import_module(f"{PACKAGE}.{module}"))
