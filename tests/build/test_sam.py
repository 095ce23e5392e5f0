"""The real `sam`, without an AWS account: the template is valid, and the build is the one that runs here."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
HOST = f"python{sys.version_info.major}.{sys.version_info.minor}"
FOREIGN = "python3.12" if HOST != "python3.12" else "python3.11"

pytestmark = pytest.mark.slow


def sam(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Runs sam in the project without credentials, keeping its own notes in `folder`."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    none = {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}
    own = {
        "SAM_CLI_TELEMETRY": "0",
        "__SAM_CLI_APP_DIR": str(folder / "sam"),
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    return subprocess.run(
        [str(Path(sys.executable).parent / "sam"), *arguments],
        cwd=PROJECT, env={**kept, **none, **own}, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip


def listing(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_the_template_passes_lint(tmp_path: Path) -> None:
    done = sam(tmp_path, "validate", "--lint")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "is a valid SAM Template" in done.stdout


def test_the_build_is_the_one_that_a_local_run_uses(tmp_path: Path) -> None:
    out = tmp_path / ".aws-sam" / "build"
    chosen = f"Runtime={HOST} Architecture=x86_64"
    done = sam(tmp_path, "build", "--build-dir", str(out), "--parameter-overrides", chosen)
    assert done.returncode == 0, done.stdout + done.stderr
    for part, folder in (("function", "RewardFunction"), ("layer", "DependenciesLayer")):
        script = [
            sys.executable,
            "layers/deps/build.py",
            part,
            "--to",
            str(tmp_path / part),
            "--runtime",
            HOST,
        ]
        subprocess.run(script, cwd=PROJECT, capture_output=True, timeout=300, check=True)
        assert listing(out / folder) == listing(tmp_path / part)


def test_the_parameters_choose_what_is_built_for(tmp_path: Path) -> None:
    out = tmp_path / ".aws-sam" / "build"
    chosen = f"Runtime={FOREIGN} Architecture=arm64"
    done = sam(tmp_path, "build", "--build-dir", str(out), "--parameter-overrides", chosen)
    assert done.returncode == 0, done.stdout + done.stderr
    tag = f".cpython-{FOREIGN.removeprefix('python').replace('.', '')}-aarch64-linux-gnu.so"
    names = [path.name for path in out.rglob("*.so")]
    assert names
    assert [name for name in names if not name.endswith(tag)] == ["jsonschema_rs.abi3.so"]


def test_a_build_outside_the_source_folder_says_what_to_do(tmp_path: Path) -> None:
    # Without samconfig.toml's build_in_source, sam copies the layer's folder alone to another place.
    out = tmp_path / ".aws-sam" / "build"
    done = sam(tmp_path, "build", "DependenciesLayer", "--build-dir", str(out), "--no-build-in-source")
    assert done.returncode != 0
    assert "sam build --build-in-source" in done.stdout + done.stderr
