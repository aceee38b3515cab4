"""Every command that roles take, in every state, and which roles an account may have (IAM-16)."""

import pytest

from application.identity.accounts import AssignRoles, OpenAccount
from application.identity.roles import DefineRole, RemoveRole, RoleResult
from application.permissions import Permission
from application.roles import scopes_of
from domain.identity import roles
from domain.identity.account import ROLES_PER_ACCOUNT_MAX, AccountNotFound, Kind
from domain.identity.events import AccountOpened, RoleDefined, RoleRemoved, RolesAssigned
from domain.identity.roles import (
    ROLES_MAX,
    BuiltIn,
    RoleBuiltIn,
    RoleInvalid,
    RoleNotFound,
    Roles,
    RolesDoNotFit,
    TooManyRoles,
)
from domain.kernel.events import Event
from domain.kernel.refusals import Refusal
from tests.identity.people import ADA, DENIZ, EMAIL, OPENED, STAFF_OPENED, personal
from tests.kit.scenario import given

FLOOR = RoleDefined("shop_floor", "Shop floor", ("users.read", "wallet.read"))
NARROWER = RoleDefined("shop_floor", "Shop floor", ("users.read",))
GONE = RoleRemoved("shop_floor")
DEFINE = DefineRole("shop_floor", "Shop floor", ("users.read",))
REMOVE = RemoveRole("shop_floor")

STATES: dict[str, tuple[Event, ...]] = {
    "none": (),
    "defined": (FLOOR,),
    "removed": (FLOOR, GONE),
}
Then = tuple[Event, ...] | type[Refusal]
TABLE: dict[object, tuple[Then, ...]] = {
    DEFINE: ((NARROWER,),) * 3,
    REMOVE: (RoleNotFound, (GONE,), RoleNotFound),
    DefineRole("finance", "Mine", ()): (RoleBuiltIn,) * 3,
    RemoveRole("finance"): (RoleBuiltIn,) * 3,
    DefineRole("Shop-Floor", "x", ()): (RoleInvalid,) * 3,
    DefineRole("x_y", "x", ("wallet.steal",)): (RoleInvalid,) * 3,
    DefineRole("x_y", "x", ("tenants.manage",)): (RoleInvalid,) * 3,
}


@pytest.mark.parametrize(
    ("command", "state", "then"),
    [
        (command, state, then)
        for command, row in TABLE.items()
        for state, then in zip(STATES, row, strict=True)
    ],
)
def test_every_command_in_every_state(command: object, state: str, then: Then) -> None:
    answer = given(*STATES[state]).when(command)
    if isinstance(then, type):
        answer.then_refused(then)
    else:
        answer.then(*then).then_result(RoleResult("shop_floor"))


def test_permissions_are_kept_once_and_in_order() -> None:
    asked = DefineRole("shop_floor", "Shop floor", ("wallet.read", "users.read", "wallet.read"))
    given().when(asked).then(FLOOR)


def test_a_tenant_has_a_limited_number_of_roles() -> None:
    many = [RoleDefined(f"role_{n}", "x", ()) for n in range(ROLES_MAX)]
    given(*many).when(DEFINE).then_refused(TooManyRoles)
    given(*many[1:]).when(DEFINE).then(NARROWER)
    given(*many[1:], FLOOR).when(DEFINE).then(NARROWER)


def test_an_account_gets_roles_that_there_are() -> None:
    both = AssignRoles(DENIZ, ("finance", "shop_floor"))
    given(STAFF_OPENED, FLOOR).when(both).then(RolesAssigned(DENIZ, ("finance", "shop_floor")))
    given(STAFF_OPENED).when(both).then_refused(RoleNotFound)
    given(STAFF_OPENED).when(AssignRoles(DENIZ, ("finance",))).then()
    given().when(both).then_refused(AccountNotFound)


@pytest.mark.parametrize(
    ("kind", "asked", "refusal"),
    [
        (Kind.CUSTOMER, (), RolesDoNotFit),
        (Kind.CUSTOMER, ("customer", "finance"), RolesDoNotFit),
        (Kind.STAFF, (), RolesDoNotFit),
        (Kind.STAFF, ("finance", "customer"), RolesDoNotFit),
        (Kind.STAFF, ("platform_admin",), RolesDoNotFit),
        (Kind.STAFF, ("finance",) * (ROLES_PER_ACCOUNT_MAX + 1), TooManyRoles),
    ],
)
def test_roles_have_to_fit_the_account(
    kind: Kind, asked: tuple[str, ...], refusal: type[Refusal]
) -> None:
    person = ADA if kind is Kind.CUSTOMER else DENIZ
    given().when(OpenAccount(person, kind, EMAIL, asked)).then_refused(refusal)
    given(OPENED, STAFF_OPENED).when(AssignRoles(person, asked)).then_refused(refusal)


def test_only_the_platforms_own_staff_run_the_platform() -> None:
    roles.check_roles(None, (BuiltIn.PLATFORM_ADMIN,), kind=Kind.STAFF, platform=True)


def test_staff_are_let_in_with_their_roles() -> None:
    opened = AccountOpened(DENIZ, "staff", personal(EMAIL.address, DENIZ), "a1", ("finance",))
    given().when(OpenAccount(DENIZ, Kind.STAFF, EMAIL, ("finance",))).then(opened)


def test_a_removed_role_allows_nothing() -> None:
    own = Roles({"shop_floor": ("users.read",)})
    assert scopes_of(("shop_floor",), own) == {"users.read"}
    assert scopes_of(("shop_floor",), Roles({})) == set()
    assert scopes_of(("shop_floor",), None) == set()
    both = scopes_of(("dealer", "shop_floor"), own)
    assert both == {Permission.IDENTITY_SELF, "users.read"}
