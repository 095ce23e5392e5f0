"""Memory and time of a batch, under the processor share of each memory setting.

Lambda gives an environment a processor share in proportion to its memory: one whole core at 1,769 MB. A
container with that quota and that memory reproduces this.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.material import judged_batch
from benchmarks.results import BenchmarkError, Section, Table
from benchmarks.size import Size
from benchmarks.timing import Spread, Tick
from rewardctl.emulate import Emulator, EmulatorSettings
from rewardctl.local import container
from rewardctl.local.artifact import BUILD_SCRIPT, host_architecture
from rewardctl.local.container_session import bridged
from rewardctl.local.environment import MEMORY_MB, function_environment
from rewardctl.local.errors import HostError

CORE_MB = 1769
SETTINGS_MB = (512, 1024, 1769, 3538)
PERIOD_US = 20_000
PYTHON = "/var/lang/bin/python3"
USD_A_GB_S = 0.0000166667  # Lambda on x86_64 in us-east-1
TIMEOUT_S = 300
TITLE = "Memory"


def measure_limits(size: Size, tick: Tick) -> Section:
    """Measure the section, or skip it if no container with Lambda's Python can run."""
    chosen = None if container.why_no_engine() else container.runtime_at_hand()
    if chosen is None:
        reason = container.why_no_engine() or "the base image of Lambda is missing"
        return Section(
            title=TITLE, how=(), skipped=f"the effect of memory, since no container can run: {reason}"
        )
    try:
        with tempfile.TemporaryDirectory() as scratch, _judge(size) as judge, bridged(judge.url) as url:
            runs = _measured(Path(scratch), chosen, url, size, tick)
    except HostError as error:
        return Section(title=TITLE, how=(), skipped=f"the effect of memory: {error}")
    rows = [_row(megabytes, run, size.limited_latency_s) for megabytes, run in runs.items()]
    return Section(
        title=TITLE,
        how=(
            f"Memory: the artifact for {chosen} in a container that has the memory and the processor quota "
            f"of the setting (MB / {CORE_MB:,} of a core, in periods of {PERIOD_US // 1000} ms): one "
            f"initialisation, then {size.limited_batches} batches of {size.rollouts} judged rollouts, "
            f"all different, judge {size.limited_latency_s:.1f} s. On Lambda initialisation always has a "
            f"whole core, and calls to Bedrock are encrypted, which takes more processor time.",
        ),
        tables=(
            Table(
                "A batch by the function's memory",
                ("MB", "core", "initialisation, s", "first batch, s", "a batch, s", "beyond the judge, s",
                 "peak memory, MB", "USD a 1,000 batches"),
                rows,
            ),
        ),
        notes=(_compared(runs),),
        data={"limited": {str(megabytes): run for megabytes, run in runs.items()}},
    )  # fmt: skip


def _judge(size: Size) -> Emulator:
    return Emulator(EmulatorSettings(latency_s=size.limited_latency_s))


def _measured(folder: Path, runtime: str, url: str, size: Size, tick: Tick) -> dict[int, dict[str, Any]]:
    """The measurements by memory setting, in MB.

    Raises HostError, and BenchmarkError if a rollout was not judged.
    """
    tick(f"building the artifact for {runtime}")
    for part in ("layer", "function"):
        command = [sys.executable, str(BUILD_SCRIPT), part, "--to", str(folder / part), "--runtime", runtime]
        done = subprocess.run(
            [*command, "--architecture", host_architecture()], capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise HostError(f"the {part} can't be built here: {done.stderr.strip()}")
    batches = [judged_batch(size.rollouts, size.rollouts * number) for number in range(size.limited_batches)]
    (folder / "run").mkdir()
    (folder / "run" / "batches.json").write_text(json.dumps(batches), encoding="utf-8")
    script = Path(__file__).parent / "limited_batch.py"
    (folder / "run" / script.name).write_text(script.read_text(encoding="utf-8"), encoding="utf-8")
    runs = {}
    for megabytes in SETTINGS_MB:
        tick(f"{size.limited_batches} batches with {megabytes} MB")
        done = container.docker(*_options(folder, megabytes, runtime, url), timeout_s=TIMEOUT_S)
        if done.returncode:
            raise HostError(f"the container with {megabytes} MB failed: {done.stderr.strip()[-300:]}")
        runs[megabytes] = json.loads(done.stdout)
        if runs[megabytes]["judged"] != size.rollouts * size.limited_batches:
            raise BenchmarkError(f"{runs[megabytes]['judged']} rollouts were judged with {megabytes} MB")
    return runs


def _options(folder: Path, megabytes: int, runtime: str, url: str) -> list[str]:
    """The engine's command for one container that is removed when it ends."""
    paths = (Path("/var/task"), Path("/opt/python"))
    variables = function_environment(
        definition="contract-review", judge_url=url, path=paths, timeout_s=TIMEOUT_S, caller={}
    )
    variables |= {"AWS_LAMBDA_RUNTIME_API": "127.0.0.1:1", "NO_PROXY": "*", "no_proxy": "*"}
    quota = str(PERIOD_US * megabytes // CORE_MB)
    options = [
        "run",
        "--rm",
        "--memory",
        f"{megabytes}m",
        "--cpu-period",
        str(PERIOD_US),
        "--cpu-quota",
        quota,
    ]
    for name in ("LD_LIBRARY_PATH", "PATH"):
        variables.pop(name, None)
    for name, value in variables.items():
        options += ["--env", f"{name}={value}"]
    for source, place in (("function", "/var/task"), ("layer", "/opt"), ("run", "/run/measured")):
        options += ["--volume", f"{folder / source}:{place}:ro"]
    command = ["-S", "-s", "/run/measured/limited_batch.py", "/run/measured/batches.json"]
    return [*options, "--entrypoint", PYTHON, container.image_of(runtime), *command]


def _compared(runs: dict[int, dict[str, Any]]) -> str:
    """The default memory compared with less and with more."""
    batch = {megabytes: Spread.of(run["batch_s"]).median for megabytes, run in runs.items()}
    longer = batch[MEMORY_MB] - batch[CORE_MB]
    return (
        f"{MEMORY_MB:,} MB is the default: against {CORE_MB:,}, a whole core, a batch takes {longer:.2f} s "
        f"longer, at {MEMORY_MB / CORE_MB:.0%} of the price of every second and of provisioned concurrency. "
        "Memory itself is not the limit: the peak is far below all settings."
    )


def _row(megabytes: int, run: dict[str, Any], latency_s: float) -> tuple[str, ...]:
    batch = Spread.of(run["batch_s"][1:] or run["batch_s"])
    usd = batch.median * megabytes / 1024 * USD_A_GB_S * 1000
    return (
        f"{megabytes:,}", f"{megabytes / CORE_MB:.2f}", f"{run['import_s']:.2f}", f"{run['batch_s'][0]:.2f}",
        batch.text(2), f"{batch.median - latency_s:.2f}", f"{run['peak_mb']:.0f}", f"{usd:.3f}",
    )  # fmt: skip
