"""Start the trainer in its environment, one process a seed, one after the other."""

import json
import os
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from rewardctl.local.paths import BUILD, PROJECT
from rewardctl.simulate.errors import SimulateError

PYTHON = BUILD / "trl" / "bin" / "python"
STAMP = BUILD / "trl" / "made-from.txt"
LAST_LINES = 5


@dataclass(frozen=True, slots=True)
class Schedule:
    """Steps of supervised training, on right answers and on the mixture, and of GRPO."""

    clean: int = 800
    mixture: int = 300
    steps: int = 150


def why_not_ready() -> str:
    """Why the trainer can't start, and the remedy; "" if it can."""
    if STAMP.is_file() and PYTHON.exists():
        return ""
    return (
        "TRL's environment is missing: make it with `python requirements/separate.py trl` (1.2 GB; it needs "
        "a CPU build of torch, see docs/simulate.md)"
    )


def train_seed(seed: int, variants: Sequence[str], schedule: Schedule) -> Iterator[dict[str, Any]]:
    """Train with one seed, and yield a result a variant when it is done. Raises SimulateError."""
    if reason := why_not_ready():
        raise SimulateError(reason)
    command = [str(PYTHON), "-m", "rewardctl.simulate.trainer", "--seed", str(seed)]
    command += ["--steps", str(schedule.steps), "--clean-steps", str(schedule.clean)]
    command += ["--mixture-steps", str(schedule.mixture)]
    for variant in variants:
        command += ["--variant", variant]
    with (
        tempfile.TemporaryFile("w+") as errors,
        subprocess.Popen(
            command, cwd=PROJECT, env=_environment(), text=True, stdout=subprocess.PIPE, stderr=errors
        ) as process,
    ):
        try:
            for line in process.stdout or ():
                yield json.loads(line)
        except BaseException:
            process.kill()
            raise
        if process.wait():
            errors.seek(0)
            last = errors.read().splitlines()[-LAST_LINES:]
            raise SimulateError("the trainer stopped: " + " | ".join(last))


def _environment() -> dict[str, str]:
    """This process's variables, with one thread and without a model hub."""
    return {**os.environ, "OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1", "PYTHONPATH": str(PROJECT)}
