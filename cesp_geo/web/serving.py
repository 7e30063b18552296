"""The server: what it waits for, and for how long."""

import asyncio
import socket

import h11
import uvicorn
from fastapi import FastAPI
from uvicorn.protocols.http.h11_impl import H11Protocol

from cesp_geo.web.guard import SECONDS

HEADERS_SECONDS = 10
"""The longest that a client may take to send the head of a request."""


class Protocol(H11Protocol):
    """HTTP that closes a connection on which the head of a request does not come to its end."""

    _stalled: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for the first request."""
        super().connection_made(transport)
        self._wait()

    def data_received(self, data: bytes) -> None:
        """Wait for the rest of a head, from its first byte."""
        super().data_received(data)
        if self.conn.their_state is not h11.IDLE:
            self._arrived()
        elif self._stalled is None:
            self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no more."""
        self._arrived()
        super().connection_lost(exc)

    def send_400_response(self, msg: str) -> None:
        """Refuse in French what is no HTTP; what uvicorn says of it is in English."""
        del msg
        said = "Requête illisible : ce n'est pas du HTTP, ou ses en-têtes sont trop longs.".encode()
        headers = [
            ("content-type", "text/plain; charset=utf-8"),
            ("content-length", str(len(said))),
            ("connection", "close"),
        ]
        for event in (
            h11.Response(status_code=400, headers=headers, reason=b"Bad Request"),
            h11.Data(data=said),
            h11.EndOfMessage(),
        ):
            self.transport.write(self.conn.send(event) or b"")
        self.transport.close()

    def _wait(self) -> None:
        self._stalled = self.loop.call_later(HEADERS_SECONDS, self.transport.close)

    def _arrived(self) -> None:
        if self._stalled is not None:
            self._stalled.cancel()
            self._stalled = None


def listen(host: str, port: int) -> socket.socket:
    """Open the socket; short answers leave at once (TCP_NODELAY, which connections inherit).

    Raises
    ------
    OSError
    """
    family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
    opened = socket.create_server((host, port), family=family, backlog=2048)
    opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return opened


def server(app: FastAPI) -> uvicorn.Server:
    """Give the server of an application: it ends once what is in flight is answered."""
    return uvicorn.Server(
        uvicorn.Config(
            app,
            http=Protocol,
            access_log=False,
            log_level="warning",
            server_header=False,
            timeout_keep_alive=15,
            timeout_graceful_shutdown=SECONDS + 5,
            h11_max_incomplete_event_size=32_768,
        )
    )
