"""Search by PostgreSQL: full text and trigrams in the index of the listing, counting by bits.

Where words are asked for, or few products fit the filters, the index of words finds them and what
is found is sorted. Where many fit, a page is cut from the order itself: nearly each product that
comes by is one of them.
"""

from collections.abc import Collection, Mapping
from typing import Any

from domain.search.analysis import phrase, stems
from domain.search.closeness import closest, slips_of
from infrastructure.search.counting import Counting
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
from infrastructure.search.spelling import begun, spelt, spelt_with
from projections.catalog.searched import BRAND, CATEGORY, INDEX, NAMES, NO_PRICE, WORDS

FEW = 3_000
"""So many products are sorted more quickly than a page of them is met in an order."""

PREFIX_LETTERS_MIN = 2
"""Of the beginning of a word inside a name; names themselves may begin with one letter."""

_COLUMNS = {
    Sort.RELEVANCE: "newest",
    Sort.NEWEST: "newest",
    Sort.CHEAPEST: "cheapest",
    Sort.DEAREST: "dearest",
}

_FOUND = f"""
SELECT product_id, key, total FROM read_models.{INDEX.name}_found(%(tenant_id)s,
    %(asked)s::tsquery, %(named)s::tsquery, %(near)s::tsquery, %(begins)s, %(low)s, %(high)s,
    %(sort)s, %(key)s, %(product_id)s, %(limit)s)
""".encode()  # noqa: S608 - names from code
_IDS = f"SELECT read_models.{INDEX.name}_ids(%s, %s::tsquery)".encode()
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
WHERE tenant_id = %s AND name_key >= %s AND name_key < %s ORDER BY name_key, product_id LIMIT %s
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

    def __init__(self, counting: Counting | None = None) -> None:
        self._counting = counting or Counting()

    async def close(self, shop: Shop, stems: Collection[str]) -> Mapping[str, tuple[str, ...]]:
        """Look for words that share trigrams, and keep those that one or two slips explain."""
        asked = list(stems)
        rows = await (await shop.connection.execute(_KNOWN, (shop.tenant_id, asked))).fetchall()
        lacking = sorted(set(asked).difference(row[0] for row in rows))
        candidates: dict[str, list[str]] = {stem: [] for stem in lacking}
        mistyped = [stem for stem in lacking if slips_of(stem)]
        if mistyped:
            cursor = await shop.connection.execute(_CLOSE, (shop.tenant_id, mistyped))
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
        given = _given(shop, question, filters, sort, after) | {"limit": limit}
        if question.words:
            return await self._sorted(shop, given)
        total = (await self._counting.of(shop)).total(filters)
        if total <= FEW:
            return (await self._sorted(shop, given))._replace(total=total)
        statement = _IN_ORDER[sort, after is not None]
        rows = await (await shop.connection.execute(statement, given)).fetchall()
        return Found(tuple(Place(key, product_id) for product_id, key in rows), total)

    async def facets(
        self, shop: Shop, question: Question, filters: Filters, codes: Collection[str]
    ) -> Facets:
        """Count what the words find, by bits."""
        tally = await self._counting.of(shop)
        if not question.words:
            return tally.facets(filters, codes)
        cursor = await shop.connection.execute(_IDS, (shop.tenant_id, spelt(question)))
        row = await cursor.fetchone()
        return tally.facets(filters, codes, (row[0] or "").split() if row else ())

    async def suggest(self, shop: Shop, prefix: str, *, limit: int) -> Suggested:
        """Look names up that begin so, then those that have such a word further on."""
        begins = phrase(prefix)
        if not begins:
            return Suggested((), (), ())
        named = (shop.tenant_id, begins, begins + LAST_LETTER, limit)
        rows = await (await shop.connection.execute(_NAMED, named)).fetchall()
        products = [row[0] for row in rows]
        if len(products) < limit and len(begins.rpartition(" ")[2]) >= PREFIX_LETTERS_MIN:
            others = await self._inside(shop, begins, limit)
            products = list(dict.fromkeys((*products, *others)))[:limit]
        given = {"tenant_id": shop.tenant_id, "words": f" {begins}", "limit": limit}
        sorted_in = await (await shop.connection.execute(_SORTED_IN, given)).fetchall()
        return Suggested(
            tuple(products),
            tuple(id_ for kind, id_ in sorted_in if kind == CATEGORY),
            tuple(id_ for kind, id_ in sorted_in if kind == BRAND),
        )

    async def _inside(self, shop: Shop, begins: str, limit: int) -> list[str]:
        """Give what is newest of those whose name has a word that begins with the last one."""
        before, _, last = begins.rpartition(" ")
        asked = begun(stems(before), last, next(iter(stems(last)), last))
        given = _given(shop, Question(), Filters(), Sort.NEWEST, None)
        given |= {"asked": asked, "limit": limit}
        common = (shop.tenant_id, last, last + LAST_LETTER)
        row = await (await shop.connection.execute(_COMMON, common)).fetchone()
        if row is None or row[0] <= FEW:
            return [hit.product_id for hit in (await self._sorted(shop, given)).hits]
        rows = await shop.connection.execute(_IN_ORDER[Sort.NEWEST, False], given)
        return [row[0] for row in await rows.fetchall()]

    async def _sorted(self, shop: Shop, given: dict[str, Any]) -> Found:
        rows = await (await shop.connection.execute(_FOUND, given)).fetchall()
        if not rows and given["key"] is not None:
            first = given | {"key": None, "product_id": None, "limit": 1}
            return (await self._sorted(shop, first))._replace(hits=())
        total = rows[0][2] if rows else 0
        return Found(tuple(Place(key, product_id) for product_id, key, _ in rows), total)


def _given(
    shop: Shop, question: Question, filters: Filters, sort: Sort, after: Place | None
) -> dict[str, Any]:
    priced = filters.price_from is not None or filters.price_to is not None
    whole = sort is Sort.RELEVANCE and not question.words
    return {
        "tenant_id": shop.tenant_id,
        "asked": spelt_with(question, filters) or None,
        "named": spelt(question, where="A"),
        "near": spelt(question, where="AB"),
        "begins": question.phrase,
        "low": (filters.price_from or 0) if priced else None,
        "high": min(filters.price_to if filters.price_to is not None else NO_PRICE, NO_PRICE - 1)
        if priced
        else None,
        "sort": (Sort.NEWEST if whole else sort).value,
        "key": after.key if after is not None else None,
        "product_id": after.product_id if after is not None else None,
    }
