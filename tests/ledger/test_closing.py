"""WLT-13: what closing and reopening a month is made of."""

from datetime import UTC, date, datetime

import pytest

from application.ledger.access import LedgerStaffOnly
from application.ledger.closing import (
    ApproveReopening,
    ClosingResult,
    PeriodResult,
    RequestReopening,
    SealPeriod,
    SealResult,
    StartClosing,
)
from application.ledger.journal import PostEntry
from domain.kernel.events import Event, Personal
from domain.ledger.books import Books, BooksNotOpen
from domain.ledger.closing import (
    OwnRequest,
    PeriodNotClosing,
    PeriodNotOver,
    PeriodNotReopenable,
    TrialBalanceUnbalanced,
    digest,
)
from domain.ledger.events import (
    BooksOpened,
    ClosingStarted,
    EntryPosted,
    PeriodReopened,
    PeriodSealed,
    ReopeningRequested,
)
from domain.ledger.periods import (
    InClosingPeriod,
    InSealedPeriod,
    PeriodInvalid,
    Total,
    end_after,
    end_before,
    last_day,
    period_of,
)
from tests.kit.months import (
    BANK,
    BOTH_SEALED,
    BY,
    CANCELLED,
    CLOSING,
    COMMANDS,
    FEBRUARY,
    JANUARY,
    LINES,
    OPEN,
    REOPENED,
    REQUESTED,
    SALES,
    SEALED,
    TOTALS,
    WHY,
    sealed,
)
from tests.kit.scenario import STAFF, acting_for, given, new_id
from tests.kit.wallets import BOOKS

pytestmark = pytest.mark.row("WLT-13")


@pytest.mark.parametrize(
    ("events", "command", "result"),
    [
        (OPEN, COMMANDS["january"], ClosingResult(JANUARY, new_id("cls"))),
        (CLOSING, COMMANDS["cancel"], PeriodResult(JANUARY)),
        (CLOSING, COMMANDS["seal"], SealResult(JANUARY, digest(JANUARY, 7, TOTALS), 7)),
        (SEALED, COMMANDS["request"], PeriodResult(JANUARY)),
        (REQUESTED, COMMANDS["approve"], PeriodResult(JANUARY)),
    ],
)
def test_a_command_answers_what_it_did(
    events: tuple[Event, ...], command: object, result: object
) -> None:
    given(*events).when(command).then_result(result)


@pytest.mark.parametrize("command", [*COMMANDS.values()])
def test_only_staff_acting_as_themselves_close_months(command: object) -> None:
    given(*CLOSING).when(command, actor=acting_for("cus_ada1")).then_refused(LedgerStaffOnly)


@pytest.mark.parametrize("command", [one for name, one in COMMANDS.items() if name != "post"])
def test_there_is_nothing_to_close_before_the_books_are_open(command: object) -> None:
    given().when(command).then_refused(BooksNotOpen)


@pytest.mark.parametrize(
    "period", ["", "2026", "2026-1", "2026-13", "2026-00", "1899-12", "2026-02-01", "2026-02\n"]
)
def test_refuses_what_is_no_month(period: str) -> None:
    given(BOOKS).when(StartClosing(period)).then_refused(PeriodInvalid)


def test_a_month_is_closed_once_it_is_over_in_the_tenants_time_zone() -> None:
    # Istanbul is three hours ahead of UTC: there it is March already.
    late = datetime(2026, 2, 28, 21, 0, tzinfo=UTC)
    given(BOOKS).when(StartClosing(FEBRUARY), at=late).then(
        ClosingStarted(FEBRUARY, new_id("cls", at=late), BY)
    )
    early = datetime(2026, 2, 28, 20, 59, tzinfo=UTC)
    given(BOOKS).when(StartClosing(FEBRUARY), at=early).then_refused(
        PeriodNotOver, today="2026-02-28"
    )


def test_the_running_month_and_those_to_come_are_not_over() -> None:
    for period in ("2026-03", "2031-01"):
        given(BOOKS).when(StartClosing(period)).then_refused(PeriodNotOver, today="2026-03-05")


def test_the_first_month_ever_closed_takes_all_before_it_along() -> None:
    old = PostEntry(LINES, date(2019, 7, 1))
    given(*CLOSING).when(old).then_refused(InClosingPeriod, period=JANUARY)
    given(*SEALED).when(old).then_refused(InSealedPeriod, period="2019-07")


def test_a_day_after_the_closing_month_stays_open() -> None:
    for events in (CLOSING, SEALED):
        answer = given(*events).when(PostEntry(LINES, date(2026, 2, 1)))
        [(_, _, posted)] = answer.decision.events
        assert isinstance(posted, EntryPosted)


def test_refuses_totals_that_do_not_balance_in_each_currency() -> None:
    off = (*TOTALS, Total("bank", "EUR", 3, 0), Total("sales", "EUR", 0, 2))
    given(*CLOSING).when(SealPeriod(JANUARY, "cls_1", off, 7)).then_refused(
        TrialBalanceUnbalanced, EUR=1
    )
    across = (Total("bank", "EUR", 5, 0), Total("sales", "TRY", 0, 5))
    given(*CLOSING).when(SealPeriod(JANUARY, "cls_1", across, 7)).then_refused(
        TrialBalanceUnbalanced, EUR=5, TRY=-5
    )


def test_refuses_totals_that_were_taken_for_an_earlier_closing() -> None:
    again = (*CANCELLED, ClosingStarted(JANUARY, "cls_3", "stf_ece"))
    given(*again).when(COMMANDS["seal"]).then_refused(PeriodNotClosing)


def test_a_month_without_any_entry_is_sealed() -> None:
    answer = given(*CLOSING).when(SealPeriod(JANUARY, "cls_1", (), 2))
    answer.then(PeriodSealed(JANUARY, "cls_1", (), 2, digest(JANUARY, 2, ()), BY))


def test_what_was_sealed_has_one_text_however_the_totals_were_given() -> None:
    euro = (Total("bank", "EUR", 3, 0), Total("sales", "EUR", 0, 3))
    given(*CLOSING).when(SealPeriod(JANUARY, "cls_1", (SALES, *euro, BANK), 7)).then(
        PeriodSealed(
            JANUARY, "cls_1", (*euro, *TOTALS), 7, digest(JANUARY, 7, (*euro, *TOTALS)), BY
        )
    )


def test_the_digest_is_over_a_text_that_anyone_can_write() -> None:
    # printf 'defter sealed period 1 2026-01 7\nbank TRY 900 100\nsales TRY 0 800\n' | sha256sum
    assert digest(JANUARY, 7, TOTALS) == (
        "a4723f2d4a1a15764c0927582858d7a5ca43315b6274f482090157df43c1aa2e"
    )


def test_nobody_approves_their_own_request() -> None:
    own = (*SEALED, ReopeningRequested(JANUARY, WHY, BY))
    given(*own).when(ApproveReopening(JANUARY)).then_refused(OwnRequest)
    other_key = STAFF._replace(key_id="key_other")
    given(*own).when(ApproveReopening(JANUARY), actor=other_key).then_refused(OwnRequest)


def test_a_request_ends_when_the_next_month_is_sealed() -> None:
    events = (*REQUESTED, ClosingStarted(FEBRUARY, "cls_2", BY), sealed(FEBRUARY, "cls_2"))
    given(*events).when(RequestReopening(FEBRUARY, "twice")).then(
        ReopeningRequested(FEBRUARY, Personal(BY, "twice"), BY)
    )


def test_months_that_were_sealed_with_the_first_one_stay_sealed() -> None:
    given(*REOPENED).when(RequestReopening("2025-12", "why not")).then_refused(PeriodNotReopenable)
    given(*REOPENED).when(PostEntry(LINES, date(2025, 12, 31))).then_refused(
        InSealedPeriod, period="2025-12"
    )


def test_months_are_reopened_one_after_the_other_down_to_the_first() -> None:
    february = (
        *BOTH_SEALED,
        ReopeningRequested(FEBRUARY, WHY, "stf_ece"),
        PeriodReopened(FEBRUARY, "stf_ece", BY),
    )
    given(*february).when(COMMANDS["request"]).then(ReopeningRequested(JANUARY, WHY, BY))


def test_a_reopened_month_is_closed_and_sealed_again() -> None:
    again = (*REOPENED, ClosingStarted(JANUARY, "cls_3", BY))
    answer = given(*again).when(SealPeriod(JANUARY, "cls_3", TOTALS, 7))
    answer.then(sealed(closing_id="cls_3"))
    assert answer.state("books-main") == Books(
        "TRY",
        "Europe/Istanbul",
        {},
        sealed_until=date(2026, 1, 31),
        sealed_from=date(2026, 1, 31),
    )


def test_months_know_their_ends() -> None:
    assert last_day("2024-02") == date(2024, 2, 29)
    assert last_day("9999-12") == date.max
    assert end_after(date(2025, 12, 31)) == date(2026, 1, 31)
    assert end_before(date(2026, 3, 31)) == date(2026, 2, 28)
    assert period_of(date(845, 5, 1)) == "0845-05"


def test_the_time_zone_decides_which_month_is_over() -> None:
    books = BooksOpened("USD", "Pacific/Honolulu")
    late = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
    given(books).when(StartClosing(FEBRUARY), at=late).then_refused(
        PeriodNotOver, today="2026-02-28"
    )
