"""The size of a run: full, quick, and the least that runs every line."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Size:
    """Counts of one run.

    ``latencies_s`` are the judge's for the wall time, with as many ``wall_rounds``. A sequential loop takes
    long, so it is measured only every ``sequential_every`` rounds, and over ``sequential_calls`` (one count
    a latency, at most ``rollouts``), then scaled up. ``other_judges`` says whether other libraries and a
    tokenizer may be installed to compare with, ``real_texts`` whether packages of texts may be fetched.
    """

    name: str
    rollouts: int = 64
    latencies_s: tuple[float, ...] = (0.1, 1.0)
    wall_rounds: tuple[int, ...] = (20, 9)
    sequential_every: tuple[int, ...] = (10, 5)
    sequential_calls: tuple[int, ...] = (64, 8)
    cpu_rounds: int = 11
    stage_rounds: int = 15
    math_rounds: int = 5
    fault_batches: int = 8
    cold_rounds: int = 11
    limited_batches: int = 6
    limited_latency_s: float = 1.0
    pacing_times_s: tuple[float, ...] = (12.0, 55.0, 300.0)
    pacing_rounds: int = 3
    pacing_regimes: tuple[str, ...] = ()
    shared_s: float = 45.0
    shared_warm_s: float = 15.0
    outage_rounds: int = 4
    outage_time_s: float = 60.0
    short_outage_s: float = 0.2
    long_outage_s: float = 5.0
    gone_times_s: tuple[float, ...] = (12.0, 55.0)
    outage_after_s: float = 12.0
    outage_s: float = 20.0
    score_rows: int = 42_240
    score_rounds: int = 5
    score_memory_rows: tuple[int, int] = (10_000, 1_000_000)
    score_calls: int = 3_072
    score_slow_rounds: int = 2
    report_rows: tuple[int, ...] = (2_640, 100_000)
    report_opens: int = 5
    other_judges: bool = True
    real_texts: bool = True


FULL = Size("full")
QUICK = Size(
    "quick",
    wall_rounds=(6, 3),
    sequential_every=(6, 3),
    sequential_calls=(16, 2),
    cpu_rounds=4,
    stage_rounds=4,
    math_rounds=2,
    fault_batches=1,
    cold_rounds=7,
    limited_batches=3,
    pacing_times_s=(12.0,),
    shared_s=20.0,
    shared_warm_s=10.0,
    outage_rounds=2,
    outage_time_s=30.0,
    outage_after_s=6.0,
    outage_s=6.0,
    score_rows=10_560,
    score_rounds=2,
    score_memory_rows=(10_000, 100_000),
    score_calls=2_048,
    score_slow_rounds=1,
    report_rows=(2_640,),
    report_opens=2,
)
TINY = Size(
    "tiny",
    rollouts=8,
    latencies_s=(0.01, 0.02),
    wall_rounds=(2, 2),
    sequential_every=(2, 2),
    sequential_calls=(8, 2),
    cpu_rounds=2,
    stage_rounds=2,
    math_rounds=1,
    fault_batches=1,
    cold_rounds=1,
    limited_batches=1,
    limited_latency_s=0.1,
    pacing_times_s=(1.0,),
    pacing_rounds=1,
    report_rows=(64,),
    report_opens=1,
    pacing_regimes=("10 % by chance", "quota 30 a second", "12 environments, 100 a second"),
    shared_s=1.5,
    shared_warm_s=0.5,
    outage_rounds=2,
    outage_time_s=1.0,
    long_outage_s=0.3,
    gone_times_s=(1.0,),
    outage_after_s=0.0,  # the first call begins it, so that some call meets it on any machine
    outage_s=0.5,
    score_rows=600,
    score_rounds=1,
    score_memory_rows=(300, 3_000),
    score_calls=64,
    score_slow_rounds=1,
    other_judges=False,
    real_texts=False,
)
