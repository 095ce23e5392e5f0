"""`sam build`, `sam local invoke` and `sam local start-lambda`."""

import copy
import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self

from rewardctl.local import processes
from rewardctl.local.artifact import host_architecture
from rewardctl.local.container import has_image, image_of
from rewardctl.local.environment import FUNCTION_NAME, REGION
from rewardctl.local.errors import ArtifactError, HostError
from rewardctl.local.paths import BUILD, PROJECT
from rewardctl.local.processes import LOOPBACK
from rewardctl.local.runtime import free_ports

FUNCTION = "RewardFunction"
TEMPLATE = "local.json"
SAM = Path(sys.executable).parent / "sam"
BUILD_WITHIN_S = 600
START_WITHIN_S = 120.0
INVOKE_WITHIN_S = 900


def sam_environment() -> dict[str, str]:
    """The caller's environment without AWS setup, since sam would pass real credentials to the container."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    none = {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}
    return {**kept, **none, "AWS_DEFAULT_REGION": REGION, "SAM_CLI_TELEMETRY": "0"}


def build(runtime: str, to: Path) -> Path:
    """Build function and layer into the folder `to`, as `make build` does. Raises ArtifactError."""
    chosen = f"Runtime={runtime} Architecture={host_architecture()}"
    command = [str(SAM), "build", "--build-dir", str(to), "--parameter-overrides", chosen]
    try:
        done = subprocess.run(
            command, cwd=PROJECT, env=sam_environment(), capture_output=True, text=True,
            timeout=BUILD_WITHIN_S, check=False,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ArtifactError(f"`sam build` failed: {error}") from error
    if done.returncode:
        raise ArtifactError(f"`sam build` failed: {(done.stdout + done.stderr).strip()[-1500:]}")
    return to


def with_functions(built: Path, variables: Mapping[str, Mapping[str, str]]) -> Path:
    """Write a template with the functions and environment variables of `variables`; return its path.

    The keys are logical ids. RewardFunction is the built function; any other is a copy with its own name.
    """
    from samcli.yamlhelper import yaml_parse

    template = dict(yaml_parse((built / "template.yaml").read_text(encoding="utf-8")))
    original = template["Resources"][FUNCTION]
    for name, values in variables.items():
        function = copy.deepcopy(original)
        properties: dict[str, Any] = function["Properties"]
        properties["Environment"]["Variables"] |= values
        if name != FUNCTION:
            properties["FunctionName"] = f"{FUNCTION_NAME}-{name}"
            function["Metadata"]["SamResourceId"] = name  # sam's key of a function
        template["Resources"][name] = function
    path = built / TEMPLATE
    path.write_text(json.dumps(template, indent=1, default=str), encoding="utf-8")
    return path


def local_options(template: Path, runtime: str) -> list[str]:
    """Options of both local commands. A base image on this machine is not pulled again."""
    chosen = f"Runtime={runtime} Architecture={host_architecture()}"
    options = ["--template", str(template), "--parameter-overrides", chosen]
    options += ["--layer-cache-basedir", str(BUILD / "sam-layers"), "--region", REGION]
    return [*options, "--skip-pull-image"] if has_image(runtime) else options


def invoke(template: Path, runtime: str, event: Path, log: Path) -> bytes:
    """Run `sam local invoke` with an event's file in a new container, and return the answer.

    `log` gets the output of sam and of the function. Raises HostError.
    """
    command = [str(SAM), "local", "invoke", FUNCTION, "--event", str(event)]
    with log.open("wb") as err:
        try:
            done = subprocess.run(
                [*command, *local_options(template, runtime)], cwd=PROJECT, env=sam_environment(),
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=err, timeout=INVOKE_WITHIN_S,
                check=False,
            )  # fmt: skip
        except subprocess.TimeoutExpired as error:
            raise HostError(f"`sam local invoke` took more than {INVOKE_WITHIN_S} s") from error
    answer = done.stdout.strip().rpartition(b"\n")[2]
    if not answer:
        raise HostError(f"`sam local invoke` gave no answer: {_end_of(log)}", remedy=_remedy(runtime))
    return answer


class LocalLambda:
    """`with LocalLambda(...) as served:` serves Lambda's Invoke on loopback, at `served.url`.

    Each function has one container, from its first call until the block ends.
    """

    def __init__(
        self, template: Path, runtime: str, functions: Sequence[str], *, log: Path, port: int = 0
    ) -> None:
        self._port = port or free_ports(1)[0]
        self._log, self._runtime = log, runtime
        self._command = [str(SAM), "local", "start-lambda", *functions, "--host", LOOPBACK]
        self._command += ["--port", str(self._port), "--warm-containers", "LAZY"]
        self._command += local_options(template, runtime)
        self._process: subprocess.Popen[bytes] | None = None
        self.url = f"http://{LOOPBACK}:{self._port}"

    def __enter__(self) -> Self:
        out = self._log.with_suffix(".out.log")
        self._process = processes.start(
            self._command, env=sam_environment(), cwd=PROJECT, log=out, error_log=self._log
        )
        try:
            if not processes.wait_for_port(self._process, self._port, within_s=START_WITHIN_S):
                raise HostError(
                    f"`sam local start-lambda` does not listen: {_end_of(self._log)}",
                    remedy=_remedy(self._runtime),
                )
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *exc: object) -> None:
        process, self._process = self._process, None
        if process is not None:
            processes.stop(process, grace_s=60.0)  # sam removes its containers


def _end_of(log: Path) -> str:
    return log.read_text(encoding="utf-8", errors="replace").strip()[-800:]


def _remedy(runtime: str) -> str:
    return f"Start a container engine that has or can pull the image {image_of(runtime)}."
