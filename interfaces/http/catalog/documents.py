"""What is told of products, for whoever answers questions about them (CAT-16)."""

from typing import Annotated

from pydantic import BaseModel, Field

from application.permissions import Permission
from infrastructure.catalog.documents import MADE_OF, REFRESHED_WITHIN_SECONDS, documents
from interfaces.http.catalog.detail import ProductNotFound
from interfaces.http.catalog.locales import LocaleParam, locale_of
from interfaces.http.routing.pages import CURSOR_LENGTH_MAX, cursor_of, place_of
from interfaces.http.routing.query import POSITION_MAX, Answer, QueryRoute, Question, Standing
from projections.catalog import feed
from projections.catalog.feed import Place
from projections.catalog.listed import LOCALES

PRODUCTS = 50
PRODUCTS_MAX = 200

LAST = "~"
"""Comes after the id of every product."""


class ToldView(BaseModel):
    """An attribute or option, in words."""

    code: str = Field(examples=["color"])
    name: str = Field(examples=["Renk"])
    value: str = Field(examples=["mavi"])


class DocumentView(BaseModel):
    """What may be said of a product in one language."""

    document_id: str = Field(examples=["prd_01k3xq8m5w:tr"])
    product_id: str = Field(examples=["prd_01k3xq8m5w"])
    locale: str = Field(examples=["tr"])
    position: int = Field(description="Of the last event that it could have changed with")
    slug: str = Field(examples=["mavi-vazo"])
    channels: list[str] = Field(description="Where it is sold; none is everywhere")
    name: str
    description: str
    brand: str | None
    categories: list[list[str]] = Field(
        description="Paths from the top, the primary one first", examples=[[["Ev", "Vazo"]]]
    )
    attributes: list[ToldView] = Field(description="Attributes, then options")
    price: str | None = Field(examples=["1.250,00 TRY"], description="Or the lowest - the highest")
    availability: str = Field(examples=["Stokta var"])
    text: str = Field(description="All of it, a line each")
    digest: str = Field(
        description="SHA-256; the same as long as nothing but the position is another"
    )


class ChangesView(BaseModel):
    """What has to be put in the place of what was told of these products before."""

    items: list[DocumentView] = Field(
        description=f"An edit is told within {REFRESHED_WITHIN_SECONDS:.0f} seconds, and at once to"
        " whoever sends its position"
    )
    gone: list[str] = Field(description="Ids of products that customers see no more")
    next_cursor: str = Field(description="Ask with it for what comes after: at once, or later")
    more: bool = Field(description="Whether there is more already")


class OneParams(Standing):
    """In which language."""

    locale: LocaleParam = None


class ChangesParams(Standing):
    """Since when."""

    since: Annotated[
        int, Field(ge=0, le=POSITION_MAX, description="A position; without it from the beginning")
    ] = 0
    cursor: Annotated[
        str | None,
        Field(max_length=CURSOR_LENGTH_MAX, description="`next_cursor`, in place of `since`"),
    ] = None
    limit: Annotated[int, Field(ge=1, le=PRODUCTS_MAX, description="Products")] = PRODUCTS
    locale: Annotated[LocaleParam, Field(description="Only this language; else each")] = None


async def _document(question: Question[OneParams]) -> Answer:
    """Only what is published has one."""
    tenant_id = question.exchange.principal.tenant_id
    locale = locale_of(question.exchange, question.params.locale)
    async with question.view(*MADE_OF) as view:
        one = await feed.standing(view.connection, tenant_id, question.path["product_id"])
        positions = {one.product_id: one.position} if one is not None else {}
        found = await documents(view.connection, tenant_id, positions, (locale,))
    if not found:
        raise ProductNotFound("there is no such product")
    return Answer(found[0], view.position)


async def _changes(question: Question[ChangesParams]) -> Answer:
    """Keep `next_cursor`, and put the documents in the place of the former ones of each product.

    Nothing is missed, whatever is written meanwhile. A product that changes often comes often.
    """
    params, tenant_id = question.params, question.exchange.principal.tenant_id
    after = Place(params.since, LAST)
    if params.cursor is not None:
        after = Place(*place_of(params.cursor, int, str))
    async with question.view(*MADE_OF) as view:
        changed = await feed.changed(
            view.connection, tenant_id, after=after, until=view.position, limit=params.limit + 1
        )
        page = changed[: params.limit]
        positions = {one.product_id: one.position for one in page if one.published}
        locales = LOCALES if params.locale is None else (params.locale,)
        found = await documents(view.connection, tenant_id, positions, locales)
    more = len(changed) > len(page)
    told = {one.product_id for one in found}
    following = page[-1] if more else max(after, Place(view.position, LAST))
    return Answer(
        {
            "items": found,
            "gone": [one.product_id for one in page if one.product_id not in told],
            "next_cursor": cursor_of(following.position, following.product_id),
            "more": more,
        },
        view.position,
    )


CHANGES = QueryRoute(
    "/api/admin/product-documents",
    ChangesParams,
    _changes,
    permission=Permission.CATALOG_FEED,
    result=ChangesView,
    summary="Follow what is told of products",
    name="catalog_documents",
    staff_only=True,
)

ONE = QueryRoute(
    "/api/admin/product-documents/{product_id}",
    OneParams,
    _document,
    permission=Permission.CATALOG_FEED,
    result=DocumentView,
    summary="See what is told of a product",
    name="catalog_document",
    staff_only=True,
)
