"""API keys: issue, rotate, revoke. Only a hash and a hint of a key ever reach a command."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from application.book import Book
from application.permissions import Permission
from application.tenants.tenants import PLATFORM, known
from domain.tenants import keys
from domain.tenants.keys import NewKey
from domain.tenants.tenant import KeyKind, ScopeNotGiven

ROTATION_OVERLAP_HOURS_MAX = 24 * 30


@dataclass(frozen=True, slots=True)
class IssueKey:
    """Issue a key. `networks` are CIDR ranges it works from; empty means anywhere."""

    NAME: ClassVar[str] = "tenants.issue_key"

    tenant: str
    kind: KeyKind
    key_hash: str
    hint: str
    staff_id: str | None = None
    scopes: tuple[str, ...] = ()
    networks: tuple[str, ...] = ()
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class KeyResult:
    """The key's id; its secret is known to the caller alone."""

    key_id: str


def issue_key(command: IssueKey, book: Book) -> KeyResult:
    """Issue a key with scopes that its tenant may give."""
    _check_scopes(command)
    key_id = book.new_id("key")
    book.record(
        *keys.issue(
            known(book, command.tenant),
            NewKey(key_id, command.key_hash, command.hint),
            kind=command.kind,
            staff_id=command.staff_id,
            scopes=command.scopes,
            networks=command.networks,
            expires_at=command.expires_at,
            at=book.now,
        )
    )
    return KeyResult(key_id)


@dataclass(frozen=True, slots=True)
class RotateKey:
    """Issue a successor; the old key works `overlap_hours` longer."""

    NAME: ClassVar[str] = "tenants.rotate_key"

    tenant: str
    key_id: str
    key_hash: str
    hint: str
    overlap_hours: int = 24


def rotate_key(command: RotateKey, book: Book) -> KeyResult:
    """Rotate a key."""
    key_id = book.new_id("key")
    hours = min(max(command.overlap_hours, 0), ROTATION_OVERLAP_HOURS_MAX)
    book.record(
        *keys.rotate(
            known(book, command.tenant),
            NewKey(key_id, command.key_hash, command.hint),
            key_id=command.key_id,
            old_expires_at=book.now + timedelta(hours=hours),
            at=book.now,
        )
    )
    return KeyResult(key_id)


@dataclass(frozen=True, slots=True)
class RevokeKey:
    """End a key at once."""

    NAME: ClassVar[str] = "tenants.revoke_key"

    tenant: str
    key_id: str


def revoke_key(command: RevokeKey, book: Book) -> KeyResult:
    """Revoke a key."""
    book.record(*keys.revoke(known(book, command.tenant), key_id=command.key_id))
    return KeyResult(command.key_id)


def _check_scopes(command: IssueKey) -> None:
    if command.tenant == str(PLATFORM):
        return
    for permission in Permission:
        if permission in command.scopes and not permission.of_tenants:
            raise ScopeNotGiven(f"{permission.value} is the platform's own")
