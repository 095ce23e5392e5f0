"""`rewardctl run` from end to end: the real artifact and emulator, the stand-in, nothing left over."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from rewardctl.cli import main
from rewardctl.local import runtime
from rewardctl.local.paths import BUILD, LOGS, PROJECT, RESULTS
from tests.contract.chat_completions import called
from tests.contract.converse_server import ConverseServer

BATCH = PROJECT / "events" / "contract_review_batch.json"
BATCH_RESULTS = RESULTS / "batch_for_a_test.json"
MATH = PROJECT / "events" / "nova_training_math.json"
HANGING = Path(__file__).with_name("hanging_run.py")
# What a person may have set for their own work with AWS, none of which may matter here.
HOSTILE = {
    "AWS_PROFILE": "no-such-profile",
    "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
    "HTTP_PROXY": "http://127.0.0.1:9",
    "http_proxy": "http://127.0.0.1:9",
}

STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

pytestmark = pytest.mark.slow
needs_emulator = pytest.mark.skipif(
    bool(runtime.why_not()), reason=f"no runtime emulator: {runtime.why_not()}"
)
needs_proc = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="no /proc on this system")


def run(*arguments: str, **variables: str) -> "subprocess.CompletedProcess[str]":
    """Runs the command as a person does, in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "rewardctl", "run", *arguments],
        env={**os.environ, **variables},
        cwd=PROJECT, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


def ids(path: Path) -> list[Any]:
    return [row["id"] for row in json.loads(path.read_text())]


def copied(event: Path, name: str, folder: Path) -> Path:
    """A copy of an event under a name of its own: a test beside this one may write the results of `event`."""
    copy = folder / name
    copy.write_bytes(event.read_bytes())
    return copy


@pytest.fixture(scope="module")
def batch(tmp_path_factory: pytest.TempPathFactory) -> Iterator["subprocess.CompletedProcess[str]"]:
    """The run of the batch, whose results lie in BATCH_RESULTS until the module's last test is done."""
    done = run("--event", str(copied(BATCH, BATCH_RESULTS.name, tmp_path_factory.mktemp("event"))), **HOSTILE)
    assert done.returncode == 0, done.stderr
    yield done
    BATCH_RESULTS.unlink()


def rewards(results: str) -> list[float]:
    return [result["aggregate_reward_score"] for result in json.loads(results)]


def test_the_batch_is_scored_and_shown(batch: "subprocess.CompletedProcess[str]") -> None:
    rows = [line.split()[0] for line in batch.stdout.splitlines() if line[:1].islower()]
    assert [row for row in rows if row not in ("id", "group")] == ids(BATCH)
    assert "group of nda-good-1: 5 rollouts, mean " in batch.stdout
    for word in ("reward", "Grounding", "Actionability", "Coverage", "gate_failed"):
        assert word in batch.stdout
    assert "20 rollouts, " in batch.stdout
    assert "offline stand-in that costs nothing" in batch.stdout
    assert "directly" not in batch.stderr or runtime.why_not()


def test_called_directly_it_says_so_and_gives_the_same_rewards(
    batch: "subprocess.CompletedProcess[str]",
) -> None:
    emulated = rewards(BATCH_RESULTS.read_text())
    direct = run("--event", str(BATCH), "--json", "--direct", **HOSTILE)
    assert direct.returncode == 0, direct.stderr
    assert "calling the function directly, without the runtime emulator: as requested" in direct.stderr
    assert rewards(direct.stdout) == emulated, "with --json, the results alone are on standard output"


def test_a_judge_on_another_server_is_called_for_real_and_the_key_is_not_shown(tmp_path: Path) -> None:
    event, definition = tmp_path / "judged_elsewhere.json", tmp_path / "mine.toml"
    messages = [{"role": "user", "content": "Why?"}, {"role": "assistant", "content": "Because."}]
    event.write_text(json.dumps([{"id": "a", "messages": messages}]))
    with ConverseServer(lambda _: called({"answer": {"Sound": {"verdict": "yes"}}})) as server:
        model = f"openai:m@{server.url}/v1"
        definition.write_text(
            f'name = "mine"\n[judge]\nmodel = "{model}"\n'
            '[[judge.criterion]]\nname = "Sound"\nquestion = "Is it sound?"\n'
        )
        done = run(
            "--event", str(event), "--definition", str(definition), "--direct",
            JUDGE_API_KEY="sk-0123456789", JUDGE_URLS_ALLOWED=f"{server.url}/v1",
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        (request,) = server.requests
    (RESULTS / event.name).unlink()
    assert request.headers["Authorization"] == "Bearer sk-0123456789"
    assert "sk-0123456789" not in done.stdout + done.stderr + (LOGS / "judged_elsewhere.log").read_text()
    assert f"The judge {model} is not on Bedrock: it was called for real" in done.stdout
    assert "costs nothing" not in done.stdout


def test_with_another_judge_it_scores_here_into_a_run_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(main, ["run", "--event", str(BATCH), "--judge", "yes", "--json"])
    assert done.exit_code == 0, done.output
    assert [result["id"] for result in json.loads(done.stdout)] == ids(BATCH)
    (folder,) = (tmp_path / "runs").iterdir()
    assert (folder / "results.jsonl").is_file()


def test_json_lines_are_sent_as_one_event(tmp_path: Path) -> None:
    lines = tmp_path / "three.jsonl"
    lines.write_text("\n".join(json.dumps(row) for row in json.loads(MATH.read_text())[:3]))
    done = run("--event", str(lines), "--definition", "math-answer", "--json", "--direct")
    assert [result["id"] for result in json.loads(done.stdout)] == ids(MATH)[:3]


def test_a_line_that_is_no_rollout_is_named(tmp_path: Path) -> None:
    lines = tmp_path / "broken.jsonl"
    lines.write_text('{"messages": [{"role": "assistant", "content": "4"}]}\n{"id": \n')
    done = CliRunner().invoke(main, ["run", "--event", str(lines), "--definition", "math-answer"])
    assert done.exit_code == 1
    assert "line 2: not JSON" in done.output
    assert "rewardctl score counts such lines" in done.output


def test_the_results_are_written_where_it_says_and_the_work_tree_stays_clean(tmp_path: Path) -> None:
    event = copied(MATH, "math_for_a_test.json", tmp_path)
    before = status()
    done = run("--event", str(event), "--definition", "math-answer")
    assert done.returncode == 0, done.stderr
    place = RESULTS / event.name
    assert f"Results: {place.relative_to(PROJECT)}" in done.stdout
    assert "no judge call" in done.stdout
    assert [result["id"] for result in json.loads(place.read_text())] == ids(MATH)
    place.unlink()
    assert status() == before


def status() -> str:
    """What git shows of the work tree; "" where there is none."""
    if not (PROJECT / ".git").exists():
        return ""
    command = ["git", "status", "--porcelain", "--untracked-files=all"]
    return subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=60, check=True).stdout


def test_where_the_emulator_cannot_run_it_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runtime, "why_not", lambda: "it is a Linux program, and this is Darwin")
    done = CliRunner().invoke(main, ["run", "--event", str(MATH), "--definition", "math-answer"])
    assert done.exit_code == 0, done.output
    assert "without the runtime emulator: it is a Linux program, and this is Darwin" in done.output
    assert "18 rollouts" in done.output


def test_a_functions_error_is_shown_with_its_remedy() -> None:
    done = run("--event", str(MATH), "--definition", "math-answer", JUDGE_MAX_WORKERS="0")
    assert (done.returncode, done.stdout) == (1, "")
    assert "SettingsError: " in done.stderr
    assert "JUDGE_MAX_WORKERS='0': set a whole number from 1 to 256" in done.stderr
    assert "Give the variable an allowed value, or unset it." in done.stderr
    assert f"Function's log: {LOGS.relative_to(PROJECT) / 'nova_training_math.log'}" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_unknown_definition_ends_it_before_anything_is_built() -> None:
    done = run("--definition", "nope")
    assert done.returncode == 1
    assert "there is no definition 'nope'" in done.stderr
    assert "building" not in done.stderr


@needs_proc
@pytest.mark.parametrize(
    ("signum", "options"),
    [
        *(
            pytest.param(signum, [], marks=needs_emulator, id=f"{signum.name}-emulator")
            for signum in STOPPING
        ),
        pytest.param(signal.SIGTERM, ["--direct"], id="SIGTERM-direct"),
    ],
)
def test_cut_short_it_stops_all_that_it_started(
    stub: Path, tmp_path: Path, signum: signal.Signals, options: list[str]
) -> None:
    event = tmp_path / f"cut_short_{signum.name}.json"
    event.write_text('["sleep"]')
    log = LOGS / f"{event.stem}.log"
    log.unlink(missing_ok=True)
    command = [sys.executable, str(HANGING), str(stub), str(event), *options]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, start_new_session=True) as process:
        folder = wait_for_the_function(process, log)
        started = descendants(process.pid)
        os.killpg(process.pid, signum)  # as a terminal does, to the whole group
        process.communicate(timeout=30)
    assert process.returncode != 0
    # The stand-in and the function's Python at least, under the emulator the emulator too.
    assert len(started) >= (2 if options else 3)
    assert [pid for pid in started if is_alive(pid)] == []
    assert not folder.exists()


def wait_for_the_function(process: "subprocess.Popen[str]", log: Path) -> Path:
    """Waits until the function's own process sleeps, as its log says. Returns the folder of the run."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        assert process.poll() is None, process.stderr.read() if process.stderr else ""
        for pid in descendants(process.pid):
            words = command_line(pid)
            if (
                "reward_fn.handler.lambda_handler" in words
                and words[0] == sys.executable
                and log.exists()
                and "asleep" in log.read_text()
            ):
                (folder,) = {path for path in BUILD.glob("run-*") if str(path) in environment_of_process(pid)}
                return folder
        time.sleep(0.02)
    raise AssertionError("the function did not come to its sleep")


def descendants(pid: int) -> list[int]:
    """All processes below one, children of children included."""
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            children = [int(word) for word in task.read_text().split()]
        except OSError:
            continue
        for child in children:
            found += [child, *descendants(child)]
    return found


def command_line(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().split("\0")
    except OSError:
        return [""]


def environment_of_process(pid: int) -> str:
    """The variables of a process and its arguments, as one text."""
    return Path(f"/proc/{pid}/environ").read_text() + " ".join(command_line(pid))


def is_alive(pid: int) -> bool:
    """Whether a process still runs; one that is dead and not yet collected does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
