"""The internal extension: Lambda freezes the environment when its work is flushed, and never too late."""

import queue
import socket

import pytest

from reward_fn.aws import extension
from reward_fn.aws.extension import FLUSH_S, MARGIN_S, Extension
from tests.loopback import LoopbackServer, QuietHandler
from tests.stores.lambda_api import WAIT_S, LambdaApi

NOW_S = 1_000_000.0


@pytest.fixture(autouse=True)
def patience() -> None:
    """These tests are about the limits as they are."""


class Flushes:
    """The seconds that each flush was allowed, and what it does then."""

    def __init__(self) -> None:
        self.seconds: queue.SimpleQueue[float] = queue.SimpleQueue()
        self.failures = 0

    def __call__(self, seconds: float) -> None:
        self.seconds.put(seconds)
        if self.failures:
            self.failures -= 1
            raise RuntimeError


def invoke(api: LambdaApi, registered: Extension, flushes: Flushes) -> float:
    """One invocation, by this test in the runtime's place; the seconds that its flush was allowed."""
    api.begin("event")
    registered.handled()
    seconds = flushes.seconds.get(timeout=WAIT_S)
    with api.changed:
        api.runtime_asks += 1
    api.wait_until_frozen()
    return seconds


@pytest.mark.parametrize(
    ("left_s", "allowed_s"),
    [
        (30.0, FLUSH_S),
        (FLUSH_S + MARGIN_S, FLUSH_S),
        (3.0, 3.0 - MARGIN_S),
        (MARGIN_S, 0.0),
        (-1.0, 0.0),
    ],
)
def test_a_flush_ends_half_a_second_before_the_deadline_and_takes_five_at_most(
    left_s: float, allowed_s: float
) -> None:
    flushes = Flushes()
    with LambdaApi(deadline_s=NOW_S + left_s) as api:
        registered = Extension(api.address, flushes, name="e", clock=lambda: NOW_S)
        api.runtime_asks = 1
        assert api.registered == [("e", {"events": ["INVOKE"]})]
        assert [invoke(api, registered, flushes) for _ in range(2)] == [allowed_s, allowed_s]


def test_an_invocation_that_never_ends_is_flushed_before_its_deadline() -> None:
    """The runtime is about to be killed. The flush gets no time, but the extension is not in the way."""
    flushes = Flushes()
    with LambdaApi(deadline_s=NOW_S + MARGIN_S) as api:
        Extension(api.address, flushes, name="e", clock=lambda: NOW_S)
        api.runtime_asks = 1
        api.begin("event")
        assert flushes.seconds.get(timeout=WAIT_S) == 0.0
        api.runtime_asks += 1
        api.wait_until_frozen()


def test_an_environment_is_not_frozen_before_the_handler_is_done() -> None:
    flushes = Flushes()
    with LambdaApi(deadline_s=NOW_S + 30.0) as api:
        registered = Extension(api.address, flushes, name="e", clock=lambda: NOW_S)
        api.runtime_asks = 1
        api.begin("event")
        with api.changed:
            api.runtime_asks += 1
        assert not api.is_frozen()
        assert flushes.seconds.empty()
        registered.handled()
        api.wait_until_frozen()
        assert flushes.seconds.get(timeout=WAIT_S) == FLUSH_S


def test_a_flush_that_raises_does_not_end_the_extension(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(extension, "PAUSE_S", 0.0)
    flushes = Flushes()
    flushes.failures = 1
    with LambdaApi(deadline_s=NOW_S + 30.0) as api:
        registered = Extension(api.address, flushes, name="e", clock=lambda: NOW_S)
        api.runtime_asks = 1
        assert [invoke(api, registered, flushes) for _ in range(2)] == [FLUSH_S, FLUSH_S]
    assert "extension: RuntimeError" in caplog.text


def test_a_refused_registration_is_a_value_error() -> None:
    with LambdaApi(extensions=False) as api, pytest.raises(ValueError, match="HTTP 403"):
        Extension(api.address, Flushes(), name="e")


def test_an_address_without_an_extensions_api_is_a_value_error() -> None:
    with LoopbackServer(QuietHandler) as server, pytest.raises(ValueError, match="HTTP 404"):
        Extension(f"127.0.0.1:{server.server_port}", Flushes(), name="e")


def test_an_address_where_nothing_listens_is_an_os_error() -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))  # not listening, and nobody else can
        with pytest.raises(OSError, match="refused"):
            Extension(f"127.0.0.1:{bound.getsockname()[1]}", Flushes(), name="e")
