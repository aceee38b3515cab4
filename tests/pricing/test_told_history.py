"""INV-06: what a price was before it came here is told oldest first."""

from datetime import timedelta

import pytest

from application.pricing.prices import SetPrice
from domain.pricing.events import STANDARD_LIST, PriceSet
from domain.pricing.setting import HistoryOutOfOrder
from tests.kit.prices import MUG, SHOP, price
from tests.kit.scenario import NOW, given
from tests.kit.wallets import lira

pytestmark = pytest.mark.row("INV-06")

YEAR = timedelta(days=365)
FIRST = PriceSet(MUG, STANDARD_LIST, 1, lira(900), None, NOW - YEAR)


def was(minor: int, *, days_ago: int) -> SetPrice:
    return SetPrice(MUG, lira(minor), since=NOW - timedelta(days=days_ago))


def test_prices_of_the_past_are_told_one_after_the_other_and_then_set_here() -> None:
    second = PriceSet(MUG, STANDARD_LIST, 1, lira(950), None, NOW - timedelta(days=9))
    given(*SHOP).when(was(900, days_ago=365)).then(FIRST)
    given(*SHOP, FIRST).when(was(950, days_ago=9)).then(second)
    given(*SHOP, FIRST).when(was(900, days_ago=9)).then()
    given(*SHOP, FIRST, second).when(SetPrice(MUG, lira(1_000))).then(price(1_000))


@pytest.mark.parametrize("days_ago", [365, 366])
def test_what_comes_before_what_is_told_already_is_refused(days_ago: int) -> None:
    given(*SHOP, FIRST).when(was(950, days_ago=days_ago)).then_refused(HistoryOutOfOrder)


def test_nothing_is_told_of_the_past_once_a_price_was_set_here_nor_of_what_is_to_come() -> None:
    given(*SHOP, price(1_000)).when(was(950, days_ago=9)).then_refused(HistoryOutOfOrder)
    given(*SHOP).when(was(950, days_ago=-1)).then_refused(HistoryOutOfOrder)
