"""CAT-17: to whom and where to a product may be sold, for carts and orders to ask."""

from dataclasses import replace

import pytest

from application.book import Book
from application.catalog.classifying import SetRestrictions
from application.catalog.finding import VariantNotFound
from application.catalog.sellable import NotForSale, Sellable, sellable
from application.envelope import Envelope
from domain.catalog.content import UNRESTRICTED, Restrictions
from domain.catalog.events import ChannelsChosen, RestrictionsSet
from domain.catalog.products.restrictions import (
    COUNTRIES,
    REGIONS_MAX,
    Buyer,
    BuyerTooYoung,
    LicenceMissing,
    NotShipped,
    RegionExcluded,
    RestrictionsInvalid,
    refusals,
)
from domain.catalog.variant_events import VariantRetired
from domain.kernel.events import Event
from domain.kernel.refusals import Refusal
from tests.catalog.products.goods import (
    ARCHIVED,
    CLEAR,
    DELETED,
    DRAFT,
    GTIN,
    JUG,
    PUBLISHED,
    SHOP,
    SKU,
    WHOLE,
    coloured,
)
from tests.kit.memory import LogInMemory
from tests.kit.scenario import COMMAND_ID, NOW, STAFF, TENANT_ID, given

pytestmark = pytest.mark.row("CAT-17")

KNIFE = Restrictions(18, "hunting", ("TR", "DE-BY"), ("TR-34",), ships=False)
HUNTER = Buyer(18, frozenset({"hunting"}), "TR-06", shipped=False)


def test_restrictions_are_set_and_taken_away() -> None:
    answer = given(*DRAFT).when(SetRestrictions(JUG, KNIFE))
    answer.then(RestrictionsSet(JUG, KNIFE))
    answer.when(SetRestrictions(JUG, KNIFE)).then()
    answer.when(SetRestrictions(JUG, UNRESTRICTED)).then(RestrictionsSet(JUG, UNRESTRICTED))
    given(*DRAFT).when(SetRestrictions(JUG, UNRESTRICTED)).then()


@pytest.mark.parametrize(
    ("wrong", "what"),
    [
        (Restrictions(minimum_age_years=0), "minimum_age_years"),
        (Restrictions(minimum_age_years=121), "minimum_age_years"),
        (Restrictions(licence=" "), "licence"),
        (Restrictions(licence="a\nb"), "licence"),
        (Restrictions(licence="l" * 121), "licence"),
        (Restrictions(only_regions=("TK-",)), "only_regions"),
        (Restrictions(only_regions=("tr",)), "only_regions"),
        (Restrictions(not_regions=("XX",)), "not_regions"),
        (Restrictions(not_regions=("TR-ABCD",)), "not_regions"),
        (Restrictions(not_regions=("TR", "TR")), "not_regions"),
        (
            Restrictions(not_regions=tuple(f"TR-{n}" for n in range(REGIONS_MAX + 1))),
            "not_regions",
        ),
    ],
)
def test_refuses_what_is_no_age_licence_or_region(wrong: Restrictions, what: str) -> None:
    given(*DRAFT).when(SetRestrictions(JUG, wrong)).then_refused(RestrictionsInvalid, field=what)


def test_the_countries_are_those_of_the_standard() -> None:
    assert len(COUNTRIES) == 249
    assert {"TR", "DE", "US", "AX", "ZW"} <= COUNTRIES
    assert not {"XK", "EU", "UK"} & COUNTRIES


@pytest.mark.parametrize(
    ("buyer", "expected"),
    [
        (HUNTER, ()),
        (replace(HUNTER, age_years=17), (BuyerTooYoung,)),
        (replace(HUNTER, age_years=None), (BuyerTooYoung,)),
        (replace(HUNTER, licences=frozenset({"fishing"})), (LicenceMissing,)),
        (replace(HUNTER, region="TR-34"), (RegionExcluded,)),
        (replace(HUNTER, region="TR"), ()),
        (replace(HUNTER, region="DE-BY"), ()),
        (replace(HUNTER, region="DE"), (RegionExcluded,)),
        (replace(HUNTER, region="GR"), (RegionExcluded,)),
        (replace(HUNTER, region=None), (RegionExcluded,)),
        (replace(HUNTER, shipped=True), (NotShipped,)),
        (Buyer(), (BuyerTooYoung, LicenceMissing, RegionExcluded, NotShipped)),
    ],
)
def test_each_rule_says_why_it_refuses(buyer: Buyer, expected: tuple[type[Refusal], ...]) -> None:
    assert tuple(map(type, refusals(KNIFE, buyer))) == expected


def test_what_is_not_restricted_is_sold_to_anyone() -> None:
    assert refusals(UNRESTRICTED, Buyer()) == ()
    outside = Restrictions(not_regions=("TR-34",))
    assert [type(one) for one in refusals(outside, Buyer())] == [RegionExcluded]
    assert refusals(outside, Buyer(region="TR-06")) == ()


def look(*events: Event, variant_id: str = CLEAR) -> Sellable:
    envelope = Envelope(TENANT_ID, COMMAND_ID, b"", None, STAFF, "test")
    return sellable(Book(LogInMemory(events), envelope, NOW), variant_id)


def test_a_sale_is_told_what_it_has_to_know() -> None:
    web, knife = ChannelsChosen(JUG, ("web",)), RestrictionsSet(JUG, KNIFE)
    expected = Sellable(JUG, CLEAR, SKU, "standard", ("web",), KNIFE)
    assert look(*PUBLISHED, web, knife) == expected


@pytest.mark.parametrize(("past", "reason"), [(WHOLE, "draft"), (ARCHIVED, "archived")])
def test_what_is_not_published_is_not_for_sale(past: tuple[Event, ...], reason: str) -> None:
    with pytest.raises(NotForSale) as refused:
        look(*past)
    assert refused.value.facts == {"reason": reason}


def test_what_was_retired_is_not_for_sale() -> None:
    other = coloured("var_blue1", "JUG-B", "Mavi")
    with pytest.raises(NotForSale) as refused:
        look(*PUBLISHED, other, VariantRetired(JUG, CLEAR, SKU, GTIN))
    assert refused.value.facts == {"reason": "retired"}


@pytest.mark.parametrize("past", [SHOP, DELETED])
def test_what_never_was_or_was_deleted_is_no_variant(past: tuple[Event, ...]) -> None:
    with pytest.raises(VariantNotFound):
        look(*past)
