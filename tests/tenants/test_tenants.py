import pytest

from application.tenants.tenants import PLATFORM, AddStaff, CreateTenant, MapDomain, StaffResult
from domain.kernel.events import Personal
from domain.tenants.events import DomainMapped, StaffAdded, TenantCreated, TenantEvent
from domain.tenants.tenant import SlugInvalid, StaffExists, Tenant, TenantExists, TenantNotFound
from tests.kit.scenario import given, new_id

pytestmark = pytest.mark.row("TEN-04")

SHOP = "7e000000-0000-4000-8000-00000000000a"
OTHER = "7e000000-0000-4000-8000-00000000000b"
CREATED = TenantCreated(SHOP, "shop", "The Shop", test=True)
OTHER_CREATED = TenantCreated(OTHER, "other", "The Other", test=False)


def test_creates_a_tenant_under_a_slug() -> None:
    answer = given().when(CreateTenant(SHOP, "shop", "The Shop", test=True))
    answer.then(CREATED).then_result(None)
    nobody: frozenset[str] = frozenset()
    begun = Tenant(
        SHOP, "shop", test=True, suspended=False, staff=nobody, suspended_staff=nobody, keys={}
    )
    assert answer.state(f"tenant-{SHOP}") == begun


def test_a_tenant_is_no_test_tenant_unless_said() -> None:
    given().when(CreateTenant(OTHER, "other", "The Other")).then(OTHER_CREATED)


@pytest.mark.parametrize("slug", ["a", "0", "a-b", "a--b", "a" * 50])
def test_accepts_slugs_of_lower_case_letters_digits_and_inner_hyphens(slug: str) -> None:
    given().when(CreateTenant(SHOP, slug, "X")).then(TenantCreated(SHOP, slug, "X", test=False))


@pytest.mark.parametrize("slug", ["", "-a", "a-", "A", "a b", "ı", "a" * 51, "a\n"])
def test_refuses_other_slugs(slug: str) -> None:
    given().when(CreateTenant(SHOP, slug, "X")).then_refused(SlugInvalid)


def test_refuses_a_slug_that_is_taken() -> None:
    given(CREATED).when(CreateTenant(OTHER, "shop", "X")).then_refused(TenantExists)


def test_the_platform_s_slug_is_the_platform_s_alone() -> None:
    mine = CreateTenant(str(PLATFORM), "platform", "Platform")
    given().when(mine).then(TenantCreated(str(PLATFORM), "platform", "Platform", test=False))
    given().when(CreateTenant(SHOP, "platform", "X")).then_refused(TenantExists)


def test_refuses_a_tenant_that_is_there() -> None:
    given(CREATED).when(CreateTenant(SHOP, "shop2", "X")).then_refused(TenantExists)


def test_maps_a_host_name_to_a_tenant() -> None:
    mapped = given(CREATED).when(MapDomain(SHOP, "shop.example"))
    mapped.then(DomainMapped(SHOP, "shop.example"))
    assert mapped.state(f"tenant-{SHOP}").slug == "shop"
    mapped.when(MapDomain(SHOP, "shop.example")).then()


def test_a_host_name_belongs_to_one_tenant() -> None:
    given(CREATED, OTHER_CREATED, DomainMapped(SHOP, "shop.example")).when(
        MapDomain(OTHER, "shop.example")
    ).then_refused(TenantExists)


def test_adds_a_staff_member_whose_name_is_personal() -> None:
    staff = new_id("stf")
    answer = given(CREATED).when(AddStaff(SHOP, "Deniz"))
    answer.then(StaffAdded(SHOP, staff, Personal(staff, "Deniz")))
    answer.then_result(StaffResult(staff))
    assert answer.state(f"tenant-{SHOP}").staff == {staff}


def test_whoever_has_an_account_brings_their_id_once() -> None:
    added = given(CREATED).when(AddStaff(SHOP, "Deniz", "stf_deniz"))
    added.then(StaffAdded(SHOP, "stf_deniz", Personal("stf_deniz", "Deniz")))
    added.when(AddStaff(SHOP, "Deniz", "stf_deniz")).then_refused(StaffExists)


@pytest.mark.parametrize("command", [MapDomain(SHOP, "x.example"), AddStaff(SHOP, "Deniz")])
def test_refuses_a_tenant_that_is_not_there(command: object) -> None:
    given(OTHER_CREATED).when(command).then_refused(TenantNotFound)


def test_an_event_that_a_tenant_does_not_know_is_never_guessed_at() -> None:
    tenant = Tenant.evolve(None, CREATED)
    with pytest.raises(AssertionError):
        Tenant.evolve(tenant, TenantEvent())
