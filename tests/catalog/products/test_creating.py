"""CAT-03: one command makes a whole product, by the very rules of the single ones."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest

from application.catalog.classifying import (
    ChooseChannels,
    ChooseTaxClass,
    ClassifyProduct,
    SetAttributes,
    SetRestrictions,
)
from application.catalog.describing import ArrangeMedia, ChooseRelated
from application.catalog.products import CreatedResult, CreateProduct
from application.catalog.publishing import PublishProduct
from application.catalog.variants import AddedVariant, AddVariants, ChooseOptions, NewVariant
from domain.catalog.content import Medium, Option, Related, Restrictions
from domain.catalog.events import ProductCreated, ProductEvent
from domain.catalog.products.classifying import (
    ChannelsInvalid,
    Classification,
    ClassificationInvalid,
)
from domain.catalog.products.describing import TextInvalid
from domain.catalog.products.media import MediaInvalid
from domain.catalog.products.options import OptionsInvalid
from domain.catalog.products.product import Product, ProductExists
from domain.catalog.products.publishing import NotPublishable
from domain.catalog.products.restrictions import RestrictionsInvalid
from domain.catalog.products.variants import Numbers, SkuTaken
from domain.catalog.slugs import SlugInvalid
from domain.catalog.sorting.brands import BrandNotFound
from domain.catalog.sorting.categories import CategoryNotFound
from domain.catalog.sorting.events import Attribute, ProductTypeDefined
from domain.catalog.sorting.product_types import AttributeInvalid
from domain.kernel.events import Event
from domain.kernel.money import Money
from domain.kernel.refusals import Refusal
from domain.pricing.kdv import TaxClassUnknown
from domain.pricing.prices import Price
from tests.catalog.products.goods import (
    ADDED,
    COLOURS,
    CREATED,
    DELETED,
    DRAFT,
    GLASS,
    GREEN,
    IMAGE,
    JUG,
    SHOP,
    SKU,
    TEXTS,
    about,
)
from tests.kit.scenario import given, new_id

pytestmark = pytest.mark.row("CAT-03")

GLASSWARE = ProductTypeDefined(
    "pty_glass", {"tr": "Cam eşya"}, (Attribute("litres", "number", {"tr": "Litre"}),)
)
BLUE = NewVariant(Numbers("JUG-B"), {"Renk": "Mavi"}, "var_blue1", Price(Money(12_990, "TRY")))
MOSS = NewVariant(Numbers("JUG-G"), {"Renk": "Yeşil"}, GREEN)
MEDIA = (IMAGE, Medium("https://cdn.example/green.webp", variant_id=GREEN))
RELATED = (Related(GLASS, "accessory"),)
WHOLE = CreateProduct(
    TEXTS,
    JUG,
    "surahi",
    Classification(("cat_jugs",), None, "brd_ada1"),
    "standard",
    "pty_glass",
    {"litres": "1.5"},
    ("web",),
    Restrictions(minimum_age_years=18),
    (COLOURS,),
    (BLUE, MOSS),
    MEDIA,
    RELATED,
    publish=True,
)
SINGLY = (
    ClassifyProduct(JUG, Classification(("cat_jugs",), None, "brd_ada1")),
    ChooseTaxClass(JUG, "standard"),
    SetAttributes(JUG, "pty_glass", {"litres": "1.5"}),
    ChooseChannels(JUG, ("web",)),
    SetRestrictions(JUG, Restrictions(minimum_age_years=18)),
    ChooseOptions(JUG, (COLOURS,)),
    AddVariants(JUG, (BLUE, MOSS)),
    ArrangeMedia(JUG, MEDIA),
    ChooseRelated(JUG, RELATED),
    PublishProduct(JUG),
)


def test_a_product_needs_no_more_than_a_name() -> None:
    product_id = new_id("prd")
    answer = given(*SHOP).when(CreateProduct(TEXTS))
    answer.then(ProductCreated(product_id, "cam-surahi", TEXTS))
    answer.then_result(CreatedResult(product_id, "cam-surahi", "draft", 1, ()))


def seen(events: Iterable[Event]) -> tuple[Product | None, list[Event]]:
    """Fold a product, but for what counts its events; and give the events of other streams."""
    product, others = None, list[Event]()
    for event in events:
        if isinstance(event, ProductEvent):
            product = Product.evolve(product, event)
        else:
            others.append(event)
    assert product is not None
    uncounted = {one: replace(kept, told_at=0) for one, kept in product.variants.items()}
    said = {name: bool(getattr(product, name)) for name in ("attributed_at", "pictured_at")}
    return replace(product, version=0, variants=uncounted, **said), others


def test_one_command_makes_what_the_single_ones_make() -> None:
    story = given(*SHOP, GLASSWARE, about(GLASS))
    at_once = story.when(WHOLE)
    at_once.then_result(
        CreatedResult(
            JUG,
            "surahi",
            "published",
            6,
            (AddedVariant("var_blue1", "JUG-B"), AddedVariant(GREEN, "JUG-G")),
        )
    )
    answer = story.when(CreateProduct(TEXTS, JUG, "surahi"))
    singly = [event for _, _, event in answer.decision.events]
    for command in SINGLY:
        answer = answer.when(command)
        singly += [event for _, _, event in answer.decision.events]
    assert seen(event for _, _, event in at_once.decision.events) == seen(singly)


def test_what_names_no_variant_is_said_with_the_creation() -> None:
    whole = replace(WHOLE, media=(IMAGE,), related=())
    events = [event for _, _, event in given(*SHOP, GLASSWARE).when(whole).decision.events]
    assert [event.NAME for event in events if isinstance(event, ProductEvent)] == [
        "catalog.product_created",
        "catalog.variant_added",
        "catalog.variant_added",
        "catalog.product_published",
    ]
    assert events[0] == ProductCreated(
        JUG,
        "surahi",
        TEXTS,
        ("cat_jugs",),
        "cat_jugs",
        "brd_ada1",
        "standard",
        "pty_glass",
        {"litres": "1.5"},
        (IMAGE,),
        Restrictions(minimum_age_years=18),
        ("web",),
        (COLOURS,),
    )


def test_what_the_single_commands_refuse_is_refused_at_once() -> None:
    def refused(code: type[Refusal], **wrong: Any) -> None:  # noqa: ANN401 - a part of the command
        answer = given(*SHOP, GLASSWARE).when(replace(WHOLE, related=(), **wrong))
        assert isinstance(answer.decision.refusal, code), answer.decision

    refused(CategoryNotFound, classification=Classification(("cat_none",)))
    refused(BrandNotFound, classification=Classification(("cat_jugs",), None, "brd_none"))
    refused(ClassificationInvalid, classification=Classification(("cat_jugs", "cat_jugs")))
    refused(TaxClassUnknown, tax_class="none")
    refused(AttributeInvalid, attributes={"colour": "red"})
    refused(ChannelsInvalid, channels=("Web",))
    refused(RestrictionsInvalid, restrictions=Restrictions(minimum_age_years=0))
    refused(OptionsInvalid, options=(Option("", ("x",)),), variants=())
    refused(MediaInvalid, media=(Medium("http://cdn.example/x.webp"),))
    refused(MediaInvalid, media=(replace(IMAGE, variant_id="var_none"),))


def test_a_whole_product_is_looked_up_in_a_few_rounds() -> None:
    assert given(*SHOP, GLASSWARE, about(GLASS)).when(WHOLE).looks <= 10


def test_what_breaks_one_rule_makes_no_product_at_all() -> None:
    story = given(*SHOP, GLASSWARE, about(GLASS), replace(ADDED, product_id=GLASS))
    clash = replace(WHOLE, variants=(BLUE, replace(MOSS, numbers=Numbers(SKU))))
    story.when(clash).then_refused(SkuTaken, sku=SKU)
    unpriced = replace(WHOLE, variants=(replace(BLUE, price=None), MOSS))
    story.when(unpriced).then_refused(NotPublishable, missing="price")


def test_refuses_an_id_that_was_used_and_what_is_no_name_or_address() -> None:
    asked = CreateProduct(TEXTS, JUG)
    given(*DRAFT).when(asked).then_refused(ProductExists)
    given(*DELETED).when(asked).then_refused(ProductExists)
    given(*SHOP).when(CreateProduct({})).then_refused(TextInvalid)
    given(*SHOP).when(CreateProduct(TEXTS, JUG, "Cam Sürahi")).then_refused(SlugInvalid)


def test_attributes_without_a_type_are_held_against_none() -> None:
    answer = given(*SHOP).when(CreateProduct(TEXTS, JUG, attributes={}))
    answer.then(CREATED)
    typed = given(*SHOP, GLASSWARE).when(CreateProduct(TEXTS, JUG, type_id="pty_glass"))
    assert [type(event).__name__ for _, _, event in typed.decision.events] == [
        "ProductCreated",
    ]
    assert typed.decision.events[0][2].type_id == "pty_glass"  # type: ignore[attr-defined] - of a product
