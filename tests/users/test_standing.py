"""USR-07: who is suspended logs in no more, and what they own stays theirs."""

from datetime import timedelta

import pytest

from application.users.standing import (
    CustomerStandingResult,
    CustomerSuspended,
    NoAccount,
    ReactivateCustomer,
    SuspendCustomer,
)
from domain.identity.account import NotSuspended
from domain.identity.events import (
    AccountClosed,
    AccountOpened,
    AccountReactivated,
    AccountSuspended,
    SessionBegun,
    SessionEnded,
)
from domain.kernel.events import Event, Personal
from domain.kernel.refusals import Refusal
from domain.users.customer import CustomerNotFound
from domain.users.events import CustomerRegistered
from domain.wallet.events import WalletOpened
from domain.wallet.standing_events import WalletFrozen
from tests.kit.scenario import NOW, acting_for, given
from tests.kit.wallets import BOOKS

pytestmark = pytest.mark.row("USR-07")

ADA, BORA = "cus_ada1", "cus_bora"
REASON = Personal(ADA, "she lost her telephone")
REGISTERED = CustomerRegistered(ADA, None, None, None, "tr")
OPENED = AccountOpened(ADA, "customer", Personal(ADA, "a@a.example"), "l1", ("customer",))
BEGUN = SessionBegun(ADA, "ses_1", "password", Personal(ADA, "a browser"), NOW + timedelta(days=1))
SUSPENDED = AccountSuspended(ADA, REASON)
ENDED = SessionEnded(ADA, "ses_1", "suspended")
CLOSED = AccountClosed(ADA, "l1")
REACTIVATED = AccountReactivated(ADA)
WALLETS = (
    WalletOpened("wal_lira", ADA, "TRY"),
    WalletOpened("wal_euro", ADA, "EUR"),
    WalletOpened("wal_bora", BORA, "TRY"),
    WalletFrozen("wal_euro", REASON),
)

SUSPEND, REACTIVATE = SuspendCustomer(ADA, "she lost her telephone"), ReactivateCustomer(ADA)

STATES: dict[str, tuple[Event, ...]] = {
    "none": (),
    "no account": (REGISTERED,),
    "active": (REGISTERED, OPENED, BEGUN),
    "suspended": (REGISTERED, OPENED, BEGUN, SUSPENDED, ENDED),
    "closed": (REGISTERED, OPENED, CLOSED),
}
TABLE: list[tuple[str, object, type[Refusal] | tuple[Event, ...]]] = [
    ("none", SUSPEND, CustomerNotFound),
    ("none", REACTIVATE, CustomerNotFound),
    ("no account", SUSPEND, NoAccount),
    ("no account", REACTIVATE, NoAccount),
    ("active", SUSPEND, (SUSPENDED, ENDED)),
    ("active", REACTIVATE, NotSuspended),
    ("suspended", SUSPEND, CustomerSuspended),
    ("suspended", REACTIVATE, (REACTIVATED,)),
    ("closed", SUSPEND, NoAccount),
    ("closed", REACTIVATE, NoAccount),
]


@pytest.mark.parametrize(("state", "command", "expected"), TABLE)
def test_every_state_answers_every_command(
    state: str, command: object, expected: type[Refusal] | tuple[Event, ...]
) -> None:
    answer = given(*STATES[state]).when(command)
    if isinstance(expected, tuple):
        answer.then(*expected)
    else:
        answer.then_refused(expected)


def test_the_table_holds_every_pair() -> None:
    pairs = {(state, type(command)) for state, command, _ in TABLE}
    assert pairs == {
        (state, kind) for state in STATES for kind in (SuspendCustomer, ReactivateCustomer)
    }


def test_their_usable_wallets_are_frozen_with_them_and_nobody_elses() -> None:
    wallets = ("wal_lira", "wal_euro", "wal_bora", "wal_none")
    command = SuspendCustomer(ADA, "she lost her telephone", wallets)
    answer = given(BOOKS, *STATES["active"], *WALLETS).when(command)
    answer.then(SUSPENDED, ENDED, WalletFrozen("wal_lira", REASON))
    answer.then_result(CustomerStandingResult(ADA, suspended=True, frozen=("wal_lira",)))


def test_reactivation_leaves_frozen_wallets_as_they_are() -> None:
    answer = given(BOOKS, *STATES["suspended"], *WALLETS).when(REACTIVATE)
    answer.then(REACTIVATED).then_result(CustomerStandingResult(ADA, suspended=False))


def test_another_customer_is_as_absent_as_none() -> None:
    given(*STATES["active"]).when(SUSPEND, actor=acting_for(BORA)).then_refused(CustomerNotFound)
