"""What every stored sample of an event about what sorts and finds products means."""

from domain.catalog.sorting import events as sorting
from domain.catalog.sorting.rules import Rule
from domain.catalog.tags import events as tags
from domain.kernel.events import Event
from domain.kernel.money import Money
from tests.architecture.stored_values import WORDS

NAMES = {"tr": "Bardak", "en": "Mug"}

SORTING_SHAPES: dict[tuple[str, int], Event] = {
    ("catalog.category_added", 1): sorting.CategoryAdded("cat_mug", "cat_home", "bardak", NAMES),
    ("catalog.category_renamed", 1): sorting.CategoryRenamed("cat_mug", "kupa", {"tr": "Kupa"}),
    ("catalog.category_moved", 1): sorting.CategoryMoved("cat_mug", None),
    ("catalog.category_removed", 1): sorting.CategoryRemoved("cat_mug"),
    ("catalog.brand_added", 1): sorting.BrandAdded("brd_1", "ada", "Ada"),
    ("catalog.brand_renamed", 1): sorting.BrandRenamed("brd_1", "ada-ev", "ada", "Ada Ev"),
    ("catalog.brand_removed", 1): sorting.BrandRemoved("brd_1", "ada-ev"),
    ("catalog.product_type_defined", 1): sorting.ProductTypeDefined(
        "pty_mug",
        NAMES,
        (
            sorting.Attribute("colour", "choice", {"tr": "Renk"}, ("Mavi", "Kızıl"), facet=True),
            sorting.Attribute("height", "number", {"en": "Height"}, unit="cm", required=True),
        ),
    ),
    ("catalog.use_changed", 1): sorting.UseChanged("category", "cat_mug", -1),
    ("catalog.collection_defined", 1): sorting.CollectionDefined(
        "col_1",
        "hediyeler",
        "hediye",
        {"tr": "Hediyeler"},
        Rule(
            ("cat_mug",),
            ("brd_1",),
            {"colour": ("Mavi",), "set": (True, 6)},
            Money(1_000, "TRY"),
            None,
            in_stock=True,
        ),
    ),
    ("catalog.collection_removed", 1): sorting.CollectionRemoved("col_1", "hediyeler"),
    ("catalog.tag_bound", 1): tags.TagBound("04DE5F1EACC040", "unit", "var_1", "SN-7", WORDS),
    ("catalog.tag_read", 1): tags.TagRead("04DE5F1EACC040", 61),
    ("catalog.tag_clone_suspected", 1): tags.TagCloneSuspected("04DE5F1EACC040", 60, 61),
    ("catalog.tag_unbound", 1): tags.TagUnbound("04DE5F1EACC040"),
}
