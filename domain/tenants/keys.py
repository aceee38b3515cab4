"""API keys: issue, rotate, revoke."""

from dataclasses import dataclass
from datetime import datetime

from domain.tenants.events import KeyExpirySet, KeyIssued, KeyRevoked
from domain.tenants.tenant import (
    LIVE_KEYS_MAX,
    Key,
    KeyKind,
    KeyNotFound,
    KeyNotLive,
    StaffNotFound,
    Tenant,
    TooManyKeys,
)


@dataclass(frozen=True, slots=True)
class NewKey:
    """What is kept of a new key: its hash, and the last characters as a hint for people."""

    key_id: str
    key_hash: str
    hint: str


def issue(  # noqa: PLR0913 - the fields of a key
    tenant: Tenant,
    new: NewKey,
    *,
    kind: KeyKind,
    staff_id: str | None,
    scopes: tuple[str, ...],
    networks: tuple[str, ...],
    expires_at: datetime | None,
    at: datetime,
) -> tuple[KeyIssued, ...]:
    """Issue a key; a secret one belongs to a staff member."""
    if kind is KeyKind.SECRET and staff_id not in tenant.staff:
        raise StaffNotFound("a secret key belongs to a staff member of the tenant")
    if sum(key.live(at) for key in tenant.keys.values()) >= LIVE_KEYS_MAX:
        raise TooManyKeys(f"a tenant has at most {LIVE_KEYS_MAX} live keys; revoke one first")
    owner = staff_id if kind is KeyKind.SECRET else None
    return (
        KeyIssued(
            tenant.tenant,
            new.key_id,
            kind.value,
            new.key_hash,
            new.hint,
            owner,
            scopes,
            networks,
            expires_at,
        ),
    )


def rotate(
    tenant: Tenant, new: NewKey, *, key_id: str, old_expires_at: datetime, at: datetime
) -> tuple[KeyIssued | KeyExpirySet, ...]:
    """Issue a successor with the same rights and end; both work until the old one's last moment."""
    old = _live(tenant, key_id, at)
    issued = issue(
        tenant,
        new,
        kind=old.kind,
        staff_id=old.staff_id,
        scopes=old.scopes,
        networks=old.networks,
        expires_at=old.expires_at,
        at=at,
    )
    last = min(filter(None, (old.expires_at, old_expires_at)))
    return (*issued, KeyExpirySet(tenant.tenant, key_id, last))


def revoke(tenant: Tenant, *, key_id: str) -> tuple[KeyRevoked, ...]:
    """End a key at once."""
    if key_id not in tenant.keys:
        raise KeyNotFound("this tenant has no such key")
    return (KeyRevoked(tenant.tenant, key_id),)


def _live(tenant: Tenant, key_id: str, at: datetime) -> Key:
    key = tenant.keys.get(key_id)
    if key is None:
        raise KeyNotFound("this tenant has no such key")
    if not key.live(at):
        raise KeyNotLive("the key has expired; issue a new one")
    return key
