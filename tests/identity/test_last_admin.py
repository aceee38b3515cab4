"""IAM-16: somebody who may manage everything always stays, and nobody locks themselves out."""

import pytest

from application.identity.accounts import AccountResult, AssignRoles, SuspendAccount
from domain.identity.account import AccountNotFound
from domain.identity.admins import LastAdmin, OwnAccount
from domain.identity.events import (
    AccountClosed,
    AccountOpened,
    AccountSuspended,
    RolesAssigned,
)
from domain.kernel.events import Event, Personal
from tests.kit.scenario import STAFF, given

pytestmark = pytest.mark.row("IAM-16")

ADMIN, AUDITOR = ("tenant_admin",), ("auditor",)


def opened(person: str, roles: tuple[str, ...] = ADMIN) -> AccountOpened:
    return AccountOpened(person, "staff", Personal(person, f"{person}@a.example"), person, roles)


ECE, UMUT = opened("stf_ece"), opened("stf_umut")
WHY = Personal("stf_ece", "left")


def test_an_admin_among_several_may_stop_being_one() -> None:
    answer = given(ECE, UMUT).when(AssignRoles("stf_ece", AUDITOR, ("stf_ece", "stf_umut")))
    answer.then(RolesAssigned("stf_ece", AUDITOR)).then_result(AccountResult("stf_ece"))
    suspended = given(ECE, UMUT).when(SuspendAccount("stf_ece", "left", ("stf_umut",)))
    suspended.then(AccountSuspended("stf_ece", WHY))


@pytest.mark.parametrize(
    "others",
    [
        (),
        (opened("stf_umut", AUDITOR),),
        (UMUT, AccountSuspended("stf_umut", WHY)),
        (UMUT, AccountClosed("stf_umut", "stf_umut")),
    ],
)
@pytest.mark.parametrize(
    "command",
    [
        AssignRoles("stf_ece", AUDITOR, ("stf_ece", "stf_umut")),
        SuspendAccount("stf_ece", "left", ("stf_ece", "stf_umut")),
    ],
)
def test_the_last_one_stays_whomever_the_edge_thought_to_be_another(
    others: tuple[Event, ...], command: object
) -> None:
    given(ECE, *others).when(command).then_refused(LastAdmin)


def test_two_who_take_the_role_from_each_other_do_not_both_succeed() -> None:
    first = given(ECE, UMUT).when(AssignRoles("stf_ece", AUDITOR, ("stf_umut",)))
    first.when(AssignRoles("stf_umut", AUDITOR, ("stf_ece",))).then_refused(LastAdmin)


def test_an_admin_may_get_further_roles_and_others_any() -> None:
    both = ("tenant_admin", "finance")
    given(ECE).when(AssignRoles("stf_ece", both)).then(RolesAssigned("stf_ece", both))
    other = opened("stf_umut", AUDITOR)
    given(other).when(AssignRoles("stf_umut", ("finance",))).then(
        RolesAssigned("stf_umut", ("finance",))
    )


def test_a_suspended_admin_does_not_count_so_their_role_can_be_taken() -> None:
    story = given(ECE, AccountSuspended("stf_ece", WHY))
    story.when(AssignRoles("stf_ece", AUDITOR)).then(RolesAssigned("stf_ece", AUDITOR))


def test_nobody_suspends_their_own_account() -> None:
    own = opened(STAFF.actor_id)
    given(own, UMUT).when(SuspendAccount(STAFF.actor_id, "x", ("stf_umut",))).then_refused(
        OwnAccount
    )


def test_an_account_that_is_not_there_is_not_found() -> None:
    given(UMUT).when(SuspendAccount("stf_ece", "x")).then_refused(AccountNotFound)
