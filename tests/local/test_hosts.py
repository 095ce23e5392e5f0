"""Both hosts run a function alike: its answer, its errors, its end, its time-out."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rewardctl.local import processes, runtime
from rewardctl.local.direct import DirectProcess
from rewardctl.local.errors import FunctionError, HostError
from rewardctl.local.host import Host
from rewardctl.local.outcome import results_of

Open = Callable[..., Host]
Environment = Callable[..., dict[str, str]]

needs_emulator = pytest.mark.skipif(
    bool(runtime.why_not()), reason=f"no runtime emulator: {runtime.why_not()}"
)
HOSTS = [pytest.param(runtime.RuntimeEmulator, marks=needs_emulator, id="emulator"), DirectProcess]

pytestmark = pytest.mark.slow


@pytest.fixture(params=HOSTS)
def open_host(
    request: pytest.FixtureRequest, stub: Path, environment_of: Environment, tmp_path: Path
) -> Open:
    """Makes a host of the stub function."""

    def make(timeout_s: int = 20) -> Host:
        environment = environment_of(stub, timeout_s=timeout_s)
        host: Host = request.param(environment, folder=stub, log=tmp_path / "log", timeout_s=timeout_s)
        return host

    return make


def invoke(host: Host, *event: Any) -> bytes:
    return host.invoke(json.dumps(list(event)).encode())


def error_of(host: Host, order: str) -> FunctionError:
    with pytest.raises(FunctionError) as caught:
        results_of(invoke(host, order))
    return caught.value


def test_the_answer_comes_back_and_prints_go_to_the_log(open_host: Open) -> None:
    with open_host() as host:
        (result,) = results_of(invoke(host, "answer"))
    assert result["id"] == "stub"
    assert "a line of the function" in host.log.read_text()


def test_the_context_has_the_functions_clock(open_host: Open) -> None:
    with open_host(timeout_s=20) as host:
        (result,) = results_of(invoke(host, "answer"))
    assert 0 < result["left_ms"] <= 20_000


def test_one_host_serves_several_invocations(open_host: Open) -> None:
    with open_host() as host:
        assert [len(results_of(invoke(host, index))) for index in range(3)] == [1, 1, 1]


def test_an_exception_keeps_its_type_and_message(open_host: Open) -> None:
    with open_host() as host:
        error = error_of(host, "raise")
    assert (error.kind, error.message) == ("ValueError", "an order to fail")


def test_a_process_that_ends_is_explained_by_its_log(open_host: Open) -> None:
    with open_host() as host:
        error = error_of(host, "exit")
    assert (error.kind, error.message) == ("Exited", "by order")


def test_nan_does_not_pass_for_a_reward(open_host: Open) -> None:
    with open_host() as host:
        assert error_of(host, "nan").kind == "Runtime.InvalidResult"


def test_a_function_that_takes_too_long_is_ended(open_host: Open) -> None:
    with open_host(timeout_s=1) as host:
        assert error_of(host, "sleep").kind == "Runtime.Timeout"


@needs_emulator
def test_under_the_emulator_only_the_artifact_can_be_imported(
    stub: Path, environment_of: Environment, tmp_path: Path
) -> None:
    # rich is installed here, but no part of the artifact.
    environment = environment_of(stub)
    with runtime.RuntimeEmulator(environment, folder=stub, log=tmp_path / "log", timeout_s=20) as host:
        (result,) = results_of(invoke(host, "answer"))
        error = error_of(host, "import")
    assert [entry for entry in result["path"] if "site-packages" in entry] == []
    assert error.kind in ("ModuleNotFoundError", "Runtime.ImportModuleError")
    assert "rich" in error.message


@needs_emulator
def test_the_emulator_leaves_no_process_behind(
    stub: Path, environment_of: Environment, tmp_path: Path
) -> None:
    host = runtime.RuntimeEmulator(environment_of(stub), folder=stub, log=tmp_path / "log", timeout_s=20)
    with host:
        invoke(host, "answer")
        session = host.pid
        assert session is not None
        assert len(processes.session_members(session)) == 2  # the emulator and the function's Python
    assert processes.session_members(session) == []


@needs_emulator
def test_an_emulator_that_ends_at_once_is_told_with_its_words(
    stub: Path, environment_of: Environment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "broken"
    broken.write_text("#!/bin/sh\necho 'cannot execute here' >&2\nexit 1\n")
    broken.chmod(0o755)
    monkeypatch.setattr(runtime, "emulator_path", lambda: broken)
    host = runtime.RuntimeEmulator(environment_of(stub), folder=stub, log=tmp_path / "log", timeout_s=20)
    with pytest.raises(HostError, match="ended at once: cannot execute here"), host:
        pytest.fail("it must not start")


@pytest.mark.parametrize(
    ("patched", "value", "words"),
    [
        ("platform.system", "Darwin", "it is a Linux program, and this is Darwin"),
        ("platform.machine", "riscv64", "it does not exist for riscv64"),
        ("platform.libc_ver", ("", ""), "need glibc"),
        ("rewardctl.local.runtime.emulator_path", None, "aws-sam-cli is not installed"),
    ],
)
@pytest.mark.skipif(sys.platform != "linux", reason="the reasons come after one another: Linux first")
def test_why_the_emulator_cannot_run_is_said(
    monkeypatch: pytest.MonkeyPatch, patched: str, value: Any, words: str
) -> None:
    monkeypatch.setattr(patched, lambda: value)
    assert words in runtime.why_not()
