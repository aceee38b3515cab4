from datetime import date, timedelta

import pytest

from application.ledger.access import LedgerStaffOnly
from application.ledger.journal import EntryResult, PostEntry
from domain.kernel.events import Personal
from domain.kernel.money import AMOUNT_MINOR_MAX, Money
from domain.ledger.accounts import UnknownAccount
from domain.ledger.books import BooksNotOpen, EffectiveInFuture
from domain.ledger.events import AccountOpened, EntryPosted
from domain.ledger.journal import EntryExists, EntryUnbalanced
from domain.ledger.postings import POSTINGS_MAX, Entry, Posting
from tests.kit.scenario import acting_for, given, new_id
from tests.kit.wallets import BOOKS, TODAY

pytestmark = pytest.mark.row("WLT-02")


def line(account: str, minor: int, currency: str = "TRY") -> Posting:
    return Posting(account, Money(minor, currency))


RENT = (line("suspense", 900), line("bank", -900))


def test_posts_an_entry_by_hand() -> None:
    answer = given(BOOKS).when(PostEntry(RENT, description="March"))
    journal = new_id("jrn")
    answer.then(
        EntryPosted(journal, Entry("ledger.manual", 1, TODAY, RENT), Personal("stf_deniz", "March"))
    )
    answer.then_result(EntryResult(f"journal-{journal}.1"))


def test_posts_on_an_earlier_day_and_without_words() -> None:
    day = date(2025, 12, 31)
    given(BOOKS).when(PostEntry(RENT, effective_on=day)).then(
        EntryPosted(new_id("jrn"), Entry("ledger.manual", 1, day, RENT), None)
    )


def test_posts_to_an_account_of_the_tenant_in_several_currencies() -> None:
    lines = (
        line("own.till", 5),
        line("sales", -5),
        line("own.till", 7, "EUR"),
        line("sales", -7, "EUR"),
    )
    given(BOOKS, AccountOpened("own.till", "asset", "Till")).when(PostEntry(lines)).then(
        EntryPosted(new_id("jrn"), Entry("ledger.manual", 1, TODAY, lines), None)
    )


@pytest.mark.parametrize(
    "lines",
    [
        (),
        (line("bank", 1),),
        (line("bank", 100), line("sales", -99)),
        (line("bank", 100), line("sales", -100, "EUR")),
        (line("bank", 0), line("sales", 0)),
        (line("bank", AMOUNT_MINOR_MAX + 1), line("sales", -AMOUNT_MINOR_MAX - 1)),
    ],
)
def test_refuses_lines_that_do_not_balance_or_carry_nothing(lines: tuple[Posting, ...]) -> None:
    given(BOOKS).when(PostEntry(lines)).then_refused(EntryUnbalanced)


def test_a_line_carries_at_most_2_to_the_53_minus_1() -> None:
    most = (line("bank", AMOUNT_MINOR_MAX), line("sales", -AMOUNT_MINOR_MAX))
    assert given(BOOKS).when(PostEntry(most)).decision.refusal is None


def test_an_entry_has_100_lines_and_not_one_more() -> None:
    full = (line("bank", POSTINGS_MAX - 1), *[line("sales", -1)] * (POSTINGS_MAX - 1))
    over = (line("bank", POSTINGS_MAX), *[line("sales", -1)] * POSTINGS_MAX)
    assert given(BOOKS).when(PostEntry(full)).decision.refusal is None
    given(BOOKS).when(PostEntry(over)).then_refused(EntryUnbalanced)


@pytest.mark.parametrize("account", ["nowhere", "wallet.cash", "wallet.cash:wal_ada"])
def test_nobody_posts_into_a_wallet_by_hand(account: str) -> None:
    given(BOOKS).when(PostEntry((line("bank", 1), line(account, -1)))).then_refused(
        UnknownAccount, account=account
    )


def test_refuses_an_entry_under_an_id_that_is_taken() -> None:
    there = EntryPosted(new_id("jrn"), Entry("ledger.manual", 1, TODAY, RENT), None)
    given(BOOKS, there).when(PostEntry(RENT)).then_refused(EntryExists, entry=new_id("jrn"))


def test_refuses_a_day_that_has_not_come() -> None:
    given(BOOKS).when(PostEntry(RENT, effective_on=TODAY + timedelta(days=1))).then_refused(
        EffectiveInFuture, today=TODAY.isoformat()
    )


def test_refuses_an_entry_before_the_books_are_open() -> None:
    given().when(PostEntry(RENT)).then_refused(BooksNotOpen)


def test_the_ledger_is_kept_by_staff_acting_as_themselves() -> None:
    given(BOOKS).when(PostEntry(RENT), actor=acting_for("usr_ada")).then_refused(LedgerStaffOnly)
