"""A month's life as tests speak of it: January is closed, sealed, asked for and opened again."""

from collections.abc import Mapping
from datetime import date

from application.ledger.closing import (
    ApproveReopening,
    CancelClosing,
    RequestReopening,
    SealPeriod,
    StartClosing,
)
from application.ledger.journal import PostEntry
from domain.kernel.events import Personal
from domain.ledger.closing import digest
from domain.ledger.events import (
    ClosingCancelled,
    ClosingStarted,
    PeriodReopened,
    PeriodSealed,
    ReopeningRequested,
)
from domain.ledger.periods import Total
from domain.ledger.postings import Posting
from tests.kit.scenario import STAFF
from tests.kit.wallets import BOOKS, lira

JANUARY, FEBRUARY = "2026-01", "2026-02"
BANK, SALES = Total("bank", "TRY", 900, 100), Total("sales", "TRY", 0, 800)
TOTALS = (BANK, SALES)
BY = STAFF.actor_id
LINES = (Posting("bank", lira(5)), Posting("sales", lira(-5)))
WHY = Personal(STAFF.actor_id, "an invoice was forgotten")


def sealed(period: str = JANUARY, closing_id: str = "cls_1") -> PeriodSealed:
    """Spell a seal out."""
    text = digest(period, 7, TOTALS)
    return PeriodSealed(period, closing_id, TOTALS, 7, text, STAFF.actor_id)


BEGUN = ClosingStarted(JANUARY, "cls_1", "stf_ece")
OPEN = (BOOKS,)
CLOSING = (*OPEN, BEGUN)
CANCELLED = (*CLOSING, ClosingCancelled(JANUARY, "stf_ece"))
SEALED = (*CLOSING, sealed())
NEXT_CLOSING = (*SEALED, ClosingStarted(FEBRUARY, "cls_2", "stf_ece"))
BOTH_SEALED = (*NEXT_CLOSING, sealed(FEBRUARY, "cls_2"))
REQUESTED = (*SEALED, ReopeningRequested(JANUARY, WHY, "stf_ece"))
REOPENED = (*REQUESTED, PeriodReopened(JANUARY, "stf_ece", STAFF.actor_id))
COMMANDS: Mapping[str, object] = {
    "december": StartClosing("2025-12"),
    "january": StartClosing(JANUARY),
    "february": StartClosing(FEBRUARY),
    "cancel": CancelClosing(JANUARY),
    "seal": SealPeriod(JANUARY, "cls_1", TOTALS, 7),
    "request": RequestReopening(JANUARY, "an invoice was forgotten"),
    "approve": ApproveReopening(JANUARY),
    "post": PostEntry(LINES, date(2026, 1, 31)),
}
