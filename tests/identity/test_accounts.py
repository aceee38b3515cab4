"""Every command an account takes, in every state that it can be in (IAM-01 to IAM-08)."""

import pytest

from application.identity.accounts import (
    AccountResult,
    OpenAccount,
    ReactivateAccount,
    Register,
    SetPassword,
    SuspendAccount,
    VerifyEmail,
)
from application.identity.links import LinkResult, RequestLink
from application.identity.logins import LoginNeeded
from application.identity.sessions import (
    BeginSession,
    EndSession,
    EndSessions,
    SessionEndedResult,
    SessionResult,
    SessionsEndedResult,
    StepUp,
    StepUpResult,
)
from application.users.customers import ChangeContact
from domain.identity import accounts, sessions
from domain.identity.account import (
    AccountExists,
    AccountNotFound,
    Kind,
    LoginTaken,
    NotSuspended,
    Suspended,
)
from domain.identity.accounts import LinkPurpose
from domain.identity.events import (
    AccountClosed,
    AccountOpened,
    AccountReactivated,
    EmailVerified,
    LinkRequested,
    LoginChanged,
    PasswordSet,
    SteppedUp,
)
from domain.identity.sessions import (
    STEP_UP_LASTS,
    Reason,
    SessionNotFound,
)
from domain.kernel.events import Event
from domain.kernel.refusals import Refusal
from domain.notifications.events import ReceiptsChosen
from domain.users.customer import CustomerExists, Locale
from domain.users.events import ContactChanged, CustomerRegistered
from tests.identity.people import (
    ADA,
    BORA,
    CLOSED,
    DEVICE,
    EMAIL,
    LASTS,
    OPENED,
    OTHER,
    SECOND,
    SESSION,
    SUSPENDED,
    VERIFIED,
    begun,
    ended,
    personal,
    state_of,
)
from tests.kit.scenario import NOW, acting_for, given
from tests.kit.wallets import BOOKS

STATES: dict[str, tuple[Event, ...]] = {
    "none": (),
    "open": (OPENED,),
    "verified": (OPENED, VERIFIED),
    "in session": (OPENED, begun()),
    "suspended": (OPENED, SUSPENDED),
    "closed": (OPENED, CLOSED),
}
REGISTERED = CustomerRegistered(ADA, personal("Ada"), personal(EMAIL.address), EMAIL.key, "tr")
REGISTER = Register(ADA, "Ada", EMAIL, Locale.TURKISH)
OPEN = OpenAccount(ADA, Kind.CUSTOMER, EMAIL, ("customer",))
VERIFY = VerifyEmail(ADA, EMAIL.key)
PASSWORD = SetPassword(ADA, "changed")
SUSPEND = SuspendAccount(ADA, "chargebacks")
REACTIVATE = ReactivateAccount(ADA)
BEGIN = BeginSession(ADA, SECOND, "password", DEVICE, LASTS)
END = EndSession(ADA, SESSION, Reason.REVOKED)
END_ALL = EndSessions(ADA)
END_KEPT = EndSessions(ADA, keeping=SESSION)
STEP_UP = StepUp(ADA, SESSION)
LINK = RequestLink(EMAIL.key, LinkPurpose.VERIFICATION)
RESET = RequestLink(EMAIL.key, LinkPurpose.RESET)

SET, LINKED = PasswordSet(ADA, "changed"), LinkRequested(ADA, "verification", EMAIL.key)
RESET_ASKED = LinkRequested(ADA, "reset", EMAIL.key)
STEPPED_UP = SteppedUp(ADA, SESSION, NOW + STEP_UP_LASTS)
RESULTS: dict[object, object] = {
    OPEN: AccountResult(ADA),
    VERIFY: AccountResult(ADA),
    PASSWORD: AccountResult(ADA),
    SUSPEND: AccountResult(ADA),
    REACTIVATE: AccountResult(ADA),
    BEGIN: SessionResult(SECOND, NOW + LASTS),
    END: SessionEndedResult(SESSION),
    END_KEPT: SessionsEndedResult(0),
    STEP_UP: StepUpResult(NOW + STEP_UP_LASTS),
    LINK: LinkResult(),
    RESET: LinkResult(),
}

Then = tuple[Event, ...] | type[Refusal]
TABLE: dict[object, tuple[Then, ...]] = {
    OPEN: ((OPENED,), *(AccountExists,) * 5),
    VERIFY: (AccountNotFound, (VERIFIED,), (), (VERIFIED,), (VERIFIED,), AccountNotFound),
    PASSWORD: (
        AccountNotFound,
        (SET,),
        (SET,),
        (SET, ended(Reason.PASSWORD_SET)),
        (SET,),
        AccountNotFound,
    ),
    SUSPEND: (
        AccountNotFound,
        (SUSPENDED,),
        (SUSPENDED,),
        (SUSPENDED, ended(Reason.SUSPENDED)),
        Suspended,
        AccountNotFound,
    ),
    REACTIVATE: (
        AccountNotFound,
        *(NotSuspended,) * 3,
        (AccountReactivated(ADA),),
        AccountNotFound,
    ),
    BEGIN: (AccountNotFound, *((begun(SECOND),),) * 3, Suspended, AccountNotFound),
    END: (
        AccountNotFound,
        *(SessionNotFound,) * 2,
        (ended(Reason.REVOKED),),
        SessionNotFound,
        AccountNotFound,
    ),
    END_ALL: (AccountNotFound, (), (), (ended(Reason.REVOKED),), (), AccountNotFound),
    END_KEPT: (AccountNotFound, (), (), (), (), AccountNotFound),
    STEP_UP: (
        AccountNotFound,
        *(SessionNotFound,) * 2,
        (STEPPED_UP,),
        SessionNotFound,
        AccountNotFound,
    ),
    LINK: ((), (LINKED,), (), (LINKED,), (), ()),
    RESET: ((), *((RESET_ASKED,),) * 3, (), ()),
}
"""What each command leads to, in the order of the states."""


@pytest.mark.parametrize(
    ("command", "state", "then"),
    [
        pytest.param(command, state, then, id=f"{type(command).__name__} {state}")
        for command, row in TABLE.items()
        for state, then in zip(STATES, row, strict=True)
    ],
)
def test_every_command_in_every_state(command: object, state: str, then: Then) -> None:
    answer = given(*STATES[state]).when(command)
    if isinstance(then, type):
        answer.then_refused(then)
        return
    answer.then(*then)
    if command in RESULTS:
        answer.then_result(RESULTS[command])


@pytest.mark.row("IAM-01")
def test_who_registers_has_a_record_an_account_and_a_password() -> None:
    answer = given(BOOKS).when(REGISTER)
    answer.then(REGISTERED, ReceiptsChosen(mailed=True), OPENED, PasswordSet(ADA, "registered"))
    answer.then_result(AccountResult(ADA))


@pytest.mark.row("IAM-01")
def test_nobody_registers_twice() -> None:
    given(BOOKS, REGISTERED, OPENED).when(REGISTER).then_refused(CustomerExists)


def test_an_address_belongs_to_one_account() -> None:
    again = OpenAccount(BORA, Kind.CUSTOMER, EMAIL, ("customer",))
    given(OPENED).when(again).then_refused(LoginTaken)
    theirs = AccountOpened(BORA, "customer", personal(EMAIL.address, BORA), "a1", ("customer",))
    given(OPENED, CLOSED).when(again).then(theirs)


def test_the_login_follows_the_address_that_a_customer_is_reached_at() -> None:
    known = (BOOKS, REGISTERED, ReceiptsChosen(mailed=True))
    moved = ContactChanged(ADA, personal("Ada"), personal(OTHER.address), "a2", "a1", "tr")
    move = ChangeContact(ADA, "Ada", OTHER, Locale.TURKISH)
    changed = LoginChanged(ADA, personal(OTHER.address), "a2", "a1")
    answer = given(*known, OPENED, VERIFIED).when(move).then(moved, changed)
    assert not answer.state(f"account-{ADA}").verified
    answer.when(VERIFY).then()
    answer.when(VerifyEmail(ADA, "a2")).then(EmailVerified(ADA, "a2"))
    given(*known).when(move).then(moved)
    given(*known, OPENED, CLOSED).when(move).then(moved)
    same = ChangeContact(ADA, "Ada", EMAIL, Locale.TURKISH)
    stays = ContactChanged(ADA, personal("Ada"), personal(EMAIL.address), "a1", "a1", "tr")
    given(*known, OPENED).when(same).then(stays)
    nowhere = ChangeContact(ADA, "Ada", None, Locale.TURKISH)
    given(*known, OPENED).when(nowhere).then_refused(LoginNeeded)


@pytest.mark.row("IAM-06")
def test_whoever_followed_a_mailed_link_has_a_verified_address() -> None:
    by_link = SetPassword(ADA, "reset", verified_key=EMAIL.key)
    given(OPENED).when(by_link).then(PasswordSet(ADA, "reset"), VERIFIED)
    elsewhere = SetPassword(ADA, "reset", verified_key="a0")
    given(OPENED).when(elsewhere).then(PasswordSet(ADA, "reset"))


@pytest.mark.row("IAM-07")
def test_a_changed_password_keeps_the_session_that_changed_it() -> None:
    command = SetPassword(ADA, "changed", keeping=SESSION)
    story = given(OPENED, begun(), begun(SECOND))
    story.when(command).then(SET, ended(Reason.PASSWORD_SET, SECOND))


@pytest.mark.parametrize(
    "command", [VERIFY, PASSWORD, BEGIN, END, END_ALL, STEP_UP, SUSPEND, REACTIVATE]
)
def test_another_persons_account_is_as_absent_as_none(command: object) -> None:
    story = given(OPENED, begun())
    story.when(command, actor=acting_for(BORA)).then_refused(AccountNotFound)


def test_closing_ends_every_session_and_lets_go_of_the_address() -> None:
    done = accounts.close(state_of(OPENED, begun()))
    assert done == (ended(Reason.CLOSED), AccountClosed(ADA, EMAIL.key))
    assert state_of(OPENED, begun(), AccountClosed(ADA, EMAIL.key)).sessions == {}


def test_the_rules_themselves_know_no_closed_account() -> None:
    closed = state_of(OPENED, CLOSED)
    with pytest.raises(AccountNotFound):
        accounts.close(closed)
    with pytest.raises(AccountNotFound):
        sessions.begin(
            closed,
            session_id=SESSION,
            method="password",
            device=personal(DEVICE),
            lasts=LASTS,
            at=NOW,
        )
