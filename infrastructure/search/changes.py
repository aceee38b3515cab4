"""What changed of a tenant's shop in a stretch of its log: streams say so, no event is opened."""

from typing import NamedTuple
from uuid import UUID

from domain.catalog.events import ProductEvent
from domain.catalog.sorting.events import BrandEvent, CategoriesEvent
from domain.pricing.events import PricesEvent
from domain.stock.events import StockEvent
from projections.catalog.listing import CATALOG_LISTING
from projections.query import Connection

EVENTS_FOLLOWED_MAX = 50_000
"""Whoever is further behind reads everything anew."""

_OF_VARIANTS = frozenset((PricesEvent.CATEGORY, StockEvent.CATEGORY))
_FOLLOWED = [event.NAME for event in CATALOG_LISTING.folds]
_STREAMS = b"""
SELECT DISTINCT stream FROM defter.events
WHERE tenant_id = %s AND position > %s AND position <= %s AND type = ANY(%s)
"""


class Changes(NamedTuple):
    """Ids of what changed; categories share one stream, which tells that some of them did."""

    products: list[str]
    variants: list[str]
    brands: list[str]
    categories: bool


async def changes(connection: Connection, tenant_id: UUID, *, after: int, until: int) -> Changes:
    """Tell what changed after a position and up to another."""
    given = (tenant_id, after, until, _FOLLOWED)
    rows = await (await connection.execute(_STREAMS, given)).fetchall()
    streams = [row[0].partition("-") for row in rows]
    return Changes(
        [key for category, _, key in streams if category == ProductEvent.CATEGORY],
        [key.partition(".")[0] for category, _, key in streams if category in _OF_VARIANTS],
        [key for category, _, key in streams if category == BrandEvent.CATEGORY],
        any(category == CategoriesEvent.CATEGORY for category, _, _ in streams),
    )
