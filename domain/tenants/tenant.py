"""The tenant: who it is, who works for it, and which keys open its doors."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from domain.kernel.refusals import Forbidden, Invalid, NotFound, RuleBroken
from domain.tenants.events import (
    DomainMapped,
    KeyExpirySet,
    KeyIssued,
    KeyRevoked,
    StaffAdded,
    StaffReactivated,
    StaffSuspended,
    TenantCreated,
    TenantEvent,
    TenantReactivated,
    TenantSuspended,
)

LIVE_KEYS_MAX = 100
SLUG_PATTERN = re.compile(r"[a-z0-9]([a-z0-9-]{0,48}[a-z0-9])?")


class TenantNotFound(NotFound):
    """There is no such tenant."""

    code = "tenants.not_found"


class TenantExists(RuleBroken):
    """The slug or the domain belongs to a tenant."""

    code = "tenants.exists"


class SlugInvalid(Invalid):
    """A slug is made of lower-case letters, digits and inner hyphens."""

    code = "tenants.slug_invalid"


class StaffNotFound(NotFound):
    """This tenant has no such staff member."""

    code = "tenants.staff_not_found"


class StaffExists(RuleBroken):
    """This tenant has this staff member."""

    code = "tenants.staff_exists"


class KeyNotFound(NotFound):
    """This tenant has no such key."""

    code = "tenants.key_not_found"


class KeyNotLive(RuleBroken):
    """The key was revoked or has expired."""

    code = "tenants.key_not_live"


class ScopeNotGiven(Forbidden):
    """What concerns all tenants is given to the platform's own keys alone."""

    code = "tenants.scope_not_given"


class TooManyKeys(RuleBroken):
    """A tenant has a limited number of live keys."""

    code = "tenants.too_many_keys"


class KeyKind(StrEnum):
    """A secret key acts as a staff member; a publishable one only names the tenant."""

    SECRET = "secret"  # noqa: S105 - the kind's name
    PUBLISHABLE = "publishable"


@dataclass(frozen=True, slots=True)
class Key:
    """A key that was not revoked."""

    kind: KeyKind
    staff_id: str | None
    scopes: tuple[str, ...]
    networks: tuple[str, ...]
    expires_at: datetime | None

    def live(self, at: datetime) -> bool:
        """Whether the key still works at a moment."""
        return self.expires_at is None or at < self.expires_at


@dataclass(frozen=True, slots=True)
class Tenant:
    """A tenant as its commands need it; revoked keys are forgotten here, never in the log."""

    CATEGORY: ClassVar[str] = "tenant"
    FOLD_VERSION: ClassVar[int] = 2

    tenant: str
    slug: str
    test: bool
    suspended: bool
    staff: frozenset[str]
    suspended_staff: frozenset[str]
    keys: Mapping[str, Key]

    @classmethod
    def evolve(cls, state: "Tenant | None", event: TenantEvent) -> "Tenant":  # noqa: C901, PLR0911 - one answer for each event
        if isinstance(event, TenantCreated):
            return cls(
                event.tenant,
                event.slug,
                event.test,
                suspended=False,
                staff=frozenset(),
                suspended_staff=frozenset(),
                keys={},
            )
        assert state is not None
        match event:
            case TenantSuspended():
                return replace(state, suspended=True)
            case TenantReactivated():
                return replace(state, suspended=False)
            case StaffAdded():
                return replace(state, staff=state.staff | {event.staff_id})
            case StaffSuspended():
                return replace(state, suspended_staff=state.suspended_staff | {event.staff_id})
            case StaffReactivated():
                return replace(state, suspended_staff=state.suspended_staff - {event.staff_id})
            case KeyIssued():
                key = Key(
                    KeyKind(event.kind),
                    event.staff_id,
                    event.scopes,
                    event.networks,
                    event.expires_at,
                )
                return replace(state, keys={**state.keys, event.key_id: key})
            case KeyExpirySet():
                key = replace(state.keys[event.key_id], expires_at=event.expires_at)
                return replace(state, keys={**state.keys, event.key_id: key})
            case KeyRevoked():
                kept = {name: key for name, key in state.keys.items() if name != event.key_id}
                return replace(state, keys=kept)
            case DomainMapped():
                return state
            case _:
                raise AssertionError(event)
