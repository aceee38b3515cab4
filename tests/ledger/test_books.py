from datetime import UTC, date, datetime

import pytest

from application.ledger.access import LedgerStaffOnly
from application.ledger.accounts import OpenAccount, OpenBooks
from domain.ledger.accounts import STANDARD_CHART, Account, AccountType, UnknownAccount
from domain.ledger.books import (
    TENANT_ACCOUNTS_MAX,
    AccountCodeInvalid,
    AccountExists,
    Books,
    BooksAlreadyOpen,
    BooksNotOpen,
    EffectiveInFuture,
    TooManyAccounts,
    UnknownTimeZone,
)
from domain.ledger.events import AccountOpened, BooksOpened
from tests.kit.scenario import acting_for, given
from tests.kit.wallets import BOOKS

pytestmark = pytest.mark.row("WLT-02")

ISTANBUL = Books("TRY", "Europe/Istanbul", {})


def test_books_open_with_a_currency_and_a_time_zone() -> None:
    given().when(OpenBooks("TRY", "Europe/Istanbul")).then(BOOKS)


def test_books_open_once() -> None:
    given(BOOKS).when(OpenBooks("EUR", "Europe/Berlin")).then_refused(BooksAlreadyOpen)


@pytest.mark.parametrize(
    "zone", ["", "Mars/Olympus", "../etc/passwd", "/etc/localtime", "Europe", "a\0b", "x" * 300]
)
def test_refuses_a_time_zone_that_the_database_of_zones_does_not_have(zone: str) -> None:
    given().when(OpenBooks("TRY", zone)).then_refused(UnknownTimeZone)


def test_an_account_is_added_to_the_chart() -> None:
    opened = AccountOpened("sales.books", "income", "Books sold")
    answer = given(BOOKS).when(OpenAccount("sales.books", AccountType.INCOME, "Books sold"))
    answer.then(opened)
    books = answer.state("books-main")
    assert books.account("sales.books") == Account("sales.books", AccountType.INCOME, "Books sold")
    assert books.base_currency == "TRY"


def test_refuses_an_account_before_the_books_are_open() -> None:
    given().when(OpenAccount("x", AccountType.ASSET, "X")).then_refused(BooksNotOpen)


@pytest.mark.parametrize("code", ["sales", "wallet.cash"])
def test_refuses_an_account_that_every_tenant_has(code: str) -> None:
    given(BOOKS).when(OpenAccount(code, AccountType.ASSET, "X")).then_refused(
        AccountExists, account=code
    )


def test_refuses_an_account_that_the_tenant_has() -> None:
    given(BOOKS, AccountOpened("sales.books", "income", "Books sold")).when(
        OpenAccount("sales.books", AccountType.INCOME, "Again")
    ).then_refused(AccountExists, account="sales.books")


@pytest.mark.parametrize("code", ["", "Sales", "1sales", ".sales", "sales.", "sales:ada", "a b"])
def test_refuses_a_code_that_is_not_lower_case_words_joined_by_dots(code: str) -> None:
    given(BOOKS).when(OpenAccount(code, AccountType.ASSET, "X")).then_refused(AccountCodeInvalid)


def test_a_tenant_adds_500_accounts_and_not_one_more() -> None:
    own = [AccountOpened(f"own.n{n}", "asset", "Own") for n in range(TENANT_ACCOUNTS_MAX - 1)]
    full = given(BOOKS, *own).when(OpenAccount("own.last", AccountType.ASSET, "Last"))
    full.then(AccountOpened("own.last", "asset", "Last"))
    full.when(OpenAccount("own.over", AccountType.ASSET, "Over")).then_refused(TooManyAccounts)


def test_the_chart_is_kept_by_staff() -> None:
    given(BOOKS).when(
        OpenAccount("x", AccountType.ASSET, "X"), actor=acting_for("usr_ada")
    ).then_refused(LedgerStaffOnly)


def test_a_day_is_the_tenant_s_own() -> None:
    before_midnight = datetime(2026, 3, 5, 20, 59, 59, tzinfo=UTC)
    midnight = datetime(2026, 3, 5, 21, tzinfo=UTC)
    assert ISTANBUL.today(before_midnight) == date(2026, 3, 5)
    assert ISTANBUL.today(midnight) == date(2026, 3, 6)


def test_an_entry_counts_today_or_earlier_and_never_tomorrow() -> None:
    midnight = datetime(2026, 3, 5, 21, tzinfo=UTC)
    assert ISTANBUL.effective_day(None, midnight) == date(2026, 3, 6)
    assert ISTANBUL.effective_day(date(2026, 3, 6), midnight) == date(2026, 3, 6)
    assert ISTANBUL.effective_day(date(1999, 1, 1), midnight) == date(1999, 1, 1)
    with pytest.raises(EffectiveInFuture) as refused:
        ISTANBUL.effective_day(date(2026, 3, 7), midnight)
    assert refused.value.facts == {"today": "2026-03-06"}


@pytest.mark.parametrize("account", ["nowhere", "wallet.cash", "wallet.held:wal_ada", "bank:x", ""])
def test_only_accounts_without_an_owner_are_open_to_a_person(account: str) -> None:
    with pytest.raises(UnknownAccount) as refused:
        ISTANBUL.account(account)
    assert refused.value.facts == {"account": account}


def test_a_long_account_is_cut_in_the_refusal() -> None:
    with pytest.raises(UnknownAccount) as refused:
        ISTANBUL.account("x" * 1_000)
    assert refused.value.facts == {"account": "x" * 64}


def test_a_sub_account_is_guarded_by_its_owner_s_stream() -> None:
    assert ISTANBUL.owner_of("wallet.cash:wal_ada") == "wallet-wal_ada"
    assert ISTANBUL.owner_of("sales") is None
    with pytest.raises(AssertionError):
        ISTANBUL.owner_of("sales:wal_ada")


def test_the_books_keep_what_a_posting_must_agree_with() -> None:
    books = Books.evolve(None, BooksOpened("EUR", "Europe/Berlin"))
    assert books == Books("EUR", "Europe/Berlin", {})
    assert all(
        books.account(code).type in AccountType
        for code, account in STANDARD_CHART.items()
        if account.owner is None
    )
