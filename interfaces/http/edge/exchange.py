"""One request and its answer, from the first byte to the access line."""

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

from starlette.types import Message, Receive, Scope, Send

from application.envelope import Actor
from application.permissions import EVERYTHING, Permission
from application.roles import PERMISSIONS_OF
from application.tenants.tenants import PLATFORM
from domain.identity.roles import BuiltIn
from infrastructure.observability.telemetry.tracing import Span
from interfaces.http.edge.security_headers import GUARDS
from interfaces.http.wire.bodies import Gone
from interfaces.http.wire.problems import MEDIA_TYPE, Problem, unavailable

if TYPE_CHECKING:
    from interfaces.http.parts import Services
    from interfaces.http.routing.route import DefterRoute

Headers = Iterable[tuple[bytes, bytes]]

HTML = b"text/html; charset=utf-8"
NO_CONTENT = 204
NOT_MODIFIED = 304
_WITHOUT_BODY = (NO_CONTENT, NOT_MODIFIED)
_ORDINARY = (200, 201)
WHOLE = "defter.whole"
"""Where the scope holds what writes an ordinary answer at once, or tells that it can not."""
USER_AGENT_BYTES_MAX = 200
NOBODY: frozenset[str] = frozenset()


_AUDITORS = PERMISSIONS_OF[BuiltIn.AUDITOR] | {Permission.PII_READ}
"""What an auditor may do; what stands in personal fields only where that is granted, too."""


class PrincipalKind(Enum):
    """Whether it is known who asks, and for whom they do."""

    ANYBODY = "anybody"
    """The key only names the tenant."""
    CUSTOMER = "customer"
    STAFF = "staff"


@dataclass(frozen=True, slots=True)
class Principal:
    """Who a request comes from, whichever way that was proven; `scopes` hold what they may do."""

    tenant_id: UUID
    slug: str
    test: bool
    actor_id: str
    key_id: str | None
    kind: PrincipalKind
    scopes: frozenset[str]
    session_id: str | None = None
    suspended: bool = False
    """Whether the tenant is."""

    def may(self, permission: Permission) -> bool:
        """Whether the scopes hold a permission; the platform's own is named, and only there."""
        if not permission.of_tenants:
            return permission in self.scopes and self.tenant_id == PLATFORM
        return permission in self.scopes or EVERYTHING in self.scopes

    @property
    def audits(self) -> bool:
        """Whether this is an auditor: sees the audit, and may do nothing but look."""
        return Permission.AUDIT_READ in self.scopes and self.scopes <= _AUDITORS


class Assumed(NamedTuple):
    """That a caller still may what they might when somebody looked.

    A command carries `rights_at`, and the log tells whether it is so. Whatever else is answered
    awaits `confirm` first, unless this request itself looked: it looks how the caller stands now,
    refuses who may it no more, and lets the exchange go on with the rights that it found.
    """

    rights_at: Mapping[str, int]
    confirm: Callable[[], Awaitable[None]]
    looked: bool


class Exchange:
    """What is known of one request, and the way its answer leaves."""

    __slots__ = (
        "_send",
        "assumed",
        "audited",
        "bytes_sent",
        "cache_control",
        "code",
        "correlation_id",
        "cross_origin",
        "guards",
        "headers",
        "limited",
        "method",
        "on_behalf_of",
        "operations",
        "path",
        "path_params",
        "peer",
        "principal",
        "receive",
        "request_id",
        "route",
        "scope",
        "services",
        "shown",
        "span",
        "started",
        "status",
        "tried",
    )

    principal: Principal

    def __init__(self, scope: Scope, receive: Receive, send: Send, services: "Services") -> None:
        self.started = time.perf_counter()
        self.scope = scope
        self.receive = receive
        self._send = send
        self.services = services
        self.method: str = scope["method"]
        self.path: str = scope["path"]
        self.headers: dict[bytes, bytes] = dict(scope["headers"])
        self.path_params: Mapping[str, str] = {}
        self.route: DefterRoute | None = None
        self.operations: frozenset[str] = frozenset()
        """The ids of all that can be asked here."""
        self.request_id = ""
        self.correlation_id = ""
        self.peer = ""
        self.on_behalf_of: str | None = None
        self.assumed: Assumed | None = None
        """What is not known of the caller yet; None where nothing is assumed."""
        self.span: Span | None = None
        self.guards = GUARDS
        self.cache_control: bytes | None = None
        """How long the answer may be kept, and by whom; None is by nobody."""
        self.cross_origin: tuple[tuple[bytes, bytes], ...] = ()
        """What lets a script of another origin read the answer."""
        self.limited: tuple[tuple[bytes, bytes], ...] = ()
        """Each limit that counted this request: its policy, and how much is left of it."""
        self.status = 0
        self.bytes_sent = 0
        self.code = ""
        self.shown = NOBODY
        """Whose sealed data the answer holds open, if staff asked."""
        self.audited: str | None = None
        """What of the audit the answer holds, as an address."""
        self.tried: str | None = None
        """The keyed hash of what somebody could not log in with."""

    @property
    def known(self) -> bool:
        """Whether it is known who asks."""
        return hasattr(self, "principal")

    def actor(self) -> Actor:
        """Say who asks, in the words of the log."""
        principal = self.principal
        agent = self.headers.get(b"user-agent", b"")[:USER_AGENT_BYTES_MAX].decode("latin-1")
        return Actor(
            principal.actor_id,
            principal.key_id,
            self.on_behalf_of,
            f"{self.peer} {agent}",
            principal.session_id,
        )

    async def answer(
        self, status: int, body: bytes, media_type: bytes, headers: Headers = ()
    ) -> None:
        """Send an answer with the headers that every answer has."""
        if self.shown or self.audited is not None:
            await self._note_look()
        self.status = status
        self.bytes_sent = len(body)
        length = (b"content-length", b"%d" % len(body))
        every = self._headers(status, media_type, (length,), headers)
        # It holds the request, which holds it: taken apart, both are freed without the collector.
        whole = self.scope.pop(WHOLE, None)
        ordinary = status in _ORDINARY and media_type != HTML
        kept = self.cache_control is not None
        lines = self.guards.kept_lines if kept else self.guards.plain_lines
        if whole is not None and ordinary and whole(status, every, lines, body):
            return
        await self._begin(media_type, every)
        await self._send({"type": "http.response.body", "body": body})

    async def stream(
        self, parts: AsyncGenerator[bytes], media_type: bytes, headers: Headers = ()
    ) -> None:
        """Send an answer while it is made; where the client leaves, nothing more is made.

        What fails before the first part is still a problem like any other; later the answer is
        broken off, and no client takes that for its end.
        """
        async with aclosing(parts):
            part = await anext(parts, None)
            if self.shown or self.audited is not None:
                await self._note_look()
            self.status = 200
            await self._begin(media_type, self._headers(200, media_type, (), headers))
            leaving = asyncio.create_task(self._left(), name="leaving")
            try:
                while part is not None and self.method != "HEAD":
                    self.bytes_sent += len(part)
                    await self._send(
                        {"type": "http.response.body", "body": part, "more_body": True}
                    )
                    if leaving.done():
                        raise Gone
                    part = await anext(parts, None)
                await self._send({"type": "http.response.body", "body": b""})
            finally:
                leaving.cancel()

    async def _left(self) -> None:
        while (await self.receive())["type"] != "http.disconnect":
            pass

    def _headers(
        self, status: int, media_type: bytes, length: Headers, headers: Headers
    ) -> list[tuple[bytes, bytes]]:
        every = [
            (b"content-type", media_type),
            *length,
            (b"x-request-id", self.request_id.encode()),
            (b"defter-correlation-id", self.correlation_id.encode()),
            *self.cross_origin,
            *headers,
        ]
        if status in _WITHOUT_BODY:
            # What is described is the answer that was not sent (RFC 9110, 15.4.5).
            del every[:2]
        if self.cache_control is not None:
            every.append((b"cache-control", self.cache_control))
        if self.limited:
            every.append((b"ratelimit-policy", b", ".join([one[0] for one in self.limited])))
            every.append((b"ratelimit", b", ".join([one[1] for one in self.limited])))
        return every

    async def _begin(self, media_type: bytes, every: list[tuple[bytes, bytes]]) -> None:
        guards = self.guards.plain if self.cache_control is None else self.guards.kept
        every.extend(guards if media_type != HTML else self.guards.page)
        start: Message = {"type": "http.response.start", "status": self.status, "headers": every}
        await self._send(start)

    async def refuse(self, problem: Problem) -> None:
        """Send a problem."""
        self.code = problem.code
        self.cache_control = None
        self.shown, self.audited = NOBODY, None  # a problem shows nobody's data
        await self.answer(
            problem.status, problem.body(self.request_id), MEDIA_TYPE, problem.headers
        )

    async def _note_look(self) -> None:
        """Have it in the log that personal data or the audit is shown, or show nothing."""
        shown, self.shown = self.shown, NOBODY
        audited, self.audited = self.audited, None
        tenant_id, actor, reads = (
            self.principal.tenant_id,
            self.actor(),
            self.services.personal_reads,
        )
        route = f"{self.method} {'' if self.route is None else self.route.path}"
        try:
            await reads.note(tenant_id, actor, shown, route=route, request_id=self.request_id)
            if audited is not None:
                await reads.note_audit(
                    tenant_id, actor, audited, route=route, request_id=self.request_id
                )
        except Exception as error:
            raise unavailable(
                "audit.read_not_recorded", "what can not be noted can not be shown; try again"
            ) from error
