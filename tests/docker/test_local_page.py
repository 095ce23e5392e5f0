"""What docs/local.md shows works as it stands."""

import os
import re
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from rewardctl.local.runtime import free_ports
from tests.contract.converse_server import CREDENTIALS
from tests.ctrl_c import heed_ctrl_c
from tests.factory import ROOT

PAGE = (ROOT / "docs" / "local.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^\$ (.+)$", PAGE, re.MULTILINE)
[EXAMPLE] = re.findall(r"^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
[PRINTED] = re.findall(r"^```\n([^$\n]+\n)```$", PAGE, re.MULTILINE)
WITHIN_S = 180

pytestmark = pytest.mark.usefixtures("_containers")


def test_the_page_shows_these_two_commands() -> None:
    assert [shlex.split(command)[1] for command in COMMANDS] == ["local", "start-lambda"]


def test_make_local_of_the_page_prints_the_rewards() -> None:
    done = subprocess.run(
        shlex.split(COMMANDS[0]), cwd=ROOT, capture_output=True, text=True, timeout=WITHIN_S, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "18 rollouts, no judge call" in done.stdout


def test_boto3_finds_what_start_lambda_of_the_page_serves(tmp_path: Path) -> None:
    [port] = free_ports(1)
    before = containers()
    command = [part.replace("3001", str(port)) for part in shlex.split(COMMANDS[1])]
    out = tmp_path / "out.txt"
    with out.open("wb") as file:
        serving = subprocess.Popen(
            command, cwd=ROOT, stdout=file, stderr=file, start_new_session=True, preexec_fn=heed_ctrl_c
        )
    try:
        wait_for(f"AWS_ENDPOINT_URL_LAMBDA=http://127.0.0.1:{port}", out, serving)
        environment = {**os.environ, **CREDENTIALS, "AWS_ENDPOINT_URL_LAMBDA": f"http://127.0.0.1:{port}"}
        done = subprocess.run(
            [sys.executable, "-c", EXAMPLE],
            env=environment, capture_output=True, text=True, timeout=WITHIN_S, check=False,
        )  # fmt: skip
        assert (done.returncode, done.stdout) == (0, PRINTED), done.stderr
    finally:
        os.killpg(serving.pid, signal.SIGINT)  # as Ctrl-C in a terminal does
        serving.wait(60)
    assert "stopping" in out.read_text(encoding="utf-8")
    assert containers() <= before


def containers() -> set[str]:
    """The ids of sam's containers that run."""
    command = ["docker", "ps", "--quiet", "--filter", "label=sam.cli.container.type=lambda"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=True)
    return set(done.stdout.split())


def wait_for(text: str, file: Path, process: "subprocess.Popen[bytes]") -> None:
    """Until a file holds the text. Fails where the process ends first, or takes too long."""
    for _ in range(WITHIN_S * 4):
        if text in file.read_text(encoding="utf-8"):
            return
        try:
            process.wait(0.25)
        except subprocess.TimeoutExpired:
            continue
        break
    pytest.fail(file.read_text(encoding="utf-8"))
