import pytest

from application.wallet.transfers import TransferFunds, TransferResult
from domain.kernel.money import AMOUNT_MINOR_MAX, CurrencyMismatch, Money
from domain.ledger.books import BooksNotOpen
from domain.wallet.events import SchemeChosen, TransferReceived, TransferSent, WalletOpened
from domain.wallet.scheme import TransfersNotLicensed
from domain.wallet.transfers import SelfTransfer
from domain.wallet.wallet import (
    AmountInvalid,
    BalanceLimitExceeded,
    InsufficientFunds,
    WalletNotFound,
)
from tests.kit.scenario import acting_for, given, new_id
from tests.kit.wallets import (
    ADA,
    ADA_CASH,
    ADA_OPENED,
    BOOKS,
    BORA,
    BORA_CASH,
    BORA_OPENED,
    LICENSED,
    entry,
    lira,
    topped_up,
)

pytestmark = pytest.mark.row("WLT-08")

FUNDED = (BOOKS, LICENSED, ADA_OPENED, BORA_OPENED, topped_up(1_000))


def test_a_transfer_moves_money_between_two_wallets_in_one_entry() -> None:
    answer = given(*FUNDED).when(TransferFunds(ADA, BORA, lira(250)))
    transfer, where = new_id("trf"), f"wallet-{ADA}.3"
    moved = entry("wallet.transfer", 250, debit=ADA_CASH, credit=BORA_CASH)
    answer.then(
        TransferSent(ADA, BORA, transfer, lira(250), moved),
        TransferReceived(BORA, ADA, transfer, lira(250), where),
    )
    answer.then_result(TransferResult(transfer, where))
    assert answer.state(f"wallet-{ADA}").available == lira(750)
    assert answer.state(f"wallet-{BORA}").available == lira(250)


def test_sends_all_that_is_available_and_refuses_one_minor_unit_too_many() -> None:
    answer = given(*FUNDED).when(TransferFunds(ADA, BORA, lira(1_000)))
    assert answer.state(f"wallet-{ADA}").available == lira(0)
    given(*FUNDED).when(TransferFunds(ADA, BORA, lira(1_001))).then_refused(
        InsufficientFunds, available=1_000, asked=1_001
    )


@pytest.mark.parametrize("minor", [0, -1, AMOUNT_MINOR_MAX + 1])
def test_refuses_an_amount_that_no_wallet_can_move(minor: int) -> None:
    given(*FUNDED).when(TransferFunds(ADA, BORA, lira(minor))).then_refused(AmountInvalid)


def test_refuses_a_transfer_to_itself() -> None:
    given(*FUNDED).when(TransferFunds(ADA, ADA, lira(1))).then_refused(SelfTransfer)


def test_refuses_a_transfer_between_currencies() -> None:
    euros = WalletOpened("wal_eur", "usr_bora", "EUR")
    given(*FUNDED, euros).when(TransferFunds(ADA, "wal_eur", lira(1))).then_refused(
        CurrencyMismatch, expected="EUR", found="TRY"
    )
    given(*FUNDED).when(TransferFunds(ADA, BORA, Money(1, "EUR"))).then_refused(
        CurrencyMismatch, expected="TRY", found="EUR"
    )


def test_refuses_one_minor_unit_more_than_the_receiver_has_room_for() -> None:
    story = given(*FUNDED, topped_up(AMOUNT_MINOR_MAX - 10, wallet=BORA))
    story.when(TransferFunds(ADA, BORA, lira(11))).then_refused(BalanceLimitExceeded)
    full = story.when(TransferFunds(ADA, BORA, lira(10)))
    assert full.state(f"wallet-{BORA}").available == lira(AMOUNT_MINOR_MAX)


@pytest.mark.parametrize("scheme", [(), (SchemeChosen("closed_loop"),)])
def test_a_closed_loop_sends_nothing(scheme: tuple[SchemeChosen, ...]) -> None:
    given(BOOKS, *scheme, ADA_OPENED, BORA_OPENED, topped_up(1_000)).when(
        TransferFunds(ADA, BORA, lira(1))
    ).then_refused(TransfersNotLicensed)


def test_refuses_wallets_that_are_not_there() -> None:
    given(*FUNDED).when(TransferFunds("wal_no", BORA, lira(1))).then_refused(WalletNotFound)
    given(*FUNDED).when(TransferFunds(ADA, "wal_no", lira(1))).then_refused(WalletNotFound)


def test_refuses_a_transfer_without_books() -> None:
    given(LICENSED, ADA_OPENED, BORA_OPENED).when(TransferFunds(ADA, BORA, lira(1))).then_refused(
        BooksNotOpen
    )


def test_a_customer_sends_from_their_own_wallet_to_anyone_s() -> None:
    answer = given(*FUNDED).when(TransferFunds(ADA, BORA, lira(1)), actor=acting_for("usr_ada"))
    assert answer.decision.refusal is None


@pytest.mark.row("TEN-05")
def test_a_customer_never_sends_from_another_s_wallet() -> None:
    command = TransferFunds(ADA, BORA, lira(1))
    there = given(*FUNDED).when(command, actor=acting_for("usr_bora"))
    there.then_refused(WalletNotFound)
    nowhere = given(BOOKS, LICENSED, BORA_OPENED).when(command, actor=acting_for("usr_bora"))
    assert there.decision.told == nowhere.decision.told


def test_both_wallets_are_looked_up_together() -> None:
    """Scheme, wallets, books, limits: what one command needs comes in four looks at most."""
    assert given(*FUNDED).when(TransferFunds(ADA, BORA, lira(1))).looks == 4
