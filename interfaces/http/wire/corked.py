"""uvicorn's protocol with limits to a request's head, whose answers go out in one piece.

uvicorn writes head and body one after the other, and uvloop sends each at once: two system calls,
and a client that wakes up twice. Here what is written is sent when the event loop comes round. An
ordinary answer does not even take uvicorn's way: it is known whole, and is written at once.
"""

import asyncio
from collections.abc import Iterable
from functools import partial
from typing import Any

from uvicorn.protocols.http.httptools_impl import (
    HEADER_VALUE_RE,
    STATUS_LINE,
    HttpToolsProtocol,
    RequestResponseCycle,
)

from interfaces.http.edge.exchange import WHOLE
from interfaces.http.edge.security_headers import GUARDS, Headers, lines_of
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

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:  # noqa: ANN401 - as uvicorn has it
        """Let a request be answered whole."""
        cycle.scope[WHOLE] = partial(_answer_whole, cycle)  # type: ignore[literal-required] - ours
        super()._start_asgi_task(cycle, app)

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no HTTP, as a problem like any other."""
        problem = Problem(400, "request.malformed", msg).body("")
        headers = (
            (b"content-type", MEDIA_TYPE),
            (b"content-length", b"%d" % len(problem)),
            (b"connection", b"close"),
            *GUARDS.plain,
        )
        lines = lines_of(headers)
        self.transport.write(b"%b%b\r\n%b" % (STATUS_LINE[400], lines, problem))
        self.transport.close()


def _answer_whole(
    cycle: RequestResponseCycle, status: int, headers: Headers, lines: bytes, body: bytes
) -> bool:
    """Write an answer at once, unless something about it or its connection is unusual."""
    if (
        cycle.response_started
        or cycle.disconnected
        or not cycle.keep_alive
        or cycle.flow.write_paused
        or cycle.scope["method"] == "HEAD"
        or HEADER_VALUE_RE.search(b"".join([value for _, value in headers]))
    ):
        return False
    cycle.response_started = cycle.response_complete = True
    cycle.waiting_for_100_continue = False
    every = (*cycle.default_headers, *headers)
    cycle.transport.writelines((STATUS_LINE[status], lines_of(every), lines, b"\r\n", body))
    cycle.message_event.set()
    cycle.on_response()
    return True


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

    def writelines(self, parts: Iterable[bytes]) -> None:
        """Send at once, after what waits."""
        self._flush()
        self._transport.write(b"".join(parts))

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
