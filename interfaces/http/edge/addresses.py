"""Where requests come from, and how many an address may send before it is known who asks.

Counted is what comes without a key, what comes with a refused one, and whatever a password or a
mailed link is tried on. An address is kept as a keyed hash and nowhere else.
"""

from collections.abc import Awaitable, Iterable
from hashlib import blake2b
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from infrastructure.redis.quota import Quota, Rate
from infrastructure.settings import Settings
from interfaces.http.edge.exchange import Exchange
from interfaces.http.edge.limits import Limit

KEY_HEADER = b"x-api-key"
PROXY_HEADER = b"x-forwarded-for"

IPV6_PREFIX = 64
"""One customer of a provider has at least that many addresses, so they count as one."""

NOT_COUNTED = frozenset(
    {
        "health_summary",
        "health_live",
        "health_ready",
        "operations_metrics",
        "documents_openapi",
        "documents_page",
    }
)
"""What monitors and readers may ask as often as they like, without a key."""

Network = IPv4Network | IPv6Network


class AddressLimit:
    """The layer that keeps one address from trying keys and passwords out."""

    def __init__(self, quota: Quota, settings: Settings) -> None:
        asked, seconds = settings.address_limit_requests, settings.address_limit_seconds
        self._limit = Limit(
            "address",
            Rate(asked / seconds, asked),
            quota,
            code="request.address_limited",
            detail="too much came from this address; come again later",
        )
        self._secret = settings.master_key_bytes[0]

    def __call__(self, exchange: Exchange) -> Awaitable[None] | None:
        """Count what is anonymous, and what somebody logs in by."""
        route = exchange.route
        if route is not None:
            if route.operation_id in NOT_COUNTED:
                return None
            if route.login_traffic:
                return self.count(exchange)
        return self.count(exchange) if KEY_HEADER not in exchange.headers else None

    async def refused(self, exchange: Exchange) -> None:
        """Count a request whose key was refused, unless it was counted already."""
        if not exchange.limited:
            await self.count(exchange)

    async def count(self, exchange: Exchange) -> None:
        """Count one request of the address that it came from."""
        await self._limit.count(exchange, f"address:{self.hashed(exchange)}")

    def hashed(self, exchange: Exchange) -> str:
        """Give the address that a request came from as it may be kept."""
        network = network_of(exchange.peer).encode()
        hashed = blake2b(network, digest_size=16, key=self._secret, person=b"address")
        return hashed.hexdigest()


def network_of(peer: str) -> str:
    """Give what counts as one address; all that are none count as one."""
    address = _parsed(peer)
    if isinstance(address, IPv6Address):
        return str(ip_network((address, IPV6_PREFIX), strict=False))
    return str(address or "")


def peer_of(exchange: Exchange, trusted: tuple[Network, ...]) -> str:
    """Give the address a request comes from: the direct peer, or what trusted proxies say."""
    client = exchange.scope.get("client")
    peer: str = client[0] if client else ""
    if not trusted or PROXY_HEADER not in exchange.headers:
        return peer
    values = [value for name, value in exchange.scope["headers"] if name == PROXY_HEADER]
    hops = [hop.strip() for hop in b",".join(values).decode("latin-1").split(",")]
    while hops and is_within(peer, trusted):
        peer = hops.pop()
    return peer


def is_within(peer: str, networks: Iterable[Network]) -> bool:
    """Whether an address is in one of the networks; an IPv4 one in the clothes of IPv6 is IPv4."""
    address = _parsed(peer)
    return address is not None and any(address in network for network in networks)


def _parsed(peer: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(peer)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
