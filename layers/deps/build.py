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
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from bytecode import compile_tree, interpreter_for, interpreter_version
from lock import one_build_at_a_time
from prune import prune
from target import BuildError, Target, sam_target

HERE = Path(__file__).resolve().parent
PROJECT = HERE.parent.parent
PINS = HERE / "requirements.txt"
CACHE = PROJECT / ".build"
PACKAGE = "reward_fn"
REQUIRE_BYTECODE = "REQUIRE_BYTECODE"
SHIPPED_SUFFIXES = {".py", ".toml", ".json", ".txt", ".sql"}
CHECKS_PATH = "CHECKS_PATH"
CHECKS = "checks"
NOT_SHIPPED = {"__pycache__", "cases", "site-packages"}  # from the folder of custom checks
STAMP = "made-from.txt"
EPOCH_S = 315_532_800  # 1 January 1980, the earliest time in a zip file


def run_pip(arguments: Sequence[str], *, remedy: str) -> None:
    """Run pip with the running Python. Raises BuildError with pip's last output and `remedy`."""
    command = [sys.executable, "-m", "pip", *arguments, "--quiet", "--disable-pip-version-check"]
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    if done.returncode != 0:
        output = "\n    ".join((done.stdout + done.stderr).strip().splitlines()[-8:])
        raise BuildError(f"pip {arguments[0]} failed:\n    {output}\n  {remedy}")


def publish(new: Path, place: Path, stamp: str) -> None:
    """Stamp the finished folder `new` and move it to `place`, unless another build was faster."""
    (new / STAMP).write_text(stamp)
    if not is_made_from(place, stamp):
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(place, ignore_errors=True)
        new.rename(place)


def sha256(*paths: Path) -> str:
    """The hash of the contents of all files."""
    digest = hashlib.sha256()
    for path in paths:
        digest.update(path.read_bytes())
    return digest.hexdigest()


def is_made_from(folder: Path, stamp: str) -> bool:
    """Whether `folder` is complete and has this stamp."""
    path = folder / STAMP
    return path.is_file() and path.read_text() == stamp


def ensure_wheels(target: Target) -> Path:
    """Return the folder with the layer's wheels for `target`, downloaded once for each set of pins."""
    folder, stamp = CACHE / "wheels" / target.name, sha256(PINS)
    if is_made_from(folder, stamp):
        return folder
    print(f"  downloading the layer's wheels for {target.name}, only once", flush=True)
    CACHE.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=CACHE) as scratch:
        new = Path(scratch) / "wheels"
        arguments = ["download", "--no-deps", "--require-hashes", "-r", str(PINS), "-d", str(new)]
        remedy = "The first build for a target needs a package index that pip can reach; later ones do not."
        run_pip([*arguments, *target.pip_options()], remedy=remedy)
        publish(new, folder, stamp)
    return folder


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


def finish(folder: Path, interpreter: Path | None, target: Target, *, deployed_at: str) -> None:
    """Add bytecode, and set modes and times of all files to constants."""
    if interpreter is None:
        print(
            f"  warning: no Python {target.version} to compile bytecode, so that cold starts are slower. "
            f"Install one and build again. {REQUIRE_BYTECODE}=1 makes this an error.",
            flush=True,
        )
    else:
        compile_tree(folder, interpreter, deployed_at=deployed_at)
    for path in sorted(folder.rglob("*"), reverse=True):
        path.chmod(0o755 if path.is_dir() or path.suffix == ".so" else 0o644)
        os.utime(path, (EPOCH_S, EPOCH_S))


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


def own_checks() -> Path | None:
    """The folder of custom checks, or None. Raises BuildError if CHECKS_PATH is not a folder."""
    named = os.environ.get(CHECKS_PATH, "").strip()
    folder = Path(named).expanduser().resolve() if named else PROJECT / CHECKS
    if named and not folder.is_dir():
        raise BuildError(
            f"{CHECKS_PATH}={named!r} is not a folder: give the folder of your checks, or unset it"
        )
    return folder if folder.is_dir() else None


def build_checks(target: Target, to: Path) -> None:
    """Copy the custom checks into `to` with their pinned packages, without their cases."""
    source, place = own_checks(), to / CHECKS
    shutil.rmtree(place, ignore_errors=True)
    if source is None:
        return
    for path in sorted(source.rglob("*")):
        if path.is_file() and not NOT_SHIPPED & set(path.relative_to(source).parts):
            copy = place / path.relative_to(source)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copy)
    if (source / "requirements.txt").is_file():
        print("  downloading the packages of your checks", flush=True)
        arguments = ["install", "--no-deps", "--require-hashes", "--no-compile"]
        arguments += ["-r", str(source / "requirements.txt"), "--target", str(place / "site-packages")]
        remedy = "Pin all packages of checks/requirements.txt and their dependencies by version and hash: "
        run_pip([*arguments, *target.pip_options()], remedy=remedy + "pip-compile --generate-hashes")
    if place.is_dir():
        finish(place, interpreter_for(target.version), target, deployed_at=f"/var/task/{CHECKS}")


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
