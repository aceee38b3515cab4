"""INV-06: what a variant costs in a list, by quantity, from now on."""

import pytest

from application.catalog.finding import VariantNotFound
from application.pricing.prices import PricesResult, SetPrice, SetTiers
from domain.kernel.events import Event
from domain.kernel.money import AMOUNT_MINOR_MAX, CurrencyMismatch, Money
from domain.kernel.refusals import Refusal
from domain.ledger.books import BooksNotOpen
from domain.pricing.events import STANDARD_LIST
from domain.pricing.price_lists import PriceListNotFound
from domain.pricing.prices import MINIMUM_QUANTITY_MAX, TIERS_MAX, Price
from domain.pricing.setting import (
    ListPriceTooLow,
    MinimumQuantityInvalid,
    PriceInvalid,
    TierPrice,
    TooManyTiers,
)
from tests.kit.prices import DEALERS, MUG, SHOP, began, ended, price, scheduled
from tests.kit.scenario import given
from tests.kit.wallets import lira

pytestmark = pytest.mark.row("INV-06")

PRICED = (*SHOP, price(1_000, 1_200))
ON_SALE = (*PRICED, scheduled(), began())
LISTED = (
    *PRICED,
    price(900, quantity=10),
    price(700, quantity=100),
    price(600, price_list_id=DEALERS),
)


def tier(quantity: int, minor: int) -> TierPrice:
    return TierPrice(quantity, Price(lira(minor)))


@pytest.mark.parametrize(
    ("past", "command", "events"),
    [
        (SHOP, SetPrice(MUG, lira(1_000), lira(1_200)), (price(1_000, 1_200),)),
        (SHOP, SetPrice(MUG, lira(0)), (price(0),)),
        (SHOP, SetPrice(MUG, lira(5), lira(5)), (price(5, 5),)),
        (PRICED, SetPrice(MUG, lira(1_100)), (price(1_100),)),
        (PRICED, SetPrice(MUG, lira(1_000), lira(1_200)), ()),
        (PRICED, SetPrice(MUG, None), (price(None),)),
        (SHOP, SetPrice(MUG, None), ()),
        (PRICED, SetPrice(MUG, lira(900), minimum_quantity=10), (price(900, quantity=10),)),
        (
            PRICED,
            SetPrice(MUG, lira(600), price_list_id=DEALERS),
            (price(600, price_list_id=DEALERS),),
        ),
    ],
)
def test_a_price_is_set_changed_and_taken_away(
    past: tuple[Event, ...], command: SetPrice, events: tuple[Event, ...]
) -> None:
    told = PricesResult(MUG, command.price_list_id, len(events))
    given(*past).when(command).then(*events).then_result(told)


def test_what_is_set_overrules_a_schedule_that_runs_and_stays_when_it_ends() -> None:
    changed = given(*ON_SALE).when(SetPrice(MUG, lira(850))).then(price(850))
    now = changed.state(f"prices-{MUG}")
    assert now.of_list(STANDARD_LIST) == {1: Price(lira(850))}
    assert [one.schedule_id for one in now.schedules] == ["sch_1"]


def test_the_price_of_a_schedule_is_set_for_good_by_setting_it() -> None:
    given(*ON_SALE).when(SetPrice(MUG, lira(800))).then(price(800)).when(
        SetPrice(MUG, lira(800))
    ).then()


def test_a_price_that_is_no_more_leaves_nothing_in_the_state() -> None:
    state = given(*PRICED).when(SetPrice(MUG, None)).state(f"prices-{MUG}")
    assert (state.tiers, state.schedules) == ((), ())


@pytest.mark.parametrize(
    ("command", "refusal", "facts"),
    [
        (SetPrice("var_none", lira(1)), VariantNotFound, {}),
        (SetPrice(MUG, lira(1), price_list_id="plt_none"), PriceListNotFound, {}),
        (SetPrice(MUG, lira(1), minimum_quantity=0), MinimumQuantityInvalid, {}),
        (
            SetPrice(MUG, lira(1), minimum_quantity=MINIMUM_QUANTITY_MAX + 1),
            MinimumQuantityInvalid,
            {},
        ),
        (SetPrice(MUG, lira(-1)), PriceInvalid, {}),
        (SetPrice(MUG, lira(1), lira(AMOUNT_MINOR_MAX + 1)), PriceInvalid, {}),
        (SetPrice(MUG, lira(1_000), lira(999)), ListPriceTooLow, {}),
        (
            SetPrice(MUG, Money(1, "EUR")),
            CurrencyMismatch,
            {"expected": "TRY", "found": "EUR"},
        ),
        (
            SetPrice(MUG, lira(1), Money(2, "EUR")),
            CurrencyMismatch,
            {"expected": "TRY", "found": "EUR"},
        ),
    ],
)
def test_refuses_what_is_no_price(
    command: SetPrice, refusal: type[Refusal], facts: dict[str, str | int]
) -> None:
    given(*SHOP).when(command).then_refused(refusal, **facts)


def test_a_shop_without_books_has_no_standard_list() -> None:
    given(*SHOP[1:]).when(SetPrice(MUG, lira(1))).then_refused(BooksNotOpen)


def test_a_variant_has_a_limited_number_of_prices() -> None:
    full = [price(1, quantity=n + 1) for n in range(TIERS_MAX)]
    given(*SHOP, *full).when(SetPrice(MUG, lira(1), minimum_quantity=500)).then_refused(
        TooManyTiers, limit=TIERS_MAX
    )
    given(*SHOP, *full).when(SetPrice(MUG, lira(2), minimum_quantity=200)).then(
        price(2, quantity=200)
    )


def test_a_whole_table_takes_away_what_it_leaves_out_and_keeps_what_is_so_already() -> None:
    table = SetTiers(MUG, STANDARD_LIST, (tier(10, 900), tier(50, 800)))
    given(*LISTED).when(table).then(
        price(None), price(None, quantity=100), price(800, quantity=50)
    ).then_result(PricesResult(MUG, STANDARD_LIST, 3))


def test_an_empty_table_takes_all_prices_of_a_list_away() -> None:
    emptied = given(*LISTED).when(SetTiers(MUG, DEALERS, ()))
    emptied.then(price(None, price_list_id=DEALERS))


def test_refuses_a_table_that_names_a_quantity_twice() -> None:
    table = SetTiers(MUG, STANDARD_LIST, (tier(10, 900), tier(10, 800)))
    given(*LISTED).when(table).then_refused(MinimumQuantityInvalid)


def test_a_refused_price_refuses_the_whole_table() -> None:
    table = SetTiers(MUG, STANDARD_LIST, (tier(10, 100), tier(0, 800)))
    given(*LISTED).when(table).then_refused(MinimumQuantityInvalid)


def test_a_price_that_ended_may_leave_none() -> None:
    state = given(*SHOP, scheduled(), began(), ended(None)).when(SetPrice(MUG, None)).then()
    assert state.state(f"prices-{MUG}").tiers == ()
