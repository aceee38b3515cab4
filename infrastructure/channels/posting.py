"""POST to whom a tenant named, and to nobody else.

A host is resolved once for a connection, all its addresses are judged, and the connection goes to
one of them: a second look-up could answer otherwise (DNS rebinding). TLS and the Host header keep
the name. Redirects are not followed, and of an answer only the status counts.
"""

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from ipaddress import ip_address
from typing import NamedTuple, cast
from urllib.parse import urlsplit

from httptools import HttpParserError, HttpResponseParser

from domain.channels.addresses import is_public

DELIVERY_SECONDS_MAX = 10.0
CONNECT_SECONDS_MAX = 3.0
ADDRESSES_TRIED_MAX = 4
ANSWER_BYTES_MAX = 16 * 1024
IDLE_SECONDS_MAX = 4.0
IDLE_PER_TARGET_MAX = 50
RESOLVERS_MAX = 32
"""A host whose name servers hang keeps one thread busy; the others resolve on."""

SUCCESS_MIN = 200
DEFAULT_PORTS: Mapping[str, int] = {"https": 443, "http": 80}


class NotDelivered(Exception):
    """There was no answer; the text says why and holds nothing that the receiver said."""


class Network:
    """The way out: look names up, and open connections to addresses. Tests bring their own."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self._tls = tls or ssl.create_default_context()
        self._threads = ThreadPoolExecutor(RESOLVERS_MAX, thread_name_prefix="resolve")

    async def resolve(self, host: str, port: int) -> Sequence[str]:
        """Give all addresses of a host, the best one first."""
        found = await asyncio.get_running_loop().run_in_executor(
            self._threads, lambda: socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        )
        return [str(address[0]) for *_, address in found]

    async def dial(
        self, address: str, port: int, make: Callable[[], "Connection"], *, tls_name: str | None
    ) -> "Connection":
        """Connect to an address; with `tls_name` the other side proves to be that."""
        _, connection = await asyncio.get_running_loop().create_connection(
            make,
            address,
            port,
            ssl=self._tls if tls_name is not None else None,
            server_hostname=tls_name,
        )
        return connection


class Target(NamedTuple):
    """Whom connections lead to. Those that may lead inside are never lent to others."""

    scheme: str
    host: str
    port: int
    inside: bool


class Poster:
    """Sends requests over connections that it keeps for a while."""

    def __init__(self, network: Network | None = None) -> None:
        self._network = network or Network()
        self._idle: dict[Target, list[Connection]] = {}

    async def post(self, url: str, headers: Mapping[str, str], body: bytes, *, inside: bool) -> int:
        """Send a body and give the status of the answer; raises `NotDelivered`.

        Unless `inside` is allowed, all addresses of the host have to be public.
        """
        parts = urlsplit(url)
        host = parts.hostname or ""
        target = Target(parts.scheme, host, parts.port or DEFAULT_PORTS[parts.scheme], inside)
        path = f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}"
        given = {"Host": parts.netloc, **headers, "Content-Length": str(len(body))}
        lines = "".join(f"{name}: {value}\r\n" for name, value in given.items())
        request = f"POST {path} HTTP/1.1\r\n{lines}\r\n".encode("ascii") + body
        try:
            async with asyncio.timeout(DELIVERY_SECONDS_MAX):
                return await self._exchange(target, request)
        except TimeoutError as late:
            raise NotDelivered(f"no answer within {DELIVERY_SECONDS_MAX:.0f} s") from late
        except HttpParserError as wrong:
            raise NotDelivered("the answer is no HTTP") from wrong
        except OSError as fault:
            raise NotDelivered(type(fault).__name__) from fault

    async def close(self) -> None:
        """Close what is kept open."""
        for connections in self._idle.values():
            for connection in [*connections]:
                connection.close()
        self._idle.clear()

    async def _exchange(self, target: Target, request: bytes) -> int:
        kept = self._idle.get(target)
        while kept:
            connection = kept.pop()
            try:
                return await self._ask(target, connection, request)
            except ConnectionError:
                # It was closed at the other end while nobody looked; receivers know duplicates.
                continue
        return await self._ask(target, await self._connect(target), request)

    async def _ask(self, target: Target, connection: "Connection", request: bytes) -> int:
        status = 0
        try:
            status = await connection.ask(request)
        finally:
            kept = self._idle.setdefault(target, [])
            if status and connection.reusable and len(kept) < IDLE_PER_TARGET_MAX:
                kept.append(connection)
                connection.rest(lambda: self._forget(target, connection))
            else:
                connection.close()
                self._forget(target, connection)
        return status

    def _forget(self, target: Target, connection: "Connection") -> None:
        kept = self._idle.get(target, [])
        if connection in kept:
            kept.remove(connection)
        if not kept:
            self._idle.pop(target, None)

    async def _connect(self, target: Target) -> "Connection":
        try:
            addresses = await self._network.resolve(target.host, target.port)
        except (socket.gaierror, UnicodeError) as unknown:
            raise NotDelivered("the host has no address") from unknown
        if not target.inside and not all(is_public(ip_address(one)) for one in addresses):
            raise NotDelivered("the host leads to an address that is not public")
        tls_name = target.host if target.scheme == "https" else None
        failed: Exception = NotDelivered("the host has no address")
        for address in list(dict.fromkeys(addresses))[:ADDRESSES_TRIED_MAX]:
            try:
                async with asyncio.timeout(CONNECT_SECONDS_MAX):
                    return await self._network.dial(
                        address, target.port, Connection, tls_name=tls_name
                    )
            except TimeoutError:
                failed = NotDelivered(f"no connection within {CONNECT_SECONDS_MAX:.0f} s")
            except OSError as fault:
                failed = fault
        raise failed


class Connection(asyncio.Protocol):
    """One connection: a request at a time, and of its answer the status."""

    def __init__(self) -> None:
        self.reusable = False
        self._answer: asyncio.Future[int] | None = None
        self._closed: Callable[[], None] | None = None
        self._resting: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way to the other side."""
        self._transport = cast("asyncio.Transport", transport)

    def ask(self, request: bytes) -> Awaitable[int]:
        """Send a request; the status comes once the answer is read, or is too long to be."""
        if self._resting is not None:
            self._resting.cancel()
        self._closed, self.reusable = None, False
        self._bytes = self._status = 0
        self._parser = HttpResponseParser(self)
        self._answer = asyncio.get_running_loop().create_future()
        if self._transport.is_closing():
            self._answer.set_exception(ConnectionResetError())
        else:
            self._transport.write(request)
        return self._answer

    def rest(self, closed: Callable[[], None]) -> None:
        """Be idle for a while; `closed` is called when that ends in being closed."""
        self._closed = closed
        loop = asyncio.get_running_loop()
        self._resting = loop.call_later(IDLE_SECONDS_MAX, self.close)

    def close(self) -> None:
        """Cut the connection."""
        if self._resting is not None:
            self._resting.cancel()
        self._transport.abort()

    def data_received(self, data: bytes) -> None:
        """Read on; what nobody asked for ends the connection."""
        if self._answer is None or self._answer.done():
            self._transport.abort()
            return
        self._bytes += len(data)
        try:
            self._parser.feed_data(data)
        except HttpParserError as wrong:
            self._end(wrong)
        if self._bytes > ANSWER_BYTES_MAX:
            self._end(HttpParserError("the answer's head is too long"))

    def on_headers_complete(self) -> None:
        """Know the status, unless an interim one (1xx) came before it."""
        status = self._parser.get_status_code()
        self._status = status if status >= SUCCESS_MIN else 0

    def on_message_complete(self) -> None:
        """Be ready for another request."""
        if self._status:
            self.reusable = self._parser.should_keep_alive()
            self._end()

    def connection_lost(self, exc: Exception | None) -> None:
        """End what is under way; a body may end with the connection."""
        self.reusable = False
        self._end(exc or ConnectionResetError())
        if self._closed is not None:
            self._closed()

    def _end(self, fault: Exception | None = None) -> None:
        if self._answer is None or self._answer.done():
            return
        if self._status:
            self._answer.set_result(self._status)
        else:
            self._answer.set_exception(fault or ConnectionResetError())
