"""Progress lines while something long goes on."""

import threading
import time

import pytest

from rewardctl.local.progress import ticking


def test_what_is_quick_says_nothing() -> None:
    said: list[str] = []
    with ticking(said.append, lambda: "detail", first_after_s=30):
        pass
    assert said == []


def test_what_is_slow_says_how_long_and_what() -> None:
    said: list[str] = []
    with ticking(said.append, lambda: "7 calls", first_after_s=0.01, every_s=0.01):
        deadline = time.monotonic() + 10
        while len(said) < 2 and time.monotonic() < deadline:
            time.sleep(0.01)
    assert said[:2] == ["  0 s: 7 calls", "  0 s: 7 calls"]


def test_it_ends_with_the_block_also_on_an_error() -> None:
    said: list[str] = []
    with pytest.raises(RuntimeError), ticking(said.append, lambda: "", first_after_s=0.01, every_s=0.01):
        raise RuntimeError
    assert [thread for thread in threading.enumerate() if thread.name == "progress"] == []
