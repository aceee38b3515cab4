"""Suggest products, categories and brands while somebody is typing (SRC-06)."""

from collections.abc import Sequence
from typing import Annotated

import msgspec
from pydantic import BaseModel, Field

from infrastructure.search.engine import Filters, Shop
from interfaces.http.catalog.listing import WEB_CHANNEL, BrandView, CardView, ChannelParam
from interfaces.http.catalog.locales import LocaleParam, locale_of
from interfaces.http.catalog.window import shown_after_looks
from interfaces.http.parts import View
from interfaces.http.routing.query import Answer, QueryRoute, Question, Standing
from interfaces.http.search.asking import TEXT_LENGTH_MAX
from projections.catalog.cards import cards_of, in_order, named, sorters_named
from projections.catalog.searched import BRAND, CATEGORY
from projections.query import Rows

SUGGESTIONS = 6
SUGGESTIONS_MAX = 20


class SuggestParams(Standing):
    """What was typed so far."""

    q: Annotated[str, Field(min_length=1, max_length=TEXT_LENGTH_MAX, examples=["ayak"])]
    limit: Annotated[
        int, Field(ge=1, le=SUGGESTIONS_MAX, description="Of products, categories and brands each")
    ] = SUGGESTIONS
    channel: ChannelParam = WEB_CHANNEL
    locale: LocaleParam = None


class CategoryView(BaseModel):
    """A category to look into."""

    category_id: str
    slug: str
    name: str


class SuggestionsView(BaseModel):
    """What begins so, best first."""

    products: list[CardView]
    categories: list[CategoryView]
    brands: list[BrandView]


async def _suggest(question: Question[SuggestParams]) -> Answer:
    """Names that begin so come before those with such a word further on."""
    exchange, params = question.exchange, question.params
    locale = locale_of(exchange, params.locale)

    async def make(view: View, _told: Sequence[Rows]) -> bytes:
        shop = Shop(exchange.principal.tenant_id, view.connection, view.position)
        filters = Filters({"channel": (params.channel,)})
        found = await exchange.services.search.suggest(shop, params.q, filters, limit=params.limit)
        cards, sorters = await view.last(
            cards_of(shop.tenant_id, found.products, locale),
            sorters_named(shop.tenant_id, (*found.categories, *found.brands), locale),
        )
        names = named(sorters)
        told = {
            "products": [msgspec.Raw(card.encode()) for card in in_order(found.products, cards)],
            "categories": [names[CATEGORY, one] for one in found.categories],
            "brands": [names[BRAND, one] for one in found.brands],
        }
        return msgspec.json.encode(told)

    return await shown_after_looks(question, locale, make)


SUGGEST = QueryRoute(
    "/api/search/suggestions",
    SuggestParams,
    _suggest,
    permission=None,
    keyed=True,
    result=SuggestionsView,
    summary="See what begins with what was typed",
    name="search_suggestions",
)
