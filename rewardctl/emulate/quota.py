"""The account's quotas for a model: requests a second, tokens a minute, and the share that others use.

Tokens are counted as the Bedrock user guide says in "How tokens are counted in Amazon Bedrock"
(docs.aws.amazon.com/bedrock/latest/userguide/quotas-token-burndown.html): at its start a call reserves its
input tokens and its whole ``maxTokens``; at its end this becomes input plus cache writes plus output times
the burndown rate, and cache reads are free. AWS does not document how a quota refills; here it refills
evenly, up to a minute's worth.
"""

import json
import re

from reward_fn.deadline import Clock
from rewardctl.emulate.bucket import TokenBucket
from rewardctl.emulate.request import CHARS_PER_TOKEN
from rewardctl.emulate.settings import EmulatorSettings

MAX_TOKENS_UNSET = 64_000
"""Reserved by a call without maxTokens: the model's maximum, here Claude Sonnet's (AWS re:Post, "TPM & RPM
Quota Monitoring Dashboard for Amazon Bedrock")."""

CLAUDE_BURNDOWN = 5
"""Quota tokens for one output token; 1 for all other models. Source: the same page of the user guide."""

_BURNS_FASTER = re.compile(r"claude-(?:3-7|(?:opus|sonnet|haiku)-[4-9])")


class Quota:
    """Decides which calls are throttled, by the clock and the earlier calls alone."""

    def __init__(self, settings: EmulatorSettings, clock: Clock) -> None:
        self._clock = clock
        self._counts_tokens = settings.max_tokens_per_min > 0

        def lost_s(age_s: float) -> float:
            return lost_until(settings, age_s)

        self._requests = TokenBucket(settings.max_requests_per_s, clock, lost_s=lost_s)
        self._tokens = TokenBucket(
            settings.max_tokens_per_min / 60, clock, capacity=settings.max_tokens_per_min, lost_s=lost_s
        )

    def admit(self, body: bytes) -> int | None:
        """The tokens reserved for a call that may start now; None if it is throttled.

        A call that the token quota throttles still uses up one request.
        """
        if not self._requests.take():
            return None
        tokens = reserved_tokens(body) if self._counts_tokens else 0
        return tokens if self._tokens.take(tokens) else None

    def settle(self, reserved: int, used: int, delay_s: float) -> None:
        """Replace, ``delay_s`` from now, the reserved tokens of a call by the used ones."""
        if self._counts_tokens:
            self._tokens.correct(reserved - used, self._clock() + delay_s)


def reserved_tokens(body: bytes) -> int:
    """Input tokens plus ``maxTokens``; 0 for an invalid body, which is refused later."""
    try:
        inference = json.loads(body).get("inferenceConfig") or {}
        max_tokens = int(inference.get("maxTokens", MAX_TOKENS_UNSET))
    except (ValueError, TypeError, AttributeError, RecursionError):
        return 0
    return len(body) // CHARS_PER_TOKEN + max_tokens


def burndown(model_id: str) -> int:
    """Quota tokens for one token of a model's output."""
    return CLAUDE_BURNDOWN if _BURNS_FASTER.search(model_id) else 1


def lost_until(settings: EmulatorSettings, age_s: float) -> float:
    """Seconds' worth of quota lost up to an age: half of it while halved, ``storm_share`` of it in storms."""
    halved_s = min(max(0.0, age_s - settings.halved_after_s), settings.halved_s)
    return halved_s / 2 + settings.storm_share * _stormy_s(settings, age_s)


def _stormy_s(settings: EmulatorSettings, age_s: float) -> float:
    """The seconds of storm up to an age; each period ends with a storm."""
    if not settings.storm_every_s:
        return 0.0
    storm_s = min(settings.storm_s, settings.storm_every_s)
    periods, into_s = divmod(age_s, settings.storm_every_s)
    return periods * storm_s + max(0.0, into_s - (settings.storm_every_s - storm_s))
