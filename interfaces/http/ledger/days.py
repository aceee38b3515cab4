"""Which day it is for a tenant."""

from datetime import UTC, date, datetime
from uuid import UUID

from domain.ledger.books import Books, BooksNotOpen
from infrastructure.event_log.reader import log_end
from interfaces.http.parts import View
from projections.ledger.chart import books

CHART = "ledger_chart"
"""The read model that a view needs for this."""


async def books_of(view: View, tenant_id: UUID) -> Books:
    """Give base currency and time zone of a tenant's books; refuse where they are not open."""
    kept = await books(view.connection, tenant_id)
    if kept is None:
        raise BooksNotOpen("this tenant has no books yet")
    return Books(kept["base_currency"], kept["time_zone"], {})


async def today(view: View, tenant_id: UUID) -> date:
    """Give the tenant's today; its log may be ahead of the clock."""
    now = datetime.now(UTC)
    _, last = await log_end(view.connection, tenant_id)
    return (await books_of(view, tenant_id)).today(max(now, last or now))
