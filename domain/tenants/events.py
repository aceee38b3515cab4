"""What happens to tenants, their staff, keys and settings, in the platform's log; and to clocks."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from domain.kernel.events import Claim, Event, Personal

SLUG_CLAIM = "tenants.slug"
DOMAIN_CLAIM = "tenants.domain"
CLOCK_KEY = "main"
SECRET_CLAIM = "tenants.key_hash"  # noqa: S105 - the name of a claim


class TenantEvent(Event):
    """An event of a tenant's stream."""

    __slots__ = ()
    CATEGORY: ClassVar[str] = "tenant"

    tenant: str

    @property
    def key(self) -> str:
        return self.tenant


@dataclass(frozen=True, slots=True)
class TenantCreated(TenantEvent):
    """A tenant came to be. `tenant` is its UUID as text; a test tenant holds no real money."""

    NAME: ClassVar[str] = "tenants.tenant_created"

    tenant: str
    slug: str
    name: str
    test: bool

    def takes(self) -> tuple[Claim, ...]:
        return (Claim(SLUG_CLAIM, self.slug),)


@dataclass(frozen=True, slots=True)
class TenantSuspended(TenantEvent):
    """Nobody may use a tenant's keys for the time being; what happens by itself goes on."""

    NAME: ClassVar[str] = "tenants.tenant_suspended"

    tenant: str
    reason: Personal


@dataclass(frozen=True, slots=True)
class TenantReactivated(TenantEvent):
    """A suspended tenant may be used again."""

    NAME: ClassVar[str] = "tenants.tenant_reactivated"

    tenant: str


@dataclass(frozen=True, slots=True)
class DomainMapped(TenantEvent):
    """The platform's staff vouched that a host name belongs to a tenant."""

    NAME: ClassVar[str] = "tenants.domain_mapped"

    tenant: str
    domain: str

    def takes(self) -> tuple[Claim, ...]:
        return (Claim(DOMAIN_CLAIM, self.domain),)


@dataclass(frozen=True, slots=True)
class StaffAdded(TenantEvent):
    """A person works for a tenant."""

    NAME: ClassVar[str] = "tenants.staff_added"

    tenant: str
    staff_id: str
    name: Personal


@dataclass(frozen=True, slots=True)
class StaffSuspended(TenantEvent):
    """The keys that act as a staff member do not work for the time being."""

    NAME: ClassVar[str] = "tenants.staff_suspended"

    tenant: str
    staff_id: str


@dataclass(frozen=True, slots=True)
class StaffReactivated(TenantEvent):
    """The keys that act as a staff member work again."""

    NAME: ClassVar[str] = "tenants.staff_reactivated"

    tenant: str
    staff_id: str


@dataclass(frozen=True, slots=True)
class KeyIssued(TenantEvent):
    """An API key was issued. Only a hash of a secret is kept.

    `kind` is `secret` (of one staff member) or `publishable` (it only names the tenant, so
    `staff_id` is None).
    """

    NAME: ClassVar[str] = "tenants.key_issued"

    tenant: str
    key_id: str
    kind: str
    key_hash: str
    hint: str
    staff_id: str | None
    scopes: tuple[str, ...]
    networks: tuple[str, ...]
    expires_at: datetime | None

    def takes(self) -> tuple[Claim, ...]:
        return (Claim(SECRET_CLAIM, self.key_hash),)


@dataclass(frozen=True, slots=True)
class KeyRevoked(TenantEvent):
    """A key stopped working."""

    NAME: ClassVar[str] = "tenants.key_revoked"

    tenant: str
    key_id: str


@dataclass(frozen=True, slots=True)
class KeyExpirySet(TenantEvent):
    """A key got a last moment, such as the old one of a rotation."""

    NAME: ClassVar[str] = "tenants.key_expiry_set"

    tenant: str
    key_id: str
    expires_at: datetime


SettingValue = str | int | tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class SettingsChanged(Event):
    """A group of a tenant's settings has these values from now on, and no others.

    None of them is personal: a support address is one that the tenant publishes.
    """

    NAME: ClassVar[str] = "tenants.settings_changed"
    CATEGORY: ClassVar[str] = "settings"

    tenant: str
    group: str
    values: Mapping[str, SettingValue]

    @property
    def key(self) -> str:
        return settings_key(self.tenant, self.group)


def settings_key(tenant: str, group: str) -> str:
    """Name the stream of one group of one tenant's settings."""
    return f"{tenant}.{group}"


@dataclass(frozen=True, slots=True)
class ClockAdvanced(Event):
    """A test tenant's clock was moved on; this stands in the tenant's own log."""

    NAME: ClassVar[str] = "tenants.clock_advanced"
    CATEGORY: ClassVar[str] = "clock"

    to: datetime

    @property
    def key(self) -> str:
        return CLOCK_KEY
