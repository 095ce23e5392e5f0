"""The target of a build: a runtime and an architecture of Lambda."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

RUNTIMES = ("python3.11", "python3.12", "python3.13")
# Lambda's python3.11 has glibc 2.26, the later runtimes 2.34; newest wheels first.
GLIBC_MINORS = {"python3.11": (26, 24, 17), "python3.12": (34, 28, 17), "python3.13": (34, 28, 17)}
MACHINES = {"x86_64": "x86_64", "arm64": "aarch64"}


class BuildError(Exception):
    """The build failed. The message says why and what to do."""


@dataclass(frozen=True)
class Target:
    """A Lambda runtime ("python3.13") and architecture ("x86_64", "arm64")."""

    runtime: str
    architecture: str

    def __post_init__(self) -> None:
        if self.runtime not in RUNTIMES or self.architecture not in MACHINES:
            allowed = f"{', '.join(RUNTIMES)} on {' or '.join(MACHINES)}"
            raise BuildError(f"can't build for {self.runtime} on {self.architecture}. Allowed: {allowed}.")

    @property
    def version(self) -> str:
        """The Python version, such as "3.13"."""
        return self.runtime.removeprefix("python")

    @property
    def name(self) -> str:
        """A folder name, different for each target."""
        return f"{self.runtime}-{self.architecture}"

    def pip_options(self) -> list[str]:
        """Options that make any pip choose wheels for the target."""
        machine = MACHINES[self.architecture]
        platforms = [f"manylinux_2_{minor}_{machine}" for minor in GLIBC_MINORS[self.runtime]]
        options = ["--only-binary=:all:", "--implementation=cp", f"--python-version={self.version}"]
        return options + [f"--platform={name}" for name in (*platforms, f"manylinux2014_{machine}")]


def sam_target(artifacts: Path) -> Target:
    """The target of the `sam build` that wants its artifacts at `artifacts`.

    sam writes its build plan with resolved parameters two folders above before it calls make.
    Raises BuildError if there is no plan, or if its functions have different targets.
    """
    plan = artifacts.resolve().parent.parent / "build.toml"
    try:
        functions = tomllib.loads(plan.read_text())["function_build_definitions"]
        targets = {(entry["runtime"], entry["architecture"]) for entry in functions.values()}
    except (OSError, KeyError, tomllib.TOMLDecodeError) as error:
        raise BuildError(f"give --runtime and --architecture: no plan of `sam build` at {plan}") from error
    if len(targets) != 1:
        raise BuildError(
            f"the functions of the template differ in runtime or architecture: {sorted(targets)}"
        )
    return Target(*targets.pop())
