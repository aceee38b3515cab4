"""Pages of products that a filter leaves: a search without a word."""

from dataclasses import replace
from typing import NamedTuple

from infrastructure.search.engine import Filters, Place, Question, Shop, Sort
from interfaces.http.edge.exchange import Exchange
from interfaces.http.parts import View
from interfaces.http.routing.pages import cursor_of, place_of
from projections.catalog.cards import cards_of, subtrees


class Part(NamedTuple):
    """Which part of them, in which order and language."""

    sort: Sort
    cursor: str | None
    limit: int
    locale: str


async def filtered(
    exchange: Exchange, view: View, filters: Filters, part: Part
) -> tuple[list[str], str | None]:
    """Give the cards of a page, which are JSON, and the cursor of the next one."""
    shop = Shop(exchange.principal.tenant_id, view.connection, view.position)
    found = await exchange.services.search.search(
        shop,
        Question(),
        await with_subtrees(shop, filters),
        sort=part.sort,
        after=None if part.cursor is None else Place(*place_of(part.cursor, int, str)),
        limit=part.limit + 1,
    )
    hits = found.hits[: part.limit]
    more = cursor_of(*hits[-1]) if len(found.hits) > part.limit else None
    ids = [hit.product_id for hit in hits]
    return await cards_of(view.connection, shop.tenant_id, ids, part.locale), more


async def with_subtrees(shop: Shop, filters: Filters) -> Filters:
    """Let a chosen category stand for all that are below it, too."""
    asked_for = filters.choices.get("category")
    if asked_for is None:
        return filters
    below = await subtrees(shop.connection, shop.tenant_id, asked_for)
    return replace(filters, choices={**filters.choices, "category": tuple(below)})
