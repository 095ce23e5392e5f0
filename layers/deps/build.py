"""Build the two artifacts for Lambda: the layer of dependencies and the function's package.

    python layers/deps/build.py layer    --to DIR [--runtime python3.13 --architecture x86_64]
    python layers/deps/build.py function --to DIR [--runtime ... --architecture ...]

`sam build` runs this script through the two Makefiles; `make run` and the tests run it directly.
Without --runtime the target comes from the build plan of `sam build`, so that the template's
parameters decide.

Bytecode needs an interpreter of the runtime's version. If none is installed, the build prints a
warning, or fails with REQUIRE_BYTECODE=1, which a deployment to production sets.

Any Python from 3.11 on builds for any runtime and architecture, since only binary wheels for the
target are installed. Two builds of the same sources give identical files. The script uses only the
standard library and pip.

Custom checks are part of the function: the folder in CHECKS_PATH, by default the project's
`checks/`, with the packages that its requirements.txt pins by version and hash.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from bytecode import interpreter_for, interpreter_version
from finish import REQUIRE_BYTECODE, finish
from lock import one_build_at_a_time
from own_checks import build_checks
from prune import prune
from target import BuildError, Target, sam_target
from wheels import CACHE, HERE, PINS, PROJECT, ensure_wheels, is_made_from, publish, run_pip, sha256

PACKAGE = "reward_fn"
SHIPPED_SUFFIXES = {".py", ".toml", ".json", ".txt", ".sql"}


def ensure_layer(target: Target) -> Path:
    """Return the folder with the layer's `python/` for `target`, built if it is not up to date."""
    interpreter = interpreter_for(target.version)
    folder, compiled_by = CACHE / "layers" / target.name, interpreter_version(interpreter)
    stamp = f"{sha256(PINS, *sorted(HERE.glob('*.py')))}\nbytecode by {compiled_by}\n"
    if is_made_from(folder, stamp):
        return folder
    wheels = ensure_wheels(target)
    print(f"  building the layer for {target.name}", flush=True)
    with tempfile.TemporaryDirectory(dir=CACHE) as scratch:
        packages = Path(scratch) / "layer" / "python"
        arguments = ["install", "--isolated", "--no-deps", "--no-index", "--require-hashes", "--no-compile"]
        arguments += ["-r", str(PINS), "--find-links", str(wheels), "--target", str(packages)]
        arguments += target.pip_options()
        run_pip(arguments, remedy=f"Delete {wheels.relative_to(PROJECT)} and build again.")
        prune(packages)
        finish(packages, interpreter, target, deployed_at="/opt/python")
        publish(packages.parent, folder, stamp)
    return folder


def build_layer(target: Target, to: Path) -> Path:
    """Copy the layer for `target` to `python/` in `to`, and return that folder."""
    with one_build_at_a_time(CACHE):
        source = ensure_layer(target) / "python"
    shutil.rmtree(to / "python", ignore_errors=True)
    return Path(shutil.copytree(source, to / "python"))


def build_function(target: Target, to: Path) -> Path:
    """Copy the shipped files of the package `reward_fn` into `to`, and return its folder."""
    source, place = PROJECT / PACKAGE, to / PACKAGE
    shutil.rmtree(place, ignore_errors=True)
    for path in sorted(source.rglob("*")):
        if path.is_file() and path.suffix in SHIPPED_SUFFIXES and "__pycache__" not in path.parts:
            copy = place / path.relative_to(source)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copy)
    finish(place, interpreter_for(target.version), target, deployed_at=f"/var/task/{PACKAGE}")
    build_checks(target, to)
    return place


def describe(folder: Path) -> str:
    """The size of a folder in words."""
    sizes = [path.stat().st_size for path in folder.rglob("*") if path.is_file()]
    return f"{sum(sizes) / 1e6:.1f} MB in {len(sizes):,} files"


def run(options: argparse.Namespace) -> str:
    """Build the requested part and return a line with its size."""
    if not (PROJECT / PACKAGE).is_dir():
        raise BuildError("build in the source folder: sam build --build-in-source (see samconfig.toml)")
    target = Target(options.runtime, options.architecture) if options.runtime else sam_target(options.to)
    if os.environ.get(REQUIRE_BYTECODE, "") not in ("", "0") and interpreter_for(target.version) is None:
        raise BuildError(
            f"no Python {target.version} to compile bytecode, and {REQUIRE_BYTECODE} is set: "
            "install any CPython of that version, or unset it"
        )
    build = build_layer if options.part == "layer" else build_function
    return f"{options.part} for {target.name}: {describe(build(target, options.to.resolve()))}"


def main(arguments: Sequence[str]) -> int:
    """Run the command line in the module's docstring and return its exit status."""
    parser = argparse.ArgumentParser(
        description="Build the layer or the function for Lambda.",
        epilog=f"With {REQUIRE_BYTECODE}=1 in the environment, a missing Python of the runtime's version, "
        "which compiles the bytecode, is an error. Set it for production.",
    )
    parser.add_argument("part", choices=("layer", "function"))
    parser.add_argument("--to", type=Path, required=True, help="folder to build into")
    parser.add_argument("--runtime", help="python3.11, python3.12 or python3.13")
    parser.add_argument("--architecture", default="x86_64", help="x86_64 or arm64")
    options = parser.parse_args(arguments)
    try:
        print(f"  {run(options)}", flush=True)
    except (BuildError, OSError, subprocess.CalledProcessError) as error:
        print(f"{options.part} not built: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
