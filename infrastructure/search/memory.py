"""Search without an index: every product is looked at. What other engines are held to."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from domain.search.analysis import Word, phrase, stems
from domain.search.closeness import alike, closest, slips_of
from infrastructure.search.engine import (
    EVERYWHERE,
    PRICE,
    Facets,
    Filters,
    Found,
    Looking,
    Place,
    Question,
    Shop,
    Sort,
    Suggested,
)

TIER = 2**52
NO_PRICE = 2**62


@dataclass(frozen=True, slots=True)
class Product:
    """A published product. `facets` are `code=value`, `published` microseconds.

    `surroundings` are the names of its brand and categories, `features` whatever else is told.
    """

    product_id: str
    name: str
    published: int
    price: int | None
    facets: frozenset[str]
    surroundings: str = ""
    features: str = ""


class MemorySearch:
    """A shop in memory; `above` has the category that each is below."""

    def __init__(
        self,
        products: Iterable[Product] = (),
        *,
        categories: Mapping[str, str] | None = None,
        brands: Mapping[str, str] | None = None,
        above: Mapping[str, str] | None = None,
    ) -> None:
        self.products = tuple(products)
        self.categories = categories or {}
        self.brands = brands or {}
        self.above = above or {}

    async def prepare(self, tenant_id: UUID, look: Looking) -> None:
        """Have it all in memory."""

    async def close(
        self,
        shop: Shop,  # noqa: ARG002 - the port's; there is one shop here
        stems: Collection[str],
    ) -> Mapping[str, tuple[str, ...]]:
        """Compare with every word."""
        known = {word for product in self.products for word in _words(product, "ABCD")}
        return {
            one: closest(one, (word for word in known if word.isalpha() and alike(one, word)))
            for one in stems
            if slips_of(one) and one not in known
        }

    async def search(  # noqa: PLR0913 - what a page is cut by
        self,
        shop: Shop,  # noqa: ARG002 - as above
        question: Question,
        filters: Filters,
        *,
        sort: Sort,
        after: Place | None,
        limit: int,
    ) -> Found:
        """Look at every product."""
        found = sorted(
            Place(_key(product, question, sort), product.product_id)
            for product in self.products
            if _has(product, question.words, "ABCD") and _fits(product, filters)
        )
        return Found(
            tuple(place for place in found if not after or place > after)[:limit], len(found)
        )

    async def facets(
        self,
        shop: Shop,  # noqa: ARG002 - as above
        question: Question,
        filters: Filters,
        codes: Collection[str],
    ) -> Facets:
        """Count every product."""
        counts: dict[str, dict[str, int]] = {}
        prices = None
        for code in codes:
            fitting = [
                product
                for product in self.products
                if _has(product, question.words, "ABCD") and _fits(product, filters, but=code)
            ]
            if code == PRICE:
                priced = [product.price for product in fitting if product.price is not None]
                prices = (min(priced), max(priced)) if priced else None
                continue
            counts[code] = {}
            for value in (one for product in fitting for one in self._values(product, code)):
                counts[code][value] = counts[code].get(value, 0) + 1
        return Facets(counts, prices)

    async def suggest(
        self,
        shop: Shop,  # noqa: ARG002 - as above
        prefix: str,
        filters: Filters,
        *,
        limit: int,
    ) -> Suggested:
        """Look at every name."""
        begins = phrase(prefix)
        if not begins:
            return Suggested((), (), ())
        fitting = [one for one in self.products if _fits(one, filters)]
        by_name = sorted(fitting, key=lambda one: (phrase(one.name), one.product_id))
        whole = [one.product_id for one in by_name if phrase(one.name).startswith(begins)]
        before, _, last = begins.rpartition(" ")
        inside = [
            one.product_id
            for one in sorted(fitting, key=lambda one: (-one.published, one.product_id))
            if len(last) > 1 and _begun(one, stems(before), last)
        ]
        return Suggested(
            tuple(dict.fromkeys((*whole, *inside)))[:limit],
            _named(self.categories, begins)[:limit],
            _named(self.brands, begins)[:limit],
        )

    def _values(self, product: Product, code: str) -> set[str]:
        """Give what a product is of a code; of categories all that are above, too."""
        parts = (facet.partition("=") for facet in product.facets)
        values = {value for of, _, value in parts if of == code}
        waiting = list(values) if code == "category" else []
        while waiting:
            above = self.above.get(waiting.pop())
            if above is not None and above not in values:
                values.add(above)
                waiting.append(above)
        return values


def _begun(product: Product, before: Collection[str], last: str) -> bool:
    words = _words(product, "A")
    stem = next(iter(stems(last)), last)
    begins = stem in words or any(word.startswith(last) for word in words)
    return begins and words.issuperset(before)


def _named(names: Mapping[str, str], begins: str) -> tuple[str, ...]:
    keyed = ((f" {phrase(name)}", id_) for id_, name in names.items())
    fitting = [(not key.startswith(f" {begins}"), key, id_) for key, id_ in keyed]
    return tuple(id_ for _, key, id_ in sorted(fitting) if f" {begins}" in key)


def _words(product: Product, weights: str) -> frozenset[str]:
    texts = {"A": product.name, "B": product.surroundings, "C": product.features}
    return frozenset(one for weight in weights for one in stems(texts.get(weight, "")))


def _has(product: Product, asked: Iterable[Word], weights: str) -> bool:
    words = _words(product, weights)
    return all(any(words.issuperset(one) for one in word) for word in asked)


def _fits(product: Product, filters: Filters, *, but: str = "") -> bool:
    for code, values in filters.choices.items():
        allowed = (*values, EVERYWHERE) if code == "channel" else values
        if code != but and not any(f"{code}={value}" in product.facets for value in allowed):
            return False
    low, high = filters.price_from, filters.price_to
    if but == PRICE or (low, high) == (None, None):
        return True
    return product.price is not None and (low or 0) <= product.price <= (
        NO_PRICE if high is None else high
    )


def _key(product: Product, question: Question, sort: Sort) -> int:
    price = NO_PRICE if product.price is None else product.price
    if sort is Sort.CHEAPEST:
        return price
    if sort is Sort.DEAREST:
        return price if product.price is None else -price
    if sort is Sort.NEWEST or not question.words:
        return -product.published
    if _has(product, question.words, "A"):
        tier = 2
    else:
        tier = 1 if _has(product, question.words, "AB") else 0
    return -product.published - tier * TIER
