"""Pages of products that a filter leaves: a search without a word."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import NamedTuple

from infrastructure.search.engine import Filters, Place, Question, Shop, Sort
from interfaces.http.catalog.window import SORTED
from interfaces.http.edge.exchange import Exchange
from interfaces.http.parts import View
from interfaces.http.routing.pages import cursor_of, place_of
from projections.catalog.cards import cards_of, in_order, subtrees
from projections.catalog.searched import CATEGORY
from projections.query import Asked, Rows


class Part(NamedTuple):
    """Which part of them, in which order and language."""

    sort: Sort
    cursor: str | None
    limit: int
    locale: str


async def prepared(exchange: Exchange) -> None:
    """Wait until a look can be searched without waiting for others."""
    services, tenant_id = exchange.services, exchange.principal.tenant_id

    @asynccontextmanager
    async def look() -> AsyncGenerator[Shop]:
        async with services.reads.tenant(tenant_id, projections=SORTED) as view:
            yield Shop(tenant_id, view.connection, view.position)

    await services.search.prepare(tenant_id, look)


async def filtered(
    exchange: Exchange, view: View, filters: Filters, part: Part
) -> tuple[list[str], str | None]:
    """Give the cards of a page, which are JSON, and the cursor of the next one.

    These are the last questions of the view.
    """
    shop = Shop(exchange.principal.tenant_id, view.connection, view.position)
    found = await exchange.services.search.search(
        shop,
        Question(),
        filters,
        sort=part.sort,
        after=None if part.cursor is None else Place(*place_of(part.cursor, int, str)),
        limit=part.limit + 1,
    )
    hits = found.hits[: part.limit]
    more = cursor_of(*hits[-1]) if len(found.hits) > part.limit else None
    ids = [hit.product_id for hit in hits]
    (cards,) = await view.last(cards_of(shop.tenant_id, ids, part.locale))
    return in_order(ids, cards), more


def trees_of(exchange: Exchange, filters: Filters) -> list[Asked]:
    """Ask for all categories below those that are chosen, if any are."""
    chosen = filters.choices.get(CATEGORY)
    return [] if chosen is None else [subtrees(exchange.principal.tenant_id, chosen)]


def with_trees(filters: Filters, told: Sequence[Rows]) -> Filters:
    """Let chosen categories stand for all below them, as `trees_of` was told."""
    if not told:
        return filters
    (rows,) = told
    below = tuple(sorted(row[0] for row in rows))
    return replace(filters, choices={**filters.choices, CATEGORY: below})
