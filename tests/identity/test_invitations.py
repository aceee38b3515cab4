"""IAM-16: accounts of people who did not register themselves."""

import pytest

from application.identity.accounts import AccountResult
from application.identity.invitations import (
    LoginDiffers,
    OpenCustomerAccount,
    OpenStaffAccount,
)
from application.identity.logins import EmailAddress
from domain.identity.account import AccountExists, LoginTaken
from domain.identity.events import AccountOpened
from domain.identity.roles import RoleNotFound, RolesDoNotFit
from domain.kernel.events import Personal
from domain.users.customer import CustomerNotFound
from domain.users.events import CustomerRegistered
from tests.kit.scenario import given, new_id

pytestmark = pytest.mark.row("IAM-16")

EMAIL = EmailAddress("ada@a.example", "ada")
ADA = CustomerRegistered("cus_ada1", None, Personal("cus_ada1", "ada@a.example"), "ada", "tr")


def opened(person: str, kind: str, *roles: str) -> AccountOpened:
    return AccountOpened(person, kind, Personal(person, EMAIL.address), EMAIL.key, roles)


def test_somebody_new_becomes_staff_with_an_id_of_the_log() -> None:
    answer = given().when(OpenStaffAccount(EMAIL, ("finance", "auditor")))
    answer.then(opened(new_id("stf"), "staff", "finance", "auditor"))
    answer.then_result(AccountResult(new_id("stf")))


def test_refuses_an_address_or_roles_that_do_not_fit() -> None:
    taken = given(opened("stf_ece", "staff", "auditor"))
    taken.when(OpenStaffAccount(EMAIL, ("finance",))).then_refused(LoginTaken)
    given().when(OpenStaffAccount(EMAIL, ("nobody",))).then_refused(RoleNotFound)
    given().when(OpenStaffAccount(EMAIL, ("platform_admin",))).then_refused(RolesDoNotFit)


def test_a_customer_logs_in_with_the_address_of_their_record() -> None:
    answer = given(ADA).when(OpenCustomerAccount("cus_ada1", EMAIL))
    answer.then(opened("cus_ada1", "customer", "customer"))
    answer.then_result(AccountResult("cus_ada1"))
    answer.when(OpenCustomerAccount("cus_ada1", EMAIL)).then_refused(AccountExists)


def test_refuses_an_address_that_has_changed_meanwhile_and_a_customer_who_is_not_there() -> None:
    old = EmailAddress("old@a.example", "old")
    given(ADA).when(OpenCustomerAccount("cus_ada1", old)).then_refused(LoginDiffers)
    given(ADA).when(OpenCustomerAccount("cus_bora", EMAIL)).then_refused(CustomerNotFound)
