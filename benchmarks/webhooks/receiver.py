"""A receiver that does nothing but count: `python -m benchmarks.webhooks.receiver PORT`."""

import asyncio
import json
import sys
import time

import uvloop

NO_CONTENT = b"HTTP/1.1 204 No Content\r\n\r\n"


class Counting:
    def __init__(self) -> None:
        self.count = 0
        self.first = self.last = 0.0

    def one_more(self) -> None:
        self.last = time.monotonic()
        self.first = self.first or self.last
        self.count += 1

    def told(self) -> bytes:
        body = json.dumps({"count": self.count, "first": self.first, "last": self.last}).encode()
        return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body


class Requests(asyncio.Protocol):
    def __init__(self, counting: Counting) -> None:
        self._counting = counting
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: asyncio.Transport = transport  # type: ignore[assignment] - of a socket

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while (end := self._buffer.find(b"\r\n\r\n")) >= 0:
            head = self._buffer[:end].lower()
            _, _, length = head.partition(b"content-length: ")
            size = int(length.partition(b"\r\n")[0] or 0)
            if len(self._buffer) < end + 4 + size:
                return
            self._buffer = self._buffer[end + 4 + size :]
            if head.startswith(b"post"):
                self._counting.one_more()
                self._transport.write(NO_CONTENT)
            else:
                self._transport.write(self._counting.told())


async def serve(port: int) -> None:
    counting = Counting()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Requests(counting), "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(serve(int(sys.argv[1])))
