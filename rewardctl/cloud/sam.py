"""The two sam commands of a deployment, and the change set that the second one leaves."""

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
"""A command, and what its environment has besides this process's own, to its status and its output."""

NO_CHANGES = "No changes to deploy"
_CHANGE_SET = re.compile(r"arn:aws[a-z-]*:cloudformation:[a-z0-9-]+:\d{12}:changeSet/[A-Za-z0-9/-]+")


def run_aloud(command: Sequence[str], more: Mapping[str, str]) -> tuple[int, str]:
    """Runs a command in the project, passing on each line that it prints to standard error."""
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
    """Builds function and layer; `needs_bytecode`: or it fails. Raises CloudError."""
    more = {"REQUIRE_BYTECODE": "1"} if needs_bytecode else {}
    status, _ = run([_sam(), "build", *_common(ordered)], more)
    if status:
        raise CloudError("the build failed", remedy="Its own message stands above. Nothing was created.")


def make_change_set(ordered: Order, run: Run, region: Sequence[str]) -> str:
    """Uploads what was built and makes a change set without executing it; returns its ARN, "" for no change.

    `region` are sam's own options for profile and region. Raises CloudError.
    """
    command = [_sam(), "deploy", *_common(ordered), *region]
    command[2:2] = [
        "--no-execute-changeset",
        "--no-confirm-changeset",
        "--no-fail-on-empty-changeset",
        "--no-progressbar",
    ]
    status, output = run(command, {})
    found = _CHANGE_SET.search(output)
    if found and not status:
        return found[0]
    if NO_CHANGES in output and not status:
        return ""
    raise CloudError(
        "sam made no change set" + (f" and ended with {status}" if status else ""),
        remedy="Its own message stands above.",
    )


def _common(ordered: Order) -> list[str]:
    """The command line's overrides replace all of samconfig's: so all are given."""
    overrides = as_arguments(ordered.given)
    given = ["--parameter-overrides", *overrides] if overrides else []
    return ["--config-env", ordered.environment.name, *given]


def _sam() -> str:
    """sam beside this Python, as the project's environment has it."""
    return str(Path(sys.executable).parent / "sam")
