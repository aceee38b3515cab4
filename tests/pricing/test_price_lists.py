"""INV-06: price lists, and which of them gives the price."""

from dataclasses import replace

import pytest

from application.book import Book
from application.catalog.finding import VariantNotFound
from application.envelope import Envelope
from application.pricing.price_lists import DefinePriceList, PriceListResult
from application.pricing.prices import is_priced, price_for
from domain.kernel.events import Event
from domain.kernel.refusals import Refusal
from domain.pricing.choosing import Buyer, Choice, choose
from domain.pricing.events import STANDARD_LIST
from domain.pricing.price_lists import (
    PRIORITY_MAX,
    ListCurrencyFixed,
    PriceList,
    PriceListInvalid,
    StandardListFixed,
    standard_list,
)
from domain.pricing.prices import Price, Prices, Tier
from tests.kit.memory import LogInMemory
from tests.kit.prices import DEALER_LIST, DEALERS, MUG, SHOP, price, scheduled
from tests.kit.scenario import COMMAND_ID, NOW, STAFF, TENANT_ID, given, new_id
from tests.kit.wallets import BOOKS, lira

pytestmark = pytest.mark.row("INV-06")

DEFINE = DefinePriceList(
    "Dealers", "TRY", 10, None, "dealers", tax_included=False, price_list_id=DEALERS
)


def test_a_list_is_defined_told_anew_and_told_once() -> None:
    given(BOOKS).when(DEFINE).then(DEALER_LIST).then_result(PriceListResult(DEALERS))
    given(BOOKS, DEALER_LIST).when(DEFINE).then().then_result(PriceListResult(DEALERS))
    renamed = replace(DEFINE, name="Bayiler", channel="web", priority=11)
    given(BOOKS, DEALER_LIST).when(renamed).then(
        replace(DEALER_LIST, name="Bayiler", channel="web", priority=11)
    )


def test_a_list_gets_an_id_where_none_is_given() -> None:
    given(BOOKS).when(replace(DEFINE, price_list_id=None)).then(
        replace(DEALER_LIST, price_list_id=new_id("plt"))
    )


@pytest.mark.parametrize(
    ("changes", "refusal", "facts"),
    [
        ({"price_list_id": STANDARD_LIST}, StandardListFixed, {}),
        ({"currency": "EUR"}, ListCurrencyFixed, {"currency": "TRY"}),
        ({"name": ""}, PriceListInvalid, {"field": "name"}),
        ({"name": "a\nb"}, PriceListInvalid, {"field": "name"}),
        ({"name": " a"}, PriceListInvalid, {"field": "name"}),
        ({"name": "a" * 121}, PriceListInvalid, {"field": "name"}),
        ({"channel": ""}, PriceListInvalid, {"field": "channel"}),
        ({"customer_group": " "}, PriceListInvalid, {"field": "customer_group"}),
        ({"priority": 0}, PriceListInvalid, {"field": "priority"}),
        ({"priority": PRIORITY_MAX + 1}, PriceListInvalid, {"field": "priority"}),
    ],
)
def test_refuses_a_list_that_can_not_be(
    changes: dict[str, object], refusal: type[Refusal], facts: dict[str, str | int]
) -> None:
    wrong = replace(DEFINE, **changes)  # type: ignore[arg-type] - fields of the command
    given(BOOKS, DEALER_LIST).when(wrong).then_refused(refusal, **facts)


STANDARD = standard_list("TRY")
BUYER = Buyer("TRY", "web", "dealers")


def a_list(
    price_list_id: str,
    priority: int = 10,
    *,
    channel: str | None = None,
    group: str | None = None,
    currency: str = "TRY",
) -> PriceList:
    return PriceList(price_list_id, "A list", currency, channel, group, priority, tax_included=True)


def priced(*lists: PriceList, quantity: int = 1) -> Prices:
    tiers = (
        Tier(one.price_list_id, quantity, now, now)
        for n, one in enumerate(lists)
        if (now := Price(lira(100 + n)))
    )
    return Prices(tuple(tiers))


OLD, NEW = a_list("plt_a"), a_list("plt_b")
HIGH = a_list("plt_z", 11)
FOR_GROUP, FOR_CHANNEL = a_list("plt_y", group="dealers"), a_list("plt_x", channel="web")


@pytest.mark.parametrize(
    ("lists", "chosen"),
    [
        pytest.param((STANDARD, OLD), OLD, id="any list stands above the standard one"),
        pytest.param((OLD, HIGH, FOR_GROUP), HIGH, id="the higher priority"),
        pytest.param((OLD, FOR_CHANNEL, FOR_GROUP), FOR_GROUP, id="the customer's own group"),
        pytest.param((OLD, FOR_CHANNEL), FOR_CHANNEL, id="this channel"),
        pytest.param((NEW, OLD), OLD, id="the older"),
    ],
)
def test_of_the_lists_that_hold_this_one_gives_the_price(
    lists: tuple[PriceList, ...], chosen: PriceList
) -> None:
    prices = priced(*lists)
    expected = Choice(chosen, 1, Price(lira(100 + lists.index(chosen))))
    assert choose(prices, lists, BUYER, quantity=1) == expected
    assert choose(prices, lists[::-1], BUYER, quantity=1) == expected


@pytest.mark.parametrize(
    "other",
    [
        a_list("plt_1", currency="EUR"),
        a_list("plt_1", channel="shop"),
        a_list("plt_1", group="staff"),
        a_list("plt_1", channel="web", group="staff"),
    ],
)
def test_a_list_for_others_gives_no_price(other: PriceList) -> None:
    assert choose(priced(other), (other,), BUYER, quantity=1) is None
    anybody = Buyer("TRY")
    assert choose(priced(FOR_GROUP), (FOR_GROUP,), anybody, quantity=1) is None
    assert choose(priced(FOR_CHANNEL), (FOR_CHANNEL,), anybody, quantity=1) is None


def test_a_list_without_a_price_at_that_quantity_leaves_it_to_the_next() -> None:
    tens = priced(HIGH, quantity=10)
    both = Prices((*tens.tiers, *priced(STANDARD).tiers))
    lists = STANDARD, HIGH
    few = choose(both, lists, BUYER, quantity=9)
    many = choose(both, lists, BUYER, quantity=10)
    assert few is not None
    assert many is not None
    assert (few.price_list, many.price_list) == (STANDARD, HIGH)
    assert choose(Prices(), lists, BUYER, quantity=1) is None


def test_the_largest_quantity_that_is_reached_counts() -> None:
    tiers = tuple(
        Tier(STANDARD_LIST, quantity, Price(lira(minor)), None)
        for quantity, minor in ((100, 70), (1, 100), (10, 90))
    )
    found = {
        quantity: choose(Prices(tiers), (STANDARD,), BUYER, quantity=quantity)
        for quantity in (1, 9, 10, 99, 100, 10_000)
    }
    minimum = {quantity: one and one.minimum_quantity for quantity, one in found.items()}
    assert minimum == {1: 1, 9: 1, 10: 10, 99: 10, 100: 100, 10_000: 100}


def book_over(*events: Event) -> Book:
    envelope = Envelope(TENANT_ID, COMMAND_ID, b"", None, STAFF, "test")
    return Book(LogInMemory(events), envelope, NOW)


def test_a_variant_is_priced_when_the_standard_list_has_a_price_now() -> None:
    assert not is_priced(book_over(*SHOP), MUG)
    assert not is_priced(book_over(*SHOP, scheduled()), MUG)
    assert not is_priced(book_over(*SHOP, price(1, price_list_id=DEALERS)), MUG)
    assert not is_priced(book_over(*SHOP, price(1), price(None)), MUG)
    assert is_priced(book_over(*SHOP, price(1)), MUG)
    assert is_priced(book_over(*SHOP, price(1, quantity=10)), MUG)


def test_a_cart_asks_what_somebody_pays() -> None:
    book = book_over(*SHOP, price(1_000), price(600, quantity=10, price_list_id=DEALERS))
    dealer, anybody = Buyer("TRY", customer_group="dealers"), Buyer("TRY")

    def pays(buyer: Buyer, quantity: int) -> int | None:
        choice = price_for(book, MUG, buyer, quantity=quantity)
        return choice and choice.price.amount.minor

    assert (pays(anybody, 10), pays(dealer, 9), pays(dealer, 10)) == (1_000, 1_000, 600)
    assert pays(Buyer("EUR"), 1) is None
    with pytest.raises(VariantNotFound):
        price_for(book, "var_none", anybody, quantity=1)
