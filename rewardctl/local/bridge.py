"""Forward connections of containers to a server on this machine's loopback.

The forwarder listens on the address of the engine's bridge, which only containers and this machine can reach.
"""

import socket
import socketserver
import threading
from contextlib import suppress
from typing import Self
from urllib.parse import urlsplit

CHUNK_BYTES = 65_536
CONNECT_WITHIN_S = 5.0


class _Pipe(socketserver.BaseRequestHandler):
    server: "_Listener"

    def handle(self) -> None:
        with suppress(OSError), socket.create_connection(self.server.target, CONNECT_WITHIN_S) as upstream:
            upstream.settimeout(None)
            back = threading.Thread(target=_copy, args=(upstream, self.request), daemon=True)
            back.start()
            _copy(self.request, upstream)
            back.join()


class _Listener(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 256

    def __init__(self, address: str, target: tuple[str, int]) -> None:
        self.target = target
        super().__init__((address, 0), _Pipe)


class Bridge:
    """`with Bridge(url, address) as bridge:` forwards connections from `bridge.url` to `url`.

    Raises OSError if this machine does not have `address`.
    """

    def __init__(self, url: str, address: str) -> None:
        parts = urlsplit(url)
        self._listener = _Listener(address, (parts.hostname or "", parts.port or 80))
        self._thread = threading.Thread(target=self._listener.serve_forever, args=(0.05,), daemon=True)
        self.url = f"http://{address}:{self._listener.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._listener.shutdown()
        self._listener.server_close()
        self._thread.join(CONNECT_WITHIN_S)


def _copy(source: socket.socket, to: socket.socket) -> None:
    """Copy until the source ends, then end the other side."""
    with suppress(OSError):
        while data := source.recv(CHUNK_BYTES):
            to.sendall(data)
    with suppress(OSError):
        to.shutdown(socket.SHUT_WR)
