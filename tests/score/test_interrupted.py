"""A run that is stopped and continued: the results of an uninterrupted run, and no call paid for twice."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from rewardctl.emulate import Emulator
from rewardctl.runs.folder import open_verdicts
from tests.ctrl_c import heed_ctrl_c
from tests.factory import ROOT
from tests.score.contracts import contracts
from tests.score.held_judge import HANG_S, HeldJudge
from tests.score.running import records, write_rows

ROWS = 160
WORKERS = 4  # 16 rows a batch, so ten batches
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def judge_url() -> Iterator[str]:
    with Emulator() as emulator:
        yield emulator.url


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_rows(tmp_path_factory.mktemp("data") / "data.jsonl", contracts(ROWS))


@contextmanager
def running(data: Path, run: Path, url: str, *options: str) -> Iterator[subprocess.Popen[str]]:
    """The command in a process group of its own, as a terminal starts it."""
    made_up = {
        "AWS_ENDPOINT_URL_BEDROCK_RUNTIME": url,
        "AWS_ACCESS_KEY_ID": "made-up",
        "AWS_SECRET_ACCESS_KEY": "made-up",
        "AWS_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "NO_PROXY": "127.0.0.1",
    }
    command = [sys.executable, "-m", "rewardctl", "score", str(data), "--run", str(run)]
    process = subprocess.Popen(
        [*command, "--judge", "bedrock", "--yes", "--workers", str(WORKERS), *options],
        cwd=ROOT,
        env={**os.environ, **made_up},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=heed_ctrl_c,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def finish(data: Path, run: Path, url: str, *options: str) -> None:
    """Run the command to its end."""
    with running(data, run, url, *options) as process:
        _, err = process.communicate(timeout=HANG_S)
        assert process.returncode == 0, err


@pytest.fixture(scope="module")
def whole(data: Path, judge_url: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run that nothing interrupted."""
    run = tmp_path_factory.mktemp("whole") / "run"
    with HeldJudge(judge_url) as judge:
        finish(data, run, judge.url)
        assert judge.calls == ROWS
    return run


def without_calls(run: Path) -> list[object]:
    """The records without the calls: those of a verdict that was kept were made by the run before."""
    return [{**record, "calls": None} for record in records(run)]


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGKILL], ids=lambda sign: sign.name)
@pytest.mark.parametrize("share", [0.3, 0.7])
def test_a_run_that_is_stopped_goes_on_as_if_it_had_not_been(
    data: Path, judge_url: str, whole: Path, tmp_path: Path, sign: signal.Signals, share: float
) -> None:
    run, answered = tmp_path / "run", round(share * ROWS)
    with HeldJudge(judge_url, answered) as held, running(data, run, held.url) as process:
        held.wait_for(answered + WORKERS)  # every worker waits now
        os.killpg(process.pid, sign)
        _, err = process.communicate(timeout=HANG_S)
        assert process.returncode == (130 if sign is signal.SIGINT else -signal.SIGKILL)
        assert "Traceback" not in err
        assert ("the same command goes on" in err) == (sign is signal.SIGINT)
        first_calls = held.calls
    with HeldJudge(judge_url) as judge:
        finish(data, run, judge.url)
        assert first_calls + judge.calls <= ROWS + WORKERS
    assert without_calls(run) == without_calls(whole)
    with open_verdicts(run, read_only=True) as store:
        assert ROWS <= store.spent().calls <= ROWS + WORKERS


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGKILL], ids=lambda sign: sign.name)
def test_the_processes_of_a_stopped_run_end_with_it(
    data: Path, judge_url: str, whole: Path, tmp_path: Path, sign: signal.Signals
) -> None:
    run, answered = tmp_path / "run", ROWS // 2
    with HeldJudge(judge_url, answered) as held, running(data, run, held.url, "--processes", "2") as process:
        held.wait_for(answered + WORKERS)
        if sign is signal.SIGINT:
            os.killpg(process.pid, sign)  # as a terminal does, to all of them
        else:
            process.kill()
        _, err = process.communicate(timeout=HANG_S)
        assert "Traceback" not in err
        assert process.returncode == (130 if sign is signal.SIGINT else -signal.SIGKILL)
        wait_for_end_of_group(process.pid)
        first_calls = held.calls
    with HeldJudge(judge_url) as judge:
        finish(data, run, judge.url, "--processes", "2")
        assert first_calls + judge.calls <= ROWS + WORKERS
    assert without_calls(run) == without_calls(whole)


def test_the_death_of_a_process_ends_the_run_in_words(data: Path, judge_url: str, tmp_path: Path) -> None:
    with (
        HeldJudge(judge_url, ROWS // 2) as held,
        running(data, tmp_path / "run", held.url, "--processes", "2") as process,
    ):
        held.wait_for(ROWS // 2 + WORKERS)
        os.kill(next(_scoring_processes(process.pid)), signal.SIGKILL)
        _, err = process.communicate(timeout=HANG_S)
        assert process.returncode == 1
        assert "a process that scores ended early" in err
        assert "Traceback" not in err
        wait_for_end_of_group(process.pid)


def _scoring_processes(group: int) -> Iterator[int]:
    for pid in _processes():
        command = Path(f"/proc/{pid}/cmdline")
        if _is_alive_in(str(pid), group) and b"spawn_main" in command.read_bytes():
            yield pid


def wait_for_end_of_group(group: int) -> None:
    """Wait until no process of a group is alive; a limit of time bounds a hang."""
    end_s = time.monotonic() + HANG_S
    while alive := [pid for pid in map(str, _processes()) if _is_alive_in(pid, group)]:
        assert time.monotonic() < end_s, alive
        time.sleep(0.02)


def _processes() -> list[int]:
    if not Path("/proc/self/stat").exists():
        pytest.skip("needs /proc, to see which processes are alive")
    return [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()]


def _is_alive_in(pid: str, group: int) -> bool:
    try:
        state, _, process_group = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[:3]
    except OSError:
        return False
    return int(process_group) == group and state != "Z"
