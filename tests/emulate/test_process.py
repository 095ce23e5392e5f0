"""The stand-in in a process of its own: it answers when it says so, and never outlives its purpose."""

import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import HTTPClientError
from click.testing import CliRunner

from rewardctl.commands.emulate import command
from rewardctl.emulate import Emulator, EmulatorError, EmulatorSettings
from tests.emulate.conftest import Connect
from tests.emulate.material import EXPECTED, converse_request, verdicts

ROOT = Path(__file__).resolve().parents[2]

PARENT = """
import signal, sys, time
from rewardctl.emulate import Emulator
emulator = Emulator()
emulator.start()
print(emulator.url, flush=True)
time.sleep(60)
"""


def answers(url: str) -> bool:
    """Whether a server is there."""
    connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=1)
    try:
        connection.request("GET", "/__stats")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def gone_within(url: str, seconds: float) -> bool:
    """Whether the server stops answering in that time."""
    until = time.monotonic() + seconds
    while answers(url):
        if time.monotonic() > until:
            return False
        time.sleep(0.02)
    return True


def start(*arguments: str, **more: Any) -> "subprocess.Popen[str]":
    """A Python process that finds the project's packages."""
    return subprocess.Popen([sys.executable, *arguments], stdout=subprocess.PIPE, text=True, cwd=ROOT, **more)


def test_it_answers_from_another_process_and_stops_with_its_block(connect: Connect) -> None:
    with Emulator(EmulatorSettings(seed=3)) as emulator:
        pid = emulator.pid
        assert pid not in (None, os.getpid())
        response = connect(emulator.url).converse(**converse_request())
        assert verdicts(response["output"]["message"]["content"][0]["toolUse"]["input"]) == EXPECTED
        stats = emulator.stats()
        assert (stats.calls, stats.outcomes, stats.distinct) == (1, {"served": 1}, 1)
        assert stats.cpu_s > 0
        emulator.reset()
        assert emulator.stats().calls == 0
    assert emulator.pid is None
    assert not answers(emulator.url)
    with pytest.raises(EmulatorError, match="not running"):
        emulator.stats()


def test_a_call_that_hangs_does_not_hold_up_the_end(connect: Connect) -> None:
    errors: list[Exception] = []
    with Emulator(EmulatorSettings(hang=1.0)) as emulator:
        client = connect(emulator.url, read_timeout=30)

        def call() -> None:
            try:
                client.converse(**converse_request())
            except HTTPClientError as error:
                errors.append(error)

        thread = threading.Thread(target=call)
        thread.start()
        until = time.monotonic() + 5
        while emulator.stats().in_flight != 1 and time.monotonic() < until:
            time.sleep(0.01)
        begun = time.monotonic()
    assert time.monotonic() - begun < 2
    thread.join(timeout=5)
    assert len(errors) == 1


def test_an_error_in_the_block_stops_it_too() -> None:
    emulator = Emulator()
    with pytest.raises(ZeroDivisionError), emulator:
        _ = 1 // 0
    assert not answers(emulator.url)


def test_it_ends_when_its_parent_is_killed() -> None:
    parent = start("-c", PARENT, env={**os.environ, "PYTHONPATH": str(ROOT)})
    assert parent.stdout
    try:
        url = parent.stdout.readline().strip()
        assert answers(url)
    finally:
        parent.kill()
        parent.wait()
        parent.stdout.close()
    assert gone_within(url, 3)


def test_the_parents_ctrl_c_is_left_to_the_parent() -> None:
    with Emulator() as emulator:
        assert emulator.pid
        assert os.getsid(emulator.pid) != os.getsid(0)  # a terminal's Ctrl-C does not even reach it
        os.kill(emulator.pid, signal.SIGINT)
        # A signal comes before the work that follows it: the first answer may belong to a loop that ends.
        assert answers(emulator.url)
        assert answers(emulator.url)


def test_a_port_that_is_taken_is_an_error(capfd: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        emulator = Emulator(EmulatorSettings(port=taken.getsockname()[1]))
        with pytest.raises(EmulatorError, match="ended with code 1"):
            emulator.start()
    assert emulator.pid is None
    assert "address already in use" in capfd.readouterr().err.lower()


def test_starting_twice_is_an_error() -> None:
    with Emulator() as emulator, pytest.raises(EmulatorError, match="running already"):
        emulator.start()
    emulator.stop()  # stopping twice is none


def test_the_command_serves_until_ctrl_c_and_tells_programs_where(tmp_path: Path) -> None:
    ready = tmp_path / "ready.json"
    program = "from rewardctl.commands.emulate import command; command()"
    process = start(
        "-c", program, "--json", "--ready-file", str(ready), "--filtered", "1", stderr=subprocess.PIPE
    )
    assert process.stdout
    assert process.stderr
    try:
        line = json.loads(process.stdout.readline())
        assert line["pid"] == process.pid
        assert "not for training" in line["judge"]
        assert json.loads(ready.read_text()) == line
        assert answers(line["url"])
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=5) == 0
        assert "stopped after 0 calls" in process.stderr.read()
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        process.wait()
        process.stdout.close()
        process.stderr.close()
    assert not ready.exists()


def test_the_command_prints_the_line_to_paste() -> None:
    process = start(
        "-c", "from rewardctl.commands.emulate import command; command()", stderr=subprocess.DEVNULL
    )
    assert process.stdout
    try:
        lines = [process.stdout.readline() for _ in range(5)]
        export = next(line.strip() for line in lines if "export" in line)
        assert export.startswith("export AWS_ENDPOINT_URL_BEDROCK_RUNTIME=http://127.0.0.1:")
        assert "good for trying things out, not for training" in lines[0]
        assert answers(export.partition("=")[2])
    finally:
        process.terminate()
        process.wait(timeout=5)
        process.stdout.close()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--throttle", "2"], "throttle is 2.0: allowed is a number from 0 to 1"),
        (["--throttle", "0.9", "--hang", "0.2"], "sum to more than 1"),
        (["--latency-s", "long"], "'long' is not a valid float"),
    ],
)
def test_the_command_refuses_wrong_settings(arguments: list[str], message: str) -> None:
    result = CliRunner().invoke(command, arguments)
    assert result.exit_code == 2
    assert message in result.output


def test_every_setting_is_an_option_with_its_range() -> None:
    shown = " ".join(CliRunner().invoke(command, ["--help"], terminal_width=200).output.split())
    for name in EmulatorSettings().to_dict():
        assert f"--{name.replace('_', '-')} " in shown
    assert "[0 to 65535]" in shown
