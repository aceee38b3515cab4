"""What every stored sample of an event of products and variants means."""

from domain.catalog import events as products
from domain.catalog import variant_events as variants
from domain.catalog.content import Medium, Option, Related, Restrictions, Text
from domain.catalog.imports import events as imports
from domain.kernel.events import Event
from tests.architecture.stored_values import MOMENT

TEXTS = {"tr": Text("Cam sürahi", "Kulplu, 1,5 litre."), "en": Text("Glass jug")}
DIGEST = "5f70bf18a086007016e948b04aed3b82a10c1e3dd4ac4a7f6c65a5d1a7b5d2f0"

PRODUCT_SHAPES: dict[tuple[str, int], Event] = {
    ("catalog.product_created", 1): products.ProductCreated("prd_jug", "cam-surahi", TEXTS),
    ("catalog.product_created", 2): products.ProductCreated(
        "prd_jug",
        "cam-surahi",
        TEXTS,
        ("cat_jugs", "cat_glass"),
        "cat_jugs",
        "brd_ada",
        "standard",
        "pty_glassware",
        {"litres": "1.5", "lid": True},
        (Medium("https://cdn.example/jug.webp", alt={"tr": "Cam sürahi"}),),
        Restrictions(18, "hunting", ("TR",), ("TR-34",), ships=False),
        ("web", "app"),
        (Option("Litre", ("1.5", "2")),),
    ),
    ("catalog.product_described", 1): products.ProductDescribed("prd_jug", TEXTS),
    ("catalog.slug_changed", 1): products.SlugChanged("prd_jug", "surahi", "cam-surahi"),
    ("catalog.product_classified", 1): products.ProductClassified(
        "prd_jug", ("cat_jugs", "cat_glass"), "cat_jugs", "brd_ada"
    ),
    ("catalog.tax_class_chosen", 1): products.TaxClassChosen("prd_jug", "standard"),
    ("catalog.origin_stated", 1): products.OriginStated("prd_jug", "TR"),
    ("catalog.attributes_set", 1): products.AttributesSet(
        "prd_jug",
        "pty_glassware",
        {"dishwasher": True, "height": 24, "litres": "1.5", "colour": ("clear", "green")},
    ),
    ("catalog.media_arranged", 1): products.MediaArranged(
        "prd_jug",
        (
            Medium("https://cdn.example/jug.webp", alt={"tr": "Cam sürahi"}),
            Medium(f"/api/assets/{DIGEST}", "model_3d", None, "model/gltf-binary", DIGEST, "var_1"),
        ),
    ),
    ("catalog.related_chosen", 1): products.RelatedChosen(
        "prd_jug", (Related("prd_glass", "accessory"),)
    ),
    ("catalog.restrictions_set", 1): products.RestrictionsSet(
        "prd_jug", Restrictions(18, "hunting", ("TR",), ("TR-34",), ships=False)
    ),
    ("catalog.channels_chosen", 1): products.ChannelsChosen("prd_jug", ("web", "app")),
    ("catalog.product_scheduled", 1): products.ProductScheduled("prd_jug", MOMENT),
    ("catalog.scheduling_cancelled", 1): products.SchedulingCancelled("prd_jug", "price,image"),
    ("catalog.product_published", 1): products.ProductPublished("prd_jug"),
    ("catalog.product_unpublished", 1): products.ProductUnpublished("prd_jug"),
    ("catalog.product_archived", 1): products.ProductArchived("prd_jug"),
    ("catalog.product_restored", 1): products.ProductRestored("prd_jug"),
    ("catalog.import_asked", 1): imports.ImportAsked(
        "imp_spring", DIGEST, "upsert", dry_run=False, create_missing=True
    ),
    ("catalog.import_cancelled", 1): imports.ImportCancelled("imp_spring"),
    ("catalog.product_deleted", 1): products.ProductDeleted(
        "prd_jug", "cam-surahi", ("JUG-15", "JUG-20"), ("8690000000005",)
    ),
    ("catalog.options_chosen", 1): variants.OptionsChosen(
        "prd_jug", (Option("Litre", ("1.5", "2")), Option("Renk", ("Yeşil", "Mavi")))
    ),
    ("catalog.variant_added", 1): variants.VariantAdded(
        "prd_jug", "var_1", "JUG-15", "8690000000005", "raf 3", {"Litre": "1.5"}, 850
    ),
    ("catalog.variant_changed", 1): variants.VariantChanged(
        "prd_jug", "var_1", "JUG-15B", "JUG-15", None, "8690000000005", None, None
    ),
    ("catalog.variant_retired", 1): variants.VariantRetired("prd_jug", "var_1", "JUG-15B", None),
}
