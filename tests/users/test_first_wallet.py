"""WLT-01: who is registered gets one wallet in the base currency, by event."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from application.process import Send
from application.processes.wallet_of_customer import WALLET_OF_CUSTOMER
from application.wallet.wallets import OpenFirstWallet
from domain.kernel.events import Event, Recorded
from domain.ledger.books import BooksNotOpen
from domain.users.events import CustomerRegistered
from domain.wallet.events import WalletOpened
from domain.wallet.wallet import WalletExists
from tests.kit.scenario import NOW, TENANT_ID, given, new_id
from tests.kit.wallets import ADA, ADA_OPENED, BOOKS

pytestmark = pytest.mark.row("WLT-01")

EVENT_ID = UUID("e0000000-0000-4000-8000-000000000001")
REGISTERED = CustomerRegistered("cus_ada1", None, None, None, "tr")


def recorded(event: Event) -> Recorded:
    return Recorded(TENANT_ID, 7, EVENT_ID, "stream-1", 1, NOW, event, b"")


def test_a_registered_customer_is_answered_with_a_wallet() -> None:
    react = WALLET_OF_CUSTOMER.reactions[CustomerRegistered]
    assert list(react(recorded(REGISTERED))) == [Send(OpenFirstWallet("cus_ada1"))]


def test_the_first_wallet_is_in_the_base_currency_of_the_books() -> None:
    given(BOOKS).when(OpenFirstWallet("usr_ada")).then(
        WalletOpened(new_id("wal"), "usr_ada", "TRY")
    )


def test_who_has_one_is_refused_another() -> None:
    later = datetime(2026, 3, 6, tzinfo=UTC)
    opened = given(BOOKS).when(OpenFirstWallet("usr_ada"))
    again = opened.when(OpenFirstWallet("usr_ada"), command_id=EVENT_ID, at=later)
    again.then_refused(WalletExists, wallet_id=new_id("wal"))
    by_hand = given(BOOKS, ADA_OPENED).when(OpenFirstWallet("usr_ada"))
    by_hand.then_refused(WalletExists, wallet_id=ADA)


def test_there_is_no_first_wallet_before_the_books_are_open() -> None:
    given().when(OpenFirstWallet("usr_ada")).then_refused(BooksNotOpen)
