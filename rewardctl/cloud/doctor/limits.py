"""The size of a job: its payload against the limit of Lambda, and the judge calls that it keeps in flight."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil

from reward_fn.types.rubric import JudgeSpec
from rewardctl.cloud.doctor.finding import Finding
from rewardctl.cloud.doctor.probe import Probe
from rewardctl.judge_demand import ModelCalls, calls_a_rollout, full_group, questions_a_rollout
from rewardctl.local.inputs import MAX_EVENT_BYTES


@dataclass(frozen=True)
class Job:
    """The two fields of a recipe that matter here: concurrent invocations, and rollouts in each."""

    concurrency_limit: int
    batch_size: int

    def calls_at_once(self, workers: int, calls_a_rollout: float = 1.0) -> int:
        """Judge calls of all models in flight; an invocation has at most `workers` of them."""
        return self.concurrency_limit * min(ceil(self.batch_size * calls_a_rollout), workers)

    def calls_in_flight(self, demand: ModelCalls, spec: JudgeSpec | None, workers: int) -> int:
        """Judge calls of one model in flight, at most: its share of all calls.

        The share of voters is taken without escalations, which may never happen; that of a fallback is the
        share of the voters that it replaces. `spec` None stands for one call a rollout.
        """
        if spec is None:
            return self.calls_at_once(workers)
        together = full_group(spec)
        all_calls = calls_a_rollout(spec, together=together, escalated=demand.role == "escalation")
        own_calls = demand.calls * questions_a_rollout(spec, together=together)
        return ceil(self.calls_at_once(workers, all_calls) * own_calls / all_calls)


def check_payload(probe: Probe, job: Job) -> Iterator[Finding]:
    """Compare a batch of the event's largest row with the most that Lambda takes in one call."""
    largest = max(len(json.dumps(row, ensure_ascii=False).encode("utf-8")) for row in probe.event)
    batch = largest * job.batch_size
    seen = f"{job.batch_size} × {largest:,} bytes = {batch / 1e6:.1f} MB of {MAX_EVENT_BYTES / 1e6:.1f} MB"
    if batch <= MAX_EVENT_BYTES:
        yield Finding("payload", "ok", seen)
    else:
        remedy = f"Set the recipe's lambda_batch_size to {max(MAX_EVENT_BYTES // largest, 1)} or less."
        yield Finding("payload", "failed", seen, remedy)
