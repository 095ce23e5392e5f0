"""Processor time of a judged rollout by stage."""

import gc
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from benchmarks.baselines import call_in_turn, default_client
from benchmarks.environment import forget_batches, lambda_environment
from benchmarks.material import Row, judge_spec, material_of, rollouts_of
from benchmarks.results import Table
from benchmarks.timing import Spread, Tick
from reward_fn.deadline import Deadline
from reward_fn.judge.ask.inquiry import about
from reward_fn.judge.ask.modes.pointwise import question_about
from reward_fn.judge.base import Judge, Model, Question, Reply
from reward_fn.judge.call.fanout import FanOut
from reward_fn.judge.models.catalogue import profile
from reward_fn.judge.vote.reply import read_verdicts
from reward_fn.report.signals import text_signs
from reward_fn.response import to_wire
from reward_fn.score.aggregate import aggregate
from reward_fn.service import Service, load_service
from reward_fn.types.batch import Examined, Scored
from reward_fn.types.check import CheckResult
from reward_fn.types.definition import Definition
from reward_fn.types.rollout import Rollout
from reward_fn.types.unscored import Unscored
from reward_fn.types.usage import Usage
from reward_fn.types.verdict import Judged
from rewardctl.emulate import Emulator

BARE = "bare `converse`, default client"
FAN_OUT = "fan-out"
BUDGET_S = 55.0


class Stopwatch:
    """Processor time by stage, in seconds."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def __call__(self, stage: str) -> Iterator[None]:
        """Time the block as ``stage``."""
        begun_s = time.process_time()
        yield
        self.seconds[stage] = time.process_time() - begun_s


class RecordedJudge:
    """A judge that returns recorded replies at once."""

    def __init__(self, replies: Mapping[str, Reply]) -> None:
        self._replies = replies

    def ask(
        self,
        question: Question,
        model: Model,  # noqa: ARG002 - the seam's signature
        *,
        within_s: float | None = None,  # noqa: ARG002 - likewise
    ) -> Reply:
        """Return the recorded reply to the question."""
        return self._replies[question.key]

    def warm(self) -> None:
        """Do nothing."""


def stage_table(
    batch: Sequence[Row], requests: Sequence[dict[str, Any]], rounds: int, tick: Tick
) -> tuple[Table, dict[str, float]]:
    """The table, and the medians in microseconds a rollout."""
    rounds_s: list[dict[str, float]] = []
    with Emulator() as emulator, lambda_environment(emulator.url):
        service, client = load_service(), default_client()
        for number in range(rounds + 1):  # the first is the warm-up
            tick(f"stages, round {number} of {rounds}")
            gc.collect()
            rounds_s.append(one_round(batch, service))
            begun_s = time.process_time()
            call_in_turn(client, requests)
            rounds_s[-1][BARE] = time.process_time() - begun_s
    spreads = {
        stage: Spread.of(seconds[stage] * 1e6 / len(batch) for seconds in rounds_s[1:])
        for stage in rounds_s[0]
    }
    return _table(spreads), {stage: spread.median for stage, spread in spreads.items()}


def one_round(batch: Sequence[Row], service: Service) -> dict[str, float]:
    """Seconds by stage for a batch; each stage runs for all rollouts before the next one."""
    judge, definition = service.scorer.judge, service.scorer.definition
    if judge is None:
        raise ValueError("the definition has no judge to measure")
    forget_batches()
    watch = Stopwatch()
    spec = judge_spec(definition)
    model = profile(spec.models[0], spec.structure)
    with watch("parse_event"):
        rollouts = rollouts_of(batch)
    examined = _run_checks(rollouts, definition, watch)
    with watch("build_question"):
        questions = [question_about(material_of(rollout, spec)) for rollout in rollouts]
    with watch("ask"):
        replies = [judge.ask(question, model) for question in questions]
    with watch("read_verdicts"):
        verdicts = [read_verdicts(reply, q) for reply, q in zip(replies, questions, strict=True)]
    recorded = RecordedJudge({q.key: reply for q, reply in zip(questions, replies, strict=True)})
    with watch(FAN_OUT):
        usage = _fan_out(recorded, questions, service)
    watch.seconds[FAN_OUT] = max(0.0, watch.seconds[FAN_OUT] - watch.seconds["read_verdicts"])
    with watch("aggregate"):
        results = aggregate(examined, dict(enumerate(map(Judged, verdicts))), definition)
    with watch("to_wire"):
        to_wire(results, rollouts, definition)
    with watch("telemetry"):
        texts = text_signs(rollouts, definition)
        scored = Scored(tuple(results), usage, tuple(rollouts), texts=texts)
        service.telemetry.report(scored, definition, "")
    return watch.seconds


def _run_checks(rollouts: Sequence[Rollout], definition: Definition, watch: Stopwatch) -> list[Examined]:
    results: list[dict[str, CheckResult | Unscored]] = [{} for _ in rollouts]
    for check in (*definition.gates, *definition.scores, *definition.penalties, *definition.metrics):
        with watch(f"check {check.name}"):
            for rollout, of_rollout in zip(rollouts, results, strict=True):
                of_rollout[check.name] = check.check(rollout)
    return [Examined(rollout, of_rollout) for rollout, of_rollout in zip(rollouts, results, strict=True)]


def _fan_out(judge: Judge, questions: Sequence[Question], service: Service) -> Usage:
    settings, spec = service.scorer.settings, judge_spec(service.scorer.definition)
    with FanOut(
        judge,
        spec,
        max_workers=settings.judge_max_workers,
        max_attempts=settings.judge_max_attempts,
        deadline=Deadline.after(BUDGET_S),
    ) as fan_out:
        for index, question in enumerate(questions):
            fan_out.submit(about(index, question))
        fan_out.collect()
        return fan_out.usage()


def _table(spreads: Mapping[str, Spread]) -> Table:
    total = sum(spread.median for stage, spread in spreads.items() if stage != BARE)
    rows = [
        (stage, spread.text(1), f"{100 * spread.median / total:.1f} %")
        for stage, spread in spreads.items()
        if stage != BARE
    ]
    rows.append(("sum", f"{total:,.1f}", "100.0 %"))
    rows.append((BARE, spreads[BARE].text(1), f"{100 * spreads[BARE].median / total:.1f} %"))
    return Table("Stages", ("stage", "CPU a rollout, µs", "share"), rows)
