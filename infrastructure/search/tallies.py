"""Counting by bits: for each `code=value` a number whose bits are the products that have it.

Words that were asked for are kept the same way.

A hundred thousand products are 12.5 kB a value, and whichever combination is counted is a few dozen
operations on such numbers, a few microseconds each. Prices are kept as bits too (a bit-sliced
index): one number for each binary digit of a price.
"""

from collections import OrderedDict
from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from infrastructure.search.engine import EVERYWHERE, PRICE, Facets, Filters
from projections.catalog.searched import CATEGORY

PRICE_BITS = 62
"""What the database counts with; no price has more."""

WORDS_KEPT_MAX = 600
"""Of a tenant; 7.5 MB where there are a hundred thousand products."""

_PRICED = "price"


class Entry(NamedTuple):
    """A product as it is counted: `facets` are `code=value`; no price is None."""

    product_id: str
    facets: tuple[str, ...]
    price: int | None


class Tally:
    """The products of one tenant. It holds what stands at `position`, or later."""

    def __init__(self, position: int) -> None:
        self.position = position
        self._places: dict[str, int] = {}
        self._ids: list[str] = []
        self._marks: list[tuple[str, ...]] = []
        self._free: list[int] = []
        self._bits: dict[str, int] = {}
        self._values: dict[str, set[str]] = {}
        self._words: OrderedDict[str, int] = OrderedDict()
        self._all = 0
        self._digits = 0

    def __len__(self) -> int:
        return len(self._places)

    def take(self, entries: Iterable[Entry]) -> None:
        """Count products, in place of what they were."""
        added: dict[str, list[int]] = {}
        removed: dict[str, list[int]] = {}
        for entry in entries:
            place = self._places.get(entry.product_id)
            if place is None:
                place = self._place(entry.product_id)
                added.setdefault("", []).append(place)
            before, marks = self._marks[place], _marks(entry)
            for mark in set(before).difference(marks) if before else ():
                removed.setdefault(mark, []).append(place)
            for mark in set(marks).difference(before) if before else marks:
                added.setdefault(mark, []).append(place)
            self._marks[place] = marks
            if entry.price is not None:
                self._digits = max(self._digits, entry.price.bit_length())
        self._change(added, removed)

    def drop(self, product_ids: Iterable[str]) -> None:
        """Count products no more."""
        removed: dict[str, list[int]] = {}
        for product_id in product_ids:
            place = self._places.pop(product_id, None)
            if place is None:
                continue
            for mark in ("", *self._marks[place]):
                removed.setdefault(mark, []).append(place)
            self._marks[place] = ()
            self._free.append(place)
        self._change({}, removed)

    @property
    def every(self) -> int:
        """All products."""
        return self._all

    def places_of(self, product_ids: Iterable[str]) -> int:
        """Give the number whose bits are these products, those that there are."""
        places = self._places
        return _number(places[one] for one in product_ids if one in places)

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

    def total(self, filters: Filters, among: int) -> int:
        """Tell how many of these products fit."""
        return _both(self._all & among, *self._chosen(filters).values()).bit_count()

    def facets(
        self,
        filters: Filters,
        codes: Collection[str],
        among: int,
        tree: Iterable[tuple[str, str]] = (),
    ) -> Facets:
        """Count these products by codes, each without what is chosen of it.

        `tree` has each category with the one above it, the deepest first.
        """
        base, chosen = self._all & among, self._chosen(filters)
        fitting = _both(base, *chosen.values())
        prices = None
        counts: dict[str, dict[str, int]] = {}
        for code in codes:
            mask = fitting
            if code in chosen:
                mask = _both(base, *(bits for other, bits in chosen.items() if other != code))
            if code == PRICE:
                prices = self._span(mask)
            else:
                counts[code] = self._counts(code, mask, tree if code == CATEGORY else ())
        return Facets(counts, prices)

    def _counts(self, code: str, mask: int, tree: Iterable[tuple[str, str]]) -> dict[str, int]:
        bits = self._bits
        having = {
            value: bits.get(f"{code}={value}", 0) & mask for value in self._values.get(code, ())
        }
        for below, above in tree:
            if having.get(below):
                having[above] = having.get(above, 0) | having[below]
        return {value: products.bit_count() for value, products in having.items() if products}

    def _chosen(self, filters: Filters) -> dict[str, int]:
        """Give for each code, and for the price, the products that fit it."""
        chosen = {code: self._any(code, values) for code, values in filters.choices.items()}
        if (filters.price_from, filters.price_to) != (None, None):
            within = self._bits.get(_PRICED, 0)
            if filters.price_from is not None:
                within &= ~self._below(filters.price_from)
            if filters.price_to is not None:
                within &= self._below(filters.price_to + 1)
            chosen[PRICE] = within
        return chosen

    def _any(self, code: str, values: Iterable[str]) -> int:
        mask = 0
        for value in (*values, EVERYWHERE) if code == "channel" else values:
            mask |= self._bits.get(f"{code}={value}", 0)
        return mask

    def _below(self, price: int) -> int:
        """Give the products that cost less: at the first digit that differs theirs is 0."""
        below, equal = 0, self._all
        if price >> self._digits:
            return self._all
        for digit in reversed(range(self._digits)):
            ones = self._bits.get(_DIGITS[digit], 0)
            if price >> digit & 1:
                below |= equal & ~ones
                equal &= ones
            else:
                equal &= ~ones
        return below

    def _span(self, mask: int) -> tuple[int, int] | None:
        mask &= self._bits.get(_PRICED, 0)
        if not mask:
            return None
        lowest = highest = 0
        low = high = mask
        for digit in reversed(range(self._digits)):
            ones = self._bits.get(_DIGITS[digit], 0)
            if low & ~ones:
                low &= ~ones
            else:
                lowest |= 1 << digit
            if high & ones:
                high &= ones
                highest |= 1 << digit
        return lowest, highest

    def _place(self, product_id: str) -> int:
        if self._free:
            place = self._free.pop()
            self._ids[place] = product_id
        else:
            place = len(self._ids)
            self._ids.append(product_id)
            self._marks.append(())
        self._places[product_id] = place
        return place

    def _change(self, added: Mapping[str, list[int]], removed: Mapping[str, list[int]]) -> None:
        bits = self._bits
        for mark, places in removed.items():
            if mark:
                bits[mark] &= ~_number(places)
            else:
                self._all &= ~_number(places)
        for mark, places in added.items():
            if not mark:
                self._all |= _number(places)
                continue
            if mark not in bits:
                code, _, value = mark.partition("=")
                self._values.setdefault(code, set()).add(value)
            bits[mark] = bits.get(mark, 0) | _number(places)


def _marks(entry: Entry) -> tuple[str, ...]:
    if entry.price is None:
        return entry.facets
    digits = [_DIGITS[n] for n in range(entry.price.bit_length()) if entry.price >> n & 1]
    return (*entry.facets, _PRICED, *digits)


def _both(mask: int, *others: int) -> int:
    for other in others:
        mask &= other
    return mask


_DIGITS = tuple(f"price {digit}" for digit in range(PRICE_BITS))


def _number(places: Iterable[int]) -> int:
    """Give the number with these bits."""
    given = list(places)
    if not given:
        return 0
    if len(given) < 8:  # noqa: PLR2004 - a few are quicker one by one
        number = 0
        for place in given:
            number |= 1 << place
        return number
    raw = bytearray(max(given) // 8 + 1)
    for place in given:
        raw[place >> 3] |= 1 << (place & 7)
    return int.from_bytes(raw, "little")
