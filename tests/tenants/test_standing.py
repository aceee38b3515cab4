"""TEN-01: a tenant is suspended and comes back; IAM-16: so do the keys of its staff."""

import pytest

from application.tenants.standing import (
    ReactivateStaff,
    ReactivateTenant,
    SuspendStaff,
    SuspendTenant,
    TenantResult,
)
from application.tenants.tenants import PLATFORM, StaffResult
from domain.kernel.events import Personal
from domain.tenants.events import (
    StaffAdded,
    StaffReactivated,
    StaffSuspended,
    TenantCreated,
    TenantReactivated,
    TenantSuspended,
)
from domain.tenants.standing import (
    AlreadySuspended,
    NotSuspended,
    OwnSuspension,
    PlatformStays,
)
from domain.tenants.tenant import StaffNotFound
from tests.kit.scenario import STAFF, given

pytestmark = pytest.mark.row("TEN-01")

SHOP = "7e000000-0000-4000-8000-00000000000a"
CREATED = TenantCreated(SHOP, "shop", "The Shop", test=True)
WHY = Personal(SHOP, "unpaid")
ADDED = StaffAdded(SHOP, "stf_umut", Personal("stf_umut", "Umut"))
OWN = StaffAdded(SHOP, STAFF.actor_id, Personal(STAFF.actor_id, "Deniz"))


def test_a_tenant_is_suspended_and_comes_back() -> None:
    suspended = given(CREATED).when(SuspendTenant(SHOP, "unpaid"))
    suspended.then(TenantSuspended(SHOP, WHY)).then_result(TenantResult(SHOP))
    suspended.when(SuspendTenant(SHOP, "unpaid")).then_refused(AlreadySuspended)
    back = suspended.when(ReactivateTenant(SHOP))
    back.then(TenantReactivated(SHOP)).then_result(TenantResult(SHOP))
    back.when(ReactivateTenant(SHOP)).then_refused(NotSuspended)


def test_the_platform_is_never_suspended() -> None:
    platform = TenantCreated(str(PLATFORM), "platform", "Platform", test=False)
    given(platform).when(SuspendTenant(str(PLATFORM), "x")).then_refused(PlatformStays)


@pytest.mark.row("IAM-16")
def test_the_keys_of_a_staff_member_are_suspended_and_come_back_and_twice_is_once() -> None:
    suspended = given(CREATED, ADDED).when(SuspendStaff(SHOP, "stf_umut"))
    suspended.then(StaffSuspended(SHOP, "stf_umut")).then_result(StaffResult("stf_umut"))
    suspended.when(SuspendStaff(SHOP, "stf_umut")).then()
    back = suspended.when(ReactivateStaff(SHOP, "stf_umut"))
    back.then(StaffReactivated(SHOP, "stf_umut")).then_result(StaffResult("stf_umut"))
    back.when(ReactivateStaff(SHOP, "stf_umut")).then()


@pytest.mark.row("IAM-16")
def test_nobody_suspends_themselves() -> None:
    given(CREATED, OWN).when(SuspendStaff(SHOP, STAFF.actor_id)).then_refused(OwnSuspension)


@pytest.mark.parametrize("command", [SuspendStaff(SHOP, "stf_x"), ReactivateStaff(SHOP, "stf_x")])
def test_refuses_staff_who_are_not_there(command: object) -> None:
    given(CREATED).when(command).then_refused(StaffNotFound)
