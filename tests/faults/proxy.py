"""A TCP proxy in front of PostgreSQL that loses, delays or swallows what it is told to."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from urllib.parse import urlsplit, urlunsplit

CHUNK_BYTES = 65_536
COMMIT = b"COMMIT\x00"
PARSE_COMMIT = b"P\x00\x00\x00\x0e\x00COMMIT\x00"
PARSE_ROLLBACK = b"P\x00\x00\x00\x10\x00ROLLBACK\x00"


class Proxy:
    """Passes everything on until it is told otherwise."""

    def __init__(self, host: str, port: int) -> None:
        self._host, self._port = host, port
        self._server: asyncio.Server | None = None
        self._writers: list[asyncio.StreamWriter] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self.lose_answers = 0
        """How many COMMITs still reach the server and lose their answer with the connection."""
        self.lose_commits = 0
        """How many COMMITs are still lost with the connection before they reach the server."""
        self.turn_commits = 0
        """How many COMMITs are still turned into a ROLLBACK, which succeeds and says so."""
        self.swallow = False
        """Whether all that comes is taken and nothing is passed on: a black hole."""
        self.connections = 0
        self.lost = 0

    async def start(self) -> int:
        """Listen on a free port of the loopback, and give it."""
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        return self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Hang up on everyone."""
        assert self._server is not None
        self._server.close()
        self.cut_all()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def cut_all(self) -> None:
        """Break every connection."""
        for writer in self._writers:
            writer.transport.abort()
        self._writers.clear()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        there, to_server = await asyncio.open_connection(self._host, self._port)
        self._writers += [writer, to_server]
        deaf = asyncio.Event()
        for coming, going, upstream in ((reader, to_server, True), (there, writer, False)):
            task = asyncio.create_task(self._pass_on(coming, going, deaf, upstream=upstream))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _pass_on(
        self,
        coming: asyncio.StreamReader,
        going: asyncio.StreamWriter,
        deaf: asyncio.Event,
        *,
        upstream: bool,
    ) -> None:
        with suppress(OSError):
            while data := await coming.read(CHUNK_BYTES):
                if self.swallow:
                    continue
                if upstream and self.turn_commits and PARSE_COMMIT in data:
                    self.turn_commits -= 1
                    self.lost += 1
                    data = data.replace(PARSE_COMMIT, PARSE_ROLLBACK)
                if upstream and COMMIT in data:
                    if self.lose_commits:
                        self.lose_commits -= 1
                        self.lost += 1
                        break
                    if self.lose_answers:
                        self.lose_answers -= 1
                        self.lost += 1
                        deaf.set()
                if not upstream and deaf.is_set():
                    break  # the server has answered the COMMIT: it counted, and nobody hears of it
                going.write(data)
                await going.drain()
        going.transport.abort()


@asynccontextmanager
async def proxied(database_url: str) -> AsyncGenerator[tuple[Proxy, str]]:
    """Put a proxy before a database, and give the address through it: with no patience of tests."""
    parts = urlsplit(database_url)
    proxy = Proxy(parts.hostname or "127.0.0.1", parts.port or 5432)
    port = await proxy.start()
    credentials = parts.netloc.rpartition("@")[0]
    netloc = f"{credentials}@127.0.0.1:{port}" if credentials else f"127.0.0.1:{port}"
    try:
        yield proxy, urlunsplit(parts._replace(netloc=netloc, query=""))
    finally:
        await proxy.stop()
