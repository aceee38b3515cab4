import pytest

from application.wallet.wallets import ChooseScheme, OpenWallet, OwnerNotYours, WalletOpenedResult
from domain.ledger.books import BooksNotOpen
from domain.wallet.events import SchemeChosen, WalletOpened
from domain.wallet.scheme import SchemeMode
from domain.wallet.wallet import WalletExists
from tests.kit.scenario import acting_for, given, new_id
from tests.kit.wallets import ADA, ADA_OPENED, BOOKS, LICENSED, lira

pytestmark = pytest.mark.row("WLT-03")


def test_opens_a_wallet_under_an_id_of_its_own() -> None:
    opened = given(BOOKS).when(OpenWallet("usr_ada", "TRY"))
    opened.then(WalletOpened(new_id("wal"), "usr_ada", "TRY"))
    opened.then_result(WalletOpenedResult(new_id("wal")))


def test_opens_a_wallet_under_the_id_that_the_caller_chose() -> None:
    given(BOOKS).when(OpenWallet("usr_ada", "TRY", wallet_id=ADA)).then(ADA_OPENED)


def test_a_new_wallet_is_empty() -> None:
    wallet = given(BOOKS).when(OpenWallet("usr_ada", "TRY", ADA)).state(f"wallet-{ADA}")
    assert (wallet.available, wallet.held, wallet.version) == (lira(0), lira(0), 1)
    assert wallet.currency == "TRY"


def test_one_owner_has_wallets_of_several_currencies() -> None:
    given(BOOKS, ADA_OPENED).when(OpenWallet("usr_ada", "EUR", "wal_eur")).then(
        WalletOpened("wal_eur", "usr_ada", "EUR")
    )


def test_refuses_a_second_wallet_of_one_owner_in_one_currency_and_names_the_first() -> None:
    given(BOOKS, ADA_OPENED).when(OpenWallet("usr_ada", "TRY")).then_refused(
        WalletExists, wallet_id=ADA
    )


def test_refuses_an_id_that_is_taken_without_saying_whose() -> None:
    given(BOOKS, ADA_OPENED).when(OpenWallet("usr_bora", "TRY", ADA)).then_refused(WalletExists)


def test_refuses_a_wallet_before_the_books_are_open() -> None:
    given().when(OpenWallet("usr_ada", "TRY")).then_refused(BooksNotOpen)


def test_a_customer_opens_a_wallet_for_themselves() -> None:
    given(BOOKS).when(OpenWallet("usr_ada", "TRY", ADA), actor=acting_for("usr_ada")).then(
        ADA_OPENED
    )


def test_a_customer_opens_no_wallet_for_another() -> None:
    given(BOOKS).when(OpenWallet("usr_ada", "TRY"), actor=acting_for("usr_bora")).then_refused(
        OwnerNotYours
    )


@pytest.mark.row("WLT-08")
def test_a_scheme_is_chosen_and_changed() -> None:
    given().when(ChooseScheme(SchemeMode.LICENSED)).then(LICENSED)
    given(LICENSED).when(ChooseScheme(SchemeMode.CLOSED_LOOP)).then(SchemeChosen("closed_loop"))


@pytest.mark.row("WLT-08")
def test_choosing_the_present_scheme_again_changes_nothing() -> None:
    given(LICENSED).when(ChooseScheme(SchemeMode.LICENSED)).then()
