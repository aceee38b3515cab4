"""Which key a request comes with."""

from dataclasses import dataclass
from datetime import UTC, datetime
from ipaddress import ip_network

from domain.tenants.tenant import KeyKind
from infrastructure.tenants.api_keys import hash_of, well_formed
from infrastructure.tenants.directory import KeyDirectory, KeyRecord, Remembered
from interfaces.http.edge.addresses import KEY_HEADER, AddressLimit, Network, is_within
from interfaces.http.edge.exchange import Exchange, Principal, PrincipalKind
from interfaces.http.routing.route import DefterRoute
from interfaces.http.wire.problems import Problem, unauthenticated


@dataclass(frozen=True, slots=True)
class _Known:
    record: KeyRecord
    principal: Principal
    networks: tuple[Network, ...]


class ApiKeys:
    """The layer of `X-API-Key`; a refused key counts against the address that tried it."""

    def __init__(self, directory: KeyDirectory, addresses: AddressLimit) -> None:
        self._directory = directory
        self._addresses = addresses
        self._records = Remembered(self._look_up)

    async def __call__(self, exchange: Exchange) -> None:
        """Find the key, and refuse what is no live key from an allowed network."""
        try:
            exchange.principal = await self._principal(exchange)
        except Problem:
            await self._addresses.refused(exchange)
            raise

    async def _principal(self, exchange: Exchange) -> Principal:
        given = exchange.headers.get(KEY_HEADER)
        if given is None:
            raise _key_missing(exchange.route)
        key_hash = hash_of(given)
        known = self._records.fresh(key_hash) or await self._find(given, key_hash)
        record = known.record
        exchange.principal = known.principal  # whatever is refused next is known to be theirs
        if record.revoked:
            raise unauthenticated("auth.key_revoked", "this API key was revoked")
        if record.expires_at is not None and datetime.now(UTC) >= record.expires_at:
            raise unauthenticated("auth.key_expired", "this API key has expired")
        if known.networks and not is_within(exchange.peer, known.networks):
            raise unauthenticated("auth.network_refused", "this API key does not work from here")
        if record.staff_suspended:
            raise Problem(403, "identity.account_suspended", "the account is suspended")
        return known.principal

    async def _find(self, given: bytes, key_hash: str) -> _Known:
        if not well_formed(given.decode("latin-1")):
            raise unauthenticated("auth.key_malformed", "this is no API key; was it mistyped?")
        found = await self._records.get(key_hash)
        if found is None:
            raise unauthenticated("auth.key_unknown", "there is no such API key")
        return found

    async def _look_up(self, key_hash: str) -> _Known | None:
        record = await self._directory.find(key_hash)
        if record is None:
            return None
        networks = tuple(ip_network(network) for network in record.networks)
        return _Known(record, _principal_of(record), networks)


def _key_missing(route: DefterRoute | None) -> Problem:
    """Say that a key is missing: what everybody may read only needs to be told whose it is."""
    if route is not None and route.public_read:
        return Problem(
            400, "auth.key_missing", "say whose shop: send a publishable key in X-API-Key"
        )
    return unauthenticated("auth.key_missing", "send an API key in X-API-Key")


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
        suspended=record.suspended,
    )
