"""Adjustments of Ada's wallet as tests speak of them."""

from datetime import datetime

from domain.kernel.events import Personal
from domain.wallet.requests.adjustment_events import (
    AdjustmentCredited,
    AdjustmentDebited,
    AdjustmentHeld,
    AdjustmentReleased,
    AdjustmentRequested,
)
from tests.kit.requests import LATER, where
from tests.kit.scenario import STAFF
from tests.kit.wallets import ADA, ADA_CASH, ADA_HELD, entry, lira

ADJ = "adj_1"
WHY = "charged twice for order 5518"


def asked_to(
    direction: str,
    minor: int = 600,
    *,
    reason_code: str = "correction",
    request_id: str = ADJ,
    entry_id: str | None = None,
    expires_at: datetime = LATER,
) -> AdjustmentRequested:
    """The shop's request to credit or debit Ada."""
    words, by = Personal("usr_ada", WHY), STAFF.actor_id
    asked = (ADA, "usr_ada", lira(minor), direction, reason_code, words, by)
    return AdjustmentRequested(request_id, *asked, entry_id, expires_at)


def asked_to_credit(minor: int = 600, **changes: str) -> tuple[AdjustmentRequested, ...]:
    """Nothing is held for it."""
    return (asked_to("credit", minor, **changes),)  # type: ignore[arg-type] - names and texts


def asked_to_debit(
    minor: int = 600, *, version: int = 3, request_id: str = ADJ, expires_at: datetime = LATER
) -> tuple[AdjustmentHeld, AdjustmentRequested]:
    """What is to be taken is held, as the event number `version` of Ada's wallet."""
    books = entry("wallet.adjustment_hold", minor, debit=ADA_CASH, credit=ADA_HELD)
    return (
        AdjustmentHeld(ADA, request_id, lira(minor), books),
        asked_to(
            "debit",
            minor,
            request_id=request_id,
            entry_id=where(version),
            expires_at=expires_at,
        ),
    )


def adjusted_up(minor: int = 600) -> AdjustmentCredited:
    """Ada got it, at the expense of the shop."""
    books = entry("wallet.adjustment_credit", minor, debit="adjustments", credit=ADA_CASH)
    return AdjustmentCredited(ADA, ADJ, lira(minor), books)


def adjusted_down(minor: int = 600) -> AdjustmentDebited:
    """The shop took it."""
    books = entry("wallet.adjustment_debit", minor, debit=ADA_HELD, credit="adjustments")
    return AdjustmentDebited(ADA, ADJ, lira(minor), books)


def let_go(minor: int = 600) -> AdjustmentReleased:
    """It is Ada's again."""
    books = entry("wallet.adjustment_release", minor, debit=ADA_HELD, credit=ADA_CASH)
    return AdjustmentReleased(ADA, ADJ, lira(minor), books)
