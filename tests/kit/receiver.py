"""A receiver of webhooks on a real socket, as a customer would run one, with faults to choose."""

import asyncio
import ssl
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from standardwebhooks import Webhook

HANG = b""
"""Says nothing and keeps the connection."""

CLOSE = b"close"
"""Closes the connection without a word."""

OK = b"HTTP/1.1 204 No Content\r\n\r\n"


def answered(status: int, *headers: str, body: bytes = b"") -> bytes:
    """Write an answer down."""
    lines = "".join(f"{header}\r\n" for header in (*headers, f"Content-Length: {len(body)}"))
    return f"HTTP/1.1 {status} Said\r\n{lines}\r\n".encode() + body


@dataclass(frozen=True)
class Received:
    """One request."""

    path: str
    headers: dict[str, str]
    body: bytes
    method: str = "POST"

    def verified(self, secret: str) -> Any:  # noqa: ANN401 - JSON
        """Check the signature as a receiver does, and give what was sent."""
        return Webhook(secret).verify(self.body, self.headers)


class Receiver:
    """Notes every request, and answers as it is told."""

    def __init__(self, port: int, scheme: str = "http") -> None:
        self.port = port
        self.url = f"{scheme}://127.0.0.1:{port}/hook"
        self.received: list[Received] = []
        self.connections = self.open = 0
        self.answer: Callable[[Received], bytes] = lambda _request: OK

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one request after the other."""
        self.connections += 1
        self.open += 1
        try:
            while True:
                request = await self._read(reader)
                said = self.answer(request)
                if said == CLOSE:
                    return
                writer.write(said)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            return
        finally:
            self.open -= 1
            writer.close()

    async def _read(self, reader: asyncio.StreamReader) -> Received:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        first, *lines = head.split("\r\n")[:-2]
        headers = {name.lower(): text for name, text in (line.split(": ", 1) for line in lines)}
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        method, path, _ = first.split(" ")
        self.received.append(Received(path, headers, body, method))
        return self.received[-1]


@asynccontextmanager
async def receiving(tls: ssl.SSLContext | None = None) -> AsyncGenerator[Receiver]:
    """Run a receiver on loopback."""
    found: list[Receiver] = []
    at_work: set[asyncio.Task[None]] = set()

    def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(found[0].serve(reader, writer))
        at_work.add(task)
        task.add_done_callback(at_work.discard)

    server = await asyncio.start_server(connected, "127.0.0.1", 0, ssl=tls)
    port = server.sockets[0].getsockname()[1]
    found.append(Receiver(port, "https" if tls else "http"))
    try:
        yield found[0]
    finally:
        server.close()
        for task in [*at_work]:
            task.cancel()
        await asyncio.gather(*at_work)
