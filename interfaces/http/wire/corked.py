"""uvicorn's protocol with limits to a request's head, whose answers go out in one piece.

uvicorn writes them one after the other, and uvloop sends each at once: two system calls, and a
client that wakes up twice. Here what is written is sent when the event loop comes round.
"""

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from interfaces.http.edge.security_headers import GUARDS
from interfaces.http.wire.problems import MEDIA_TYPE, Problem

UNFINISHED_HEAD_BYTES_MAX = 65_536


class CorkedProtocol(HttpToolsProtocol):
    """What `uvicorn.Config(http=…)` takes."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] - as uvicorn has it
        """Begin a connection."""
        super().connection_made(_Corked(transport, self.loop))  # type: ignore[arg-type] - all that uvicorn uses of one
        self._head_bytes = 0

    def data_received(self, data: bytes) -> None:
        """Read on, but not for ever: the parser would keep a head of any length."""
        super().data_received(data)
        if getattr(self.cycle, "scope", None) is self.scope:
            # Its head came whole; the gate judges it.
            self._head_bytes = 0
            return
        self._head_bytes += len(data)
        if self._head_bytes > UNFINISHED_HEAD_BYTES_MAX and not self.transport.is_closing():
            self.send_400_response("The head of the request is too long.")

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no HTTP, as a problem like any other."""
        problem = Problem(400, "request.malformed", msg).body("")
        headers = (
            (b"content-type", MEDIA_TYPE),
            (b"content-length", b"%d" % len(problem)),
            (b"connection", b"close"),
            *GUARDS.plain,
        )
        lines = b"".join(b"%b: %b\r\n" % header for header in headers)
        self.transport.write(b"HTTP/1.1 400 Bad Request\r\n%b\r\n%b" % (lines, problem))
        self.transport.close()


class _Corked:
    """A transport whose writes wait for one another until the event loop comes round."""

    __slots__ = ("_loop", "_transport", "_waiting", "pause_reading", "resume_reading")

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._waiting: list[bytes] = []
        self.pause_reading = transport.pause_reading
        self.resume_reading = transport.resume_reading

    def write(self, data: bytes) -> None:
        """Send a little later."""
        if not self._waiting:
            self._loop.call_soon(self._flush)
        self._waiting.append(data)

    def close(self) -> None:
        """Send what waits, and close."""
        self._flush()
        self._transport.close()

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever else a transport has
        return getattr(self._transport, name)

    def _flush(self) -> None:
        if self._waiting:
            data = b"".join(self._waiting)
            self._waiting.clear()
            self._transport.write(data)
