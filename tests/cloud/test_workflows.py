"""The workflows: every action pinned, no more permission than needed, and only commands that there are."""

import re
import shlex
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.conftest import ROOT

FOLDER = ROOT / ".github" / "workflows"
FILES = sorted(FOLDER.glob("*.yml"))
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
SECTIONS = set(re.findall(r"^\[(\w+)\.", (ROOT / "samconfig.toml").read_text(encoding="utf-8"), re.MULTILINE))


def read(path: Path) -> dict[Any, Any]:
    loaded: dict[Any, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return loaded


def jobs(path: Path) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = read(path)["jobs"]
    return found


def events(path: Path) -> dict[str, Any]:
    """What starts a workflow; YAML 1.1 reads the key `on` as true."""
    found: dict[str, Any] = read(path)[True]
    return found


def steps(path: Path) -> list[dict[str, Any]]:
    return [step for job in jobs(path).values() for step in job.get("steps", ())]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_action_is_pinned_to_a_whole_commit_with_its_version_beside_it(path: Path) -> None:
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if re.search(r"- uses:", line)]
    assert lines
    assert len(lines) == sum("uses" in step for step in steps(path))
    for line in lines:
        assert re.fullmatch(r"\s+- uses: [\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", line), line


def test_one_action_has_one_pin() -> None:
    pins = {step["uses"] for path in FILES for step in steps(path) if "uses" in step}
    assert len(pins) == len({pin.partition("@")[0] for pin in pins}) == 3


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_no_job_may_write_and_only_deployments_get_a_token(path: Path) -> None:
    assert read(path)["permissions"] == {"contents": "read"}
    for name, job in jobs(path).items():
        deploys = name in ("staging", "prod")
        wanted = {"contents": "read", "id-token": "write"} if deploys else {"contents": "read"}
        assert job.get("permissions", {"contents": "read"}) == wanted


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_no_key_is_stored_and_no_secret_is_read(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert "secrets." not in text
    assert "aws-access-key-id" not in text
    for step in steps(path):
        if step.get("uses", "").startswith("actions/checkout@"):
            assert step["with"]["persist-credentials"] is False


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_what_a_stranger_can_write_never_reaches_a_shell(path: Path) -> None:
    for step in steps(path):
        assert "github." not in step.get("run", "")
        for used in re.findall(r"\$\{\{ *([\w.]+)", step.get("run", "")):
            assert used.startswith("matrix.")


def test_each_push_and_pull_request_runs_the_projects_own_checks() -> None:
    path = FOLDER / "checks.yml"
    # A push to main, and a tag, run them in deploy.yml: here they would run a second time.
    assert events(path) == {
        "push": {"branches-ignore": ["main"]}, "pull_request": None, "workflow_call": None,
    }  # fmt: skip
    assert [step["run"] for step in steps(path) if "run" in step] == ["bash .ci/run"]
    pythons = jobs(path)["checks"]["strategy"]["matrix"]["python"]
    assert pythons == ["3.11", "3.12", "3.13"]


def test_strangers_never_start_a_deployment() -> None:
    assert events(FOLDER / "deploy.yml") == {"push": {"branches": ["main"], "tags": ["v*"]}}


def test_a_push_to_main_and_a_tag_run_the_checks_once_and_all_of_them() -> None:
    assert jobs(FOLDER / "deploy.yml")["checks"] == {"uses": "./.github/workflows/checks.yml"}
    assert [name for name, job in jobs(FOLDER / "deploy.yml").items() if ".ci/run" in str(job)] == []


def test_what_is_deployed_is_on_main_and_prod_gets_what_staging_got() -> None:
    found = jobs(FOLDER / "deploy.yml")
    checkout, check = found["on-main"]["steps"]
    assert checkout["with"]["fetch-depth"] == 0  # or origin/main is not there
    assert check["run"] == "git merge-base --is-ancestor HEAD origin/main"
    assert (found["staging"]["needs"], found["prod"]["needs"]) == (["checks", "on-main"], "staging")
    assert "if" not in found["staging"]  # a tag too is deployed to staging first
    assert found["prod"]["if"] == "startsWith(github.ref, 'refs/tags/v')"


@pytest.mark.parametrize(("on_main", "status"), [(True, 0), (False, 1)])
def test_a_tag_beside_main_is_refused(tmp_path: Path, on_main: bool, status: int) -> None:
    origin, clone = tmp_path / "origin", tmp_path / "clone"

    def git(*words: str, where: Path = origin) -> int:
        own = ["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false"]
        return subprocess.run(["git", *own, *words], cwd=where, capture_output=True, timeout=60).returncode

    origin.mkdir()
    git("init", "-b", "main")
    git("commit", "--allow-empty", "-m", "on main")
    git("checkout", "-b", "beside")
    if not on_main:
        git("commit", "--allow-empty", "-m", "beside main")
    git("tag", "v1")
    git("clone", str(origin), str(clone), where=tmp_path)
    assert git("checkout", "v1", where=clone) == 0
    (check,) = (step["run"] for step in jobs(FOLDER / "deploy.yml")["on-main"]["steps"] if "run" in step)
    assert git(*check.split()[1:], where=clone) == status


@pytest.mark.parametrize("name", ["staging", "prod"])
def test_a_deployment_is_one_at_a_time_and_is_examined(name: str) -> None:
    job = jobs(FOLDER / "deploy.yml")[name]
    assert job["environment"] == name
    assert job["concurrency"] == {"group": f"deploy-{name}", "cancel-in-progress": False}
    runs = [step["run"] for step in job["steps"] if "run" in step]
    assert runs == [
        "make setup",
        f"make deploy ENVIRONMENT={name} ARGS=--yes",
        f'make doctor ENVIRONMENT={name} ARGS="--yes ${{TRAINER_ROLE_ARN:+--principal $TRAINER_ROLE_ARN}}"',
    ]
    assert job["steps"][-1]["env"] == {"TRAINER_ROLE_ARN": "${{ vars.TRAINER_ROLE_ARN }}"}
    role = next(step["with"] for step in job["steps"] if "configure-aws" in step.get("uses", ""))
    assert role == {
        "role-to-assume": "${{ vars.AWS_DEPLOY_ROLE_ARN }}",
        "aws-region": "${{ vars.AWS_REGION }}",
    }


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_command_named_is_there(path: Path) -> None:
    for run in (step["run"] for step in steps(path) if "run" in step):
        program, *words = shlex.split(run)
        if program == "make":
            assert f"\n{words[0]}: " in MAKEFILE
            chosen = [word.partition("=")[2] for word in words if word.startswith("ENVIRONMENT=")]
            assert set(chosen) <= SECTIONS
        elif program != "git":
            assert (program, words) == ("bash", [".ci/run"])
            assert (ROOT / ".ci" / "run").is_file()
