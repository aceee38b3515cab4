"""CAT-15: collections hold products that were chosen, or a rule that says which they are."""

from dataclasses import replace

import pytest

from application.book import ClaimTaken
from application.catalog.collections import (
    BeginCollection,
    ChangeCollection,
    CollectionResult,
    RemoveCollection,
)
from domain.catalog.sorting.brands import BrandNotFound
from domain.catalog.sorting.categories import CategoryNotFound
from domain.catalog.sorting.collections import (
    PRODUCTS_MAX,
    RULE_VALUES_MAX,
    CollectionExists,
    CollectionInvalid,
    CollectionNotFound,
)
from domain.catalog.sorting.events import (
    BrandAdded,
    CategoryAdded,
    CollectionDefined,
    CollectionRemoved,
)
from domain.catalog.sorting.naming import NamesInvalid
from domain.catalog.sorting.rules import Facts, Rule
from domain.kernel.money import Money
from domain.kernel.refusals import Refusal
from tests.kit.scenario import given, new_id

pytestmark = pytest.mark.row("CAT-15")

NAMES = {"tr": "Hediyeler"}
MUGS = CategoryAdded("cat_mug", None, "bardak", NAMES)
ADA = BrandAdded("brd_ada", "ada", "Ada")
CHOSEN = ("prd_b", "prd_a")
GIFTS = CollectionDefined("col_gifts", "hediyeler", None, NAMES, CHOSEN)
GONE = CollectionRemoved("col_gifts", "hediyeler")
TEN, TWENTY = Money(1_000, "TRY"), Money(2_000, "TRY")


def test_shows_chosen_products_together_in_their_order() -> None:
    answer = given().when(BeginCollection(NAMES, CHOSEN))
    answer.then(CollectionDefined(new_id("col"), "hediyeler", None, NAMES, CHOSEN))
    answer.then_result(CollectionResult(new_id("col")))


def test_keeps_a_rule_over_categories_and_brands_that_are_there() -> None:
    rule = Rule(category_ids=("cat_mug",), brand_ids=("brd_ada",), in_stock=True)
    command = BeginCollection(NAMES, rule, "gifts", "col_rule")
    expected = CollectionDefined("col_rule", "gifts", None, NAMES, rule)
    given(MUGS, ADA).when(command).then(expected)
    given(ADA).when(command).then_refused(CategoryNotFound, category="cat_mug")
    given(MUGS).when(command).then_refused(BrandNotFound)


def test_keeps_a_rule_over_prices_from_the_lower_one_up() -> None:
    for rule in (Rule(price_from=TEN, price_to=TWENTY), Rule(price_to=TEN)):
        expected = CollectionDefined("col_rule", "gifts", None, NAMES, rule)
        given().when(BeginCollection(NAMES, rule, "gifts", "col_rule")).then(expected)


def test_all_of_a_collection_is_said_anew_and_its_old_address_is_free() -> None:
    changed = given(GIFTS).when(ChangeCollection("col_gifts", "gifts", NAMES, ()))
    changed.then(CollectionDefined("col_gifts", "gifts", "hediyeler", NAMES, ()))
    changed.when(BeginCollection(NAMES, (), "hediyeler", "col_new")).then(
        CollectionDefined("col_new", "hediyeler", None, NAMES, ())
    )
    same = ChangeCollection("col_gifts", "hediyeler", NAMES, ())
    given(GIFTS).when(same).then(
        CollectionDefined("col_gifts", "hediyeler", "hediyeler", NAMES, ())
    )


def test_two_collections_never_have_one_address() -> None:
    given(GIFTS).when(BeginCollection(NAMES, (), "hediyeler")).then_refused(ClaimTaken)
    removed = given(GIFTS).when(RemoveCollection("col_gifts")).then(GONE)
    removed.when(BeginCollection(NAMES, (), "hediyeler")).then_result(
        CollectionResult(new_id("col"))
    )


@pytest.mark.parametrize(
    ("command", "refusal"),
    [
        (BeginCollection(NAMES, (), None, "col_gifts"), CollectionExists),
        (BeginCollection({}, ()), NamesInvalid),
        (ChangeCollection("col_none", "x", NAMES, ()), CollectionNotFound),
        (RemoveCollection("col_none"), CollectionNotFound),
    ],
)
def test_refuses_what_is_no_collection(command: object, refusal: type[Refusal]) -> None:
    given(GIFTS).when(command).then_refused(refusal)


def test_a_removed_collection_is_as_absent_as_none_and_its_id_is_not_used_again() -> None:
    given(GIFTS, GONE).when(RemoveCollection("col_gifts")).then_refused(CollectionNotFound)
    again = BeginCollection(NAMES, (), "x", "col_gifts")
    given(GIFTS, GONE).when(again).then_refused(CollectionExists)


MANY = tuple(map(str, range(RULE_VALUES_MAX + 1)))


@pytest.mark.parametrize(
    "products",
    [
        ("prd_a", "prd_a"),
        tuple(f"prd_{n}" for n in range(PRODUCTS_MAX + 1)),
        Rule(),
        Rule(attributes=dict.fromkeys(MANY, ("red",))),
        Rule(attributes={"colour": ()}),
        Rule(attributes={"colour": MANY}),
        Rule(price_from=Money(-1, "TRY")),
        Rule(price_from=TWENTY, price_to=TEN),
        Rule(price_from=TEN, price_to=Money(2_000, "EUR")),
    ],
)
def test_refuses_what_says_nothing_or_too_much(products: tuple[str, ...] | Rule) -> None:
    given().when(BeginCollection(NAMES, products)).then_refused(CollectionInvalid)


MUG = Facts(
    category_ids=frozenset({"cat_home", "cat_mug"}),
    brand_id="brd_ada",
    attributes={"colour": ("red", "blue"), "pieces": 6, "safe": True},
    price=Money(1_500, "TRY"),
    in_stock=True,
)


@pytest.mark.parametrize(
    "rule",
    [
        Rule(category_ids=("cat_home",)),
        Rule(category_ids=("cat_other", "cat_mug")),
        Rule(brand_ids=("brd_other", "brd_ada")),
        Rule(attributes={"colour": ("green", "blue")}),
        Rule(attributes={"pieces": (6,), "safe": (True,)}),
        Rule(price_from=Money(1_500, "TRY"), price_to=Money(1_500, "TRY")),
        Rule(in_stock=True),
    ],
)
def test_a_rule_holds_where_all_that_it_says_does(rule: Rule) -> None:
    assert rule.holds(MUG)


@pytest.mark.parametrize(
    "rule",
    [
        Rule(category_ids=("cat_other",)),
        Rule(category_ids=("cat_mug",), brand_ids=("brd_other",)),
        Rule(attributes={"colour": ("green",)}),
        Rule(attributes={"colour": ("red",), "height": (12,)}),
        Rule(attributes={"safe": (1,)}),
        Rule(price_from=Money(1_501, "TRY")),
        Rule(price_to=Money(1_499, "TRY")),
        Rule(price_from=Money(1, "EUR")),
        Rule(price_to=Money(9_999, "EUR")),
    ],
)
def test_a_rule_does_not_hold_where_anything_that_it_says_does_not(rule: Rule) -> None:
    assert not rule.holds(MUG)


def test_what_has_no_price_or_no_stock_is_in_no_rule_that_asks_for_it() -> None:
    bare = replace(MUG, price=None, in_stock=False)
    assert Rule(category_ids=("cat_mug",)).holds(bare)
    for rule in (Rule(price_from=Money(0, "TRY")), Rule(price_to=TEN), Rule(in_stock=True)):
        assert not rule.holds(bare)
