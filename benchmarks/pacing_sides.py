"""The three sides of the pacing matrix: the reward function, plain back-off, botocore's adaptive mode.

All three send the same Converse requests, read the replies by the same rules, and use 64 threads and as many
connections. They differ in when they call again.
"""

import itertools
import random
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from benchmarks.material import Row, judge_spec, material_of, rollouts_of
from reward_fn.deadline import Clock, Deadline
from reward_fn.errors import JudgeFailure
from reward_fn.judge.ask.modes.pointwise import question_about
from reward_fn.judge.base import Question
from reward_fn.judge.limit.gates import Gates
from reward_fn.judge.models.catalogue import profile
from reward_fn.judge.providers.bedrock.converse import converse_request, read_reply
from reward_fn.judge.providers.bedrock.judge import CONNECT_TIMEOUT_S
from reward_fn.judge.vote.reply import read_verdicts
from reward_fn.pipeline import score_batch
from reward_fn.service import load_service
from reward_fn.settings import Settings
from reward_fn.types.definition import Definition
from reward_fn.types.result import Result
from reward_fn.types.verdict import Verdicts

if TYPE_CHECKING:
    from mypy_boto3_bedrock_runtime import BedrockRuntimeClient

OURS, PLAIN, ADAPTIVE = SIDES = ("ours", "plain back-off", "adaptive")

FIRST_WAIT_S = 0.5
LONGEST_WAIT_S = 20.0
ENDLESS = 10_000
"""Attempts of the adaptive mode: enough that its retry quota or the deadline ends a call first."""

Score = Callable[[list[Row], float], frozenset[int]]
"""Scores a batch within a number of seconds; returns the indices of unscored rollouts."""


def new_gates(clock: Clock = time.monotonic) -> Gates:
    """Gates as the reward function keeps them from batch to batch."""
    return Gates(clock)


def new_side(name: str, clock: Clock = time.monotonic) -> Score:
    """One environment of a side, in the variables of :func:`benchmarks.environment.lambda_environment`.

    ``clock`` is the clock of all state that outlives a batch.
    """
    if name == OURS:
        return _ours(clock)
    service = load_service()
    service.warm()  # loads what botocore loads lazily, without a call
    mode: dict[str, Any] = {"mode": "standard", "total_max_attempts": 1}
    if name == ADAPTIVE:
        mode = {"mode": "adaptive", "total_max_attempts": ENDLESS}
    client = _client(mode, service.scorer.settings)
    return partial(_score_plainly, client, service.scorer.definition, backs_off=name == PLAIN)


def _ours(clock: Clock) -> Score:
    service = load_service()
    service.warm()
    scorer = replace(service.scorer, gates=new_gates(clock))

    def score(batch: list[Row], time_s: float) -> frozenset[int]:
        scored = score_batch(batch, scorer, Deadline.after(time_s))
        return unscored_places(batch, scored.results)

    return score


def unscored_places(batch: Sequence[Row], results: Sequence[Result]) -> frozenset[int]:
    """Rows whose result is missing, misplaced or imputed."""
    ids = [(result.id, result.imputed) for result in results]
    return frozenset(n for n, row in enumerate(batch) if n >= len(ids) or ids[n] != (row["id"], False))


def _client(retries: dict[str, Any], settings: Settings) -> "BedrockRuntimeClient":
    """A client with the connections and time-outs of the reward function."""
    config = Config(
        max_pool_connections=settings.judge_max_workers,
        connect_timeout=CONNECT_TIMEOUT_S,
        read_timeout=settings.judge_timeout_s,
        retries=retries,  # type: ignore[arg-type]
        tcp_keepalive=True,
    )
    return boto3.client("bedrock-runtime", config=config)


def _score_plainly(
    client: "BedrockRuntimeClient",
    definition: Definition,
    batch: list[Row],
    time_s: float,
    *,
    backs_off: bool,
) -> frozenset[int]:
    """Use a thread for each rollout; calls that run at the deadline are abandoned."""
    end_s = time.monotonic() + time_s
    spec = judge_spec(definition)
    pool = ThreadPoolExecutor(Settings().judge_max_workers)
    calls: list[Future[Verdicts]] = []
    for rollout in rollouts_of(batch):
        ask = partial(
            _ask, client, question_about(material_of(rollout, spec)), spec.models[0], spec.structure
        )
        calls.append(pool.submit(_with_back_off, ask, end_s) if backs_off else pool.submit(ask))
    wait(calls, timeout=end_s - time.monotonic())
    pool.shutdown(wait=False, cancel_futures=True)
    failed = [not call.done() or call.cancelled() or call.exception() is not None for call in calls]
    return frozenset(place for place, is_unscored in enumerate(failed) if is_unscored)


def _ask(client: "BedrockRuntimeClient", question: Question, model_name: str, structure: Any) -> Verdicts:
    model = profile(model_name, structure)
    request = converse_request(question, model, cached=model.caches(question.prefix_chars))
    return read_verdicts(read_reply(client.converse(**request)), question)


def _with_back_off(ask: Callable[[], Verdicts], end_s: float) -> Verdicts:
    """Plain exponential back-off with full jitter until the deadline."""
    for attempt in itertools.count():
        try:
            return ask()
        except (ClientError, BotoCoreError, JudgeFailure):
            pause_s = random.uniform(0, min(LONGEST_WAIT_S, FIRST_WAIT_S * 2.0**attempt))
            if time.monotonic() + pause_s >= end_s:
                raise
            time.sleep(pause_s)
    raise AssertionError("count() never ends")
