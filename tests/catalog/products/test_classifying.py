"""CAT-03, CAT-07, CAT-08 and CAT-11: under what a product stands, and where it is shown."""

import pytest

from application.catalog.classifying import (
    ChooseChannels,
    ChooseTaxClass,
    ClassifyProduct,
    SetAttributes,
)
from domain.catalog.content import AttributeValue
from domain.catalog.events import (
    AttributesSet,
    ChannelsChosen,
    ProductClassified,
    TaxClassChosen,
)
from domain.catalog.products.classifying import (
    CATEGORIES_PER_PRODUCT_MAX,
    CHANNELS_MAX,
    ChannelsInvalid,
    Classification,
    ClassificationInvalid,
)
from domain.catalog.products.publishing import NotPublishable
from domain.catalog.sorting.brands import BrandNotFound
from domain.catalog.sorting.categories import CategoryNotFound
from domain.catalog.sorting.events import Attribute, ProductTypeDefined, UseChanged
from domain.catalog.sorting.product_types import AttributeInvalid
from domain.pricing.kdv import TaxClassUnknown
from tests.catalog.products.goods import CLASSIFIED, DRAFT, JUG, PUBLISHED, USED, WHOLE
from tests.kit.scenario import given

BOTH = ("cat_jugs", "cat_glass")
GLASSWARE = ProductTypeDefined(
    "pty_glass", {"tr": "Cam eşya"}, (Attribute("litres", "number", {"tr": "Litre"}),)
)


@pytest.mark.row("CAT-07")
def test_a_product_stands_in_many_categories_and_in_one_of_them_first() -> None:
    asked = ClassifyProduct(JUG, Classification(BOTH, "cat_glass", "brd_ada1"))
    given(*DRAFT).when(asked).then(
        UseChanged("category", "cat_jugs", 1),
        UseChanged("category", "cat_glass", 1),
        UseChanged("brand", "brd_ada1", 1),
        ProductClassified(JUG, BOTH, "cat_glass", "brd_ada1"),
    )


@pytest.mark.row("CAT-07")
def test_the_first_category_is_the_primary_one_where_none_is_named() -> None:
    asked = ClassifyProduct(JUG, Classification(("cat_jugs",), brand_id="brd_ada1"))
    given(*DRAFT).when(asked).then(*USED, CLASSIFIED)


@pytest.mark.row("CAT-08")
def test_only_what_changes_is_counted() -> None:
    asked = ClassifyProduct(JUG, Classification(("cat_glass",), brand_id="brd_ada1"))
    given(*WHOLE).when(asked).then(
        UseChanged("category", "cat_jugs", -1),
        UseChanged("category", "cat_glass", 1),
        ProductClassified(JUG, ("cat_glass",), "cat_glass", "brd_ada1"),
    )
    same = ClassifyProduct(JUG, Classification(("cat_jugs",), "cat_jugs", "brd_ada1"))
    given(*WHOLE).when(same).then()


@pytest.mark.row("CAT-07")
def test_refuses_a_category_twice_a_primary_one_outside_and_too_many() -> None:
    for wrong in (
        Classification(("cat_jugs", "cat_jugs")),
        Classification(("cat_jugs",), "cat_glass"),
        Classification(tuple(f"cat_no{n}" for n in range(CATEGORIES_PER_PRODUCT_MAX + 1))),
    ):
        given(*DRAFT).when(ClassifyProduct(JUG, wrong)).then_refused(ClassificationInvalid)


@pytest.mark.row("CAT-08")
def test_refuses_categories_and_brands_that_there_are_none_of() -> None:
    unknown = ClassifyProduct(JUG, Classification(("cat_none",)))
    given(*DRAFT).when(unknown).then_refused(CategoryNotFound, category="cat_none")
    nobody = ClassifyProduct(JUG, Classification(brand_id="brd_none"))
    given(*DRAFT).when(nobody).then_refused(BrandNotFound)


@pytest.mark.row("CAT-05")
def test_what_customers_see_stays_in_a_category() -> None:
    asked = ClassifyProduct(JUG, Classification())
    given(*PUBLISHED).when(asked).then_refused(NotPublishable, missing="category")


def test_a_tax_class_is_one_that_the_law_has_a_rate_for() -> None:
    given(*DRAFT).when(ChooseTaxClass(JUG, "reduced")).then(TaxClassChosen(JUG, "reduced"))
    given(*WHOLE).when(ChooseTaxClass(JUG, "standard")).then()
    given(*DRAFT).when(ChooseTaxClass(JUG, "luxury")).then_refused(TaxClassUnknown)


@pytest.mark.row("CAT-11")
def test_attributes_are_as_their_type_knows_them() -> None:
    told: dict[str, AttributeValue] = {"litres": "1.5"}
    asked = SetAttributes(JUG, "pty_glass", told)
    given(*DRAFT, GLASSWARE).when(asked).then(AttributesSet(JUG, "pty_glass", told))
    wrong: dict[str, AttributeValue] = {"litres": "a lot"}
    refused = given(*DRAFT, GLASSWARE).when(SetAttributes(JUG, "pty_glass", wrong))
    refused.then_refused(AttributeInvalid, attribute="litres")


@pytest.mark.row("CAT-03")
def test_a_product_is_shown_in_the_channels_that_it_names() -> None:
    chosen = given(*DRAFT).when(ChooseChannels(JUG, ("web", "store-2")))
    chosen.then(ChannelsChosen(JUG, ("web", "store-2")))
    chosen.when(ChooseChannels(JUG, ("web", "store-2"))).then()
    chosen.when(ChooseChannels(JUG, ())).then(ChannelsChosen(JUG, ()))
    many = tuple(f"c{n}" for n in range(CHANNELS_MAX + 1))
    for wrong in (("web", "web"), ("Web",), ("",), many):
        given(*DRAFT).when(ChooseChannels(JUG, wrong)).then_refused(ChannelsInvalid)
