"""Who calls the function: the numbers of its recipe, and how many rollouts it sends in one call."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil


@dataclass(frozen=True, slots=True)
class JobShape:
    """The size of a job.

    A step has ``batch_size`` prompts with ``generations`` rollouts each. At most ``concurrency`` invocations
    run at once, each with ``rollouts_a_call`` rollouts. ``uses_alias`` says whether the caller can reach the
    alias, and with it provisioned concurrency. ``source`` is where these numbers are from.
    """

    caller: str
    batch_size: int
    generations: int
    steps: int
    concurrency: int
    rollouts_a_call: int
    uses_alias: bool
    source: str

    @property
    def rollouts_a_step(self) -> int:
        """Rollouts that are scored in one step."""
        return self.batch_size * self.generations

    @property
    def rollouts(self) -> int:
        """Rollouts of the whole job."""
        return self.steps * self.rollouts_a_step

    @property
    def invocations_a_step(self) -> int:
        """Calls of the function in one step."""
        return ceil(self.rollouts_a_step / self.rollouts_a_call)

    @property
    def invocations_at_once(self) -> int:
        """The most invocations that run at the same time."""
        return min(self.concurrency, self.invocations_a_step)


_RECIPES = "its recipe for Nova 2 Lite"  # aws/sagemaker-hyperpod-recipes
_NO_SOURCE = "assumed: AWS publishes none"

CALLERS: Mapping[str, JobShape] = {
    shape.caller: shape
    for shape in (
        JobShape("hyperpod", 256, 8, 100, 100, 1, uses_alias=True, source=_RECIPES),
        JobShape("instances", 64, 2, 5, 12, 64, uses_alias=True, source=_RECIPES),
        JobShape("serverless", 64, 8, 100, 12, 64, uses_alias=False, source=_NO_SOURCE),
        JobShape("bedrock", 32, 8, 100, 100, 1, uses_alias=True, source=_NO_SOURCE),
    )
}
"""HyperPod sends one rollout a call; SageMaker training jobs send 64 to 128, at most 12 calls at once. The
SDK's serverless path takes no alias."""
