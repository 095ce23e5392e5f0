"""Bad contents, bad connections and slow answers."""

import socket
from urllib.parse import urlsplit

import pytest
from botocore.exceptions import ConnectionClosedError

from rewardctl.emulate import Emulator
from rewardctl.emulate.server import DRIPS
from rewardctl.emulate.service import Service
from rewardctl.emulate.settings import EmulatorSettings, EmulatorSettingsError
from tests.emulate.conftest import Connect, Serve
from tests.emulate.material import body, converse_request
from tests.emulate.test_converse import post, stats
from tests.emulate.test_limits import Clock


def test_a_poisoned_content_fails_at_every_attempt_and_no_other_does() -> None:
    service = Service(EmulatorSettings(poison='say "zzpoison"'), Clock())
    poisoned, healthy = (body(system=[{"text": f'They {word} "zzpoison".'}]) for word in ("say", "said"))
    answers = [service.answer("m", content) for content in (poisoned, healthy, poisoned, poisoned)]
    assert [answer.outcome for answer in answers] == ["poisoned", "served", "poisoned", "poisoned"]
    assert {answers[n].status for n in (0, 2, 3)} == {500}


def test_a_poison_is_a_text() -> None:
    with pytest.raises(EmulatorSettingsError, match="poison is 3: allowed is a text"):
        EmulatorSettings.from_dict({"poison": 3})


def test_a_stale_connection_is_reset_once_and_new_ones_are_served(serving: Serve, connect: Connect) -> None:
    url = serving()
    client = connect(url)
    client.converse(**converse_request())
    assert post(url, "/__stale", b"")[0] == 200
    with pytest.raises(ConnectionClosedError):
        client.converse(**converse_request())
    client.converse(**converse_request())
    client.converse(**converse_request())
    assert stats(url)["outcomes"] == {"served": 3, "stale": 1}


def test_the_process_declares_its_connections_stale(connect: Connect) -> None:
    with Emulator() as emulator:
        client = connect(emulator.url)
        client.converse(**converse_request())
        emulator.make_stale()
        with pytest.raises(ConnectionClosedError):
            client.converse(**converse_request())


def test_a_dripping_answer_is_whole_in_the_end(serving: Serve, connect: Connect) -> None:
    url = serving(drip=1.0, drip_s=0.05)
    reply = connect(url).converse(**converse_request())
    assert reply["stopReason"] == "tool_use"
    assert stats(url)["outcomes"] == {"drip": 1}


def test_a_dripping_answer_comes_in_many_parts(serving: Serve) -> None:
    """No more than the first part comes before the first pause, which lasts five seconds."""
    content = body()
    address = urlsplit(serving(drip=1.0, drip_s=600))
    with socket.create_connection((address.hostname, address.port or 0), timeout=10) as connection:
        head = f"POST /model/m/converse HTTP/1.1\r\nHost: x\r\nContent-Length: {len(content)}\r\n\r\n"
        connection.sendall(head.encode() + content)
        received = b""
        while b"\r\n\r\n" not in received or received.endswith(b"\r\n\r\n"):
            received += connection.recv(65_536)
    headers, _, part = received.partition(b"\r\n\r\n")
    length = int(
        next(line for line in headers.split(b"\r\n") if line.lower().startswith(b"content-length")).split()[1]
    )
    assert 0 < len(part) <= -(-length // DRIPS)
