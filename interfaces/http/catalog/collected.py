"""What belongs to a collection now: chosen products in order, or whatever a rule says (CAT-15)."""

from typing import Annotated, Any

import msgspec
from pydantic import Field

from domain.catalog.sorting.rules import Rule
from domain.kernel.refusals import NotFound
from infrastructure.search.engine import ATTRIBUTES, Filters, Sort
from interfaces.http.catalog.filtered import Part, filtered
from interfaces.http.catalog.listing import (
    PAGE_ITEMS,
    PAGE_ITEMS_MAX,
    WEB_CHANNEL,
    CardsView,
    ChannelParam,
)
from interfaces.http.catalog.locales import LocaleParam, locale_of
from interfaces.http.catalog.window import CATEGORIES, READ_MODEL
from interfaces.http.parts import View
from interfaces.http.routing.pages import Page, cursor_of, place_of
from interfaces.http.routing.query import Answer, QueryRoute, Question
from projections.catalog import listing
from projections.catalog.sorting import collections

COLLECTIONS = "catalog_collections"


class CollectionNotFound(NotFound):
    """There is no such collection."""

    code = "catalog.collection_not_found"


class CollectedParams(Page):
    """Which part of a collection; chosen products keep the order that they were chosen in."""

    limit: Annotated[int, Field(ge=1, le=PAGE_ITEMS_MAX)] = PAGE_ITEMS
    channel: ChannelParam = WEB_CHANNEL
    sort: Annotated[Sort, Field(description="Of a collection by rule")] = Sort.NEWEST
    locale: LocaleParam = None


async def _collected(question: Question[CollectedParams]) -> Answer:
    """By the id or the slug of the collection. A publishable key is enough."""
    exchange, params = question.exchange, question.params
    locale = locale_of(exchange, params.locale)
    async with question.view(READ_MODEL, COLLECTIONS, CATEGORIES) as view:
        found = await collections.collection(
            view.connection, exchange.principal.tenant_id, question.path["collection_id"]
        )
        if found is None:
            raise CollectionNotFound("there is no such collection")
        belong = _chosen if found["rule"] is None else _ruled
        cards, more = await belong(question, view, found, locale)
    items = [msgspec.Raw(card.encode()) for card in cards]
    return Answer({"items": items, "next_cursor": more}, view.position)


async def _chosen(
    question: Question[CollectedParams], view: View, found: dict[str, Any], locale: str
) -> tuple[list[str], str | None]:
    params, tenant_id = question.params, question.exchange.principal.tenant_id
    first = 0 if params.cursor is None else place_of(params.cursor, int)[0]
    ids: list[str] = found["product_ids"]
    query, values = listing.cards(tenant_id, ids, locale=locale, channel=params.channel)
    cards = dict(await query.tuples(view.connection, **values))
    rest = [(place, one) for place, one in enumerate(ids) if place >= first and one in cards]
    shown = rest[: params.limit]
    more = cursor_of(rest[params.limit][0]) if len(rest) > params.limit else None
    return [cards[one] for _, one in shown], more


async def _ruled(
    question: Question[CollectedParams], view: View, found: dict[str, Any], locale: str
) -> tuple[list[str], str | None]:
    params = question.params
    filters = filters_of(msgspec.convert(found["rule"], Rule), params.channel)
    part = Part(params.sort, params.cursor, params.limit, locale)
    return await filtered(question.exchange, view, filters, part)


def filters_of(rule: Rule, channel: str) -> Filters:
    """Say a rule in the words of the search."""
    attributes = {
        ATTRIBUTES + code: tuple(_word(value) for value in values)
        for code, values in rule.attributes.items()
    }
    asked = {
        "channel": (channel,),
        "category": rule.category_ids,
        "brand": rule.brand_ids,
        "in_stock": ("true",) if rule.in_stock else (),
        **attributes,
    }
    return Filters(
        {code: values for code, values in asked.items() if values},
        rule.price_from.minor if rule.price_from is not None else None,
        rule.price_to.minor if rule.price_to is not None else None,
    )


def _word(value: bool | int | str) -> str:  # noqa: FBT001 - a value of an attribute
    return str(value).lower() if isinstance(value, bool) else str(value)


PRODUCTS = QueryRoute(
    "/api/collections/{collection_id}/products",
    CollectedParams,
    _collected,
    permission=None,
    keyed=True,
    result=CardsView,
    summary="Leaf through what belongs to a collection",
    name="catalog_collected_products",
)
