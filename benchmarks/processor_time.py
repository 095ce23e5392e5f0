"""Processor time of a judged rollout, compared with its bare judge call."""

from typing import Any

from benchmarks.baselines import call_in_threads, call_in_turn, default_client, pooled_client
from benchmarks.environment import forget_batches, lambda_environment
from benchmarks.judged import check_all_judged, check_all_served, invoke
from benchmarks.material import converse_requests, good_batch
from benchmarks.own_rubrics import measure_own_rubrics, own_rubric_goals, own_rubric_table
from benchmarks.results import Goal, Section, Table
from benchmarks.size import Size
from benchmarks.stages import stage_table
from benchmarks.timing import Series, Side, Tick, as_json, interleave, ratio, spread
from reward_fn.definition.load import load_definition
from rewardctl.emulate import Emulator, EmulatorSettings

LIMIT = 1.3

OURS = "the whole handler"
ONE_BY_ONE = "the whole handler, an invocation for each rollout"
DEFAULT = "bare `converse`, default client"
POOLED = "bare `converse`, a connection for each thread"

Rows = list[dict[str, Any]]


def measure(size: Size, tick: Tick) -> Section:
    """Measure parallel and sequential calls, criteria of rollouts, and the stages."""
    batch = good_batch(size.rollouts)
    requests = converse_requests(batch, load_definition("contract-review"))
    pool = _in_pool(size, batch, requests, tick)
    turn = _in_turn(size, batch, requests, tick)
    own_rubrics = measure_own_rubrics(size, tick)
    stages, stage_data = stage_table(batch, requests, size.stage_rounds, tick)
    return Section(
        title="CPU of a judged rollout",
        how=_how(size),
        goals=(
            *(_goal("in a pool", pool), _goal("one after the other", turn)),
            *own_rubric_goals(own_rubrics),
        ),
        tables=(
            _table(f"In a pool of {size.rollouts} threads", pool, size),
            _table("One after the other", turn, size),
            own_rubric_table(own_rubrics, size),
            stages,
        ),
        notes=(
            "In a pool the default client also opens a new connection for most calls, since it keeps only "
            "ten; the third row shows the baseline without this cost.",
            "The stages are measured one at a time, without a pool; `fan-out` is threads, futures and the "
            "retry layer around a judge that answers at once.",
        ),
        data={
            "pool": as_json(pool),
            "in_turn": as_json(turn),
            "own_rubrics": as_json(own_rubrics),
            "stages_us": stage_data,
        },
    )


def _how(size: Size) -> tuple[str, ...]:
    return (
        "The processor time of this process, all its threads, divided by the number of rollouts; the "
        "stand-in has its own process. The work is the same as in the section above.",
        f"In a pool: {size.rollouts} threads, judge {size.latencies_s[0]:g} s. One after the other: one "
        "worker, judge without latency.",
        "The baseline sends the same requests by `boto3.client('bedrock-runtime')` with its defaults.",
        "A rollout's own criteria are measured one after the other, beside the same batch without them.",
    )


def _in_pool(size: Size, batch: Rows, requests: Rows, tick: Tick) -> Series:
    threads = size.rollouts
    settings = EmulatorSettings(latency_s=size.latencies_s[0])
    with Emulator(settings) as emulator, lambda_environment(emulator.url, JUDGE_MAX_WORKERS=str(threads)):
        default, pooled = default_client(), pooled_client(threads)
        sides = (
            Side(OURS, lambda: invoke(batch), before=forget_batches),
            Side(DEFAULT, lambda: call_in_threads(default, requests, threads)),
            Side(POOLED, lambda: call_in_threads(pooled, requests, threads)),
        )
        series = interleave(sides, size.cpu_rounds, lambda what: tick(f"in a pool, {what}"))
        check_all_judged(batch)
        check_all_served(emulator, size.rollouts)
        return series


def _in_turn(size: Size, batch: Rows, requests: Rows, tick: Tick) -> Series:
    with Emulator() as emulator, lambda_environment(emulator.url, JUDGE_MAX_WORKERS="1"):
        default = default_client()
        sides = (
            Side(OURS, lambda: invoke(batch), before=forget_batches),
            Side(DEFAULT, lambda: call_in_turn(default, requests)),
            Side(ONE_BY_ONE, lambda: [invoke([row]) for row in batch], before=forget_batches),
        )
        series = interleave(sides, size.cpu_rounds, lambda what: tick(f"one after the other, {what}"))
        check_all_judged(batch)
        check_all_served(emulator, size.rollouts)
        return series


def _goal(where: str, series: Series) -> Goal:
    against = ratio(series, OURS, DEFAULT, "cpu_s")
    what = f"CPU a judged rollout, {where}: the handler / bare `converse` of a default client"
    return Goal(what, f"≤ {LIMIT:g}", against.median, LIMIT, against.text())


def _table(title: str, series: Series, size: Size) -> Table:
    rows = []
    for name in series:
        milliseconds = spread(series, name, "cpu_s").text(2, 1000 / size.rollouts)
        rows.append((name, milliseconds, ratio(series, name, DEFAULT, "cpu_s").text(2)))
    return Table(title, ("side", "CPU a rollout, ms", "times the bare call's"), rows)
