"""Products as documents that questions about them are answered from, in each language (CAT-16).

Whatever stands in a document may be quoted. Nothing in it depends on when it is asked for, so that
the same digest means the same words.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import msgspec

from domain.catalog.languages import in_language
from domain.kernel.money import Money
from domain.users.customer import Locale
from infrastructure.notifications.wording import amount_in
from infrastructure.observability.alerts import LAG_SECONDS_MAX
from projections.catalog import detail
from projections.catalog.facts import PUBLISHED
from projections.catalog.feed import CATALOG_FEED
from projections.catalog.listing import CATALOG_LISTING
from projections.catalog.sorting.categories import CATALOG_CATEGORIES, paths
from projections.catalog.sorting.product_types import CATALOG_PRODUCT_TYPES, types_of
from projections.query import Connection

REFRESHED_WITHIN_SECONDS = LAG_SECONDS_MAX
"""After an edit its document is told anew; what makes it later than that is an alert."""

MADE_OF = tuple(
    model.name
    for model in (CATALOG_FEED, CATALOG_LISTING, CATALOG_CATEGORIES, CATALOG_PRODUCT_TYPES)
)
"""The read models that have to be looked at together."""

_WORDS: Mapping[str, Mapping[str, str]] = {
    "tr": {
        "brand": "Marka",
        "category": "Kategori",
        "price": "Fiyat",
        "availability": "Stok durumu",
        "in_stock": "Stokta var",
        "low_stock": "Stokta az kaldı",
        "backorder": "Ön siparişle alınabilir",
        "out_of_stock": "Stokta yok",
        "True": "Evet",
        "False": "Hayır",
    },
    "en": {
        "brand": "Brand",
        "category": "Category",
        "price": "Price",
        "availability": "Availability",
        "in_stock": "In stock",
        "low_stock": "Few left",
        "backorder": "Can be ordered in advance",
        "out_of_stock": "Out of stock",
        "True": "Yes",
        "False": "No",
    },
}


@dataclass(frozen=True, slots=True)
class Told:
    """An attribute or option of a product, in words."""

    code: str
    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Document:
    """What may be said of a product in one language.

    `categories` are paths of names from the top, the primary one first. `price` is what the
    variants cost, `text` all of it. `digest` is of everything but the position.
    """

    document_id: str
    product_id: str
    locale: str
    position: int
    slug: str
    channels: Sequence[str]
    name: str
    description: str
    brand: str | None
    categories: Sequence[Sequence[str]]
    attributes: Sequence[Told]
    price: str | None
    availability: str
    text: str
    digest: str


async def documents(
    connection: Connection,
    tenant_id: object,
    positions: Mapping[str, int],
    locales: Collection[str],
) -> list[Document]:
    """Give the documents of those products that are published, which stand at these positions."""
    found = await detail.products(connection, tenant_id, list(positions))
    rows = {row["product_id"]: row for row in found if row["status"] == PUBLISHED}
    ids = {one for row in rows.values() for one in row["category_ids"]}
    above = await paths(connection, tenant_id, ids)
    types = await types_of(connection, tenant_id, {row["type_id"] for row in rows.values()})
    return [
        _document(rows[one], position, locale, above, types)
        for one, position in positions.items()
        if one in rows
        for locale in locales
    ]


def _document(
    row: Mapping[str, Any],
    position: int,
    locale: str,
    above: Mapping[str, Sequence[Mapping[str, str]]],
    types: Mapping[str, Mapping[str, Any]],
) -> Document:
    words, texts = _WORDS[locale], in_language(row["texts"], locale)
    ids = sorted(row["category_ids"], key=lambda one: (one != row["primary_category_id"], one))
    variants = [one for one in row["variants"] or () if not one["retired"]]
    available = detail.best_of(map(detail.availability_of, variants))
    categories = [[in_language(names, locale) for names in above.get(one, ())] for one in ids]
    attributes = [
        *_attributes(row["attributes"], types.get(row["type_id"], {}), locale),
        *(Told(one["name"], one["name"], ", ".join(one["values"])) for one in row["options"]),
    ]
    price = _price(variants, locale)
    lines = {
        words["brand"]: row["brand_name"],
        words["category"]: "; ".join(" > ".join(path) for path in categories),
        **{one.name: one.value for one in attributes},
        words["price"]: price,
        words["availability"]: words[available],
    }
    told: dict[str, Any] = {
        "document_id": f"{row['product_id']}:{locale}",
        "product_id": row["product_id"],
        "locale": locale,
        "slug": row["slug"],
        "channels": row["channels"],
        "name": texts["name"],
        "description": texts["description"],
        "brand": row["brand_name"],
        "categories": categories,
        "attributes": attributes,
        "price": price,
        "availability": words[available],
        "text": "\n".join(
            (
                *filter(None, (texts["name"], texts["description"])),
                *(f"{name}: {value}" for name, value in lines.items() if value),
            )
        ),
    }
    digest = sha256(msgspec.json.encode(told, order="sorted")).hexdigest()
    return Document(**told, position=position, digest=digest)


def _attributes(
    values: Mapping[str, Any], product_type: Mapping[str, Any], locale: str
) -> list[Told]:
    """Tell attributes in the order of their type; what it does not know goes by its code."""
    known = {one["code"]: one for one in product_type.get("attributes", ())}
    codes = [*(code for code in known if code in values), *sorted(values.keys() - known.keys())]
    told: list[Told] = []
    for code in codes:
        value, defined = values[code], known.get(code, {})
        each = map(str, (value,) if isinstance(value, str | int) else value)
        said = ", ".join(_WORDS[locale].get(one, one) for one in each)
        unit = f" {defined['unit']}" if defined.get("unit") else ""
        name = in_language(defined["names"], locale) if defined.get("names") else code
        told.append(Told(code, name, said + unit))
    return told


def _price(variants: Sequence[Mapping[str, Any]], locale: str) -> str | None:
    """Say what one unit costs, and up to what where variants differ."""
    amounts = [
        Money(one["minor"], one["currency"])
        for variant in variants
        for one in variant["prices"]
        if one["minimum_quantity"] == 1
    ]
    if not amounts:
        return None
    ends = [end(amounts, key=lambda one: one.minor) for end in (min, max)]
    return " - ".join(dict.fromkeys(amount_in(Locale(locale), one) for one in ends))
