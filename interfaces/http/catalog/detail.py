"""See one product (CAT-02), and its schema.org description for search engines and assistants."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any, Literal

import msgspec
from pydantic import BaseModel, Field

from domain.kernel.money import Money
from domain.kernel.refusals import NotFound
from domain.pricing.prior import Change, prior_price
from interfaces.http.catalog.listing import (
    WEB_CHANNEL,
    BrandView,
    CardView,
    ChannelParam,
    ImageView,
)
from interfaces.http.catalog.locales import LocaleParam, locale_of
from interfaces.http.catalog.window import READ_MODEL, shown
from interfaces.http.routing.query import Answer, QueryRoute, Question, Standing
from interfaces.http.wire.money import MoneyView, money
from projections.catalog import detail
from projections.catalog.facts import PUBLISHED
from projections.catalog.listed import LOCALES
from projections.query import Asked, Rows

ID_PREFIX = "prd_"
BOTH = (READ_MODEL, "pricing_history")


class ProductNotFound(NotFound):
    """There is no such product for this caller."""

    code = "catalog.product_not_found"


class MediumView(ImageView):
    """A picture, film or 3D model."""

    kind: Literal["image", "video", "model_3d"]
    content_type: str | None
    sha256: str | None
    variant_id: str | None


class TierView(BaseModel):
    """What one unit costs for whoever buys so many."""

    minimum_quantity: int
    price: MoneyView
    list_price: MoneyView | None


class VariantView(BaseModel):
    """A unit that is sold."""

    variant_id: str
    sku: str
    gtin: str | None
    options: dict[str, str] = Field(examples=[{"beden": "M"}])
    weight_grams: int | None
    price: MoneyView | None
    list_price: MoneyView | None
    lowest_30_days: MoneyView | None = Field(
        description="Of a reduced price: the lowest of the 30 days before (98/6/EC art. 6a)"
    )
    tiers: list[TierView]
    availability: str = Field(examples=["in_stock"])


class RelatedView(BaseModel):
    """Another product that is shown with this one."""

    kind: str = Field(examples=["accessory"])
    product: CardView


class RestrictionsView(BaseModel):
    """To whom and where to it may be sold."""

    minimum_age_years: int | None
    licence: str | None
    only_regions: list[str]
    not_regions: list[str]
    ships: bool


class ProductView(BaseModel):
    """A product with all that customers see of it."""

    product_id: str
    slug: str
    name: str
    description: str
    locale: str
    brand: BrandView | None
    category_ids: list[str]
    primary_category_id: str | None
    type_id: str | None
    attributes: dict[str, Any]
    options: list[dict[str, Any]]
    media: list[MediumView]
    variants: list[VariantView]
    availability: str
    tax_class: str | None
    country_of_origin: str | None = Field(examples=["TR"], description="ISO 3166-1")
    restrictions: RestrictionsView | None
    related: list[RelatedView]
    published_at: datetime | None


class OneParams(Standing):
    """In which channel and language."""

    channel: ChannelParam = WEB_CHANNEL
    locale: LocaleParam = None


async def _product(question: Question[OneParams]) -> Answer:
    """By its id or its slug. A publishable key is enough."""
    locale = locale_of(question.exchange, question.params.locale)

    def tell(rows: Rows) -> bytes:
        return msgspec.json.encode(told_of(rows, question.params.channel, locale))

    return await shown(question, locale, partial(asked_for, question), tell=tell, read_models=BOTH)


def asked_for(question: Question[OneParams]) -> Asked:
    """Ask for the product of the path."""
    named = question.path["product_id"]
    tenant_id = question.exchange.principal.tenant_id
    return detail.product(tenant_id, named, by_id=named.startswith(ID_PREFIX))


def told_of(rows: Rows, channel: str, locale: str) -> dict[str, Any]:
    """Tell the product that was found; refuse one that customers do not see there."""
    row = detail.fields_of(rows[0]) if rows else None
    if row is None or row["status"] != PUBLISHED or not _shown_in(row, channel):
        raise ProductNotFound("there is no such product")
    return told(row, locale)


def _shown_in(row: Mapping[str, Any], channel: str) -> bool:
    return not row["channels"] or channel in row["channels"]


def told(row: Mapping[str, Any], locale: str, *, retired: bool = False) -> dict[str, Any]:
    """Tell a product, to staff with the variants that were `retired`."""
    cards: Mapping[str, list[str]] = row["cards"] or {}
    place = LOCALES.index(locale)
    texts = in_language(row["texts"], locale)
    shown = [one for one in row["variants"] or () if retired or not one["retired"]]
    variants = [_variant(one) for one in shown]
    return {
        "product_id": row["product_id"],
        "slug": row["slug"],
        "name": texts["name"],
        "description": texts["description"],
        "locale": locale,
        "brand": {"brand_id": row["brand_id"], "slug": row["brand_slug"], "name": row["brand_name"]}
        if row["brand_name"] is not None
        else None,
        "category_ids": row["category_ids"],
        "primary_category_id": row["primary_category_id"] or None,
        "type_id": row["type_id"] or None,
        "attributes": row["attributes"],
        "options": row["options"],
        "media": [medium(one, texts["name"], locale) for one in row["media"]],
        "variants": variants,
        "availability": detail.best_of(one["availability"] for one in variants),
        "tax_class": row["tax_class"] or None,
        "country_of_origin": row["country_of_origin"] or None,
        "restrictions": row["restrictions"] or None,
        "related": [
            {"kind": one["kind"], "product": msgspec.Raw(cards[one["product_id"]][place].encode())}
            for one in row["related"]
            if one["product_id"] in cards
        ],
        "published_at": row["published_at"],
    }


def in_language(texts: Mapping[str, Any], locale: str) -> Any:  # noqa: ANN401 - one of the texts
    """Give the texts of a language, else of the others in their order, else of any."""
    for one in (locale, *LOCALES):
        if one in texts:
            return texts[one]
    return texts[min(texts)]


def medium(one: Mapping[str, Any], name: str, locale: str) -> dict[str, Any]:
    """Tell something to look at."""
    alt: Mapping[str, str] = one["alt"] or {}
    return {
        "url": one["url"],
        "alt": in_language(alt, locale) if alt else name,
        "kind": one["kind"],
        "content_type": one["content_type"],
        "sha256": one["sha256"],
        "variant_id": one["variant_id"],
    }


def _variant(one: Mapping[str, Any]) -> dict[str, Any]:
    tiers = [
        {
            "minimum_quantity": tier["minimum_quantity"],
            "price": money(tier["minor"], tier["currency"]),
            "list_price": money(tier["list_minor"], tier["currency"])
            if tier["list_minor"] is not None
            else None,
        }
        for tier in one["prices"]
    ]
    first = next((tier for tier in tiers if tier["minimum_quantity"] == 1), None)
    return {
        "variant_id": one["variant_id"],
        "sku": one["sku"],
        "gtin": one["gtin"],
        "options": one["options"],
        "weight_grams": one["weight_grams"],
        "price": first["price"] if first else None,
        "list_price": first["list_price"] if first else None,
        "lowest_30_days": _before(one["changes"] or ()),
        "tiers": tiers,
        "availability": detail.availability_of(one),
    }


def _before(changes: Sequence[Mapping[str, Any]]) -> dict[str, Any] | None:
    """Tell the lowest price of the 30 days before the present reduction, if there is one."""
    prior = prior_price([_change(one) for one in changes])
    if prior is None or prior.lowest_30_days is None:
        return None
    return money(prior.lowest_30_days.minor, prior.lowest_30_days.currency)


def _change(one: Mapping[str, Any]) -> Change:
    amount, list_price = (
        None if one[name] is None else Money(one[name], one["currency"])
        for name in ("amount", "list_price")
    )
    ends_at = one["ends_at"] and datetime.fromisoformat(one["ends_at"])
    return Change(datetime.fromisoformat(one["at"]), amount, list_price, ends_at)


ONE = QueryRoute(
    "/api/products/{product_id}",
    OneParams,
    _product,
    permission=None,
    keyed=True,
    result=ProductView,
    summary="See a product",
    name="catalog_product",
)
