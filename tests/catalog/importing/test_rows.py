"""CAT-12: a row of a file is carried out whole, says what became of it, and never does it twice."""

from dataclasses import replace

import pytest

from application.catalog.importing.row import (
    ImportedResult,
    Rehearsed,
    SkuExists,
    SkuUnknown,
)
from application.catalog.importing.shapes import Branch, ImportedBrand, ImportRow, PartOfText
from application.catalog.importing.telling import NameMissing
from domain.catalog.content import Medium, Option, Text
from domain.catalog.events import (
    AttributesSet,
    ChannelsChosen,
    MediaArranged,
    ProductArchived,
    ProductClassified,
    ProductCreated,
    ProductDescribed,
    ProductPublished,
    ProductRestored,
    ProductUnpublished,
    SchedulingCancelled,
    TaxClassChosen,
)
from domain.catalog.imports.imports import Mode
from domain.catalog.products.options import CombinationInvalid
from domain.catalog.products.product import Status
from domain.catalog.products.variants import SkuTaken
from domain.catalog.sorting.events import (
    Attribute,
    BrandAdded,
    CategoryAdded,
    ProductTypeDefined,
    UseChanged,
)
from domain.catalog.variant_events import OptionsChosen, VariantAdded, VariantChanged
from domain.kernel.money import Money
from domain.kernel.refusals import Refusal
from domain.pricing.events import STANDARD_LIST, PriceSet
from domain.pricing.setting import PriceInvalid
from domain.stock.events import MAIN_LOCATION, LocationClosed, LocationOpened, StockMoved
from domain.stock.locations import LocationIsClosed
from tests.catalog.products.goods import (
    ARCHIVED,
    CLEAR,
    DRAFT,
    GTIN,
    IMAGE,
    JUG,
    PUBLISHED,
    SCHEDULED,
    SHOP,
    SKU,
    WHOLE,
    about,
)
from tests.kit.scenario import given, new_id

pytestmark = pytest.mark.row("CAT-12")

NEW_PRODUCT, NEW_VARIANT = new_id("prd", 1), new_id("var", 2)
GLASSWARE = ProductTypeDefined(
    "pty_glass",
    {"tr": "Cam"},
    (Attribute("litres", "number", {"tr": "L"}), Attribute("lid", "boolean", {"tr": "Kapak"})),
)
NAMED = {"tr": PartOfText("Bardak")}
ROW = ImportRow(
    SKU,
    texts={"tr": PartOfText("Cam sürahi"), "en": PartOfText("Glass jug", "")},
    categories=((Branch("cat_jugs"),),),
    brand=ImportedBrand("brd_ada1"),
    tax_class="standard",
    gtin=GTIN,
    weight_grams=850,
    price=Money(12_990, "TRY"),
    images=(IMAGE.url,),
    channels=(),
    status=Status.PUBLISHED,
)
UNCHANGED = ImportedResult("unchanged", JUG, CLEAR)
UPDATED = ImportedResult("updated", JUG, CLEAR)


def test_a_row_makes_a_product_with_all_that_it_says_in_one_command() -> None:
    row = replace(ROW, sku="NEW-1", gtin=None, stock=7, reference="imp_1", channels=("web",))
    answer = given(*SHOP).when(row)
    answer.then_result(ImportedResult("created", NEW_PRODUCT, NEW_VARIANT))
    events = [event for _, _, event in answer.decision.events]
    texts = {"tr": Text("Cam sürahi"), "en": Text("Glass jug")}
    assert events[0] == ProductCreated(
        NEW_PRODUCT,
        "cam-surahi",
        texts,
        ("cat_jugs",),
        "cat_jugs",
        "brd_ada1",
        "standard",
        media=(IMAGE,),
        channels=("web",),
    )
    assert VariantAdded(NEW_PRODUCT, NEW_VARIANT, "NEW-1", None, None, {}, 850) in events
    assert ProductPublished(NEW_PRODUCT) == events[-1]
    assert answer.looks <= 3, "a file of many rows waits for each look at the database"


def test_a_row_that_says_what_is_so_changes_nothing() -> None:
    given(*PUBLISHED).when(ROW).then().then_result(UNCHANGED)
    given(*PUBLISHED).when(ImportRow(SKU)).then().then_result(UNCHANGED)
    apart = replace(ROW, categories=(), brand=None, status=None)
    given(*PUBLISHED).when(apart).then().then_result(UNCHANGED)
    bottom = replace(ROW, categories=((Branch("cat_glass", None, "Cam"), Branch("cat_jugs")),))
    given(*PUBLISHED).when(bottom).then().then_result(UNCHANGED)


def test_a_row_says_in_which_channels_a_product_is_shown() -> None:
    shown = ImportRow(SKU, channels=("web", "pos"))
    given(*PUBLISHED).when(shown).then(ChannelsChosen(JUG, ("web", "pos"))).then_result(UPDATED)


def test_texts_are_put_over_those_that_are_there() -> None:
    row = ImportRow(SKU, texts={"en": PartOfText(None, "1.5 l"), "de": PartOfText(None, "x")})
    texts = {"tr": Text("Cam sürahi"), "en": Text("Glass jug", "1.5 l")}
    given(*WHOLE).when(row).then(ProductDescribed(JUG, texts)).then_result(UPDATED)


def test_attributes_are_put_over_those_of_the_same_type() -> None:
    told = (*WHOLE, GLASSWARE, AttributesSet(JUG, "pty_glass", {"litres": "1.5"}))
    row = ImportRow(SKU, attributes={"lid": True})
    merged = {"litres": "1.5", "lid": True}
    given(*told).when(row).then(AttributesSet(JUG, "pty_glass", merged))
    given(*told).when(replace(row, attributes={"litres": "1.5"})).then()
    given(*WHOLE, GLASSWARE).when(replace(row, type_id="pty_glass")).then(
        AttributesSet(JUG, "pty_glass", {"lid": True})
    )


def test_images_are_put_in_order_and_what_is_known_of_them_stays() -> None:
    film = Medium("https://cdn.example/jug.mp4", "video")
    told = (*WHOLE, MediaArranged(JUG, (film, IMAGE)))
    row = ImportRow(SKU, images=("https://cdn.example/new.webp", IMAGE.url))
    media = (Medium("https://cdn.example/new.webp"), IMAGE, film)
    given(*told).when(row).then(MediaArranged(JUG, media))
    given(*told).when(replace(row, images=(IMAGE.url,))).then()
    given(*DRAFT, WHOLE[-2]).when(replace(row, images=(IMAGE.url,))).then(
        MediaArranged(JUG, (IMAGE,))
    )


def test_categories_and_a_brand_that_are_not_there_are_made_with_the_row() -> None:
    path = (Branch("cat_new1", None, "Ev"), Branch("cat_new2", "cat_new1", "Mutfak"))
    row = ImportRow(SKU, categories=(path, path), brand=ImportedBrand("brd_new1", "Beko"))
    given(*WHOLE).when(row).then(
        CategoryAdded("cat_new1", None, "ev", {"tr": "Ev"}),
        CategoryAdded("cat_new2", "cat_new1", "mutfak", {"tr": "Mutfak"}),
        BrandAdded("brd_new1", "beko", "Beko"),
        UseChanged("category", "cat_jugs", -1),
        UseChanged("category", "cat_new2", 1),
        UseChanged("brand", "brd_ada1", -1),
        UseChanged("brand", "brd_new1", 1),
        ProductClassified(JUG, ("cat_new2",), "cat_new2", "brd_new1"),
    )
    there = replace(row, categories=(), brand=ImportedBrand("brd_ada1", "Ada"))
    given(*WHOLE).when(there).then()


def test_numbers_are_changed_and_options_are_not() -> None:
    row = ImportRow(SKU, barcode="raf 3", tax_class="reduced")
    given(*WHOLE).when(row).then(
        VariantChanged(JUG, CLEAR, SKU, SKU, GTIN, GTIN, "raf 3", 850),
        TaxClassChosen(JUG, "reduced"),
    )
    other = ImportRow(SKU, options={"Renk": "Mavi"})
    given(*WHOLE).when(other).then_refused(CombinationInvalid, field="option")


def test_prices_and_stock_are_set_to_what_a_row_says() -> None:
    price, crossed = Money(9_990, "TRY"), Money(12_990, "TRY")
    given(*WHOLE).when(ImportRow(SKU, price=price)).then(
        PriceSet(CLEAR, STANDARD_LIST, 1, price, None)
    )
    given(*WHOLE).when(ImportRow(SKU, list_price=crossed)).then(
        PriceSet(CLEAR, STANDARD_LIST, 1, crossed, crossed)
    )
    given(*WHOLE[:-1]).when(ImportRow(SKU, list_price=crossed)).then_refused(
        PriceInvalid, field="price"
    )
    first = StockMoved(CLEAR, MAIN_LOCATION, new_id("mov", 3), 5, "received", "imp_1")
    counted = ImportRow(SKU, stock=5, reference="imp_1")
    assert first in [event for _, _, event in given(*WHOLE).when(counted).decision.events]
    here = (*WHOLE, StockMoved(CLEAR, MAIN_LOCATION, "mov_1", 8, "received", None))
    less = StockMoved(CLEAR, MAIN_LOCATION, new_id("mov", 3), -3, "corrected", "imp_1")
    assert less in [event for _, _, event in given(*here).when(counted).decision.events]
    given(*here).when(replace(counted, stock=8)).then()
    fair = (LocationOpened("loc_fair", "Fair"), LocationClosed("loc_fair", None))
    given(*WHOLE, *fair).when(replace(counted, location_id="loc_fair")).then_refused(
        LocationIsClosed, location_id="loc_fair"
    )


def test_a_status_is_reached_by_the_steps_that_lead_there() -> None:
    draft, out = ImportRow(SKU, status=Status.DRAFT), ImportRow(SKU, status=Status.ARCHIVED)
    live = ImportRow(SKU, status=Status.PUBLISHED)
    given(*WHOLE).when(live).then(ProductPublished(JUG))
    given(*PUBLISHED).when(draft).then(ProductUnpublished(JUG))
    given(*PUBLISHED).when(out).then(ProductArchived(JUG))
    given(*ARCHIVED).when(live).then(ProductRestored(JUG), ProductPublished(JUG))
    given(*ARCHIVED).when(draft).then(ProductRestored(JUG))
    given(*SCHEDULED).when(draft).then(SchedulingCancelled(JUG, "asked"))


def test_rows_that_name_one_product_are_its_variants_and_widen_its_options() -> None:
    first = ImportRow("T-S", product_id="prd_tee1", texts=NAMED, options={"Beden": "S"})
    shirt = (*SHOP, about("prd_tee1"), OptionsChosen("prd_tee1", (Option("Beden", ("S",)),)))
    variant = VariantAdded("prd_tee1", NEW_VARIANT, "T-S", None, None, {"Beden": "S"}, None)
    named = replace(first, product_id=None, new_ids=("prd_tee1", NEW_VARIANT))
    given(*SHOP).when(named).then_result(ImportedResult("created", "prd_tee1", NEW_VARIANT))
    given(*SHOP).when(first).then(
        ProductCreated("prd_tee1", "bardak", {"tr": Text("Bardak")}),
        OptionsChosen("prd_tee1", (Option("Beden", ("S",)),)),
        variant,
    )
    again = replace(first, texts={})
    given(*shirt).when(again).then(variant)
    wide = replace(again, sku="T-M", options={"Beden": "M"})
    given(*shirt).when(wide).then(
        OptionsChosen("prd_tee1", (Option("Beden", ("S", "M")),)),
        replace(variant, sku="T-M", options={"Beden": "M"}),
    )


@pytest.mark.parametrize(
    ("row", "kind", "facts"),
    [
        (ImportRow(SKU, Mode.CREATE), SkuExists, {"field": "sku"}),
        (ImportRow("NEW", Mode.UPDATE), SkuUnknown, {"field": "sku"}),
        (ImportRow("NEW"), NameMissing, {"field": "name"}),
        (ImportRow(SKU, product_id="prd_other"), SkuTaken, {"sku": SKU}),
        (ImportRow(SKU, dry_run=True), Rehearsed, {"outcome": "unchanged"}),
        (ImportRow("NEW", texts=NAMED, dry_run=True), Rehearsed, {"outcome": "created"}),
    ],
)
def test_a_row_says_no(row: ImportRow, kind: type[Refusal], facts: dict[str, str]) -> None:
    given(*WHOLE).when(row).then_refused(kind, **facts)
