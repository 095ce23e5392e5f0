"""The stand-in in a thread, which starts in no time, and boto3 clients for it."""

import asyncio
import queue
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import boto3
import pytest
from aiohttp import web
from botocore.config import Config

from rewardctl.emulate.server import Server, serve
from rewardctl.emulate.service import Answer
from rewardctl.emulate.settings import EmulatorSettings

Serve = Callable[..., str]
Connect = Callable[..., Any]
Held = Callable[[int], None]


@contextmanager
def _served(settings: EmulatorSettings) -> Iterator[str]:
    urls: queue.Queue[str] = queue.Queue()
    started: queue.Queue[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = queue.Queue()

    async def main() -> None:
        stop = asyncio.Event()
        started.put((asyncio.get_running_loop(), stop))
        await serve(settings, stop, urls.put)

    thread = threading.Thread(target=lambda: asyncio.run(main()))
    thread.start()
    loop, stop = started.get(timeout=10)
    try:
        yield urls.get(timeout=10)
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(timeout=10)
        assert not thread.is_alive()


@pytest.fixture
def serving() -> Iterator[Serve]:
    """``serving(throttle=1.0)`` starts a stand-in with these settings and gives its URL."""
    with ExitStack() as stack:
        yield lambda **settings: stack.enter_context(_served(EmulatorSettings(**settings)))


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Held:
    """``held(8)`` lets the stand-in of this test answer no call before it has decided eight.

    So they are in flight together, however far apart they begin on a busy machine.
    """

    def hold(calls: int) -> None:
        decide, decided, all_decided = Server._answer, [], asyncio.Event()

        async def answer_late(server: Server, request: web.BaseRequest, model_id: str) -> Answer:
            answer = await decide(server, request, model_id)
            decided.append(answer)
            if len(decided) == calls:
                all_decided.set()
            await all_decided.wait()
            return answer

        monkeypatch.setattr(Server, "_answer", answer_late)

    return hold


@pytest.fixture(scope="session")
def session() -> boto3.Session:
    """One session: reading the service's model takes a while."""
    return boto3.Session(aws_access_key_id="a", aws_secret_access_key="b", region_name="us-east-1")


@pytest.fixture
def connect(session: boto3.Session) -> Iterator[Connect]:
    """``connect(url)`` gives a Bedrock Runtime client that makes one attempt."""
    with ExitStack() as stack:

        def client(url: str, **config: Any) -> Any:
            settings = Config(**{"retries": {"total_max_attempts": 1}, "read_timeout": 5, **config})
            made = session.client("bedrock-runtime", endpoint_url=url, config=settings)
            stack.callback(made.close)
            return made

        yield client
