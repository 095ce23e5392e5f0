"""A plan against a job: calls, tokens and the time of a step, in a trainer's pattern of calls.

``python -m benchmarks.planned_job`` prints one line for each pattern. The stand-in is the judge, and this
process plays both the trainer and the function, so its environments share one interpreter.
"""

import json
import os
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from statistics import fmean
from tempfile import TemporaryDirectory
from typing import Any

from reward_fn.deadline import Deadline
from reward_fn.judge.judges import Judges
from reward_fn.judge.vote.panel import models_of
from reward_fn.pipeline import Scorer, score_batch
from reward_fn.settings import Settings
from reward_fn.types.definition import Definition
from rewardctl.emulate.process import Emulator
from rewardctl.emulate.settings import EmulatorSettings
from rewardctl.plan.callers import CALLERS, JobShape
from rewardctl.plan.plan import Plan, make_plan
from rewardctl.plan.request import PlanRequest

EVENTS = Path(__file__).parents[1] / "events"
BATCH_S = 300.0

Row = dict[str, Any]


def variants(event: str, count: int) -> list[Row]:
    """``count`` rows of an event, again and again, each time with other words at the end of the prompt."""
    rows = json.loads((EVENTS / f"{event}.json").read_text(encoding="utf-8"))
    return [_variant(rows[n % len(rows)], n // len(rows)) for n in range(count)]


def _variant(row: Row, number: int) -> Row:
    *turns, answer = row["messages"]
    if not turns:  # a row without a prompt, which is not judged
        return row
    last = turns[-1]
    asked = {**last, "content": f"{last['content']}\n\nVariant {number:03}."}
    return {**row, "id": f"{row['id']}-{number}", "messages": [*turns[:-1], asked, answer]}


def play(shape: JobShape, rows: Sequence[Row], definition: Definition, workers: int = 64) -> list[float]:
    """Score all rollouts of a job as its trainer sends them, and return the seconds of each step.

    ``rows`` are those of all steps, in order. The judge is at AWS_ENDPOINT_URL_BEDROCK_RUNTIME.
    """
    settings = Settings(judge_max_workers=workers)
    judge = Judges(settings, models_of(definition.judge)) if definition.judge else None
    if judge is not None:
        judge.warm()
    scorer = Scorer(definition, judge, settings)
    steps_s = []
    with ThreadPoolExecutor(shape.concurrency) as trainer:
        for step in range(shape.steps):
            begin = step * shape.rollouts_a_step
            batches = list(_parts(rows[begin : begin + shape.rollouts_a_step], shape.rollouts_a_call))
            begun_s = time.perf_counter()
            for scored in trainer.map(
                lambda batch: score_batch(batch, scorer, Deadline.after(BATCH_S)), batches
            ):
                assert scored.results
            steps_s.append(time.perf_counter() - begun_s)
    return steps_s


def _parts(rows: Sequence[Row], size: int) -> Iterator[list[Row]]:
    for begin in range(0, len(rows), size):
        yield list(rows[begin : begin + size])


LATENCY_S, SPREAD = 2.0, 0.3
SHAPES = (
    replace(CALLERS["hyperpod"], batch_size=12, generations=8, steps=6, concurrency=16),
    replace(CALLERS["instances"], batch_size=16, generations=8, steps=12, concurrency=2, rollouts_a_call=32),
)


def main() -> None:
    """Plan each pattern, play it, and print both."""
    os.environ |= {
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_SECRET_ACCESS_KEY": "local",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    settings = EmulatorSettings(latency_s=LATENCY_S, latency_spread=SPREAD)
    with Emulator(settings) as emulator, TemporaryDirectory() as folder:
        os.environ["AWS_ENDPOINT_URL_BEDROCK_RUNTIME"] = emulator.url
        for shape in SHAPES:
            rows = variants("contract_review_batch", shape.rollouts)
            data = Path(folder) / "rollouts.jsonl"
            data.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
            request = PlanRequest(
                "contract-review", shape, str(data),
                latency_s=LATENCY_S, latency_spread=SPREAD, memory_mb=1769,
            )  # fmt: skip
            plan = make_plan(request)
            emulator.reset()
            _print(plan, play(shape, rows, plan.definition), emulator)


def _print(plan: Plan, steps_s: Sequence[float], emulator: Emulator) -> None:
    stats, judge = emulator.stats(), plan.judges[0]
    read = stats.input_tokens + stats.cache_read_tokens + stats.cache_write_tokens
    pairs = (
        ("calls", judge.calls[0], stats.calls),
        ("tokens in", judge.input_tokens[0], read),
        ("tokens out", judge.output_tokens[0], stats.output_tokens),
        ("seconds a step", plan.step.step_s, fmean(steps_s)),
    )
    words = (
        f"{name} {planned:,.6g} planned, {seen:,.6g} measured ({planned / seen - 1:+.1%})"
        for name, planned, seen in pairs
    )
    print(f"{plan.request.shape.caller}: " + "; ".join(words))


if __name__ == "__main__":
    main()
