"""What a plan is asked for, and the figures that it assumes where nothing was measured."""

from dataclasses import dataclass

from rewardctl.cloud.doctor.quota import ASSUMED_LATENCY_S
from rewardctl.plan.callers import JobShape

LATENCY_SPREAD = 0.5
OTHER_STEP_S = 60.0
ANSWER_TOKENS = 500
OVERHEAD_S = 0.02
"""Assumed, without a source: the sigma of the latencies' logarithm, at which one call in a hundred takes 2.8
times the mean; seconds of a step beside the rewards; the length of an answer that the data lack; seconds of a
call beside its work."""


class PlanError(Exception):
    """There is nothing to plan, or the options contradict each other. The message names the remedy."""


@dataclass(frozen=True, slots=True)
class PlanRequest:
    """The options of ``rewardctl plan``. None stands for "not given".

    ``data`` are rollouts or a data set, ``run`` is a scored run or a folder of traces. ``judge`` names the
    judge; tokens are of one call, shares lie in [0, 1]; ``requests`` and ``tokens`` a minute are the judge's
    quotas.
    """

    definition: str
    shape: JobShape
    data: str = ""
    run: str = ""
    judge: str = "bedrock"
    latency_s: float | None = None
    latency_spread: float = LATENCY_SPREAD
    reply_tokens: float | None = None
    cached_share: float | None = None
    answer_tokens: int = ANSWER_TOKENS
    chars_per_token: float = 4.0
    other_step_s: float = OTHER_STEP_S
    overhead_s: float = OVERHEAD_S
    requests_a_minute: float | None = None
    tokens_a_minute: float | None = None
    workers: int = 64
    timeout_s: float = 300.0
    memory_mb: int = 1024
    region: str = "us-east-1"
    architecture: str = "x86_64"

    @property
    def default_latency_s(self) -> float:
        """The latency if none was given or measured."""
        return ASSUMED_LATENCY_S
