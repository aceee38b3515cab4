"""Where roles without a REST interface answer for Prometheus and for whoever restarts them."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Mapping

import structlog
import uvicorn
from psycopg import Error
from psycopg_pool import PoolTimeout
from uvicorn._types import ASGIReceiveCallable, ASGISendCallable, Scope

from infrastructure.observability.metrics import CONTENT_TYPE, Metrics
from infrastructure.postgres.reads import Reads

OK, NOT_FOUND, UNAVAILABLE = 200, 404, 503
JSON = "application/json"
READY_SECONDS_MAX = 2.0
STOP_SECONDS_MAX = 1

Answer = tuple[int, str, bytes]

_log = structlog.get_logger("operations")


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        """Leave signals to the role."""
        yield


class Listener:
    """Answers `/metrics`, `/health/live` and `/health/ready`; ready is who reaches the database."""

    def __init__(self, metrics: Metrics, reads: Reads) -> None:
        self._metrics = metrics
        self._reads = reads
        self._answers: Mapping[str, Callable[[], Awaitable[Answer]]] = {
            "/metrics": self._scraped,
            "/health/live": self._live,
            "/health/ready": self._ready,
        }

    @contextlib.asynccontextmanager
    async def running(self, host: str, port: int) -> AsyncGenerator[int | None]:
        """Answer meanwhile; gives the port. A port that is taken keeps no role from its work."""
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        listener = socket.socket(family)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
        except OSError as taken:
            listener.close()
            _log.error("operations_not_listening", host=host, port=port, error=taken.strerror)
            yield None
            return
        config = uvicorn.Config(
            self,
            lifespan="off",
            access_log=False,
            log_config=None,
            server_header=False,
            timeout_graceful_shutdown=STOP_SECONDS_MAX,
        )
        server = _Server(config)
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            yield listener.getsockname()[1]
        finally:
            server.should_exit = True
            await asyncio.gather(serving, return_exceptions=True)

    async def __call__(
        self, scope: Scope, _receive: ASGIReceiveCallable, send: ASGISendCallable
    ) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        look = self._answers.get(scope["path"], self._nothing)
        status, media_type, body = await look()
        headers = [
            (b"content-type", media_type.encode()),
            (b"content-length", b"%d" % len(body)),
            (b"cache-control", b"no-store"),
        ]
        await send(
            {
                "type": "http.response.start",
                "status": status,
                "headers": headers,
                "trailers": False,
            }
        )
        await send({"type": "http.response.body", "body": body, "more_body": False})

    async def _scraped(self) -> Answer:
        return OK, CONTENT_TYPE, self._metrics.text()

    async def _live(self) -> Answer:
        return OK, JSON, b'{"status":"ok"}'

    async def _ready(self) -> Answer:
        try:
            async with asyncio.timeout(READY_SECONDS_MAX), self._reads.lookup() as connection:
                await connection.execute(b"SELECT 1")
        except (Error, OSError, PoolTimeout, TimeoutError):
            return UNAVAILABLE, JSON, b'{"status":"down","part":"database"}'
        return OK, JSON, b'{"status":"ok"}'

    async def _nothing(self) -> Answer:
        return NOT_FOUND, JSON, b'{"status":"not_found"}'
