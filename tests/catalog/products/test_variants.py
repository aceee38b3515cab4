"""CAT-06: options make a matrix of variants; each combination once, each number once."""

from dataclasses import replace

import pytest

from application.catalog.finding import ProductResult, VariantNotFound
from application.catalog.variants import (
    AddedVariant,
    AddMatrix,
    AddVariants,
    ChangeVariant,
    ChooseOptions,
    NewVariant,
    RetireVariant,
    VariantsResult,
)
from application.pricing.prices import SetPrice
from domain.catalog.content import Option
from domain.catalog.gtin import GtinInvalid
from domain.catalog.products.options import (
    OPTIONS_MAX,
    VALUES_MAX,
    CombinationInvalid,
    MatrixTooLarge,
    OptionInUse,
    OptionsInvalid,
)
from domain.catalog.products.publishing import NotPublishable
from domain.catalog.products.variants import (
    VARIANTS_MAX,
    CombinationTaken,
    GtinTaken,
    NoSuchVariant,
    Numbers,
    NumbersInvalid,
    SkuTaken,
    TooManyVariants,
    VariantExists,
)
from domain.catalog.variant_events import (
    OptionsChosen,
    VariantAdded,
    VariantChanged,
    VariantRetired,
)
from domain.kernel.money import Money
from domain.pricing.events import STANDARD_LIST, PriceSet
from domain.pricing.prices import Price
from tests.catalog.products.goods import (
    ADDED,
    CLEAR,
    COLOURS,
    DELETED,
    DRAFT,
    GLASS,
    GREEN,
    GTIN,
    JUG,
    PUBLISHED,
    SIZES,
    SKU,
    WHOLE,
    WITH_COLOURS,
    about,
    coloured,
)
from tests.kit.scenario import given, new_id

pytestmark = pytest.mark.row("CAT-06")

BLUE = NewVariant(Numbers("JUG-B"), {"Renk": "Mavi"}, "var_blue1")
MOSS = NewVariant(Numbers("JUG-G"), {"Renk": "Yeşil"}, GREEN)
BLUE_ADDED = coloured("var_blue1", "JUG-B", "Mavi")
MOSS_ADDED = coloured(GREEN, "JUG-G", "Yeşil")


def test_a_product_without_options_has_one_variant() -> None:
    numbers = Numbers(SKU, GTIN, None, 850)
    answer = given(*DRAFT).when(AddVariants(JUG, (NewVariant(numbers, {}, CLEAR),)))
    answer.then(ADDED)
    answer.then_result(VariantsResult(JUG, 2, (AddedVariant(CLEAR, SKU),)))
    again = AddVariants(JUG, (NewVariant(Numbers("JUG-2")),))
    answer.when(again).then_refused(CombinationTaken, variant_id=CLEAR)


def test_a_variant_gets_an_id_of_its_own() -> None:
    answer = given(*DRAFT).when(AddVariants(JUG, (NewVariant(Numbers(SKU)),)))
    answer.then(VariantAdded(JUG, new_id("var"), SKU, None, None, {}, None))


def test_several_variants_are_added_together_or_none() -> None:
    given(*WITH_COLOURS).when(AddVariants(JUG, (BLUE, MOSS))).then(BLUE_ADDED, MOSS_ADDED)
    clash = replace(MOSS, numbers=BLUE.numbers)
    given(*WITH_COLOURS).when(AddVariants(JUG, (BLUE, clash))).then_refused(SkuTaken, sku="JUG-B")


def test_a_matrix_adds_every_combination_that_is_lacking_and_names_it() -> None:
    both = OptionsChosen(JUG, (COLOURS, SIZES))
    there = VariantAdded(JUG, CLEAR, SKU, None, None, {"Litre": "1", "Renk": "Yeşil"}, None)
    answer = given(*DRAFT, both, there).when(AddMatrix(JUG, "SÜRAHİ", 850))

    def made(n: int, sku: str, colour: str, litres: str) -> VariantAdded:
        chosen = {"Renk": colour, "Litre": litres}
        return VariantAdded(JUG, new_id("var", n), sku, None, None, chosen, 850)

    answer.then(
        made(1, "SÜRAHİ-MAVI-1", "Mavi", "1"),
        made(2, "SÜRAHİ-MAVI-1-5", "Mavi", "1.5"),
        made(3, "SÜRAHİ-YESIL-1-5", "Yeşil", "1.5"),
    )
    answer.when(AddMatrix(JUG, "ANY")).then()


def test_a_hundred_variants_are_looked_up_together() -> None:
    options = OptionsChosen(JUG, (Option("No", tuple(str(n) for n in range(100))),))
    answer = given(*DRAFT, options).when(AddMatrix(JUG, "JUG"))
    assert len(answer.decision.events) == 100
    assert answer.looks <= 4


def test_a_matrix_without_options_is_one_variant() -> None:
    added = VariantAdded(JUG, new_id("var"), SKU, None, None, {}, None)
    given(*DRAFT).when(AddMatrix(JUG, SKU)).then(added)


def test_refuses_a_matrix_of_more_variants_than_a_product_has() -> None:
    wide = tuple(Option(name, tuple("abcdefghijklmnopq")) for name in ("A", "B"))
    given(*DRAFT, OptionsChosen(JUG, wide)).when(AddMatrix(JUG, "J")).then_refused(MatrixTooLarge)


@pytest.mark.parametrize(
    "chosen", [{}, {"Renk": "Kara"}, {"Litre": "1"}, {"Renk": "Mavi", "Litre": "1"}]
)
def test_a_variant_has_one_value_of_each_option(chosen: dict[str, str]) -> None:
    asked = AddVariants(JUG, (replace(BLUE, options=chosen),))
    given(*WITH_COLOURS).when(asked).then_refused(CombinationInvalid)


def test_each_combination_is_there_once_until_it_is_retired() -> None:
    story = given(*WITH_COLOURS, BLUE_ADDED)
    other = AddVariants(JUG, (NewVariant(Numbers("JUG-C"), BLUE.options, "var_other"),))
    story.when(other).then_refused(CombinationTaken, variant_id="var_blue1")
    retired = story.when(RetireVariant(JUG, "var_blue1"))
    retired.then(VariantRetired(JUG, "var_blue1", "JUG-B", None))
    retired.when(other).then(coloured("var_other", "JUG-C", "Mavi"))


def test_a_sku_and_a_gtin_belong_to_one_variant_of_the_tenant() -> None:
    story = given(*WHOLE, about(GLASS))
    for sku, number, refusal, facts in (
        (SKU, None, SkuTaken, {"sku": SKU}),
        ("GLASS", GTIN, GtinTaken, {"gtin": GTIN}),
        ("GLASS", f"0{GTIN}", GtinTaken, {"gtin": GTIN}),
    ):
        asked = AddVariants(GLASS, (NewVariant(Numbers(sku, number)),))
        story.when(asked).then_refused(refusal, **facts)


def test_numbers_of_what_was_retired_or_deleted_are_free_and_its_id_is_not() -> None:
    same = NewVariant(Numbers(SKU, GTIN, None, 850), {}, "var_other")
    added = replace(ADDED, product_id=GLASS, variant_id="var_other")
    retired = VariantRetired(JUG, CLEAR, SKU, GTIN)
    given(*WHOLE, retired, about(GLASS)).when(AddVariants(GLASS, (same,))).then(added)
    given(*DELETED, about(GLASS)).when(AddVariants(GLASS, (same,))).then(added)
    for past in ((*WHOLE, retired), DELETED):
        asked = AddVariants(GLASS, (replace(same, variant_id=CLEAR),))
        given(*past, about(GLASS)).when(asked).then_refused(VariantExists, variant_id=CLEAR)


def test_refuses_one_id_for_two() -> None:
    asked = AddVariants(JUG, (BLUE, replace(MOSS, variant_id="var_blue1")))
    given(*WITH_COLOURS).when(asked).then_refused(VariantExists, variant_id="var_blue1")


def test_a_gtin_is_checked_and_a_barcode_is_any_text() -> None:
    wrong = AddVariants(JUG, (NewVariant(Numbers(SKU, "8690000000006")),))
    given(*DRAFT).when(wrong).then_refused(GtinInvalid)
    free = Numbers(SKU, barcode="8690000000006 (raf)")
    given(*DRAFT).when(AddVariants(JUG, (NewVariant(free, {}, CLEAR),))).then(
        VariantAdded(JUG, CLEAR, SKU, None, "8690000000006 (raf)", {}, None)
    )


@pytest.mark.parametrize(
    ("wrong", "what"),
    [
        (Numbers(""), "sku"),
        (Numbers(" JUG"), "sku"),
        (Numbers("J\0"), "sku"),
        (Numbers("J" * 65), "sku"),
        (Numbers(SKU, barcode=""), "barcode"),
        (Numbers(SKU, barcode="b" * 129), "barcode"),
        (Numbers(SKU, weight_grams=0), "weight_grams"),
        (Numbers(SKU, weight_grams=10_000_001), "weight_grams"),
    ],
)
def test_refuses_numbers_that_can_not_be_right(wrong: Numbers, what: str) -> None:
    asked = AddVariants(JUG, (NewVariant(wrong),))
    given(*DRAFT).when(asked).then_refused(NumbersInvalid, field=what)


def test_a_product_has_a_limited_number_of_variants() -> None:
    half = VARIANTS_MAX // 2
    options = (Option("A", ("1", "2", "3")), Option("B", tuple(map(str, range(half)))))
    chosen = [{"A": a, "B": str(b)} for a in "12" for b in range(half)]
    full = [
        VariantAdded(JUG, f"var_no{n}", f"J{n}", None, None, one, None)
        for n, one in enumerate(chosen)
    ]
    asked = AddVariants(JUG, (NewVariant(Numbers("ONE"), {"A": "3", "B": "0"}),))
    story = given(*DRAFT, OptionsChosen(JUG, options), *full)
    story.when(asked).then_refused(TooManyVariants)


@pytest.mark.row("INV-06")
def test_a_variant_may_begin_with_its_price() -> None:
    price = Price(Money(12_990, "TRY"), Money(14_990, "TRY"))
    asked = AddVariants(JUG, (replace(BLUE, price=price), MOSS))
    given(*WITH_COLOURS).when(asked).then(
        BLUE_ADDED,
        PriceSet("var_blue1", STANDARD_LIST, 1, price.amount, price.list_price),
        MOSS_ADDED,
    )


def test_a_variant_is_known_under_other_numbers() -> None:
    story = given(*WHOLE)
    changed = story.when(ChangeVariant(JUG, CLEAR, Numbers("JUG-2", GTIN, "raf 3")))
    changed.then(VariantChanged(JUG, CLEAR, "JUG-2", SKU, GTIN, GTIN, "raf 3", None))
    changed.then_result(ProductResult(JUG, "cam-surahi", "draft", 6))
    changed.when(ChangeVariant(JUG, CLEAR, Numbers(SKU))).then(
        VariantChanged(JUG, CLEAR, SKU, "JUG-2", None, GTIN, None, None)
    )


def test_refuses_the_numbers_of_another_and_what_is_no_variant() -> None:
    other = VariantAdded(GLASS, "var_glass", "GLASS", "96385074", None, {}, None)
    story = given(*WHOLE, about(GLASS), other)
    taken = ChangeVariant(JUG, CLEAR, Numbers("GLASS"))
    story.when(taken).then_refused(SkuTaken, sku="GLASS")
    same = ChangeVariant(JUG, CLEAR, Numbers(SKU, "96385074"))
    story.when(same).then_refused(GtinTaken, gtin="96385074")
    for wrong in (ChangeVariant(JUG, GREEN, Numbers("X")), RetireVariant(JUG, GREEN)):
        story.when(wrong).then_refused(NoSuchVariant)
    elsewhere = RetireVariant(JUG, "var_glass")
    story.when(elsewhere).then_refused(NoSuchVariant)


@pytest.mark.row("CAT-05")
def test_the_last_variant_of_what_customers_see_stays() -> None:
    given(*PUBLISHED).when(RetireVariant(JUG, CLEAR)).then_refused(
        NotPublishable, missing="variant"
    )


def test_options_may_be_told_anew_while_the_variants_still_fit() -> None:
    more = Option("Renk", ("Kara", "Mavi"))
    story = given(*WITH_COLOURS, BLUE_ADDED)
    story.when(ChooseOptions(JUG, (more,))).then(OptionsChosen(JUG, (more,)))
    story.when(ChooseOptions(JUG, (COLOURS,))).then()
    for wrong in ((), (SIZES,), (COLOURS, SIZES), (Option("Renk", ("Kara",)),)):
        refused = story.when(ChooseOptions(JUG, wrong))
        refused.then_refused(OptionInUse, variant_id="var_blue1")


@pytest.mark.parametrize(
    ("wrong", "facts"),
    [
        ((COLOURS, COLOURS), {}),
        (tuple(Option(f"O{n}", ("1",)) for n in range(OPTIONS_MAX + 1)), {}),
        ((Option("Renk", ()),), {"option": "Renk"}),
        ((Option("Renk", ("Mavi", "Mavi")),), {"option": "Renk"}),
        ((Option("Renk", tuple(map(str, range(VALUES_MAX + 1)))),), {"option": "Renk"}),
        ((Option("Renk", (" Mavi",)),), {"option": "Renk"}),
        ((Option("", ("Mavi",)),), {"option": ""}),
        ((Option("R" * 61, ("Mavi",)),), {"option": "R" * 61}),
    ],
)
def test_refuses_options_that_are_no_choice(
    wrong: tuple[Option, ...], facts: dict[str, str]
) -> None:
    given(*DRAFT).when(ChooseOptions(JUG, wrong)).then_refused(OptionsInvalid, **facts)


def test_only_what_is_a_variant_has_prices() -> None:
    asked = SetPrice(GREEN, Money(1, "TRY"))
    given(*WHOLE).when(asked).then_refused(VariantNotFound)
