"""Counting and sorting in columns: of each code, which values every product has.

A product has a place in all columns. To count is a gather along the column of a code, whatever
number of values it has: a hundred thousand products are counted by six codes in a few milliseconds.
Sets of products, those that words stand in or that a choice leaves, are numbers whose bits are
their places. A page in an order is the smallest of its keys, which are columns, too.
"""

from collections import OrderedDict
from collections.abc import Collection, Iterable, Mapping, Sequence
from heapq import nsmallest
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from infrastructure.search.columns import ROOM_MIN, Column, Places, bits_of
from infrastructure.search.engine import EVERYWHERE, PRICE, Facets, Filters, Found, Place, Sort
from projections.catalog.searched import CATEGORY, NO_PRICE
from projections.catalog.searching import TIER

WORDS_KEPT_MAX = 1_500
"""Of a tenant, 19 MB where there are a hundred thousand products; a word of a name is three."""

CHANNEL = "channel"

Keys: TypeAlias = NDArray[np.int64]


class Entry(NamedTuple):
    """A product as the index tells of it: `facets` are `code=value`, `price` is `cheapest`."""

    product_id: str
    facets: Sequence[str]
    newest: int
    price: int


class Page(NamedTuple):
    """A part of what is found.

    Products of `tiers` come first in relevance, those of more of them before those of fewer.
    """

    sort: Sort
    limit: int
    after: Place | None = None
    tiers: Sequence[int] = ()


class Tally:
    """The products of one tenant. It holds what stands at `position`, or later."""

    def __init__(self, position: int, above: Mapping[str, str]) -> None:
        self.position = position
        self._above = above
        self._places: dict[str, int] = {}
        self._ids = [""] * ROOM_MIN
        self._free = list(reversed(range(ROOM_MIN)))
        self._columns: dict[str, Column] = {}
        self._newest = np.zeros(ROOM_MIN, np.int64)
        self._prices = np.zeros(ROOM_MIN, np.int64)
        self._words: OrderedDict[str, int] = OrderedDict()
        self._all = 0

    def __len__(self) -> int:
        return len(self._places)

    def take(self, entries: Collection[Entry]) -> None:
        """Count products, in place of what they were."""
        places = [self._place(entry.product_id) for entry in entries]
        self._all |= _number(places)
        self._newest[places] = [entry.newest for entry in entries]
        self._prices[places] = [entry.price for entry in entries]
        told: dict[str, list[tuple[str, ...]]] = {}
        split: dict[str, tuple[str, tuple[str, ...]]] = {}
        for number, entry in enumerate(entries):
            for facet in entry.facets:
                if facet not in split:
                    code, _, value = facet.partition("=")
                    told.setdefault(code, [()] * len(entries))
                    split[facet] = code, (value,)
                code, one = split[facet]
                values = told[code]
                values[number] = values[number] + one if values[number] else one
        for code in told.keys() - self._columns.keys():
            self._columns[code] = Column(len(self._prices))
        for code, column in self._columns.items():
            column.set(places, told.get(code) or [()] * len(entries))

    def drop(self, product_ids: Iterable[str]) -> None:
        """Count products no more."""
        places = [self._places.pop(one) for one in product_ids if one in self._places]
        self._all &= ~_number(places)
        self._free += places

    def branch(self, above: Mapping[str, str]) -> None:
        """Take in which category stands above which now."""
        self._above = above
        if CATEGORY in self._columns:
            self._columns[CATEGORY].forget_above()

    @property
    def every(self) -> int:
        """All products."""
        return self._all

    def places_of(self, product_ids: Iterable[str]) -> int:
        """Give the number whose bits are these products, those that there are."""
        places = self._places
        return _number([places[one] for one in product_ids if one in places])

    def holding(self, word: str) -> int | None:
        """Give the products that a word stands in, if it is kept."""
        kept = self._words.get(word)
        if kept is not None:
            self._words.move_to_end(word)
        return kept

    def keep(self, word: str, products: int) -> None:
        """Keep in which products a word stands."""
        self._words[word] = products
        if len(self._words) > WORDS_KEPT_MAX:
            self._words.popitem(last=False)

    def retell(self, lexemes: Mapping[str, Collection[str]]) -> None:
        """Take in which words products are told with now."""
        if not self._words:
            return
        present: dict[str, list[str]] = {}
        for product_id, words in lexemes.items():
            for word in words:
                if word in self._words:
                    present.setdefault(word, []).append(product_id)
        others = ~self.places_of(lexemes)
        for word in self._words:
            self._words[word] = self._words[word] & others | self.places_of(present.get(word, ()))

    def forget_words(self) -> None:
        """Read them again when they are asked for."""
        self._words.clear()

    def find(self, filters: Filters, among: int, page: Page) -> Found:
        """Give a page of those of these products that fit."""
        places = self._these(_both(self._all & among, *self._chosen(filters).values()))
        total, keys = len(places), self._keys(places, page)
        if page.after is not None:
            key, product_id = page.after
            tied = np.flatnonzero(keys == key)
            left = keys > key
            left[tied] = [self._ids[place] > product_id for place in places[tied].tolist()]
            places, keys = places[left], keys[left]
        if len(places) > page.limit:
            last = np.partition(keys, page.limit - 1)[page.limit - 1]
            first = keys <= last
            places, keys = places[first], keys[first]
        found: list[int] = places.tolist()
        ids = [self._ids[place] for place in found]
        told = map(Place, keys.tolist(), ids)
        return Found(tuple(nsmallest(page.limit, told)), total)

    def facets(self, filters: Filters, codes: Collection[str], among: int) -> Facets:
        """Count these products by codes, each without what is chosen of it."""
        base, chosen = self._all & among, self._chosen(filters)
        fitting = self._these(_both(base, *chosen.values()))
        prices = None
        counts: dict[str, dict[str, int]] = {}
        for code in codes:
            counted = fitting
            if code in chosen:
                others = (these for other, these in chosen.items() if other != code)
                counted = self._these(_both(base, *others))
            if code == PRICE:
                prices = self._span(counted)
            else:
                column = self._columns.get(code)
                above = self._above if code == CATEGORY else _NOTHING
                counts[code] = column.counts(counted, above) if column is not None else {}
        return Facets(counts, prices)

    def _keys(self, places: Places, page: Page) -> Keys:
        """Give what rises in an order."""
        prices = self._prices[places]
        if page.sort is Sort.CHEAPEST:
            return prices
        if page.sort is Sort.DEAREST:
            return np.where(prices < NO_PRICE, -prices, NO_PRICE)
        keys = self._newest[places]
        for tier in page.tiers:
            keys -= TIER * self._fit(tier)[places]
        return keys

    def _these(self, bits: int) -> Places:
        return np.flatnonzero(self._fit(bits))

    def _fit(self, bits: int) -> NDArray[np.bool_]:
        raw = np.frombuffer(bits.to_bytes(len(self._prices) // 8, "little"), np.uint8)
        return np.unpackbits(raw, bitorder="little").view(np.bool_)

    def _chosen(self, filters: Filters) -> dict[str, int]:
        """Give for each code, and for the price, the products that fit it."""
        chosen: dict[str, int] = {}
        for code, values in filters.choices.items():
            column = self._columns.get(code)
            also = (EVERYWHERE,) if code == CHANNEL else ()
            chosen[code] = column.having((*values, *also)) if column is not None else 0
        if (filters.price_from, filters.price_to) != (None, None):
            highest = NO_PRICE - 1 if filters.price_to is None else filters.price_to
            prices = self._prices
            chosen[PRICE] = bits_of((prices >= (filters.price_from or 0)) & (prices <= highest))
        return chosen

    def _span(self, places: Places) -> tuple[int, int] | None:
        prices = self._prices[places]
        prices = prices[prices < NO_PRICE]
        return (int(prices.min()), int(prices.max())) if len(prices) else None

    def _place(self, product_id: str) -> int:
        place = self._places.get(product_id)
        if place is None:
            if not self._free:
                self._grow()
            place = self._places[product_id] = self._free.pop()
            self._ids[place] = product_id
        return place

    def _grow(self) -> None:
        room = len(self._prices)
        self._free += reversed(range(room, 2 * room))
        self._ids += [""] * room
        self._newest = np.concatenate((self._newest, np.zeros_like(self._newest)))
        self._prices = np.concatenate((self._prices, np.zeros_like(self._prices)))
        for column in self._columns.values():
            column.grow()


_NOTHING: Mapping[str, str] = {}


def _both(these: int, *others: int) -> int:
    for other in others:
        these &= other
    return these


def _number(places: Sequence[int]) -> int:
    """Give the number with these bits."""
    if not places:
        return 0
    fit = np.zeros(max(places) + 1, np.bool_)
    fit[places] = True
    return bits_of(fit)
