"""Create tenants, add their staff and domains. Sent to the platform's log by its operators."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from application.book import Book
from domain.kernel.events import Claim, Personal, stream_of
from domain.tenants.events import (
    DOMAIN_CLAIM,
    SLUG_CLAIM,
    DomainMapped,
    StaffAdded,
    TenantCreated,
)
from domain.tenants.tenant import (
    SLUG_PATTERN,
    SlugInvalid,
    StaffExists,
    Tenant,
    TenantExists,
    TenantNotFound,
)

PLATFORM = UUID("00000000-0000-4000-8000-000000000001")
"""The reserved tenant in whose log all tenants, staff and keys stand, its own among them."""

PLATFORM_SLUG = "platform"


@dataclass(frozen=True, slots=True)
class CreateTenant:
    """Create a tenant; a test tenant holds no real money."""

    NAME: ClassVar[str] = "tenants.create_tenant"

    tenant: str
    slug: str
    name: str
    test: bool = False


def create_tenant(command: CreateTenant, book: Book) -> None:
    """Create it under a slug that no other has."""
    if not SLUG_PATTERN.fullmatch(command.slug):
        raise SlugInvalid("a slug is made of lower-case letters, digits and inner hyphens")
    reserved = command.slug == PLATFORM_SLUG and command.tenant != str(PLATFORM)
    taken = book.find(Tenant, command.tenant), book.owner(Claim(SLUG_CLAIM, command.slug))
    if reserved or any(taken):
        raise TenantExists(f"there is a tenant {command.slug!r} already")
    book.record(TenantCreated(command.tenant, command.slug, command.name, command.test))


@dataclass(frozen=True, slots=True)
class MapDomain:
    """Vouch that a host name belongs to a tenant."""

    NAME: ClassVar[str] = "tenants.map_domain"

    tenant: str
    domain: str


def map_domain(command: MapDomain, book: Book) -> None:
    """Map a host name to one tenant at most."""
    tenant = known(book, command.tenant)
    owner = book.owner(Claim(DOMAIN_CLAIM, command.domain))
    if owner == stream_of(Tenant.CATEGORY, command.tenant):
        return
    if owner is not None:
        raise TenantExists("another tenant has this domain")
    book.record(DomainMapped(tenant.tenant, command.domain))


@dataclass(frozen=True, slots=True)
class AddStaff:
    """Add a person who works for a tenant; who has an account already brings their id."""

    NAME: ClassVar[str] = "tenants.add_staff"

    tenant: str
    name: str
    staff_id: str | None = None


@dataclass(frozen=True, slots=True)
class StaffResult:
    """The staff member's id."""

    staff_id: str


def add_staff(command: AddStaff, book: Book) -> StaffResult:
    """Add a staff member."""
    tenant = known(book, command.tenant)
    staff_id = command.staff_id or book.new_id("stf")
    if staff_id in tenant.staff:
        raise StaffExists("this staff member was added before")
    book.record(StaffAdded(tenant.tenant, staff_id, Personal(staff_id, command.name)))
    return StaffResult(staff_id)


def known(book: Book, tenant: str) -> Tenant:
    """Load a tenant that exists."""
    found = book.find(Tenant, tenant)
    if found is None:
        raise TenantNotFound("there is no such tenant")
    return found
