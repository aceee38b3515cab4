from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.kernel.money import AMOUNT_MINOR_MAX, Money
from domain.ledger.accounts import STANDARD_CHART, AccountType, code_of, owned
from domain.ledger.postings import (
    POSTINGS_MAX,
    Entry,
    Posting,
    Unbalanced,
    move,
    reversed_postings,
)

pytestmark = pytest.mark.row("WLT-02")

DAY = date(2026, 3, 5)
LINES = st.lists(
    st.builds(
        Posting,
        st.sampled_from(("bank", "sales", "suspense")),
        st.builds(
            Money,
            st.integers(-AMOUNT_MINOR_MAX, AMOUNT_MINOR_MAX),
            st.sampled_from(("TRY", "EUR")),
        ),
    ),
    max_size=8,
)


def sums(postings: tuple[Posting, ...]) -> dict[str, int]:
    currencies = {posting.amount.currency for posting in postings}
    return {
        currency: sum(line.amount.minor for line in postings if line.amount.currency == currency)
        for currency in currencies
    }


@given(LINES)
def test_an_entry_exists_only_if_it_balances_in_each_currency(lines: list[Posting]) -> None:
    postings = tuple(lines)
    if len(postings) >= 2 and not any(sums(postings).values()):
        assert Entry("test.rule", 1, DAY, postings).postings == postings
    else:
        with pytest.raises(Unbalanced):
            Entry("test.rule", 1, DAY, postings)


@given(LINES)
def test_whatever_is_closed_with_its_difference_balances_and_so_does_its_reversal(
    lines: list[Posting],
) -> None:
    closed = tuple(lines) + tuple(
        Posting("rounding", Money(-difference, currency))
        for currency, difference in sums(tuple(lines)).items()
    )
    if len(closed) >= 2:
        entry = Entry("test.rule", 1, DAY, closed)
        back = Entry("test.rule", 1, DAY, reversed_postings(entry))
        assert reversed_postings(back) == entry.postings
        assert not any(sums(entry.postings + back.postings).values())


def test_refuses_one_minor_unit_of_difference() -> None:
    with pytest.raises(Unbalanced):
        Entry(
            "t",
            1,
            DAY,
            (Posting("bank", Money(100, "TRY")), Posting("sales", Money(-99, "TRY"))),
        )


def test_currencies_balance_each_on_their_own() -> None:
    with pytest.raises(Unbalanced):
        Entry(
            "t",
            1,
            DAY,
            (Posting("bank", Money(100, "TRY")), Posting("sales", Money(-100, "EUR"))),
        )


@pytest.mark.parametrize(("lines", "stands"), [(0, False), (1, False), (2, True), (100, True)])
def test_an_entry_has_2_to_100_postings(lines: int, stands: bool) -> None:  # noqa: FBT001 - a table
    postings = tuple(
        Posting("bank", Money(1 if n % 2 else -1, "TRY")) for n in range(lines - lines % 2)
    ) + ((Posting("bank", Money(0, "TRY")),) * (lines % 2))
    if stands:
        assert len(Entry("t", 1, DAY, postings).postings) == lines
    else:
        with pytest.raises(Unbalanced):
            Entry("t", 1, DAY, postings)


def test_refuses_one_posting_too_many() -> None:
    lines = (Posting("bank", Money(0, "TRY")),) * (POSTINGS_MAX + 1)
    with pytest.raises(Unbalanced):
        Entry("t", 1, DAY, lines)


def test_a_move_debits_one_account_and_credits_the_other() -> None:
    assert move(Money(5, "TRY"), debit="bank", credit="sales") == (
        Posting("bank", Money(5, "TRY")),
        Posting("sales", Money(-5, "TRY")),
    )


def test_a_sub_account_names_its_owner() -> None:
    assert owned("wallet.cash", "wal_ada") == "wallet.cash:wal_ada"
    assert code_of("wallet.cash:wal_ada") == "wallet.cash"
    assert code_of("bank") == "bank"


def test_assets_and_expenses_are_normally_debits() -> None:
    assert {kind for kind in AccountType if kind.debit_normal} == {
        AccountType.ASSET,
        AccountType.EXPENSE,
    }


def test_every_account_of_the_standard_chart_is_filed_under_its_own_code() -> None:
    assert all(code == account.code for code, account in STANDARD_CHART.items())
    assert len(STANDARD_CHART) == 21
