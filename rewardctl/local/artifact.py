"""Build the function and its layer as for a deployment, for the running Python."""

import platform
import shutil
import subprocess
import sys
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from rewardctl.local.errors import ArtifactError
from rewardctl.local.paths import PROJECT

BUILD_SCRIPT = PROJECT / "layers" / "deps" / "build.py"
ARCHITECTURES = {"x86_64": "x86_64", "amd64": "x86_64", "aarch64": "arm64", "arm64": "arm64"}
# The runtime interface client of Lambda's image and its imports.
RUNTIME_DISTRIBUTIONS = ("awslambdaric", "simplejson", "snapshot-restore-py")
STDERR_FD = 2


@dataclass(frozen=True)
class Artifact:
    """Three folders: the function (/var/task on Lambda), the layer's packages (/opt/python), the runtime."""

    function: Path
    layer: Path
    runtime: Path


def host_runtime() -> str:
    """The Lambda runtime of the running Python, such as "python3.12"."""
    return f"python{sys.version_info.major}.{sys.version_info.minor}"


def host_architecture() -> str:
    """This machine's architecture by Lambda's name, "x86_64" or "arm64", or "" for any other."""
    return ARCHITECTURES.get(platform.machine().lower(), "")


def build_function(to: Path) -> Path:
    """Build the function below the folder `to` and return its folder. Raises ArtifactError."""
    return _build("function", to / "function")


def build_artifact(to: Path) -> Artifact:
    """Build all three folders below `to`. Raises ArtifactError."""
    layer = _build("layer", to / "layer") / "python"
    return Artifact(function=build_function(to), layer=layer, runtime=copy_runtime(to / "runtime"))


def _build(part: str, to: Path) -> Path:
    target = ["--runtime", host_runtime(), "--architecture", host_architecture() or "x86_64"]
    done = subprocess.run(
        [sys.executable, str(BUILD_SCRIPT), part, "--to", str(to), *target],
        stdout=STDERR_FD,  # progress of the build; standard output holds results only
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise ArtifactError(done.stderr.strip() or f"the {part} could not be built")
    return to


def copy_runtime(to: Path) -> Path:
    """Copy the runtime interface client and its imports from this environment, and return the folder."""
    for name in RUNTIME_DISTRIBUTIONS:
        distribution = metadata.distribution(name)
        for file in distribution.files or ():
            source = Path(str(distribution.locate_file(file)))
            if ".." not in file.parts and not file.parts[0].endswith(".dist-info") and source.is_file():
                place = to.joinpath(*file.parts)
                place.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(source, place)
    return to
