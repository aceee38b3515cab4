"""Suspend tenants and the keys of their staff, and let them back."""

from dataclasses import dataclass
from typing import ClassVar

from application.book import Book
from application.tenants.tenants import PLATFORM, StaffResult, known
from domain.kernel.events import Personal
from domain.tenants import standing
from domain.tenants.standing import PlatformStays


@dataclass(frozen=True, slots=True)
class SuspendTenant:
    """Let nobody use a tenant for the time being; what happens by itself goes on."""

    NAME: ClassVar[str] = "tenants.suspend_tenant"

    tenant: str
    reason: str


@dataclass(frozen=True, slots=True)
class TenantResult:
    """The tenant's id."""

    tenant_id: str


def suspend_tenant(command: SuspendTenant, book: Book) -> TenantResult:
    """Suspend any tenant but the platform."""
    if command.tenant == str(PLATFORM):
        raise PlatformStays("the platform itself is never suspended")
    tenant = known(book, command.tenant)
    book.record(*standing.suspend(tenant, Personal(command.tenant, command.reason)))
    return TenantResult(command.tenant)


@dataclass(frozen=True, slots=True)
class ReactivateTenant:
    """Let a suspended tenant be used again."""

    NAME: ClassVar[str] = "tenants.reactivate_tenant"

    tenant: str


def reactivate_tenant(command: ReactivateTenant, book: Book) -> TenantResult:
    """Reactivate a tenant."""
    book.record(*standing.reactivate(known(book, command.tenant)))
    return TenantResult(command.tenant)


@dataclass(frozen=True, slots=True)
class SuspendStaff:
    """Let the keys of a staff member not work for the time being."""

    NAME: ClassVar[str] = "tenants.suspend_staff"

    tenant: str
    staff_id: str


def suspend_staff(command: SuspendStaff, book: Book) -> StaffResult:
    """Suspend a staff member's keys, never one's own."""
    tenant = known(book, command.tenant)
    book.record(*standing.suspend_staff(tenant, command.staff_id, by=book.actor.actor_id))
    return StaffResult(command.staff_id)


@dataclass(frozen=True, slots=True)
class ReactivateStaff:
    """Let the keys of a staff member work again."""

    NAME: ClassVar[str] = "tenants.reactivate_staff"

    tenant: str
    staff_id: str


def reactivate_staff(command: ReactivateStaff, book: Book) -> StaffResult:
    """Reactivate a staff member's keys."""
    book.record(*standing.reactivate_staff(known(book, command.tenant), command.staff_id))
    return StaffResult(command.staff_id)
