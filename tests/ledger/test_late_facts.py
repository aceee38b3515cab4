"""WLT-13: a fact of a shut month is refused, or booked today as an adjustment of that month."""

from collections.abc import Callable
from datetime import date

import pytest

from application.ledger.journal import PostEntry, ReverseEntry
from application.wallet.holds import PlaceHold
from application.wallet.topups import CreditFunds, TopUp
from application.wallet.transfers import TransferFunds
from domain.kernel.events import Event
from domain.ledger.books import EffectiveInFuture
from domain.ledger.events import ClosingStarted, EntryPosted, PeriodSealed
from domain.ledger.periods import InClosingPeriod, InSealedPeriod, Late
from domain.ledger.postings import Entry, Posting
from tests.kit.scenario import given
from tests.kit.wallets import (
    ADA,
    ADA_OPENED,
    BOOKS,
    BORA,
    BORA_OPENED,
    LICENSED,
    TODAY,
    credited,
    entry,
    lira,
    sent,
    topped_up,
)

pytestmark = pytest.mark.row("WLT-13")

LATE, OPEN_DAY = date(2026, 1, 15), date(2026, 3, 1)
LINES = (Posting("bank", lira(5)), Posting("sales", lira(-5)))
BY_HAND = EntryPosted("jrn_rent", entry("ledger.manual", 9, debit="suspense", credit="bank"), None)
CLOSING = (
    BOOKS,
    LICENSED,
    ADA_OPENED,
    BORA_OPENED,
    topped_up(1_000),
    credited(300),
    *sent(50, version=4),
    BY_HAND,
    ClosingStarted("2026-02", "cls_1", "stf_ece"),
)
SEALED = (*CLOSING, PeriodSealed("2026-02", "cls_1", (), 9, "", "stf_ece"))
Asked = Callable[[date | None, Late], object]
COMMANDS: dict[str, Asked] = {
    "entry": lambda day, late: PostEntry(LINES, day, late=late),
    "top-up": lambda day, late: TopUp(ADA, lira(5), effective_on=day, late=late),
    "credit": lambda day, late: CreditFunds(ADA, lira(5), effective_on=day, late=late),
    "reversal of an entry by hand": lambda day, late: ReverseEntry(
        "journal-jrn_rent.1", day, late=late
    ),
    "reversal of a top-up": lambda day, late: ReverseEntry(f"wallet-{ADA}.2", day, late=late),
    "reversal of a transfer": lambda day, late: ReverseEntry(f"wallet-{ADA}.4", day, late=late),
}


def entry_of(event: Event) -> Entry:
    return getattr(event, "entry")  # noqa: B009 - of whichever event it is


@pytest.mark.parametrize("kind", COMMANDS)
def test_a_late_fact_is_refused_unless_it_is_said_otherwise(kind: str) -> None:
    command = COMMANDS[kind](LATE, Late.REFUSE)
    given(*CLOSING).when(command).then_refused(InClosingPeriod, period="2026-02")
    given(*SEALED).when(command).then_refused(InSealedPeriod, period="2026-01")


@pytest.mark.parametrize("events", [CLOSING, SEALED], ids=["closing", "sealed"])
@pytest.mark.parametrize("kind", COMMANDS)
def test_a_late_fact_is_booked_today_and_says_which_month_it_adjusts(
    kind: str, events: tuple[Event, ...]
) -> None:
    answer = given(*events).when(COMMANDS[kind](LATE, Late.ADJUST))
    booked = entry_of(answer.decision.events[0][2])
    assert (booked.effective_on, booked.adjusts) == (TODAY, "2026-01")


@pytest.mark.parametrize("day", [None, OPEN_DAY])
@pytest.mark.parametrize("kind", COMMANDS)
def test_what_is_not_late_adjusts_nothing(kind: str, day: date | None) -> None:
    answer = given(*SEALED).when(COMMANDS[kind](day, Late.ADJUST))
    booked = entry_of(answer.decision.events[0][2])
    assert (booked.effective_on, booked.adjusts) == (day or TODAY, None)


def test_a_day_to_come_is_no_late_one() -> None:
    command = PostEntry(LINES, date(2026, 3, 6), late=Late.ADJUST)
    given(*SEALED).when(command).then_refused(EffectiveInFuture, today="2026-03-05")


@pytest.mark.parametrize(
    "command",
    [
        PlaceHold(ADA, lira(5), effective_on=LATE),
        TransferFunds(ADA, BORA, lira(5), effective_on=LATE),
    ],
)
def test_whatever_posts_to_a_shut_month_is_refused(command: object) -> None:
    given(*CLOSING).when(command).then_refused(InClosingPeriod, period="2026-02")
    given(*SEALED).when(command).then_refused(InSealedPeriod, period="2026-01")
