"""The container engine, AWS's base images, and the address of this machine for containers."""

import ipaddress
import json
import platform
import shutil
import subprocess
from functools import cache

from rewardctl.local.artifact import host_architecture
from rewardctl.local.errors import HostError

RUNTIMES = ("python3.13", "python3.12", "python3.11")
"""The runtimes that template.yaml allows, its default first."""
REPOSITORY = "public.ecr.aws/lambda/python"
DESKTOP_HOST = "host.docker.internal"
ANSWER_WITHIN_S = 20
PULL_WITHIN_S = 300


def docker(*arguments: str, timeout_s: float = ANSWER_WITHIN_S) -> "subprocess.CompletedProcess[str]":
    """Run the engine's client. The caller checks the exit status, which is 124 after a time-out."""
    command = [shutil.which("docker") or "docker", *arguments]
    try:
        return subprocess.run(command, capture_output=True, text=True, timeout=timeout_s, check=False)
    except subprocess.TimeoutExpired:
        return subprocess.CompletedProcess(command, 124, "", f"no answer within {timeout_s:.0f} s")


@cache
def why_no_engine() -> str:
    """The reason why no container can run here, "" if one can."""
    if shutil.which("docker") is None:
        return "docker is not installed"
    if not host_architecture():
        return f"Lambda has no image for {platform.machine()}"
    done = docker("info", "--format", "{{.ServerVersion}}")
    words = done.stderr.strip().splitlines()
    reason = words[-1] if words else "no reason given"
    return f"Docker Engine does not answer: {reason}" if done.returncode else ""


def image_of(runtime: str) -> str:
    """The name of AWS's base image of a runtime ("python3.13") for this machine."""
    return f"{REPOSITORY}:{runtime.removeprefix('python')}-{host_architecture()}"


def has_image(runtime: str) -> bool:
    """Whether the runtime's base image is on this machine."""
    return docker("image", "inspect", "--format", "{{.Id}}", image_of(runtime)).returncode == 0


def runtime_at_hand() -> str | None:
    """The first of RUNTIMES whose base image is on this machine, or None."""
    return next((runtime for runtime in RUNTIMES if has_image(runtime)), None)


def host_address() -> str:
    """The address of this machine for containers: the bridge's, or a name on a desktop engine.

    Raises HostError if the engine has no bridge.
    """
    if platform.system() != "Linux":
        return DESKTOP_HOST
    done = docker("network", "inspect", "bridge", "--format", "{{json .IPAM.Config}}")
    try:
        [first, *_] = json.loads(done.stdout)
        # An engine without a configured gateway takes the network's first address.
        address = first.get("Gateway") or str(ipaddress.ip_network(first["Subnet"])[1])
    except (ValueError, KeyError, TypeError) as error:
        raise HostError(
            "the container engine has no bridge network, which the function needs to reach the judge",
            remedy="Start the engine with its default network.",
        ) from error
    return str(address)
