"""Search by PostgreSQL: full text and trigrams in the index of the listing, counting by bits.

How many products fit is known from the bits before any is looked for. Few of them are found by the
index of words and sorted. Where many fit, a page is cut from the order itself: before long a
product comes by that is one of them.
"""

from collections.abc import Collection, Mapping
from typing import Any

from domain.search.analysis import every, phrase, stems
from domain.search.closeness import closest, slips_of
from infrastructure.search.counting import Counting, Holding
from infrastructure.search.engine import (
    Facets,
    Filters,
    Found,
    Place,
    Question,
    Shop,
    Sort,
    Suggested,
)
from infrastructure.search.spelling import begun, choices_spelt, together, words_spelt
from projections.catalog.cards import upwards
from projections.catalog.searched import BRAND, CATEGORY, INDEX, NAME, NAMES, NEAR, NO_PRICE, WORDS
from projections.catalog.searching import TIER

FEW = 1_000
"""So many products are sorted more quickly than a page of them is met in an order."""

PREFIX_LETTERS_MIN = 2
"""Of the beginning of a word inside a name; names themselves may begin with one letter."""

_TIERS = (NAME, NEAR, "")

_COLUMNS = {
    Sort.RELEVANCE: "newest",
    Sort.NEWEST: "newest",
    Sort.CHEAPEST: "cheapest",
    Sort.DEAREST: "dearest",
}

_FOUND = f"""
SELECT product_id, key FROM read_models.{INDEX.name}_found(%(tenant_id)s,
    %(asked)s::tsquery, %(named)s::tsquery, %(near)s::tsquery, %(low)s, %(high)s,
    %(sort)s, %(key)s, %(product_id)s, %(limit)s)
""".encode()  # noqa: S608 - names from code
_IN_ORDER = {
    (sort, after): f"""
SELECT product_id, {column} FROM read_models.{INDEX.name}
WHERE tenant_id = %(tenant_id)s AND (%(asked)s::tsquery IS NULL OR words @@ %(asked)s::tsquery)
    AND (%(low)s::bigint IS NULL OR cheapest >= %(low)s)
    AND (%(high)s::bigint IS NULL OR cheapest <= %(high)s)
    {f"AND ({column}, product_id) > (%(key)s, %(product_id)s)" if after else ""}
ORDER BY {column}, product_id LIMIT %(limit)s
""".encode()  # noqa: S608 - as above
    for sort, column in _COLUMNS.items()
    for after in (False, True)
}
_KNOWN = f"""
SELECT word FROM read_models.{WORDS.name} WHERE tenant_id = %s AND word = ANY(%s)
""".encode()  # noqa: S608 - as above
_CLOSE = f"SELECT asked, word FROM read_models.{WORDS.name}_close(%s, %s)".encode()  # noqa: S608 - as above
_COMMON = f"""
SELECT coalesce(sum(told), 0)::bigint FROM read_models.{WORDS.name}
WHERE tenant_id = %s AND word >= %s AND word < %s
""".encode()  # noqa: S608 - as above
_NAMED = f"""
SELECT product_id FROM read_models.{INDEX.name}
WHERE tenant_id = %(tenant_id)s AND name_key >= %(begins)s AND name_key < %(ends)s
    AND (%(asked)s::tsquery IS NULL OR words @@ %(asked)s::tsquery)
ORDER BY name_key, product_id LIMIT %(limit)s
""".encode()  # noqa: S608 - as above
_SORTED_IN = f"""
SELECT kind, id FROM (
    SELECT kind, id, row_number() OVER (
        PARTITION BY kind ORDER BY starts_with(name_keys, %(words)s) DESC, name_keys, id) AS place
    FROM read_models.{NAMES.name}
    WHERE tenant_id = %(tenant_id)s AND strpos(name_keys, %(words)s) > 0
) named WHERE place <= %(limit)s ORDER BY kind, place
""".encode()  # noqa: S608 - as above

LAST_LETTER = "\U0010ffff"
"""Comes after whatever a word goes on with."""


class PostgresSearch:
    """The default engine."""

    def __init__(self, *, few: int = FEW) -> None:
        self._counting = Counting()
        self._few = few

    async def close(self, shop: Shop, stems: Collection[str]) -> Mapping[str, tuple[str, ...]]:
        """Look for words that share trigrams, and keep those that one or two slips explain."""
        asked = [stem for stem in stems if slips_of(stem)]
        if not asked:
            return {}
        rows = await (await shop.connection.execute(_KNOWN, (shop.tenant_id, asked))).fetchall()
        lacking = sorted(set(asked).difference(row[0] for row in rows))
        candidates: dict[str, list[str]] = {stem: [] for stem in lacking}
        if lacking:
            cursor = await shop.connection.execute(_CLOSE, (shop.tenant_id, lacking))
            for stem, word in await cursor.fetchall():
                candidates[stem].append(word)
        return {stem: closest(stem, words) for stem, words in candidates.items()}

    async def search(  # noqa: PLR0913 - what a page is cut by
        self,
        shop: Shop,
        question: Question,
        filters: Filters,
        *,
        sort: Sort,
        after: Place | None,
        limit: int,
    ) -> Found:
        """Sort what the index of words finds, or walk along the order."""
        tally, holding = await self._counting.of(shop, _lexemes(question))
        among = _matching(question, tally.every, holding)
        total = tally.total(filters, among)
        by_tiers = sort is Sort.RELEVANCE and bool(question.words)
        if not by_tiers and sort is Sort.RELEVANCE:
            sort = Sort.NEWEST
        given = _given(shop, question, filters, sort, after, limit)
        if total <= self._few:
            return Found(await _sorted(shop, given) if total else (), total)
        if by_tiers:
            return Found(await self._by_tiers(shop, question, filters, given), total)
        return Found(await _in_order(shop, sort, given), total)

    async def facets(
        self, shop: Shop, question: Question, filters: Filters, codes: Collection[str]
    ) -> Facets:
        """Count by bits."""
        tally, holding = await self._counting.of(shop, _lexemes(question))
        tree = await upwards(shop.connection, shop.tenant_id) if CATEGORY in codes else ()
        return tally.facets(filters, codes, _matching(question, tally.every, holding), tree)

    async def _by_tiers(
        self, shop: Shop, question: Question, filters: Filters, given: dict[str, Any]
    ) -> tuple[Place, ...]:
        """Give the newest of those with the words in their names, then around them, then anywhere.

        There are many products. Each tier is sorted or walked along, as it has few of them or many.
        """
        stems = _lexemes(question)
        lexemes = [prefix + stem for prefix in _TIERS for stem in stems]
        tally, holding = await self._counting.of(shop, lexemes)
        hits: list[Place] = []
        before, higher = 0, ""
        for tier, prefix in reversed(tuple(enumerate(reversed(_TIERS)))):
            among = _matching(question, tally.every, holding, prefix)
            count = tally.total(filters, among & ~before)
            asked = together(words_spelt(question, prefix), choices_spelt(filters), higher)
            before, higher = among, f"!({words_spelt(question, prefix)})"
            place = _within(given, tier)
            if not count or place is None:
                continue
            page = given | place | {"asked": asked, "sort": Sort.NEWEST.value}
            page["limit"] = given["limit"] - len(hits)
            if count <= self._few:
                found = await _sorted(shop, page)
            else:
                found = await _in_order(shop, Sort.NEWEST, page)
            hits += (Place(hit.key - tier * TIER, hit.product_id) for hit in found)
            if len(hits) == given["limit"]:
                break
        return tuple(hits)

    async def suggest(self, shop: Shop, prefix: str, filters: Filters, *, limit: int) -> Suggested:
        """Look names up that begin so, then those that have such a word further on."""
        begins = phrase(prefix)
        if not begins:
            return Suggested((), (), ())
        before, _, last = begins.rpartition(" ")
        given = _given(shop, Question(), filters, Sort.NEWEST, None, limit)
        named = given | {"begins": begins, "ends": begins + LAST_LETTER}
        async with shop.connection.pipeline():
            names = await shop.connection.execute(_NAMED, named)
            told = await shop.connection.execute(
                _COMMON, (shop.tenant_id, last, last + LAST_LETTER)
            )
            categories, brands = await sorters_begun(shop, begins, limit)
        products = [row[0] for row in await names.fetchall()]
        common = await told.fetchall()
        if len(products) < limit and len(last) >= PREFIX_LETTERS_MIN:
            inside = begun(stems(before), last, next(iter(stems(last)), last))
            page = given | {"asked": together(inside, given["asked"] or "")}
            if common[0][0] <= self._few:
                found = await _sorted(shop, page)
            else:
                found = await _in_order(shop, Sort.NEWEST, page)
            others = (hit.product_id for hit in found)
            products = list(dict.fromkeys((*products, *others)))[:limit]
        return Suggested(tuple(products), categories, brands)


async def sorters_begun(
    shop: Shop, begins: str, limit: int
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Give the categories and the brands that have a word which begins so."""
    given = {"tenant_id": shop.tenant_id, "words": f" {begins}", "limit": limit}
    rows = await (await shop.connection.execute(_SORTED_IN, given)).fetchall()
    return (
        tuple(id_ for kind, id_ in rows if kind == CATEGORY),
        tuple(id_ for kind, id_ in rows if kind == BRAND),
    )


async def _sorted(shop: Shop, given: dict[str, Any]) -> tuple[Place, ...]:
    rows = await (await shop.connection.execute(_FOUND, given)).fetchall()
    return tuple(Place(key, product_id) for product_id, key in rows)


async def _in_order(shop: Shop, sort: Sort, given: dict[str, Any]) -> tuple[Place, ...]:
    statement = _IN_ORDER[sort, given["key"] is not None]
    rows = await (await shop.connection.execute(statement, given)).fetchall()
    return tuple(Place(key, product_id) for product_id, key in rows)


def _within(given: dict[str, Any], tier: int) -> dict[str, Any] | None:
    """Give where a page begins in a tier; None where all of it was before."""
    if given["key"] is None:
        return {}
    last = -given["key"] // TIER
    if last < tier:
        return None
    if last > tier:
        return {"key": None, "product_id": None}
    return {"key": given["key"] + tier * TIER}


def _lexemes(question: Question) -> tuple[str, ...]:
    return tuple(dict.fromkeys(every(question.words)))


def _matching(question: Question, everything: int, holding: Holding, prefix: str = "") -> int:
    """Give the products that hold all words, each as one of its alternatives."""
    found = everything
    for word in question.words:
        any_one = 0
        for alternative in word:
            whole = everything
            for stem in alternative:
                whole &= holding[prefix + stem]
            any_one |= whole
        found &= any_one
    return found


def _given(  # noqa: PLR0913, PLR0917 - what a page is cut by
    shop: Shop,
    question: Question,
    filters: Filters,
    sort: Sort,
    after: Place | None,
    limit: int,
) -> dict[str, Any]:
    low, high = filters.price_from, filters.price_to
    priced = low is not None or high is not None
    return {
        "tenant_id": shop.tenant_id,
        "asked": together(words_spelt(question), choices_spelt(filters)) or None,
        "named": words_spelt(question, NAME),
        "near": words_spelt(question, NEAR),
        "low": (low or 0) if priced else None,
        "high": min(NO_PRICE if high is None else high, NO_PRICE - 1) if priced else None,
        "sort": sort.value,
        "key": after.key if after is not None else None,
        "product_id": after.product_id if after is not None else None,
        "limit": limit,
    }
