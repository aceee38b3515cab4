"""Accounts as tests speak of them: Ada the customer, and Deniz, who works at the shop."""

from datetime import timedelta

from application.identity.logins import EmailAddress
from domain.identity.account import Account
from domain.identity.events import (
    AccountClosed,
    AccountEvent,
    AccountOpened,
    AccountSuspended,
    EmailVerified,
    SessionBegun,
    SessionEnded,
)
from domain.identity.sessions import SESSION_LASTS_MAX, Reason
from domain.kernel.events import Personal
from tests.kit.scenario import NOW

ADA, BORA, DENIZ = "cus_ada1", "cus_bora", "stf_deniz"
SESSION, SECOND = "ses_0001", "ses_0002"
EMAIL, OTHER = EmailAddress("ada@example.com", "a1"), EmailAddress("ada@new.example", "a2")
LASTS = timedelta(days=30)
DEVICE = "203.0.113.7 Firefox"


def personal(text: str, owner: str = ADA) -> Personal:
    return Personal(owner, text)


def begun(
    session_id: str = SESSION, *, person: str = ADA, lasts: timedelta = LASTS
) -> SessionBegun:
    ends = NOW + min(lasts, SESSION_LASTS_MAX)
    return SessionBegun(person, session_id, "password", personal(DEVICE, person), ends)


def ended(reason: Reason, session_id: str = SESSION) -> SessionEnded:
    return SessionEnded(ADA, session_id, reason.value)


OPENED = AccountOpened(ADA, "customer", personal(EMAIL.address), EMAIL.key, ("customer",))
STAFF_OPENED = AccountOpened(DENIZ, "staff", personal("d@shop.example", DENIZ), "d1", ("finance",))
VERIFIED = EmailVerified(ADA, EMAIL.key)
SUSPENDED = AccountSuspended(ADA, personal("chargebacks"))
CLOSED = AccountClosed(ADA, EMAIL.key)


def state_of(*events: AccountEvent) -> Account:
    state: Account | None = None
    for event in events:
        state = Account.evolve(state, event)
    assert state is not None
    return state
