"""USR-10: a person is erased once nothing of theirs would be lost, and is absent ever after."""

from dataclasses import replace
from datetime import timedelta

import pytest

from application.envelope import Actor
from application.identity.logins import EmailAddress
from application.process import Forget
from application.processes.erasures import ERASURES
from application.users.customers import ChangeContact, RegisterCustomer
from application.users.erasure import ErasedResult, ErasePerson
from application.wallet.limits import SetLevel
from application.wallet.topups import TopUp
from application.wallet.wallets import OpenFirstWallet, OpenWallet
from domain.identity.events import (
    AccountClosed,
    AccountOpened,
    SessionBegun,
    SessionEnded,
    SteppedUp,
)
from domain.identity.sessions import SessionNotFound, StepUpRequired
from domain.kernel.events import Claim, Event, Personal, Recorded
from domain.users import customer
from domain.users.customer import (
    Customer,
    CustomerNotFound,
    ErasureReason,
    Locale,
    MoneyLeft,
    PersonForgotten,
)
from domain.users.events import EMAIL_CLAIM, CustomerRegistered, PersonErased
from domain.wallet.events import WalletOpened
from domain.wallet.requests.events import TopUpCancelled, TopUpRequested
from domain.wallet.standing_events import WalletClosed
from domain.wallet.wallet import WalletIsClosed
from tests.kit.scenario import NOW, TENANT_ID, acting_for, given
from tests.kit.wallets import BOOKS, held, lira, topped_up
from tests.users.test_first_wallet import EVENT_ID

pytestmark = pytest.mark.row("USR-10")

ADA, WALLET, DOLLARS = "cus_ada1", "wal_ada", "wal_usd"
LOGIN = Personal(ADA, "ada@example.com")
REGISTERED = CustomerRegistered(ADA, Personal(ADA, "Ada"), LOGIN, "a1", "tr")
OPENED = WalletOpened(WALLET, ADA, "TRY")
DOLLARS_OPENED = WalletOpened(DOLLARS, ADA, "USD")
ACCOUNT = AccountOpened(ADA, "customer", LOGIN, "a1", ("customer",))
SESSION = SessionBegun(
    ADA, "ses_1", "password", Personal(ADA, "10.0.0.1 curl"), NOW + timedelta(days=1)
)
ASKED_IN = TopUpRequested("tpr_1", WALLET, ADA, lira(400), None, ADA, NOW + timedelta(days=30))

KNOWN: tuple[Event, ...] = (BOOKS, REGISTERED, OPENED)
ERASE = ErasePerson(ADA, ErasureReason.ASKED, ("EUR", "TRY", "USD"), ("tpr_1",))
CLOSED = WalletClosed(WALLET, ADA, "TRY", None)
ERASED = PersonErased(ADA, "asked", "a1", None)
FORGOTTEN: tuple[Event, ...] = (*KNOWN, CLOSED, ERASED)


def test_wallets_and_account_end_and_the_key_is_destroyed_with_the_last_event() -> None:
    answer = given(*KNOWN, DOLLARS_OPENED, ACCOUNT, SESSION).when(ERASE, actor=acting_for(ADA))
    answer.then(
        SessionEnded(ADA, "ses_1", "closed"),
        AccountClosed(ADA, "a1"),
        CLOSED,
        WalletClosed(DOLLARS, ADA, "USD", None),
        PersonErased(ADA, "asked", "a1", "a1"),
    )
    answer.then_result(ErasedResult(ADA, NOW))
    assert ERASED.forgets() == (ADA,)
    assert ERASED.releases() == (Claim(EMAIL_CLAIM, "a1"),)
    assert REGISTERED.forgets() == ()


OWN = Actor(ADA, "key_1", ADA, session_id="ses_1")


def test_who_erases_themselves_has_said_their_password_again() -> None:
    story = given(*KNOWN, ACCOUNT, SESSION)
    story.when(ERASE, actor=OWN).then_refused(StepUpRequired)
    story.when(ERASE, actor=OWN._replace(session_id="ses_2")).then_refused(SessionNotFound)
    proven = SteppedUp(ADA, "ses_1", NOW + timedelta(minutes=5))
    answer = given(*KNOWN, ACCOUNT, SESSION, proven).when(ERASE, actor=OWN)
    assert answer.decision.refusal is None


def test_an_account_that_was_closed_before_stays_closed() -> None:
    given(*KNOWN, ACCOUNT, AccountClosed(ADA, "a1")).when(ERASE).then(
        CLOSED, PersonErased(ADA, "asked", "a1", "a1")
    )


def test_all_currencies_are_looked_at_together() -> None:
    more = replace(ERASE, currencies=("TRY", *(f"X{n:02}" for n in range(99))))
    assert given(*KNOWN).when(more).looks == given(*KNOWN).when(ERASE).looks == 6


def test_refuses_while_one_minor_unit_is_left() -> None:
    given(*KNOWN, topped_up(1)).when(ERASE).then_refused(
        MoneyLeft, wallet_id=WALLET, available=1, held=0, bonus=0
    )


def test_refuses_while_money_is_set_aside() -> None:
    given(*KNOWN, topped_up(500), *held(500, version=3)).when(ERASE).then_refused(
        MoneyLeft, wallet_id=WALLET, available=0, held=500, bonus=0
    )


def test_refuses_while_a_request_of_theirs_is_open() -> None:
    given(*KNOWN, ASKED_IN).when(ERASE).then_refused(MoneyLeft, request_id="tpr_1")
    given(*KNOWN, ASKED_IN, TopUpCancelled("tpr_1", ADA)).when(ERASE).then(CLOSED, ERASED)


def test_nobody_is_erased_by_another_customer() -> None:
    given(*KNOWN).when(ERASE, actor=acting_for("cus_bora")).then_refused(CustomerNotFound)


@pytest.mark.parametrize(
    ("command", "refusal"),
    [
        (ChangeContact(ADA, "Ada", None, Locale.TURKISH), CustomerNotFound),
        (OpenWallet(ADA, "TRY"), PersonForgotten),
        (OpenFirstWallet(ADA), PersonForgotten),
        (SetLevel(ADA, "gold"), PersonForgotten),
        (TopUp(WALLET, lira(5)), WalletIsClosed),
    ],
)
def test_no_command_acts_on_whoever_was_erased(command: object, refusal: type) -> None:
    given(*FORGOTTEN).when(command).then_refused(refusal)


def test_their_address_is_free_and_their_account_is_not() -> None:
    email = EmailAddress("ada@example.com", "a1")
    anew = RegisterCustomer(None, email, Locale.TURKISH, "cus_new1")
    assert given(*FORGOTTEN).when(anew).decision.refusal is None


def test_nobody_is_erased_twice() -> None:
    erased = Customer.evolve(None, ERASED)
    with pytest.raises(PersonForgotten):
        customer.erase(erased, reason=ErasureReason.ORDERED, login_key=None)


@pytest.mark.parametrize(
    ("event", "hashes"),
    [
        (ERASED, ("a1",)),
        (PersonErased(ADA, "asked", "a1", "a1"), ("a1",)),
        (PersonErased(ADA, "asked", "a1", "a2"), ("a1", "a2")),
        (PersonErased(ADA, "asked", None, None), ()),
    ],
)
def test_what_stands_beside_the_log_is_forgotten_too(
    event: PersonErased, hashes: tuple[str, ...]
) -> None:
    recorded = Recorded(TENANT_ID, 7, EVENT_ID, f"customer-{ADA}", 2, NOW, event, b"")
    assert list(ERASURES.reactions[PersonErased](recorded)) == [Forget(ADA, hashes)]
