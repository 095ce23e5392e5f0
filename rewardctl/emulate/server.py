"""The HTTP server: routes, body sizes, delays, connections, and a shutdown that waits for no call."""

import asyncio
import json
import math
import socket
import struct
import uuid
import weakref
from collections.abc import Callable
from urllib.parse import unquote

from aiohttp import web

from rewardctl.emulate import wire
from rewardctl.emulate.judge import NOTICE
from rewardctl.emulate.service import Answer, Service, error_answer
from rewardctl.emulate.settings import EmulatorSettings, Fault
from rewardctl.emulate.stats import Counts

HOST = "127.0.0.1"
MAX_BODY_BYTES = 25 * 1024 * 1024
MAX_BODY_BYTES_AT_ONCE = 256 * 1024 * 1024
MAX_CONNECTIONS = 4096
BACKLOG = 1024
KEEPALIVE_S = 300.0
STOP_WITHIN_S = 0.1
TOO_MANY_REQUESTS = 429
DRIPS = 120
"""The number of parts of a dripping answer: by default one a second, so that no read time-out fires."""

_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


class _Refused(asyncio.Protocol):
    """Closes a connection beyond MAX_CONNECTIONS."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        transport.close()


class Server:
    """Serves one :class:`Service` on the running event loop."""

    def __init__(self, settings: EmulatorSettings) -> None:
        self._loop = asyncio.get_running_loop()
        self._service = Service(settings, self._loop.time)
        self._counts = Counts()
        self._body_bytes = 0
        self._retry_after_s = settings.retry_after_s
        self._used = weakref.WeakSet[asyncio.Transport]()
        self._stale = weakref.WeakSet[asyncio.Transport]()
        self._web = web.Server(
            self._handle,
            handler_cancellation=True,
            access_log=None,
            keepalive_timeout=KEEPALIVE_S,
            lingering_time=2.0,
        )

    def accept(self) -> asyncio.BaseProtocol:
        """The protocol of a new connection."""
        return _Refused() if len(self._web.connections) >= MAX_CONNECTIONS else self._web()

    async def stop(self) -> None:
        """Close all connections; calls still in flight are cut off."""
        self._web.pre_shutdown()
        await self._web.shutdown(STOP_WITHIN_S)

    def stats(self) -> dict[str, object]:
        """The counts so far."""
        return self._counts.snapshot(self._service.attempts.distinct)

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        path = request.raw_path.partition("?")[0]
        match (request.method, *path.split("/")):
            case ("POST", "", "model", model_id, "converse") if model_id:
                return await self._converse(request, unquote(model_id))
            case ("GET", "", "__stats"):
                return _json(json.dumps(self.stats()).encode())
            case ("POST", "", "__reset"):
                self._service.reset()
                self._counts.reset()
                return _json(b"{}")
            case ("POST", "", "__stale"):
                self._stale |= self._used
                return _json(b"{}")
        return self._response(error_answer("", wire.UNKNOWN_ROUTE))

    async def _converse(self, request: web.BaseRequest, model_id: str) -> web.StreamResponse:
        arrived_s = self._loop.time()
        with self._counts.call(model_id):
            try:
                answer = await self._answer(request, model_id)
                await asyncio.sleep(max(0.0, arrived_s + answer.delay_s - self._loop.time()))
            except asyncio.CancelledError:
                self._counts.outcomes["abandoned"] += 1
                raise
            self._service.end(answer)
            cached = (answer.cache_read_tokens, answer.cache_write_tokens)
            self._counts.end(answer.outcome, answer.input_tokens, answer.output_tokens, cached)
            if answer.silence is Fault.RESET:
                _reset(request.transport)
            if answer.silence:
                await self._loop.create_future()
        return await self._dripped(request, answer) if answer.drip_s else self._response(answer)

    async def _answer(self, request: web.BaseRequest, model_id: str) -> Answer:
        """Read the body within its limits and decide the call.

        The calls that arrived in the same pass of the event loop are counted first.
        """
        size = request.content_length
        if size is None:
            return error_answer("invalid", wire.LENGTH_REQUIRED)
        if size > MAX_BODY_BYTES:
            return error_answer("invalid", wire.TOO_LARGE)
        if self._body_bytes + size > MAX_BODY_BYTES_AT_ONCE:
            return error_answer("busy", wire.BUSY)
        self._body_bytes += size
        try:
            body = await request.content.read()  # request.read() would keep a copy while the call waits
            await asyncio.sleep(0)
            if self._is_stale(request.transport):
                return Answer("stale", silence=Fault.RESET)
            return self._service.answer(model_id, body)
        finally:
            self._body_bytes -= size

    def _is_stale(self, transport: asyncio.Transport | None) -> bool:
        """Whether a connection was declared stale. Records that it is in use."""
        if transport is None:
            return False
        self._used.add(transport)
        return transport in self._stale

    def _response(self, answer: Answer) -> web.Response:
        return web.Response(status=answer.status, body=answer.body, headers=self._headers(answer))

    def _headers(self, answer: Answer) -> dict[str, str]:
        headers = {
            "Content-Type": "application/json",
            "x-amzn-RequestId": str(uuid.uuid4()),
            "x-rewardctl-judge": NOTICE,
        }
        if answer.error_code:
            headers["x-amzn-ErrorType"] = answer.error_code
        if answer.status == TOO_MANY_REQUESTS and self._retry_after_s:
            headers["Retry-After"] = f"{self._retry_after_s:g}"
        return headers

    async def _dripped(self, request: web.BaseRequest, answer: Answer) -> web.StreamResponse:
        """Send the body in DRIPS parts, spread evenly over the answer's ``drip_s``."""
        response = web.StreamResponse(status=answer.status, headers=self._headers(answer))
        response.content_length = len(answer.body)
        await response.prepare(request)
        part = math.ceil(len(answer.body) / DRIPS)
        for at in range(0, len(answer.body), part):
            await response.write(answer.body[at : at + part])
            await asyncio.sleep(answer.drip_s / DRIPS)
        return response


async def serve(
    settings: EmulatorSettings, stop: asyncio.Event, on_ready: Callable[[str], None]
) -> dict[str, object]:
    """Serve until ``stop`` is set; ``on_ready`` gets the URL. Returns the stats at the end.

    Raises OSError if the port is not available.
    """
    server = Server(settings)
    listener = await asyncio.get_running_loop().create_server(
        server.accept, HOST, settings.port, backlog=BACKLOG
    )
    try:
        on_ready(f"http://{HOST}:{listener.sockets[0].getsockname()[1]}")
        await stop.wait()
    finally:
        listener.close()
        await server.stop()
    return server.stats()


def _json(body: bytes) -> web.Response:
    return web.Response(body=body, content_type="application/json")


def _reset(transport: asyncio.Transport | None) -> None:
    """Close a connection with a TCP reset."""
    if transport is None:
        return
    connection: socket.socket | None = transport.get_extra_info("socket")
    if connection is not None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
    transport.abort()
