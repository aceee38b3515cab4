from datetime import date

import pytest

from application.bulk import Atomically
from application.ledger.access import LedgerStaffOnly
from application.ledger.journal import EntryResult, PostEntry, ReverseEntry
from domain.kernel.events import Event, Personal
from domain.kernel.money import AMOUNT_MINOR_MAX
from domain.ledger.events import EntryPosted, EntryReversed
from domain.ledger.journal import (
    EntryAlreadyReversed,
    EntryNotFound,
    EntryNotReversible,
    JournalEntry,
)
from domain.ledger.postings import Entry
from domain.wallet.events import (
    IncomeReversed,
    TransferReturned,
    TransferTakenBack,
)
from domain.wallet.wallet import BalanceLimitExceeded, InsufficientFunds
from tests.kit.scenario import acting_for, given
from tests.kit.wallets import (
    ADA,
    ADA_CASH,
    ADA_OPENED,
    BOOKS,
    BORA,
    BORA_CASH,
    BORA_OPENED,
    LICENSED,
    TODAY,
    captured,
    credited,
    entry,
    held,
    lira,
    sent,
    topped_up,
)

pytestmark = pytest.mark.row("WLT-02")

BY_HAND = EntryPosted(
    "jrn_rent", entry("ledger.manual", 900, debit="suspense", credit="bank"), None
)
FUNDED = (BOOKS, LICENSED, ADA_OPENED, BORA_OPENED, topped_up(1_000))
SENT = (*FUNDED, *sent(400, version=3))


def reversal(minor: int, *, debit: str, credit: str) -> Entry:
    """Spell the opposite out: lines in the order of the entry that is taken back."""
    back = entry("ledger.reversal", minor, debit=debit, credit=credit)
    return Entry(back.rule, 1, back.effective_on, back.postings[::-1])


def test_an_entry_by_hand_is_taken_back_with_its_opposite_in_its_own_stream() -> None:
    answer = given(BOOKS, BY_HAND).when(ReverseEntry("journal-jrn_rent.1", reason="twice"))
    answer.then(
        EntryReversed(
            "jrn_rent",
            "journal-jrn_rent.1",
            reversal(900, debit="bank", credit="suspense"),
            Personal("stf_deniz", "twice"),
        )
    )
    answer.then_result(EntryResult("journal-jrn_rent.2"))
    assert answer.state("journal-jrn_rent") == JournalEntry("jrn_rent")


def test_a_reversal_counts_on_the_day_it_is_dated() -> None:
    day = date(2026, 1, 1)
    answer = given(BOOKS, BY_HAND).when(ReverseEntry("journal-jrn_rent.1", effective_on=day))
    [(_, _, event)] = answer.decision.events
    assert isinstance(event, EntryReversed)
    assert event.entry.effective_on == day
    assert event.reason is None


@pytest.mark.parametrize(
    ("income", "source"), [(topped_up(1_000), "bank"), (credited(1_000), "sales.returns")]
)
def test_money_that_came_in_is_taken_back_from_the_wallet(income: Event, source: str) -> None:
    answer = given(BOOKS, ADA_OPENED, income).when(ReverseEntry(f"wallet-{ADA}.2"))
    back = reversal(1_000, debit=ADA_CASH, credit=source)
    answer.then(IncomeReversed(ADA, f"wallet-{ADA}.2", lira(1_000), back, None))
    answer.then_result(EntryResult(f"wallet-{ADA}.3"))
    assert answer.state(f"wallet-{ADA}").available == lira(0)


def test_income_is_taken_back_only_while_all_of_it_is_available() -> None:
    given(*FUNDED, *held(1, version=3)).when(ReverseEntry(f"wallet-{ADA}.2")).then_refused(
        InsufficientFunds, available=999, asked=1_000
    )


def test_a_transfer_is_taken_back_out_of_the_receiver_s_wallet() -> None:
    answer = given(*SENT).when(ReverseEntry(f"wallet-{ADA}.3", reason="wrong Bora"))
    back = reversal(400, debit=BORA_CASH, credit=ADA_CASH)
    where = f"wallet-{BORA}.3"
    words = Personal("stf_deniz", "wrong Bora")
    answer.then(
        TransferReturned(BORA, ADA, "trf_1", f"wallet-{ADA}.3", lira(400), back, words),
        TransferTakenBack(ADA, BORA, "trf_1", lira(400), where),
    )
    answer.then_result(EntryResult(where))
    assert answer.state(f"wallet-{ADA}").available == lira(1_000)
    assert answer.state(f"wallet-{BORA}").available == lira(0)


def test_a_return_is_not_taken_back_itself() -> None:
    returned = given(*SENT).when(ReverseEntry(f"wallet-{ADA}.3"))
    returned.when(ReverseEntry(f"wallet-{BORA}.3")).then_refused(EntryNotReversible)


def test_one_minor_unit_less_at_the_receiver_refuses_the_return() -> None:
    away = entry("wallet.transfer", 1, debit=BORA_CASH, credit=ADA_CASH)
    spent = type(sent(1, version=3)[0])(BORA, ADA, "trf_2", lira(1), away)
    received = type(sent(1, version=3)[1])(ADA, BORA, "trf_2", lira(1), f"wallet-{BORA}.3")
    given(*SENT, spent, received).when(ReverseEntry(f"wallet-{ADA}.3")).then_refused(
        InsufficientFunds, available=399, asked=400
    )


def test_a_return_needs_room_at_the_sender() -> None:
    full = topped_up(AMOUNT_MINOR_MAX - 600 - 399, top_up_id="top_2")
    given(*SENT, full).when(ReverseEntry(f"wallet-{ADA}.3")).then_refused(BalanceLimitExceeded)


@pytest.mark.parametrize(
    ("before", "entry_id"),
    [
        ((BOOKS, BY_HAND), "journal-jrn_rent.1"),
        (FUNDED, f"wallet-{ADA}.2"),
        (SENT, f"wallet-{ADA}.3"),
    ],
)
def test_an_entry_is_taken_back_once(before: tuple[Event, ...], entry_id: str) -> None:
    once = given(*before).when(ReverseEntry(entry_id))
    once.when(ReverseEntry(entry_id)).then_refused(EntryAlreadyReversed)
    given(*before).when(Atomically((ReverseEntry(entry_id),) * 2)).then_refused(
        EntryAlreadyReversed, index=1
    )


@pytest.mark.parametrize("version", [3, 4])
def test_holds_and_captures_are_undone_by_their_own_commands(version: int) -> None:
    events = (*FUNDED, *held(10, version=3), *captured(5, remaining=5, version=4))
    given(*events).when(ReverseEntry(f"wallet-{ADA}.{version}")).then_refused(EntryNotReversible)


@pytest.mark.parametrize(
    "entry_id",
    [
        "",
        "nonsense",
        "wallet-wal_no.1",
        f"wallet-{ADA}.1",
        f"wallet-{ADA}.9",
        f"wallet-{ADA}.02",
        f"wallet-{BORA}.2",
        "books-main.1",
    ],
)
def test_refuses_what_is_no_entry(entry_id: str) -> None:
    given(*SENT).when(ReverseEntry(entry_id)).then_refused(EntryNotFound)


def test_the_receiver_s_event_of_a_transfer_is_no_entry() -> None:
    given(*SENT).when(ReverseEntry(f"wallet-{BORA}.2")).then_refused(EntryNotFound)


def test_only_staff_acting_as_themselves_take_entries_back() -> None:
    given(*SENT).when(ReverseEntry(f"wallet-{ADA}.3"), actor=acting_for("usr_ada")).then_refused(
        LedgerStaffOnly
    )


def test_a_new_entry_may_correct_what_was_taken_back() -> None:
    lines = BY_HAND.entry.postings
    answer = given(BOOKS, BY_HAND).when(ReverseEntry("journal-jrn_rent.1")).when(PostEntry(lines))
    assert answer.decision.refusal is None


def test_the_day_of_a_reversal_is_today_unless_said() -> None:
    answer = given(BOOKS, BY_HAND).when(ReverseEntry("journal-jrn_rent.1"))
    [(_, _, event)] = answer.decision.events
    assert isinstance(event, EntryReversed)
    assert event.entry.effective_on == TODAY
