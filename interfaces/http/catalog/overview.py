"""All products as staff see them: listed with what each lacks, and one whole (CAT-03, CAT-04)."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from application.permissions import Permission
from interfaces.http.catalog.detail import (
    BOTH,
    ID_PREFIX,
    ProductNotFound,
    ProductView,
    VariantView,
    told,
)
from interfaces.http.catalog.listing import CardView
from interfaces.http.catalog.locales import LocaleParam, locale_of
from interfaces.http.catalog.window import CATEGORIES, READ_MODEL
from interfaces.http.routing.pages import Page, cursor_of, page_of, place_of
from interfaces.http.routing.query import Answer, QueryRoute, Question, Standing
from interfaces.http.wire.etags import tag_of
from projections.catalog import detail, overview
from projections.catalog.overview import Missing

Status = Literal["draft", "scheduled", "published", "archived"]


class ListedView(CardView):
    """A product of whatever status."""

    status: Status
    lacks: list[Missing] = Field(examples=[["image"]], description="What it has not")
    available: int = Field(description="Units that can be sold, over all locations")
    created_at: datetime
    changed_at: datetime
    publish_at: datetime | None
    published_at: datetime | None
    version: int


class ListedPageView(BaseModel):
    """A page of products."""

    items: list[ListedView]
    next_cursor: str | None


class OwnVariantView(VariantView):
    """A variant with what customers are not told."""

    barcode: str | None
    available: int
    retired: bool


class WholeView(ProductView):
    """A product with all that stands of it."""

    status: Status
    texts: dict[str, dict[str, str]]
    channels: list[str]
    variants: list[OwnVariantView]  # type: ignore[assignment] - more of each
    related_ids: list[dict[str, str]]
    created_at: datetime
    changed_at: datetime
    publish_at: datetime | None
    version: int


class ListParams(Page):
    """Which products; without a filter all of them."""

    status: Status | None = None
    missing: Annotated[Missing | None, Field(description="Only those that lack this")] = None
    category_id: Annotated[str | None, Field(pattern="^cat_[0-9a-zA-Z_]{1,56}$")] = None
    brand_id: Annotated[str | None, Field(pattern="^brd_[0-9a-zA-Z_]{1,56}$")] = None
    channel: Annotated[str | None, Field(pattern="^[a-z0-9_-]{1,40}$")] = None
    locale: LocaleParam = None


class OneParams(Standing):
    """In which language."""

    locale: LocaleParam = None


async def _products(question: Question[ListParams]) -> Answer:
    params = question.params
    locale = locale_of(question.exchange, params.locale)
    async with question.view(READ_MODEL, CATEGORIES) as view:
        rows = await overview.products(
            view.connection,
            question.exchange.principal.tenant_id,
            status=params.status,
            missing=params.missing,
            category_id=params.category_id,
            brand_id=params.brand_id,
            channel=params.channel,
            after="" if params.cursor is None else place_of(params.cursor, str)[0],
            limit=params.limit + 1,
        )
    page = page_of(
        rows,
        params.limit,
        item=lambda row: (
            {**json.loads(row[f"card_{locale}"]), **_standing(row)}
            | {"lacks": row["lacks"], "available": row["available"]}
        ),
        place=lambda row: cursor_of(row["product_id"]),
    )
    return Answer(page, view.position)


async def _product(question: Question[OneParams]) -> Answer:
    """By its id or its slug. Send the ETag back as If-Match to change only what you saw."""
    exchange, named = question.exchange, question.path["product_id"]
    locale = locale_of(exchange, question.params.locale)
    asked = detail.product(exchange.principal.tenant_id, named, by_id=named.startswith(ID_PREFIX))
    position, (rows,) = await question.ask(asked, read_models=BOTH)
    if not rows:
        raise ProductNotFound("there is no such product")
    row = detail.fields_of(rows[0])
    whole = told(row, locale, retired=True)
    for shown, kept in zip(whole["variants"], row["variants"] or (), strict=True):
        shown |= {name: kept[name] for name in ("barcode", "available", "retired")}
    whole |= {"texts": row["texts"], "channels": row["channels"], "related_ids": row["related"]}
    return Answer(whole | _standing(row), position, ((b"etag", tag_of(row["version"])),))


def _standing(row: Mapping[str, Any]) -> dict[str, Any]:
    """Tell how a product stands."""
    names = ("status", "created_at", "changed_at", "published_at", "version")
    return {name: row[name] for name in names} | {"publish_at": row["publish_at"] or None}


LIST = QueryRoute(
    "/api/admin/products",
    ListParams,
    _products,
    permission=Permission.CATALOG_READ,
    result=ListedPageView,
    summary="List all products, also by what they lack",
    name="catalog_all_products",
    staff_only=True,
)

ONE = QueryRoute(
    "/api/admin/products/{product_id}",
    OneParams,
    _product,
    permission=Permission.CATALOG_READ,
    result=WholeView,
    summary="See all that stands of a product",
    name="catalog_whole_product",
    staff_only=True,
)
