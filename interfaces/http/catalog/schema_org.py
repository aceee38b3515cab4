"""Products in the words of schema.org, for search engines and assistants (CAT-02)."""

from collections.abc import Mapping
from functools import partial
from typing import Any

import msgspec

from interfaces.http.catalog.detail import BOTH, OneParams, asked_for, told_of
from interfaces.http.catalog.locales import locale_of
from interfaces.http.catalog.window import shown
from interfaces.http.routing.query import Answer, QueryRoute, Question
from interfaces.http.wire.money import written
from projections.query import Rows

JSON_LD = b"application/ld+json"
_AVAILABILITY = {
    "in_stock": "https://schema.org/InStock",
    "low_stock": "https://schema.org/LimitedAvailability",
    "backorder": "https://schema.org/BackOrder",
    "out_of_stock": "https://schema.org/OutOfStock",
}


async def _json_ld(question: Question[OneParams]) -> Answer:
    """Give a schema.org Product with an offer for each variant, to stand in a page as it is."""
    locale = locale_of(question.exchange, question.params.locale)

    def tell(rows: Rows) -> bytes:
        return msgspec.json.encode(described(told_of(rows, question.params.channel, locale)))

    return await shown(
        question,
        locale,
        partial(asked_for, question),
        tell=tell,
        media_type=JSON_LD,
        read_models=BOTH,
    )


def described(product: Mapping[str, Any]) -> dict[str, Any]:
    """Describe a product in the words of schema.org (Product, Offer)."""
    brand = product["brand"]
    return {
        "@context": "https://schema.org",
        "@type": "Product",
        "productID": product["product_id"],
        "name": product["name"],
        "description": product["description"],
        "image": [one["url"] for one in product["media"] if one["kind"] == "image"],
        **({"brand": {"@type": "Brand", "name": brand["name"]}} if brand else {}),
        **_made_in(product["country_of_origin"]),
        "offers": [
            {
                "@type": "Offer",
                "sku": one["sku"],
                **({"gtin": one["gtin"]} if one["gtin"] else {}),
                "price": written(**one["price"]).replace(",", ""),
                "priceCurrency": one["price"]["currency"],
                "availability": _AVAILABILITY[one["availability"]],
            }
            for one in product["variants"]
            if one["price"] is not None
        ],
    }


def _made_in(country: str | None) -> dict[str, Any]:
    return {"countryOfOrigin": {"@type": "Country", "name": country}} if country else {}


DESCRIBED = QueryRoute(
    "/api/products/{product_id}/json-ld",
    OneParams,
    _json_ld,
    permission=None,
    keyed=True,
    result=dict[str, Any],
    summary="Describe a product in the words of schema.org",
    name="catalog_product_json_ld",
)
