"""A shop with a glass jug, at the points of its life that tests begin from."""

from datetime import timedelta

from domain.catalog.content import Medium, Option, Text
from domain.catalog.events import (
    MediaArranged,
    ProductArchived,
    ProductClassified,
    ProductCreated,
    ProductDeleted,
    ProductEvent,
    ProductPublished,
    ProductScheduled,
    TaxClassChosen,
)
from domain.catalog.sorting.events import BrandAdded, CategoryAdded, UseChanged
from domain.catalog.variant_events import OptionsChosen, VariantAdded
from domain.kernel.events import Event
from domain.kernel.money import Money
from domain.pricing.events import STANDARD_LIST, PriceSet
from tests.kit.scenario import NOW
from tests.kit.wallets import BOOKS

JUG, GLASS = "prd_jug1", "prd_glass"
CLEAR, GREEN = "var_clear", "var_green"
TEXTS = {"tr": Text("Cam sürahi"), "en": Text("Glass jug")}
IMAGE = Medium("https://cdn.example/jug.webp")
SKU, GTIN = "JUG-15", "8690000000005"
SOON = NOW + timedelta(days=1)

SHOP: tuple[Event, ...] = (
    BOOKS,
    CategoryAdded("cat_jugs", None, "surahi", {"tr": "Sürahi"}),
    CategoryAdded("cat_glass", None, "cam", {"tr": "Cam"}),
    BrandAdded("brd_ada1", "ada", "Ada"),
)
CREATED = ProductCreated(JUG, "cam-surahi", TEXTS)
CLASSIFIED = ProductClassified(JUG, ("cat_jugs",), "cat_jugs", "brd_ada1")
USED = UseChanged("category", "cat_jugs", 1), UseChanged("brand", "brd_ada1", 1)
FREED = UseChanged("category", "cat_jugs", -1), UseChanged("brand", "brd_ada1", -1)
TAXED = TaxClassChosen(JUG, "standard")
PICTURED = MediaArranged(JUG, (IMAGE,))
ADDED = VariantAdded(JUG, CLEAR, SKU, GTIN, None, {}, 850)
PRICED = PriceSet(CLEAR, STANDARD_LIST, 1, Money(12_990, "TRY"), None)

DRAFT: tuple[Event, ...] = (*SHOP, CREATED)
WHOLE: tuple[Event, ...] = (*DRAFT, *USED, CLASSIFIED, TAXED, PICTURED, ADDED, PRICED)
PUBLISHED: tuple[Event, ...] = (*WHOLE, ProductPublished(JUG))
SCHEDULED: tuple[Event, ...] = (*WHOLE, ProductScheduled(JUG, SOON))
ARCHIVED: tuple[Event, ...] = (*PUBLISHED, ProductArchived(JUG))
GONE = ProductDeleted(JUG, "cam-surahi", (SKU,), (GTIN,))
DELETED: tuple[Event, ...] = (*WHOLE, *FREED, GONE)

COLOURS = Option("Renk", ("Mavi", "Yeşil"))
SIZES = Option("Litre", ("1", "1.5"))
WITH_COLOURS: tuple[Event, ...] = (*DRAFT, OptionsChosen(JUG, (COLOURS,)))


def coloured(variant_id: str, sku: str, colour: str) -> VariantAdded:
    """Give a jug of a colour."""
    return VariantAdded(JUG, variant_id, sku, None, None, {"Renk": colour}, None)


def about(product_id: str) -> ProductEvent:
    """Begin another product."""
    return ProductCreated(product_id, product_id.replace("_", "-"), TEXTS)
