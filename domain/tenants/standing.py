"""Suspend a tenant or one of its staff, and let them back."""

from domain.kernel.events import Personal
from domain.kernel.refusals import Forbidden, RuleBroken
from domain.tenants.events import (
    StaffReactivated,
    StaffSuspended,
    TenantReactivated,
    TenantSuspended,
)
from domain.tenants.tenant import StaffNotFound, Tenant


class AlreadySuspended(RuleBroken):
    """The tenant is suspended."""

    code = "tenants.suspended"


class NotSuspended(RuleBroken):
    """The tenant is not suspended."""

    code = "tenants.not_suspended"


class PlatformStays(Forbidden):
    """The platform itself is never suspended: nobody could undo it."""

    code = "tenants.platform_stays"


class OwnSuspension(Forbidden):
    """Nobody suspends themselves."""

    code = "tenants.own_suspension"


def suspend(tenant: Tenant, reason: Personal) -> tuple[TenantSuspended, ...]:
    """Let nobody use the tenant's keys; timers and processes go on, for money rules do not stop."""
    if tenant.suspended:
        raise AlreadySuspended("the tenant is suspended")
    return (TenantSuspended(tenant.tenant, reason),)


def reactivate(tenant: Tenant) -> tuple[TenantReactivated, ...]:
    """Let the tenant be used again."""
    if not tenant.suspended:
        raise NotSuspended("the tenant is not suspended")
    return (TenantReactivated(tenant.tenant),)


def suspend_staff(tenant: Tenant, staff_id: str, *, by: str) -> tuple[StaffSuspended, ...]:
    """Let the keys of a staff member not work; a second time changes nothing."""
    _check_staff(tenant, staff_id)
    if staff_id == by:
        raise OwnSuspension("nobody suspends themselves; ask a colleague")
    if staff_id in tenant.suspended_staff:
        return ()
    return (StaffSuspended(tenant.tenant, staff_id),)


def reactivate_staff(tenant: Tenant, staff_id: str) -> tuple[StaffReactivated, ...]:
    """Let the keys of a staff member work again; a second time changes nothing."""
    _check_staff(tenant, staff_id)
    if staff_id not in tenant.suspended_staff:
        return ()
    return (StaffReactivated(tenant.tenant, staff_id),)


def _check_staff(tenant: Tenant, staff_id: str) -> None:
    if staff_id not in tenant.staff:
        raise StaffNotFound("this tenant has no such staff member")
