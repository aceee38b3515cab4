"""Every route, ordered by context."""

from interfaces.http.ledger import accounts, journal
from interfaces.http.routing.route import DefterRoute
from interfaces.http.wallet import batches, holds, opening, topups, transfers

ROUTES: tuple[DefterRoute, ...] = (
    opening.OPEN,
    topups.TOP_UP,
    topups.CREDIT,
    holds.PLACE,
    holds.CAPTURE,
    holds.RELEASE,
    holds.REFUND,
    transfers.TRANSFER,
    batches.OPENINGS,
    batches.TOP_UPS,
    batches.CREDITS,
    batches.HOLDS,
    batches.CAPTURES,
    batches.TRANSFERS,
    accounts.OPEN,
    journal.POST,
    journal.REVERSE,
)
