"""The artifact: what ships and nothing else, the same on each build, and fit for its target."""

import hashlib
import os
import shutil
import subprocess
import sys
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
BUILD = PROJECT / "layers" / "deps" / "build.py"
HOST = f"python{sys.version_info.major}.{sys.version_info.minor}"
# Another Python than the one that runs the tests, on the other architecture.
FOREIGN = "python3.12" if HOST != "python3.12" else "python3.11"
SHIPPED = {".py", ".toml", ".json", ".txt", ".sql"}
MEGABYTE = 1_000_000

pytestmark = pytest.mark.slow


def build(
    part: str, to: Path, *options: str, script: Path = BUILD, env: dict[str, str] | None = None
) -> "subprocess.CompletedProcess[str]":
    """Runs the build script; its exit status is the caller's to look at."""
    command = [sys.executable, str(script), part, "--to", str(to), *options]
    return subprocess.run(command, capture_output=True, text=True, timeout=300, check=False, env=env)


def listing(folder: Path) -> dict[str, str]:
    """The hash of every file below a folder, by its path."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def size_bytes(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the function and the layer, built for the Python that runs the tests."""
    folder = tmp_path_factory.mktemp("built")
    for part in ("layer", "function"):
        done = build(part, folder / part, "--runtime", HOST)
        assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="module")
def elsewhere(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project in another place that has the downloaded wheels, but nothing that was built."""
    copy = tmp_path_factory.mktemp("elsewhere") / "a project"
    ignored = shutil.ignore_patterns("__pycache__")
    for name in ("reward_fn", "layers/deps", "checks"):  # checks of one's own, where there are some
        if (PROJECT / name).is_dir():
            shutil.copytree(PROJECT / name, copy / name, ignore=ignored)
    (copy / ".build").mkdir()
    (copy / ".build" / "wheels").symlink_to(PROJECT / ".build" / "wheels")
    return copy


def test_two_builds_at_once_in_another_place_make_the_same_layer_once(built: Path, elsewhere: Path) -> None:
    script = elsewhere / "layers" / "deps" / "build.py"
    folders = [elsewhere / name for name in ("layer", "layer too")]
    with ThreadPoolExecutor(2) as pool:
        runs = [pool.submit(build, "layer", to, "--runtime", HOST, script=script) for to in folders]
        done = [run.result() for run in runs]
    assert [each.returncode for each in done] == [0, 0], [each.stderr for each in done]
    assert sum("building the layer" in each.stdout for each in done) == 1
    for folder in folders:
        assert listing(folder) == listing(built / "layer")


def test_another_build_of_the_function_in_another_place_gives_the_same_files(
    built: Path, elsewhere: Path
) -> None:
    script = elsewhere / "layers" / "deps" / "build.py"
    done = build("function", elsewhere / "function", "--runtime", HOST, script=script)
    assert done.returncode == 0, done.stderr
    assert listing(elsewhere / "function") == listing(built / "function")


def test_only_the_package_ships(built: Path) -> None:
    sources = {
        str(path.relative_to(PROJECT))
        for path in (PROJECT / "reward_fn").rglob("*")
        if path.suffix in SHIPPED and "__pycache__" not in path.parts
    }
    shipped = {name for name in listing(built / "function") if not name.startswith("checks/")}
    assert {name for name in shipped if not name.endswith(".pyc")} == sources


def test_every_module_that_ships_has_bytecode_that_nobody_checks(built: Path) -> None:
    # PEP 552: bytes 4 to 8 of the file are flags; 1 means hash-based and not checked against the source.
    modules = list((built / "function").rglob("*.py"))
    assert modules
    tag = sys.implementation.cache_tag
    compiled = [path.parent / "__pycache__" / f"{path.stem}.{tag}.pyc" for path in modules]
    assert {path.read_bytes()[4:8] for path in compiled} == {(1).to_bytes(4, "little")}


def test_a_file_that_is_no_longer_in_the_package_does_not_ship_again(built: Path, tmp_path: Path) -> None:
    shutil.copytree(built / "function", tmp_path / "function")
    (tmp_path / "function" / "reward_fn" / "forgotten.py").write_text("")
    assert build("function", tmp_path / "function", "--runtime", HOST).returncode == 0
    assert listing(tmp_path / "function") == listing(built / "function")


def test_the_layer_describes_the_services_in_use_alone(built: Path) -> None:
    data = built / "layer" / "python" / "botocore" / "data"
    services = {path.name for path in data.iterdir() if path.is_dir()}
    assert services == {"bedrock-runtime", "dynamodb", "s3", "ssm", "sso", "sso-oidc", "sts"}


def test_the_layer_holds_no_tests_stubs_or_programs(built: Path) -> None:
    names = list(listing(built / "layer" / "python"))
    assert [
        name for name in names if name.endswith(".pyi") or "/tests/" in name or name.startswith("bin/")
    ] == []


def test_every_package_of_the_layer_keeps_its_licence(built: Path) -> None:
    folders = list((built / "layer" / "python").glob("*.dist-info"))
    bare = [path.name for path in folders if not any("licen" in name.lower() for name in listing(path))]
    assert folders
    assert bare == ["jsonschema_rs-0.39.0.dist-info"]  # its wheel has no such file; its metadata name it
    assert "\nLicense: MIT\n" in (folders[0].parent / bare[0] / "METADATA").read_text(encoding="utf-8")


def test_it_is_a_ninth_of_what_lambda_allows(built: Path) -> None:
    # Lambda allows 250 MB unzipped for function and layers. botocore alone is 30 MB before it is pruned.
    assert size_bytes(built) < 250 / 9 * MEGABYTE


def without_interpreter(folder: Path) -> tuple[str, dict[str, str]]:
    """A runtime of which this environment finds no Python, whichever runs the tests."""
    home = folder / "home"
    home.mkdir()
    return FOREIGN, {"PATH": str(home), "HOME": str(home)}


def test_without_an_interpreter_of_the_runtime_it_warns_and_ships_no_bytecode(tmp_path: Path) -> None:
    runtime, env = without_interpreter(tmp_path)
    done = build("function", tmp_path / "function", "--runtime", runtime, env=env)
    assert done.returncode == 0, done.stderr
    assert f"warning: no Python {runtime.removeprefix('python')} to compile bytecode" in done.stdout
    assert not list((tmp_path / "function").rglob("*.pyc"))


# Checks of one's own


def own_checks(folder: Path, requirements: str = "") -> dict[str, str]:
    """An environment in which a folder with one check and its case is the one to build in."""
    (folder / "cases" / "rule").mkdir(parents=True)
    (folder / "rule.py").write_text("def check(rollout):\n    return rollout.response == 'yes'\n")
    (folder / "cases" / "rule" / "pass_yes.json").write_text("{}")
    if requirements:
        (folder / "requirements.txt").write_text(requirements)
    return {**os.environ, "CHECKS_PATH": str(folder)}


def test_checks_of_ones_own_are_built_in_and_run_there(tmp_path: Path, built: Path) -> None:
    done = build("function", tmp_path / "function", "--runtime", HOST, env=own_checks(tmp_path / "mine"))
    assert done.returncode == 0, done.stderr
    names = {name for name in listing(tmp_path / "function" / "checks") if not name.endswith(".pyc")}
    assert names == {"rule.py"}
    shutil.copytree(built / "layer", tmp_path / "layer")
    (tmp_path / "mine.toml").write_text('name = "mine"\n[[score]]\ncheck = "rule"\n')
    done = run_alone(tmp_path, RUN_RULE)
    assert (done.returncode, done.stdout.split()) == (0, ["1.0", "0.0"]), done.stderr


RUN_RULE = """
from reward_fn.definition.load import load_definition
from reward_fn.types.rollout import Rollout
check = load_definition("mine.toml").scores[0].check
for response in ("yes", "no"):
    print(check(Rollout(0, "r", (), response)).score)
"""


@pytest.mark.parametrize(
    ("requirements", "told"),
    [("idna\n", "pip install failed"), ("idna==3.10\n", "Pin all packages of checks/requirements.txt")],
)
def test_requirements_without_a_hash_are_refused(tmp_path: Path, requirements: str, told: str) -> None:
    env = own_checks(tmp_path / "mine", requirements)
    done = build("function", tmp_path / "function", "--runtime", HOST, env=env)
    assert done.returncode == 1
    assert told in done.stderr


def test_requirements_are_installed_beside_the_checks(tmp_path: Path) -> None:
    wheel = tmp_path / "wheels" / "tiny_words-1.0-py3-none-any.whl"
    wheel.parent.mkdir()
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("tiny_words.py", "WORD = 'yes'\n")
        archive.writestr(
            "tiny_words-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: tiny-words\nVersion: 1.0\n"
        )
        archive.writestr(
            "tiny_words-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr("tiny_words-1.0.dist-info/RECORD", "")
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    env = own_checks(tmp_path / "mine", f"tiny-words==1.0 --hash=sha256:{digest}\n")
    env |= {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(wheel.parent)}
    done = build("function", tmp_path / "function", "--runtime", HOST, env=env)
    assert done.returncode == 0, done.stderr
    assert "checks/site-packages/tiny_words.py" in listing(tmp_path / "function")


def test_a_folder_of_checks_that_is_missing_is_named(tmp_path: Path) -> None:
    env = {**os.environ, "CHECKS_PATH": str(tmp_path / "nowhere")}
    done = build("function", tmp_path / "function", "--runtime", HOST, env=env)
    assert done.returncode == 1
    assert "nowhere' is not a folder: give the folder of your checks, or unset it" in done.stderr


@pytest.mark.parametrize("part", ["layer", "function"])
def test_where_bytecode_is_required_its_lack_is_an_error_before_anything_is_built(
    part: str, tmp_path: Path
) -> None:
    runtime, env = without_interpreter(tmp_path)
    done = build(part, tmp_path / "out", "--runtime", runtime, env={**env, "REQUIRE_BYTECODE": "1"})
    assert done.returncode == 1
    assert "REQUIRE_BYTECODE is set: install any" in done.stderr
    assert not (tmp_path / "out").exists()


def test_bytecode_that_is_required_and_can_be_compiled_changes_nothing(built: Path, tmp_path: Path) -> None:
    done = build("function", tmp_path, "--runtime", HOST, env={**os.environ, "REQUIRE_BYTECODE": "1"})
    assert done.returncode == 0, done.stderr
    assert listing(tmp_path) == listing(built / "function")


def test_the_help_says_how_bytecode_is_made_a_must() -> None:
    done = subprocess.run([sys.executable, str(BUILD), "--help"], capture_output=True, text=True, check=True)
    assert "REQUIRE_BYTECODE=1" in done.stdout


def test_nothing_that_ships_names_the_machine_that_built_it(built: Path, elsewhere: Path) -> None:
    places = [str(place).encode() for place in (PROJECT, built, elsewhere, Path.home() / ".pyenv")]
    files = [path for path in built.rglob("*.pyc") if path.is_file()]
    assert files
    assert [str(f) for f in files if any(place in f.read_bytes() for place in places)] == []
    assert b"/var/task/reward_fn/handler.py" in next((built / "function").rglob("handler.*.pyc")).read_bytes()


IMPORT_ALL = """
import boto3, botocore, fasttext, jsonschema, jsonschema_rs, regex, stdnum, tenacity
from aws_lambda_powertools import Logger, Metrics
import reward_fn.handler
from pathlib import Path
from reward_fn import checks
from reward_fn.judge.providers.bedrock.judge import BedrockJudge
BedrockJudge(max_workers=2, timeout_s=1.0)
keys = {"region_name": "us-east-1", "aws_access_key_id": "x", "aws_secret_access_key": "x"}
for service in ("bedrock-runtime", "dynamodb", "s3", "ssm", "sts"):
    boto3.client(service, **keys)
for name in checks.available():
    checks.load(name)
for name in ("language", "safety", "unicode_noise"):
    checks.load(name).build({}, Path())
for module in (boto3, botocore, fasttext, jsonschema, jsonschema_rs, regex, stdnum, tenacity, reward_fn):
    print(module.__file__)
"""


def run_alone(built: Path, code: str) -> "subprocess.CompletedProcess[str]":
    """Runs code on the function and its layer. -S and -s: no package that is installed here can help out."""
    path = os.pathsep.join([str(built / "function"), str(built / "layer" / "python")])
    environment = {
        "PYTHONPATH": path,
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "x",
        "AWS_SECRET_ACCESS_KEY": "x",
    }
    command = [sys.executable, "-S", "-s", "-c", code]
    return subprocess.run(
        command, env=environment, cwd=built, capture_output=True, text=True, timeout=60, check=False
    )


def test_the_function_runs_on_the_layer_alone(built: Path) -> None:
    done = run_alone(built, IMPORT_ALL)
    assert done.returncode == 0, done.stderr
    assert [line for line in done.stdout.splitlines() if not line.startswith(str(built))] == []


def test_any_python_builds_for_another_one_and_another_processor(tmp_path: Path) -> None:
    done = build("layer", tmp_path, "--runtime", FOREIGN, "--architecture", "arm64")
    assert done.returncode == 0, done.stderr
    suffix = f".cpython-{FOREIGN.removeprefix('python').replace('.', '')}-aarch64-linux-gnu.so"
    compiled = list(tmp_path.rglob("*.so"))
    assert len(compiled) == 4  # regex, rpds, fastText and jsonschema_rs, which is one for every Python
    assert [path.name for path in compiled if not path.name.endswith(suffix)] == ["jsonschema_rs.abi3.so"]
    assert {path.read_bytes()[18] for path in compiled} == {0xB7}  # e_machine of ELF: AArch64


def test_a_second_build_needs_no_network(built: Path, tmp_path: Path) -> None:
    nowhere = {**os.environ, "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": "", "PIP_CONFIG_FILE": os.devnull}
    done = build("layer", tmp_path, "--runtime", HOST, env=nowhere)
    assert done.returncode == 0, done.stderr
    assert listing(tmp_path) == listing(built / "layer")


def test_a_first_build_without_network_says_what_it_needs(elsewhere: Path, tmp_path: Path) -> None:
    nowhere = {**os.environ, "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": "", "PIP_CONFIG_FILE": os.devnull}
    bare = tmp_path / "bare"
    shutil.copytree(elsewhere / "layers", bare / "layers")
    (bare / "reward_fn").mkdir()
    done = build(
        "layer", tmp_path / "out", "--runtime", HOST, script=bare / "layers/deps/build.py", env=nowhere
    )
    assert done.returncode == 1
    assert "pip download failed" in done.stderr
    assert "needs a package index that pip can reach" in done.stderr


def test_a_runtime_that_is_not_served_is_named_with_those_that_are(tmp_path: Path) -> None:
    done = build("layer", tmp_path, "--runtime", "python3.10")
    assert done.returncode == 1
    assert "can't build for python3.10 on x86_64. Allowed: python3.11, python3.12, python3.13" in done.stderr


def test_without_a_runtime_and_without_sam_it_asks_for_one(tmp_path: Path) -> None:
    done = build("function", tmp_path / "a" / "b")
    assert done.returncode == 1
    assert "give --runtime and --architecture" in done.stderr
