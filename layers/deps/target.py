"""What is built for: a runtime and an architecture of Lambda."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

RUNTIMES = ("python3.11", "python3.12", "python3.13")
# Lambda's python3.11 runs on glibc 2.26, the later ones on 2.34: newest wheels first.
GLIBC_MINORS = {"python3.11": (26, 24, 17), "python3.12": (34, 28, 17), "python3.13": (34, 28, 17)}
MACHINES = {"x86_64": "x86_64", "arm64": "aarch64"}


class BuildError(Exception):
    """The build can't be done. The message says why and what to do."""


@dataclass(frozen=True)
class Target:
    """What is built for: a Lambda runtime ("python3.13") and architecture ("x86_64", "arm64")."""

    runtime: str
    architecture: str

    def __post_init__(self) -> None:
        if self.runtime not in RUNTIMES or self.architecture not in MACHINES:
            allowed = f"{', '.join(RUNTIMES)} on {' or '.join(MACHINES)}"
            raise BuildError(f"can't build for {self.runtime} on {self.architecture}. Allowed: {allowed}.")

    @property
    def version(self) -> str:
        """The Python version, as "3.13"."""
        return self.runtime.removeprefix("python")

    @property
    def name(self) -> str:
        """A folder name of its own for each target."""
        return f"{self.runtime}-{self.architecture}"

    def pip_options(self) -> list[str]:
        """Options that make pip choose wheels for the target, whatever Python runs pip."""
        machine = MACHINES[self.architecture]
        platforms = [f"manylinux_2_{minor}_{machine}" for minor in GLIBC_MINORS[self.runtime]]
        options = ["--only-binary=:all:", "--implementation=cp", f"--python-version={self.version}"]
        return options + [f"--platform={name}" for name in (*platforms, f"manylinux2014_{machine}")]


def sam_target(artifacts: Path) -> Target:
    """The target that `sam build` has resolved for the artifacts that it wants at `artifacts`.

    sam writes its build plan, parameters resolved, two folders above before it calls make.
    Raises BuildError where no such plan is found.
    """
    plan = artifacts.resolve().parent.parent / "build.toml"
    try:
        functions = tomllib.loads(plan.read_text())["function_build_definitions"]
        found = {(entry["runtime"], entry["architecture"]) for entry in functions.values()}
    except (OSError, KeyError, tomllib.TOMLDecodeError) as error:
        raise BuildError(f"give --runtime and --architecture: no plan of `sam build` at {plan}") from error
    if len(found) != 1:
        raise BuildError(f"the functions of the template differ in runtime or architecture: {sorted(found)}")
    return Target(*found.pop())
