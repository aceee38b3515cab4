"""Which key a request comes with, from where, and for which customer."""

from datetime import UTC, datetime
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from domain.kernel.ids import ID_LENGTH_MAX
from domain.tenants.tenant import KeyKind
from infrastructure.tenants.api_keys import hash_of, well_formed
from infrastructure.tenants.directory import KeyDirectory, KeyRecord, Remembered
from interfaces.http.edge.exchange import Exchange, Principal, PrincipalKind
from interfaces.http.wire.fields import is_customer_id
from interfaces.http.wire.problems import FieldError, Problem, unauthenticated

KEY_HEADER = b"x-api-key"
ACT_FOR_HEADER = b"defter-act-for"
PROXY_HEADER = b"x-forwarded-for"

Network = IPv4Network | IPv6Network


class ApiKeys:
    """The scheme of `X-API-Key`."""

    def __init__(self, directory: KeyDirectory) -> None:
        self._directory = directory
        self._records = Remembered(self._look_up)

    async def __call__(self, exchange: Exchange) -> Principal:
        """Find the key, and refuse what is no live key from an allowed network."""
        given = exchange.headers.get(KEY_HEADER)
        if given is None:
            raise unauthenticated("auth.key_missing", "send an API key in X-API-Key")
        key_hash = hash_of(given)
        found = self._records.fresh(key_hash) or await self._find(given, key_hash)
        record, principal = found
        exchange.principal = principal  # whatever is refused next is known to be theirs
        if record.revoked:
            raise unauthenticated("auth.key_revoked", "this API key was revoked")
        if record.expires_at is not None and datetime.now(UTC) >= record.expires_at:
            raise unauthenticated("auth.key_expired", "this API key has expired")
        if record.networks:
            _check_network(exchange.peer, record.networks)
        return principal

    async def _find(self, given: bytes, key_hash: str) -> tuple[KeyRecord, Principal]:
        if not well_formed(given.decode("latin-1")):
            raise unauthenticated("auth.key_malformed", "this is no API key; was it mistyped?")
        found = await self._records.get(key_hash)
        if found is None:
            raise unauthenticated("auth.key_unknown", "there is no such API key")
        return found

    async def _look_up(self, key_hash: str) -> tuple[KeyRecord, Principal] | None:
        record = await self._directory.find(key_hash)
        return None if record is None else (record, _principal_of(record))


def acted_for(exchange: Exchange, principal: Principal) -> str | None:
    """Give the customer whose matters these are: themselves, or whom a staff member acts for."""
    given = exchange.headers.get(ACT_FOR_HEADER)
    if principal.kind is PrincipalKind.CUSTOMER:
        if given not in {None, principal.actor_id.encode()}:
            raise Problem(403, "auth.staff_only", "customers act for themselves alone")
        return principal.actor_id
    if given is None:
        return None
    if principal.kind is PrincipalKind.ANYBODY:
        raise login_required()
    customer = given.decode("latin-1")
    if len(customer) > ID_LENGTH_MAX or not is_customer_id(customer):
        raise Problem(
            422,
            "request.invalid",
            "Defter-Act-For names a customer",
            errors=[FieldError("", "field.wrong_format", "Defter-Act-For looks like cus_…")],
        )
    return customer


def login_required() -> Problem:
    """Say that a publishable key is not enough."""
    return unauthenticated(
        "auth.login_required", "this needs somebody who has logged in, or a secret key"
    )


def peer_of(exchange: Exchange, trusted: tuple[Network, ...]) -> str:
    """Give the address a request comes from: the direct peer, or what trusted proxies say."""
    client = exchange.scope.get("client")
    peer: str = client[0] if client else ""
    if not trusted or PROXY_HEADER not in exchange.headers:
        return peer
    values = [value for name, value in exchange.scope["headers"] if name == PROXY_HEADER]
    hops = [hop.strip() for hop in b",".join(values).decode("latin-1").split(",")]
    while hops and _within(peer, trusted):
        peer = hops.pop()
    return peer


def _principal_of(record: KeyRecord) -> Principal:
    staff = record.kind is KeyKind.SECRET
    return Principal(
        tenant_id=record.tenant_id,
        slug=record.slug,
        test=record.test,
        actor_id=record.staff_id if staff and record.staff_id else record.key_id,
        key_id=record.key_id,
        kind=PrincipalKind.STAFF if staff else PrincipalKind.ANYBODY,
        scopes=frozenset(record.scopes) if staff else frozenset(),
    )


def _check_network(peer: str, networks: tuple[str, ...]) -> None:
    if not _within(peer, tuple(ip_network(network) for network in networks)):
        raise unauthenticated("auth.network_refused", "this API key does not work from here")


def _within(peer: str, networks: tuple[Network, ...]) -> bool:
    try:
        address = ip_address(peer)
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return any((mapped or address) in network for network in networks)
