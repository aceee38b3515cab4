"""What every answer says to browsers: how little may be done with it."""

from collections.abc import Iterable
from ipaddress import ip_address
from typing import TYPE_CHECKING, NamedTuple

from infrastructure.settings import Settings

if TYPE_CHECKING:
    from interfaces.http.edge.exchange import Exchange

Headers = tuple[tuple[bytes, bytes], ...]

HSTS_SECONDS = 63_072_000
"""Two years, as browsers' own lists of such hosts ask for."""

PROTOCOL_HEADER = b"x-forwarded-proto"

_NOT_KEPT = (b"cache-control", b"no-store")
_EVERY: Headers = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (
        b"permissions-policy",
        b"camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()",
    ),
    (b"cross-origin-resource-policy", b"same-origin"),
)
_ALONE = (b"cross-origin-opener-policy", b"same-origin")
"""It says something of pages alone, and every header costs a request its time."""
_NOTHING_LOADS = b"default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
_OVER_TLS = (
    b"strict-transport-security",
    b"max-age=%d; includeSubDomains" % HSTS_SECONDS,
)


class Guards(NamedTuple):
    """The headers of an answer for machines, also as they are sent, and of a page for people.

    Those of an answer that says itself how long it may be kept are the same but for that.
    """

    plain: Headers
    plain_lines: bytes
    page: Headers
    kept: Headers
    kept_lines: bytes


def lines_of(headers: Iterable[tuple[bytes, bytes]]) -> bytes:
    """Write headers as they are sent."""
    return b"".join([b"%b: %b\r\n" % header for header in headers])


def _guards(*more: tuple[bytes, bytes]) -> Guards:
    policy = b"content-security-policy"
    kept = (*_EVERY, (policy, _NOTHING_LOADS), *more)
    plain = (*kept, _NOT_KEPT)
    styled = (policy, _NOTHING_LOADS + b"; style-src 'unsafe-inline'")
    return Guards(
        plain,
        lines_of(plain),
        (*_EVERY, _NOT_KEPT, _ALONE, styled, *more),
        kept,
        lines_of(kept),
    )


GUARDS = _guards()
GUARDS_OVER_TLS = _guards(_OVER_TLS)


def for_any_page(guards: Guards) -> Guards:
    """Give guards of a kept answer that pages of any origin may show, such as an image."""
    kept = tuple((name, _OF_ANY_PAGE.get(name, value)) for name, value in guards.kept)
    return guards._replace(kept=kept, kept_lines=lines_of(kept))


_OF_ANY_PAGE = {b"cross-origin-resource-policy": b"cross-origin"}


class SecurityHeaders:
    """The first layer: what follows, refusals too, is answered with these headers."""

    def __init__(self, settings: Settings) -> None:
        self._always_tls = settings.public_url.startswith("https://")
        self._proxies = settings.proxies

    def __call__(self, exchange: "Exchange") -> None:
        """Bind browsers to TLS (RFC 6797) where clients come over TLS."""
        if self._always_tls or self._over_tls(exchange):
            exchange.guards = GUARDS_OVER_TLS

    def _over_tls(self, exchange: "Exchange") -> bool:
        if exchange.scope["scheme"] == "https":
            return True
        if exchange.headers.get(PROTOCOL_HEADER) != b"https":
            return False
        client = exchange.scope.get("client")
        try:
            proxy = ip_address(client[0] if client else "")
        except ValueError:
            return False
        return any(proxy in network for network in self._proxies)
