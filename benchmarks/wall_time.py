"""Wall time of a batch, compared with its judge calls alone."""

from typing import Any

from benchmarks.baselines import call_in_threads, call_in_turn, default_client, pooled_client
from benchmarks.environment import forget_batches, lambda_environment
from benchmarks.judged import check_all_judged, check_all_served, invoke
from benchmarks.material import GROUP_SIZE, converse_requests, good_batch, request_bytes
from benchmarks.results import Goal, Section, Table
from benchmarks.size import Size
from benchmarks.timing import Series, Side, Tick, as_json, interleave, ratio, spread
from reward_fn.definition.load import load_definition
from rewardctl.emulate import Emulator, EmulatorSettings

LIMIT = 1.10

OURS = "the whole handler"
POOL = "(a) boto3, a thread and a connection for each call"
SEQUENTIAL = "(b) boto3, one call after the other"
DEFAULT = "(c) boto3, a thread for each call, default client"


def measure(size: Size, tick: Tick) -> Section:
    """Measure each latency as a comparison of its own."""
    goals, tables, data = [], [], {}
    batch = good_batch(size.rollouts)
    requests = converse_requests(batch, load_definition("contract-review"))
    for place, latency_s in enumerate(size.latencies_s):
        series, at_once = _compare(size, place, batch, requests, tick)
        ours_a = ratio(series, OURS, POOL, "wall_s")
        what = f"{size.rollouts} rollouts, judge {latency_s:g} s: wall time of the handler / (a)"
        goals.append(Goal(what, f"≤ {LIMIT:.2f}", ours_a.median, LIMIT, ours_a.text()))
        tables.append(_table(size, place, series))
        data[f"judge_{latency_s:g}_s"] = {"timings": as_json(series), "most_calls_at_once": at_once}
    judges = " and ".join(f"{latency_s:g} s" for latency_s in size.latencies_s)
    return Section(
        title=f"Wall time: {size.rollouts} judged rollouts, judge {judges}",
        how=_how(size, request_bytes(requests)),
        goals=goals,
        tables=tables,
        notes=(_scaled(size),),
        data=data,
    )


def _compare(
    size: Size, place: int, batch: list[dict[str, Any]], requests: list[dict[str, Any]], tick: Tick
) -> tuple[Series, int]:
    latency_s, count = size.latencies_s[place], size.sequential_calls[place]
    workers = str(size.rollouts)
    settings = EmulatorSettings(latency_s=latency_s)
    with Emulator(settings) as emulator, lambda_environment(emulator.url, JUDGE_MAX_WORKERS=workers):
        pooled, default, alone = pooled_client(size.rollouts), default_client(), default_client()
        sides = (
            Side(OURS, lambda: invoke(batch), before=forget_batches),
            Side(POOL, lambda: call_in_threads(pooled, requests, size.rollouts)),
            Side(DEFAULT, lambda: call_in_threads(default, requests, size.rollouts)),
            Side(
                SEQUENTIAL,
                lambda: call_in_turn(alone, requests[:count]),
                every=size.sequential_every[place],
                scale=size.rollouts / count,
                warm=lambda: call_in_turn(alone, requests[:1]),
            ),
        )
        rounds = size.wall_rounds[place]
        series = interleave(sides, rounds, lambda what: tick(f"judge {latency_s:g} s, {what}"))
        check_all_judged(batch)
        return series, check_all_served(emulator, size.rollouts)


def _table(size: Size, place: int, series: Series) -> Table:
    rows = []
    for name in (OURS, POOL, SEQUENTIAL, DEFAULT):
        seconds = spread(series, name, "wall_s")
        against = "" if name == OURS else ratio(series, name, OURS, "wall_s").text(2)
        rows.append((name, seconds.text(), against, str(seconds.count)))
    columns = ("side", "wall time, s", "times the handler's", "rounds")
    return Table(f"Judge {size.latencies_s[place]:g} s", columns, rows)


def _how(size: Size, bytes_each: int) -> tuple[str, ...]:
    return (
        f"{size.rollouts} different contract reviews, in groups of up to {GROUP_SIZE}, are "
        "scored by `lambda_handler`: reading the event, checks, questions, calls, replies, aggregation, logs "
        "and metrics (to the null device).",
        f"The baselines send the same Converse requests ({bytes_each / 1000:.1f} kB each on average), built "
        f"beforehand, and do nothing with the replies: (a) through {size.rollouts} threads and a client with "
        f"{size.rollouts} connections; (b) in a loop, as AWS's sample of a judging Lambda does; (c) through "
        "a thread for each rollout and a client with boto3's defaults (10 connections, legacy retries), as "
        "AWS's blog does.",
        "All sides are warmed up by one round that does not count. The function's caches of prompts are "
        "emptied before each run, as for a batch of new prompts.",
    )


def _scaled(size: Size) -> str:
    scaled = [
        f"{count} calls at {latency_s:g} s"
        for latency_s, count in zip(size.latencies_s, size.sequential_calls, strict=True)
        if count < size.rollouts
    ]
    return f"(b) is scaled from {' and '.join(scaled)}." if scaled else "(b) is measured in full."
