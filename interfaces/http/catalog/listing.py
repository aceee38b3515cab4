"""Leaf through the shop window (CAT-01)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, Field

from infrastructure.search import engine
from infrastructure.search.engine import Filters
from interfaces.http.catalog.filtered import Part, filtered, prepared, trees_of, with_trees
from interfaces.http.catalog.locales import LocaleParam, locale_of
from interfaces.http.catalog.window import SORTED, shown, shown_after_looks
from interfaces.http.parts import View
from interfaces.http.routing.pages import Page, cursor_of, place_of
from interfaces.http.routing.query import Answer, QueryRoute, Question
from interfaces.http.wire.money import MoneyView
from projections.catalog import listing
from projections.catalog.listing import Place, Sort
from projections.query import Asked, Rows

PAGE_ITEMS = 24
PAGE_ITEMS_MAX = 100
WEB_CHANNEL = "web"

ChannelParam = Annotated[
    str,
    Field(pattern="^[a-z0-9_-]{1,40}$", description="The sales channel whose products are shown"),
]


class BrandView(BaseModel):
    """The brand of a product."""

    brand_id: str
    slug: str
    name: str


class ImageView(BaseModel):
    """A picture, and what is to be seen on it."""

    url: str
    alt: str


class CardView(BaseModel):
    """A product as it stands in a list."""

    product_id: str = Field(examples=["prd_01k3xq8m5wf2v9c7d4h6jt0b1n"])
    slug: str = Field(examples=["mavi-vazo"])
    name: str
    brand: BrandView | None
    category_id: str | None
    image: ImageView | None
    price: MoneyView | None = Field(description="The lowest of its variants, tax included")
    price_from: bool = Field(description="Whether other variants cost more")
    list_price: MoneyView | None = Field(description="To be shown crossed out")
    variants: int
    availability: str = Field(
        examples=["in_stock"], description="in_stock, low_stock, backorder or out_of_stock"
    )


class CardsView(BaseModel):
    """A page of products."""

    items: list[CardView]
    next_cursor: str | None


class ListParams(Page):
    """Which products, in which order."""

    limit: Annotated[int, Field(ge=1, le=PAGE_ITEMS_MAX)] = PAGE_ITEMS
    category_id: Annotated[str | None, Field(pattern="^cat_[0-9a-zA-Z_]{1,56}$")] = None
    channel: ChannelParam = WEB_CHANNEL
    sort: Sort = Sort.NEWEST
    locale: LocaleParam = None


async def _products(question: Question[ListParams]) -> Answer:
    """Send the ETag back as If-None-Match to be told only news. A publishable key is enough."""
    exchange, params = question.exchange, question.params
    locale = locale_of(exchange, params.locale)
    if params.category_id is not None:
        return await _in_category(question, params.category_id, locale)

    def asked() -> Asked:
        return listing.page(
            exchange.principal.tenant_id,
            sort=params.sort,
            locale=locale,
            channel=params.channel,
            after=None if params.cursor is None else _place(params.sort, params.cursor),
            limit=params.limit + 1,
        )

    def tell(rows: Rows) -> bytes:
        return page_of_cards(rows, params.limit)

    return await shown(question, locale, asked, tell=tell)


async def _in_category(question: Question[ListParams], category_id: str, locale: str) -> Answer:
    params = question.params
    filters = Filters({"category": (category_id,), "channel": (params.channel,)})
    part = Part(engine.Sort(params.sort.value), params.cursor, params.limit, locale)

    async def make(view: View, told: Sequence[Rows]) -> bytes:
        return _page(*await filtered(question.exchange, view, with_trees(filters, told), part))

    await prepared(question.exchange)
    trees = trees_of(question.exchange, filters)
    return await shown_after_looks(question, locale, make, asked=trees, read_models=SORTED)


def page_of_cards(rows: Rows, limit: int) -> bytes:
    """Make a page of cards, which are JSON already; a row beyond the limit says there is more."""
    shown = rows[:limit]
    more = None
    if len(rows) > limit:
        _, key, product_id = shown[-1]
        told = key.isoformat() if isinstance(key, datetime) else key
        more = cursor_of(told, product_id)
    return _page([card for card, *_ in shown], more)


def _page(cards: list[str], more: str | None) -> bytes:
    cursor = "null" if more is None else f'"{more}"'
    return f'{{"items":[{",".join(cards)}],"next_cursor":{cursor}}}'.encode()


def _place(sort: Sort, cursor: str) -> Place:
    kind = datetime if sort is Sort.NEWEST else int
    return Place(*place_of(cursor, kind, str))


LIST = QueryRoute(
    "/api/products",
    ListParams,
    _products,
    permission=None,
    keyed=True,
    result=CardsView,
    summary="Leaf through what the shop sells",
    name="catalog_products",
)
