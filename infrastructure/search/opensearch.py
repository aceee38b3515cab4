"""Search by a cluster that speaks OpenSearch's protocol, and by PostgreSQL wherever it can not.

An answer holds if nothing of the listing changed between where the cluster's index stands and the
look that is asked in. Otherwise, and while the cluster is away, slow or wrong, PostgreSQL answers
the same: orders and their keys are the same numbers, so a page may follow one of the other engine.
Words close to mistyped ones, the names of brands and categories, and the facet of categories are
PostgreSQL's in any case.
"""

import re
import time
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any
from uuid import UUID

import structlog
from prometheus_client import CollectorRegistry, Counter

from domain.search.analysis import phrase, stems
from infrastructure.postgres.asking import ask
from infrastructure.search.cluster import Answer, Away, Cluster, Hit, Json, NoIndex, Refused
from infrastructure.search.engine import (
    EVERYWHERE,
    PRICE,
    Facets,
    Filters,
    Found,
    Looking,
    Place,
    Question,
    SearchEngine,
    Shop,
    Sort,
    Suggested,
)
from infrastructure.search.postgres import PREFIX_LETTERS_MIN
from projections.catalog import listing
from projections.catalog.cards import by_kind, sorters_begun
from projections.catalog.searched import CATEGORY, NAME, NEAR
from projections.catalog.searching import TIER

REST_SECONDS = 5.0
"""A cluster that failed is not asked again for so long."""

VALUES_MAX = 1_000
"""Of a code; PostgreSQL counts those that have more."""

_ORDERS = {Sort.NEWEST: "newest", Sort.CHEAPEST: "cheapest", Sort.DEAREST: "dearest"}
_PUBLISHED: Json = {"exists": {"field": "product_id"}}

_log = structlog.get_logger(__name__)


def answers_in(registry: CollectorRegistry) -> Counter:
    """Begin to count who answers: the `engine`, or PostgreSQL and why."""
    return Counter(
        "defter_search_answers",
        "Questions by who answered: the engine, or PostgreSQL as it was behind, away or refused",
        ("how",),
        registry=registry,
    )


class OpenSearch:
    """Asks the cluster first; `answers` counts who answered."""

    def __init__(
        self,
        cluster: Cluster,
        *,
        instead: SearchEngine,
        answers: Counter,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._cluster = cluster
        self._instead = instead
        self._answers = answers
        self._clock = clock
        self._rests_until: float | None = None
        """While the cluster is away."""

    async def prepare(self, tenant_id: UUID, look: Looking) -> None:
        """Let PostgreSQL do so, which may have to answer."""
        await self._instead.prepare(tenant_id, look)

    async def close(self, shop: Shop, stems: Collection[str]) -> Mapping[str, tuple[str, ...]]:
        """Ask PostgreSQL, which knows every word."""
        return await self._instead.close(shop, stems)

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
        """Sort by a number and the id; by relevance first by the tier, which is the score."""
        by_tiers = sort is Sort.RELEVANCE and bool(question.words)
        order = _ORDERS.get(sort, _ORDERS[Sort.NEWEST])
        query = _query(question, filters)
        body: dict[str, Any] = {"query": query, "size": limit, "sort": _by(order)}
        if by_tiers:
            tiers = [_holding(question, prefix) for prefix in (NAME, NEAR)]
            query["bool"]["should"] = [_score(tier) for tier in tiers]
            body["sort"] = [{"_score": "desc"}, *body["sort"]]
        if after is not None:
            body["search_after"] = _split(after) if by_tiers else list(after)
        answer = await self._ask(shop, body)
        if answer is None:
            return await self._instead.search(
                shop, question, filters, sort=sort, after=after, limit=limit
            )
        return Found(tuple(_place(hit) for hit in answer.hits), answer.total)

    async def facets(
        self, shop: Shop, question: Question, filters: Filters, codes: Collection[str]
    ) -> Facets:
        """Count each code among what all the other choices leave.

        Of categories PostgreSQL does: which stands above which is not in the documents, so that
        moving one changes none of them.
        """
        if CATEGORY in codes:
            others = [code for code in codes if code != CATEGORY]
            counted = await self._instead.facets(shop, question, filters, (CATEGORY,))
            if not others:
                return counted
            found = await self.facets(shop, question, filters, others)
            return Facets({**found.counts, **counted.counts}, found.prices)
        chosen = _chosen(filters)
        asked = {
            code: {
                "filter": _all(one for other, one in chosen.items() if other != code),
                "aggs": _SPAN if code == PRICE else _values(code),
            }
            for code in codes
        }
        # A code may hold what no name of an aggregation may.
        aggs = {str(number): one for number, one in enumerate(asked.values())}
        body = {"query": _query(question, Filters()), "size": 0, "aggs": aggs}
        answer = await self._ask(shop, body)
        found = _counts(answer, tuple(asked)) if answer is not None else None
        return found or await self._instead.facets(shop, question, filters, codes)

    async def suggest(self, shop: Shop, prefix: str, filters: Filters, *, limit: int) -> Suggested:
        """Look names up that begin so, then those that have such a word further on."""
        begins = phrase(prefix)
        if not begins:
            return Suggested((), (), ())
        before, _, last = begins.rpartition(" ")
        asked = [({"prefix": {"name_key": begins}}, "name_key")]
        if len(last) >= PREFIX_LETTERS_MIN:
            inside = [_term(NAME + one) for one in stems(before)]
            stem = next(iter(stems(last)), last)
            inside.append(_any(({"prefix": {"words": NAME + last}}, _term(NAME + stem))))
            asked.append((_all(inside), "newest"))
        products: dict[str, None] = {}
        for named, order in asked:
            query = _query(Question(), filters)
            query["bool"]["filter"].append(named)
            answer = await self._ask(shop, {"query": query, "size": limit, "sort": _by(order)})
            if answer is None:
                return await self._instead.suggest(shop, prefix, filters, limit=limit)
            products |= dict.fromkeys(hit.sort[-1] for hit in answer.hits)
        (sorters,) = await ask(shop.connection, sorters_begun(shop.tenant_id, begins, limit))
        return Suggested(tuple(products)[:limit], *by_kind(sorters))

    async def _ask(self, shop: Shop, body: Json) -> Answer | None:
        """Give what the cluster answers, or None for whom PostgreSQL has to."""
        if self._rests_until is not None:
            if self._clock() < self._rests_until:
                return self._told("away")
            self._rest()  # one asks whether it is back, and the others go on without
        rows = await listing.CHANGED.tuples(shop.connection, tenant_id=shop.tenant_id)
        changed = rows[0][0] if rows else 0
        try:
            answer = await self._cluster.search(shop.tenant_id, body)
        except NoIndex:
            answer = None
        except Refused:
            return self._told("refused")
        except Away as fault:
            if self._rests_until is None:
                _log.warning("search_engine_away", error=str(fault))
            self._rest()
            return self._told("away")
        if self._rests_until is not None:
            self._rests_until = None
            _log.info("search_engine_back")
        if answer is None or answer.position is None or answer.position < changed:
            return self._told("behind")
        self._told("engine")
        return answer

    def _rest(self) -> None:
        self._rests_until = self._clock() + REST_SECONDS

    def _told(self, how: str) -> None:
        self._answers.labels(how).inc()


def _query(question: Question, filters: Filters) -> dict[str, Any]:
    """Say what products must be."""
    holding = _holding(question)["bool"]["filter"]
    return {"bool": {"filter": [_PUBLISHED, *holding, *_chosen(filters).values()]}}


def _chosen(filters: Filters) -> dict[str, Json]:
    """Give for each code, and for the price, what it asks of products."""
    chosen: dict[str, Json] = {}
    for code, values in filters.choices.items():
        allowed = (*values, EVERYWHERE) if code == "channel" else values
        chosen[code] = {"terms": {"words": [f"{code}={value}" for value in allowed]}}
    low, high = filters.price_from, filters.price_to
    if (low, high) != (None, None):
        limits = {"gte": low or 0} | ({} if high is None else {"lte": high})
        chosen[PRICE] = {"range": {PRICE: limits}}
    return chosen


def _holding(question: Question, prefix: str = "") -> dict[str, Any]:
    """Ask for all words, each as one of its alternatives."""
    return _all(
        _any(_all(_term(prefix + stem) for stem in alternative) for alternative in word)
        for word in question.words
    )


def _all(parts: Iterable[Json]) -> dict[str, Any]:
    return {"bool": {"filter": list(parts)}}


def _any(parts: Iterable[Json]) -> Json:
    return {"bool": {"should": list(parts), "minimum_should_match": 1}}


def _term(word: str) -> Json:
    return {"term": {"words": word}}


def _score(holding: Json) -> Json:
    return {"constant_score": {"filter": holding, "boost": 1}}


def _by(order: str) -> list[Json]:
    return [{order: "asc"}, {"product_id": "asc"}]


def _split(after: Place) -> list[int | str]:
    """Give the tier, the publication and the id of a place among tiers."""
    tier = -after.key // TIER
    return [tier, after.key + tier * TIER, after.product_id]


def _place(hit: Hit) -> Place:
    """Put a tier, if it was sorted by them, and the number together."""
    *tier, number, product_id = hit.sort
    return Place(number - sum(map(int, tier)) * TIER, product_id)


_SPAN: Json = {"lowest": {"min": {"field": "price"}}, "highest": {"max": {"field": "price"}}}


def _values(code: str) -> Json:
    include = re.sub(r"([^a-z0-9_])", r"\\\1", f"{code}=") + ".*"
    return {"values": {"terms": {"field": "facets", "include": include, "size": VALUES_MAX}}}


def _counts(answer: Answer, codes: Collection[str]) -> Facets | None:
    """Read what was counted; None if there are more values than were told."""
    prices = None
    counts: dict[str, dict[str, int]] = {}
    for number, code in enumerate(codes):
        counted = answer.counted[str(number)]
        if code == PRICE:
            lowest, highest = counted.lowest.value, counted.highest.value
            prices = None if lowest is None or highest is None else (int(lowest), int(highest))
            continue
        if counted.values.sum_other_doc_count:
            return None
        buckets = counted.values.buckets
        counts[code] = {one.key.removeprefix(f"{code}="): one.doc_count for one in buckets}
    return Facets(counts, prices)
