"""The container engine and AWS's base images: what is here, and how a container reaches this machine."""

import ipaddress
import json
import platform
import shutil
import subprocess
from functools import cache

from rewardctl.local.artifact import host_architecture
from rewardctl.local.errors import HostError

RUNTIMES = ("python3.13", "python3.12", "python3.11")
"""As template.yaml allows them, its default first."""
REPOSITORY = "public.ecr.aws/lambda/python"
DESKTOP_HOST = "host.docker.internal"
ANSWER_WITHIN_S = 20
PULL_WITHIN_S = 300


def docker(*arguments: str, timeout_s: float = ANSWER_WITHIN_S) -> "subprocess.CompletedProcess[str]":
    """Runs the engine's client; its exit status is the caller's to look at. 124 where it takes too long."""
    command = [shutil.which("docker") or "docker", *arguments]
    try:
        return subprocess.run(command, capture_output=True, text=True, timeout=timeout_s, check=False)
    except subprocess.TimeoutExpired:
        return subprocess.CompletedProcess(command, 124, "", f"no answer within {timeout_s:.0f} s")


@cache
def why_no_engine() -> str:
    """Why no container can run here, in words; "" where one can."""
    if shutil.which("docker") is None:
        return "docker is not installed"
    if not host_architecture():
        return f"Lambda has no image for {platform.machine()}"
    done = docker("info", "--format", "{{.ServerVersion}}")
    words = done.stderr.strip().splitlines()
    return f"no Docker Engine answers: {words[-1] if words else 'no reason given'}" if done.returncode else ""


def image_of(runtime: str) -> str:
    """AWS's base image of a runtime ("python3.13") for this machine."""
    return f"{REPOSITORY}:{runtime.removeprefix('python')}-{host_architecture()}"


def has_image(runtime: str) -> bool:
    """Whether the runtime's base image is here."""
    return docker("image", "inspect", "--format", "{{.Id}}", image_of(runtime)).returncode == 0


def runtime_at_hand() -> str | None:
    """The first of RUNTIMES whose base image is here, or None."""
    return next((runtime for runtime in RUNTIMES if has_image(runtime)), None)


def host_address() -> str:
    """Where a container finds this machine: the bridge's own address; on a desktop engine, a name.

    Raises HostError where there is no bridge.
    """
    if platform.system() != "Linux":
        return DESKTOP_HOST
    done = docker("network", "inspect", "bridge", "--format", "{{json .IPAM.Config}}")
    try:
        [first, *_] = json.loads(done.stdout)
        # An engine that was given no gateway takes the network's first address.
        address = first.get("Gateway") or str(ipaddress.ip_network(first["Subnet"])[1])
    except (ValueError, KeyError, TypeError) as error:
        raise HostError(
            "the container engine has no bridge network, by which the function would reach the judge",
            remedy="Start the engine with its default network.",
        ) from error
    return str(address)
