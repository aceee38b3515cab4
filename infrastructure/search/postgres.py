"""Search by PostgreSQL: full text and trigrams in the index of the listing, counted in columns.

The index says which products a word stands in; what is kept of it in this process filters, counts
and sorts them. Beginnings of words are no words that are kept: few products that have one are found
by the index and sorted, many are met in the order of the newest before long.
"""

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import text

from domain.search.analysis import every, phrase, stems
from domain.search.closeness import closest, slips_of
from infrastructure.postgres.asking import ask
from infrastructure.search.counting import Counting, Holding
from infrastructure.search.engine import (
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
from infrastructure.search.spelling import begun, choices_spelt, together
from infrastructure.search.tallies import Page
from projections.catalog.cards import by_kind, sorters_begun
from projections.catalog.searched import INDEX, NAME, NEAR, WORDS
from projections.query import Query, Rows

FEW = 1_000
"""So many products are sorted more quickly than a page of them is met in an order."""

PREFIX_LETTERS_MIN = 2
"""Of the beginning of a word inside a name; names themselves may begin with one letter."""

_FOUND = Query(
    text(f"""
SELECT product_id FROM read_models.{INDEX.name}_found(:tenant_id,
    CAST(:asked AS tsquery), NULL, NULL, NULL, NULL, 'newest', NULL, NULL, :limit)
""")  # noqa: S608 - names from code
)
_IN_ORDER = Query(
    text(f"""
SELECT product_id FROM read_models.{INDEX.name}
WHERE tenant_id = :tenant_id AND words @@ CAST(:asked AS tsquery)
ORDER BY newest, product_id LIMIT :limit
""")  # noqa: S608 - as above
)
_KNOWN = Query(
    text(f"""
SELECT word FROM read_models.{WORDS.name}
WHERE tenant_id = :tenant_id AND word = ANY(CAST(:words AS text[]))
""")  # noqa: S608 - as above
)
_CLOSE = Query(
    text(f"""
SELECT asked, word FROM read_models.{WORDS.name}_close(:tenant_id, CAST(:words AS text[]))
""")  # noqa: S608 - as above
)
_COMMON = Query(
    text(f"""
SELECT CAST(coalesce(sum(told), 0) AS bigint) FROM read_models.{WORDS.name}
WHERE tenant_id = :tenant_id AND word >= :begins AND word < :ends
""")  # noqa: S608 - as above
)
_NAMED = Query(
    text(f"""
SELECT product_id FROM read_models.{INDEX.name}
WHERE tenant_id = :tenant_id AND name_key >= :begins AND name_key < :ends
    AND (CAST(:asked AS tsquery) IS NULL OR words @@ CAST(:asked AS tsquery))
ORDER BY name_key, product_id LIMIT :limit
""")  # noqa: S608 - as above
)

LAST_LETTER = "\U0010ffff"
"""Comes after whatever a word goes on with."""


class PostgresSearch:
    """The default engine."""

    def __init__(self, *, few: int = FEW) -> None:
        self._counting = Counting()
        self._few = few

    async def prepare(self, tenant_id: UUID, look: Looking) -> None:
        """Read what is counted by."""
        await self._counting.prepare(tenant_id, look)

    async def close(self, shop: Shop, stems: Collection[str]) -> Mapping[str, tuple[str, ...]]:
        """Look for words that share trigrams, and keep those that one or two slips explain."""
        knows = self._counting.knows
        asked = [stem for stem in stems if slips_of(stem) and not knows(shop.tenant_id, stem)]
        if not asked:
            return {}
        rows = await _rows(shop, _KNOWN, words=asked)
        lacking = sorted(set(asked).difference(row[0] for row in rows))
        candidates: dict[str, list[str]] = {stem: [] for stem in lacking}
        if lacking:
            for stem, word in await _rows(shop, _CLOSE, words=lacking):
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
        """Cut a page; words of names come before those around them, and these before all others."""
        stems, tiers = _lexemes(question), ()
        if sort is Sort.RELEVANCE and stems:
            tiers = (NAME, NEAR)
        lexemes = [prefix + stem for prefix in ("", *tiers) for stem in stems]
        tally, holding = await self._counting.of(shop, lexemes)
        among, *better = (
            _matching(question, tally.every, holding, prefix) for prefix in ("", *tiers)
        )
        return tally.find(filters, among, Page(sort, limit, after, better))

    async def facets(
        self, shop: Shop, question: Question, filters: Filters, codes: Collection[str]
    ) -> Facets:
        """Count what is left by all other choices."""
        tally, holding = await self._counting.of(shop, _lexemes(question))
        return tally.facets(filters, codes, _matching(question, tally.every, holding))

    async def suggest(self, shop: Shop, prefix: str, filters: Filters, *, limit: int) -> Suggested:
        """Look names up that begin so, then those that have such a word further on."""
        begins = phrase(prefix)
        if not begins:
            return Suggested((), (), ())
        before, _, last = begins.rpartition(" ")
        chosen = choices_spelt(filters)
        named, ((common,),), sorters = await ask(
            shop.connection,
            _NAMED.with_values(
                tenant_id=shop.tenant_id,
                begins=begins,
                ends=begins + LAST_LETTER,
                asked=chosen or None,
                limit=limit,
            ),
            _COMMON.with_values(tenant_id=shop.tenant_id, begins=last, ends=last + LAST_LETTER),
            sorters_begun(shop.tenant_id, begins, limit),
        )
        products = [row[0] for row in named]
        if len(products) < limit and len(last) >= PREFIX_LETTERS_MIN:
            inside = begun(stems(before), last, next(iter(stems(last)), last))
            query = _FOUND if common <= self._few else _IN_ORDER
            others = await _rows(shop, query, asked=together(inside, chosen), limit=limit)
            products = list(dict.fromkeys((*products, *(row[0] for row in others))))[:limit]
        return Suggested(tuple(products), *by_kind(sorters))


async def _rows(shop: Shop, query: Query, **values: Any) -> Rows:  # noqa: ANN401 - a question's
    whole = {"tenant_id": shop.tenant_id} | values
    (rows,) = await ask(shop.connection, query.with_values(**whole))
    return rows


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
