"""SRC-02: what is kept of a shop counts and finds as looking at every product does."""

import random
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pytest

from infrastructure.search.columns import ROOM_MIN, Column
from infrastructure.search.engine import Filters, Place, Sort
from infrastructure.search.tallies import Entry, Page, Tally
from projections.catalog.searched import NO_PRICE

pytestmark = pytest.mark.row("SRC-02")

ABOVE = {"c1": "c0", "c2": "c1", "c3": "c0"}
CODES = ("brand", "category", "attributes.model", "price")


def entry(chance: random.Random, number: int) -> Entry:
    facets = {f"category=c{chance.randrange(5)}" for _ in range(chance.randrange(3))}
    if chance.random() < 0.8:
        facets.add(f"brand=b{chance.randrange(7)}")
    facets.add(f"attributes.model={chance.randrange(10**9)}")
    price = NO_PRICE if chance.random() < 0.1 else chance.randrange(50)
    return Entry(f"prd_{number:06}", sorted(facets), -chance.randrange(300), price)


@dataclass(frozen=True)
class Shelf:
    """Every product, one by one."""

    entries: Mapping[str, Entry]

    def fitting(self, filters: Filters, but: str = "") -> list[Entry]:
        low = filters.price_from or 0
        high = NO_PRICE - 1 if filters.price_to is None else filters.price_to
        priced = (filters.price_from, filters.price_to) != (None, None) and but != "price"
        return [
            one
            for one in self.entries.values()
            if (not priced or low <= one.price <= high)
            and all(
                code == but or any(f"{code}={value}" in one.facets for value in values)
                for code, values in filters.choices.items()
            )
        ]

    def counts(self, filters: Filters, code: str) -> dict[str, int]:
        counts: Counter[str] = Counter()
        for one in self.fitting(filters, code):
            found: set[str] = set()
            for facet in one.facets:
                name, _, value = facet.partition("=")
                while name == code and value not in found:
                    found.add(value)
                    value = ABOVE.get(value, value) if code == "category" else value
            counts.update(found)
        return dict(counts)

    def page(self, filters: Filters, sort: Sort, better: set[str]) -> list[Place]:
        def key(one: Entry) -> int:
            if sort is Sort.CHEAPEST:
                return one.price
            if sort is Sort.DEAREST:
                return NO_PRICE if one.price == NO_PRICE else -one.price
            tier = 2**52 if sort is Sort.RELEVANCE and one.product_id in better else 0
            return one.newest - tier

        return sorted(Place(key(one), one.product_id) for one in self.fitting(filters))


@pytest.mark.parametrize("seed", range(3))
def test_a_shop_that_grows_shrinks_and_changes_is_counted_and_sorted_as_it_stands(
    seed: int,
) -> None:
    chance = random.Random(seed)  # noqa: S311 - the same shops every time
    tally, entries = Tally(0, ABOVE), dict[str, Entry]()
    for _ in range(12):
        numbers = chance.sample(range(4 * ROOM_MIN), ROOM_MIN // 2)
        taken = [entry(chance, number) for number in numbers]
        tally.take(taken)
        entries |= {one.product_id: one for one in taken}
        gone = chance.sample(sorted(entries), len(entries) // 4)
        tally.drop(gone)
        entries = {one: entries[one] for one in entries.keys() - gone}
        shelf = Shelf(entries)
        assert len(tally) == len(entries)
        for filters in (
            Filters(),
            Filters({"brand": ("b1", "b2")}),
            Filters({"brand": ("b3",), "category": ("c0", "c4")}, price_from=10),
            Filters({"category": ("c2",)}, price_to=30),
            Filters({"brand": ("none",), "colour": ("red",)}),
        ):
            counted = tally.facets(filters, CODES, tally.every)
            assert counted.counts == {
                code: shelf.counts(filters, code) for code in CODES if code != "price"
            }
            prices = [one.price for one in shelf.fitting(filters, "price") if one.price < NO_PRICE]
            assert counted.prices == ((min(prices), max(prices)) if prices else None)
            better = set(chance.sample(sorted(entries), len(entries) // 3))
            for sort in Sort:
                whole = shelf.page(filters, sort, better)
                after = chance.choice([None, *whole])
                tiers = [tally.places_of(better)] if sort is Sort.RELEVANCE else []
                page = Page(sort, 9, after, tiers)
                found = tally.find(filters, tally.every, page)
                left = [one for one in whole if after is None or one > after]
                assert (found.total, list(found.hits)) == (len(whole), left[:9])


def test_values_that_no_product_has_any_more_take_no_room_for_ever() -> None:
    column = Column(ROOM_MIN)
    for number in range(10 * ROOM_MIN):
        column.set([number % 5], [(str(number),)])
        assert len(column) <= 4 * ROOM_MIN
    last = range(10 * ROOM_MIN - 5, 10 * ROOM_MIN)
    assert column.counts(np.arange(5), {}) == {str(number): 1 for number in last}
