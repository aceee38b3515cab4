from datetime import date, timedelta

import pytest

from application.wallet.access import StaffOnly
from application.wallet.topups import CreditFunds, CreditResult, TopUp, TopUpResult
from domain.kernel.events import Personal
from domain.kernel.money import AMOUNT_MINOR_MAX, CurrencyMismatch, Money
from domain.ledger.accounts import UnknownAccount
from domain.ledger.books import EffectiveInFuture
from domain.ledger.events import AccountOpened
from domain.wallet.events import FundsCredited, FundsToppedUp
from domain.wallet.wallet import AmountInvalid, BalanceLimitExceeded, WalletNotFound
from tests.kit.scenario import acting_for, given, new_id
from tests.kit.wallets import (
    ADA,
    ADA_CASH,
    ADA_OPENED,
    BOOKS,
    TODAY,
    credited,
    entry,
    held,
    lira,
    topped_up,
)

pytestmark = pytest.mark.row("WLT-02")


def test_a_top_up_moves_money_from_the_bank_to_the_wallet() -> None:
    answer = given(BOOKS, ADA_OPENED).when(TopUp(ADA, lira(1_250), note="EFT 4711"))
    answer.then(
        FundsToppedUp(
            ADA,
            new_id("top"),
            lira(1_250),
            "bank",
            entry("wallet.top_up", 1_250, debit="bank", credit=ADA_CASH),
            Personal("usr_ada", "EFT 4711"),
        )
    )
    answer.then_result(TopUpResult(new_id("top"), f"wallet-{ADA}.2"))
    assert answer.state(f"wallet-{ADA}").available == lira(1_250)


def test_a_credit_moves_money_from_returns_to_the_wallet() -> None:
    answer = given(BOOKS, ADA_OPENED).when(CreditFunds(ADA, lira(300), note="faulty"))
    answer.then(
        FundsCredited(
            ADA,
            new_id("crd"),
            lira(300),
            "sales.returns",
            entry("wallet.credit", 300, debit="sales.returns", credit=ADA_CASH),
            Personal("usr_ada", "faulty"),
        )
    )
    answer.then_result(CreditResult(new_id("crd"), f"wallet-{ADA}.2"))


def test_nothing_personal_is_kept_without_a_note() -> None:
    given(BOOKS, ADA_OPENED).when(TopUp(ADA, lira(1))).then(topped_up(1, top_up_id=new_id("top")))
    [(_, _, event)] = given(BOOKS, ADA_OPENED).when(CreditFunds(ADA, lira(1))).decision.events
    assert isinstance(event, FundsCredited)
    assert event.note is None


def test_a_top_up_may_come_in_on_an_account_of_the_tenant() -> None:
    own = AccountOpened("bank.garanti", "asset", "Garanti BBVA")
    answer = given(BOOKS, own, ADA_OPENED).when(TopUp(ADA, lira(5), source="bank.garanti"))
    [(_, _, event)] = answer.decision.events
    assert isinstance(event, FundsToppedUp)
    assert event.entry == entry("wallet.top_up", 5, debit="bank.garanti", credit=ADA_CASH)


def test_a_top_up_counts_on_the_day_it_is_dated() -> None:
    earlier = date(2025, 12, 31)
    answer = given(BOOKS, ADA_OPENED).when(TopUp(ADA, lira(5), effective_on=earlier))
    [(_, _, event)] = answer.decision.events
    assert isinstance(event, FundsToppedUp)
    assert event.entry.effective_on == earlier


@pytest.mark.parametrize("command", [TopUp, CreditFunds])
@pytest.mark.parametrize("minor", [0, -1, AMOUNT_MINOR_MAX + 1])
def test_refuses_an_amount_outside_1_to_2_to_the_53_minus_1(
    command: type[TopUp | CreditFunds], minor: int
) -> None:
    given(BOOKS, ADA_OPENED).when(command(ADA, lira(minor))).then_refused(AmountInvalid)


@pytest.mark.parametrize("command", [TopUp, CreditFunds])
def test_fills_a_wallet_to_its_last_minor_unit_and_not_beyond(
    command: type[TopUp | CreditFunds],
) -> None:
    filled = given(BOOKS, ADA_OPENED).when(command(ADA, lira(AMOUNT_MINOR_MAX)))
    assert filled.state(f"wallet-{ADA}").available.minor == AMOUNT_MINOR_MAX
    filled.when(command(ADA, lira(1))).then_refused(BalanceLimitExceeded)


def test_held_money_counts_towards_what_a_wallet_may_hold() -> None:
    half = AMOUNT_MINOR_MAX // 2
    story = given(BOOKS, ADA_OPENED, topped_up(half), *held(half, version=3))
    rest = AMOUNT_MINOR_MAX - half
    story.when(TopUp(ADA, lira(rest + 1))).then_refused(BalanceLimitExceeded)
    assert story.when(TopUp(ADA, lira(rest))).state(f"wallet-{ADA}").available == lira(rest)


@pytest.mark.parametrize("command", [TopUp, CreditFunds])
def test_refuses_another_currency(command: type[TopUp | CreditFunds]) -> None:
    given(BOOKS, ADA_OPENED).when(command(ADA, Money(1, "EUR"))).then_refused(
        CurrencyMismatch, expected="TRY", found="EUR"
    )


@pytest.mark.parametrize("command", [TopUp, CreditFunds])
@pytest.mark.parametrize("account", ["nowhere", "wallet.cash", ADA_CASH, "wallet.held:wal_x"])
def test_refuses_a_source_that_is_unknown_or_belongs_to_wallets(
    command: type[TopUp | CreditFunds], account: str
) -> None:
    given(BOOKS, ADA_OPENED).when(command(ADA, lira(1), source=account)).then_refused(
        UnknownAccount, account=account
    )


@pytest.mark.parametrize("command", [TopUp, CreditFunds])
def test_refuses_a_day_that_has_not_come(command: type[TopUp | CreditFunds]) -> None:
    tomorrow = TODAY + timedelta(days=1)
    given(BOOKS, ADA_OPENED).when(command(ADA, lira(1), effective_on=tomorrow)).then_refused(
        EffectiveInFuture, today="2026-03-05"
    )


@pytest.mark.parametrize("command", [TopUp, CreditFunds])
def test_refuses_a_wallet_that_is_not_there(command: type[TopUp | CreditFunds]) -> None:
    given(BOOKS).when(command(ADA, lira(1))).then_refused(WalletNotFound)


@pytest.mark.parametrize("command", [TopUp, CreditFunds])
def test_only_staff_acting_as_themselves_enter_money(command: type[TopUp | CreditFunds]) -> None:
    given(BOOKS, ADA_OPENED).when(command(ADA, lira(1)), actor=acting_for("usr_ada")).then_refused(
        StaffOnly
    )


def test_credits_and_top_ups_add_up() -> None:
    answer = given(BOOKS, ADA_OPENED, topped_up(100), credited(20)).when(TopUp(ADA, lira(3)))
    assert answer.state(f"wallet-{ADA}").available == lira(123)
