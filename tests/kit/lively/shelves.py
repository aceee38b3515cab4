"""Products as their events tell them: what a shop has on its shelves."""

from collections.abc import Iterable
from datetime import UTC, datetime

from domain.catalog.content import Medium, Option, Related, Restrictions, Text
from domain.catalog.events import (
    AttributesSet,
    ChannelsChosen,
    MediaArranged,
    OriginStated,
    ProductArchived,
    ProductClassified,
    ProductCreated,
    ProductDeleted,
    ProductDescribed,
    ProductPublished,
    ProductScheduled,
    ProductUnpublished,
    RelatedChosen,
    RestrictionsSet,
    SchedulingCancelled,
    SlugChanged,
    TaxClassChosen,
)
from domain.catalog.sorting.events import (
    Attribute,
    BrandAdded,
    BrandRemoved,
    BrandRenamed,
    CategoryAdded,
    CategoryMoved,
    CategoryRemoved,
    CategoryRenamed,
    CollectionDefined,
    ProductTypeDefined,
)
from domain.catalog.sorting.rules import Rule
from domain.catalog.tags.events import TagBound
from domain.catalog.variant_events import (
    OptionsChosen,
    VariantAdded,
    VariantChanged,
    VariantRetired,
)
from domain.kernel.events import Event
from domain.kernel.money import Money
from domain.pricing.events import STANDARD_LIST, PriceBegan, PriceEnded, PriceSet
from domain.search.events import Synonyms, SynonymsSet
from domain.stock.events import (
    MAIN_LOCATION,
    ReservedStockIssued,
    StockMoved,
    StockPolicySet,
    StockReleased,
    StockReserved,
)

PICTURE = Medium("https://cdn.example/vase.jpg", alt={"tr": "Mavi vazo"})


def price(variant_id: str, minor: int | None, *, crossed_out: int | None = None) -> PriceSet:
    amount = Money(minor, "TRY") if minor is not None else None
    list_price = Money(crossed_out, "TRY") if crossed_out is not None else None
    return PriceSet(variant_id, STANDARD_LIST, 1, amount, list_price)


def received(variant_id: str, quantity: int) -> StockMoved:
    return StockMoved(variant_id, MAIN_LOCATION, "mov_1", quantity, "received", None)


def product(
    number: str,
    name: str,
    *,
    minor: int = 1_000,
    quantity: int = 5,
    categories: tuple[str, ...] = (),
    brand_id: str | None = None,
) -> Iterable[Event]:
    """Give the events of a product that is for sale, of one variant."""
    product_id, variant_id = f"prd_{number}", f"var_{number}"
    yield ProductCreated(product_id, f"urun-{number}", {"tr": Text(name)})
    yield ProductClassified(product_id, categories, categories[0] if categories else None, brand_id)
    yield TaxClassChosen(product_id, "standard")
    yield MediaArranged(product_id, (PICTURE,))
    yield VariantAdded(product_id, variant_id, f"SKU-{number}", None, None, {}, 250)
    yield price(variant_id, minor)
    yield received(variant_id, quantity)
    yield ProductPublished(product_id)


def sorting() -> Iterable[Event]:
    """Give what sorts a small shop and helps to find what is in it."""
    yield CategoryAdded("cat_ev", None, "ev", {"tr": "Ev"})
    yield CategoryAdded("cat_vazo", None, "vazo", {"tr": "Vazo"})
    yield CategoryMoved("cat_vazo", "cat_ev")
    yield CategoryRenamed("cat_vazo", "vazolar", {"tr": "Vazolar", "en": "Vases"})
    yield CategoryAdded("cat_gone", None, "gone", {"tr": "Yok"})
    yield CategoryRemoved("cat_gone")
    colour = Attribute("color", "choice", {"tr": "Renk"}, ("mavi", "sarı"), facet=True)
    yield ProductTypeDefined("pty_vazo", {"tr": "Vazo"}, (colour,))
    yield CollectionDefined("col_blue", "mavi", None, {"tr": "Mavi"}, Rule(("cat_vazo",)))
    yield TagBound("04A2B3C4D5E6F7", "variant", "var_0001", None, None)
    yield SynonymsSet((Synonyms(("vazo", "saksı")),))


def shelf() -> Iterable[Event]:
    """Give a small shop in which everything happens that the listing tells of."""
    yield from sorting()
    yield BrandAdded("brd_pasa", "pasa", "Paşa")
    yield BrandAdded("brd_gone", "gone", "Gone")
    yield BrandRemoved("brd_gone", "gone")
    yield from product("0001", "Mavi vazo", categories=("cat_vazo", "cat_ev"), brand_id="brd_pasa")
    yield from product("0002", "Kırmızı bardak", minor=250, quantity=2, categories=("cat_ev",))
    yield from product("0003", "Eski saat", minor=90_000)
    yield BrandRenamed("brd_pasa", "pasabahce", "pasa", "Paşabahçe")
    yield ProductDescribed(
        "prd_0001", {"tr": Text("Mavi vazo", "El yapımı"), "en": Text("Blue vase", "Hand made")}
    )
    yield SlugChanged("prd_0001", "mavi-vazo", "urun-0001")
    yield AttributesSet(
        "prd_0001", "pty_vazo", {"color": "mavi", "fragile": True, "use": ("ev", "ofis")}
    )
    yield OriginStated("prd_0001", "TR")
    yield RelatedChosen("prd_0001", (Related("prd_0002", "accessory"),))
    yield RestrictionsSet("prd_0003", Restrictions(minimum_age_years=18, not_regions=("DE",)))
    yield ChannelsChosen("prd_0003", ("pos",))
    yield OptionsChosen("prd_0001", (Option("boy", ("küçük", "büyük")),))
    yield VariantAdded(
        "prd_0001", "var_big", "SKU-BIG", "4006381333931", "b", {"boy": "büyük"}, 900
    )
    yield VariantChanged(
        "prd_0001", "var_big", "SKU-B", "SKU-BIG", None, "4006381333931", "b", None
    )
    yield price("var_big", 1_500, crossed_out=2_000)
    yield VariantAdded("prd_0001", "var_old", "SKU-OLD", None, None, {"boy": "küçük"}, None)
    yield price("var_old", 1)
    yield VariantRetired("prd_0001", "var_old", "SKU-OLD", None)
    yield StockPolicySet("var_0002", MAIN_LOCATION, 1, 5, backorder=False, backorder_limit=None)
    yield StockReserved("var_0001", MAIN_LOCATION, "rsv_1", 4)
    yield StockReleased("var_0001", MAIN_LOCATION, "rsv_1", 1)
    yield StockMoved("var_0001", MAIN_LOCATION, "mov_2", -3, "sold", "rsv_1")
    yield ReservedStockIssued("var_0001", MAIN_LOCATION, "rsv_1", 3)
    yield PriceBegan("var_0002", STANDARD_LIST, 1, "sch_1", Money(200, "TRY"), Money(250, "TRY"))
    yield PriceEnded("var_0002", STANDARD_LIST, 1, "sch_1", Money(250, "TRY"), None)
    yield from product("0004", "Yarınki kitap", quantity=0)
    yield ProductUnpublished("prd_0004")
    yield ProductScheduled("prd_0004", datetime(2026, 4, 1, tzinfo=UTC))
    yield SchedulingCancelled("prd_0004", "asked")
    yield from product("0005", "Dünkü gazete", quantity=0)
    yield ProductArchived("prd_0005")
    yield ProductCreated("prd_0007", "bitmis", {"tr": Text("Silinmiş")})
    yield ProductDeleted("prd_0007", "bitmis", (), ())
    yield from product("0006", "Ön sipariş", minor=700, quantity=0)
    yield StockPolicySet("var_0006", MAIN_LOCATION, 0, 0, backorder=True, backorder_limit=10)
