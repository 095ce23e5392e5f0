"""The two sam commands of a deployment: build, and deploy as far as a change set."""

import os
import re
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from rewardctl.cloud.errors import CloudError
from rewardctl.cloud.release_order import Order
from rewardctl.cloud.stacks import as_arguments
from rewardctl.local.paths import PROJECT

Run = Callable[[Sequence[str], Mapping[str, str]], tuple[int, str]]
"""Runs a command with additional environment variables; returns its exit status and its output."""

NO_CHANGES = "No changes to deploy"
_CHANGE_SET = re.compile(r"arn:aws[a-z-]*:cloudformation:[a-z0-9-]+:\d{12}:changeSet/[A-Za-z0-9/-]+")


def run_aloud(command: Sequence[str], more: Mapping[str, str]) -> tuple[int, str]:
    """Run a command in the project folder and copy each line of its output to standard error."""
    lines = []
    with subprocess.Popen(
        command, cwd=PROJECT, env={**os.environ, "SAM_CLI_TELEMETRY": "0", **more}, text=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    ) as process:  # fmt: skip
        for line in process.stdout or ():
            lines.append(line)
            sys.stderr.write(line)
    return process.returncode, "".join(lines)


def build(ordered: Order, run: Run, *, needs_bytecode: bool) -> None:
    """Build function and layer; with `needs_bytecode`, missing bytecode is an error. Raises CloudError."""
    more = {"REQUIRE_BYTECODE": "1"} if needs_bytecode else {}
    status, _ = run([_sam(), "build", *_common(ordered)], more)
    if status:
        raise CloudError("the build failed", remedy="Its message is above. Nothing was created.")


def make_change_set(ordered: Order, run: Run, region: Sequence[str]) -> str:
    """Upload the build, make a change set without executing it, and return its ARN, "" for no change.

    `region` holds sam's options for profile and region. Raises CloudError.
    """
    command = [_sam(), "deploy", *_common(ordered), *region]
    command[2:2] = [
        "--no-execute-changeset",
        "--no-confirm-changeset",
        "--no-fail-on-empty-changeset",
        "--no-progressbar",
    ]
    status, output = run(command, {})
    change_set = _CHANGE_SET.search(output)
    if change_set and not status:
        return change_set[0]
    if NO_CHANGES in output and not status:
        return ""
    raise CloudError(
        "sam made no change set" + (f" and exited with {status}" if status else ""),
        remedy="Its message is above.",
    )


def _common(ordered: Order) -> list[str]:
    """Options of both commands. All parameters are given: overrides replace those of samconfig.toml."""
    overrides = as_arguments(ordered.given)
    given = ["--parameter-overrides", *overrides] if overrides else []
    return ["--config-env", ordered.environment.name, *given]


def _sam() -> str:
    """The path of sam in the environment of this Python."""
    return str(Path(sys.executable).parent / "sam")
