"""Find products by words and filters, and count what else could be chosen (SRC-01 to SRC-03)."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, TypeAlias

import msgspec
from pydantic import BaseModel, Field

from domain.search.analysis import every
from domain.search.asking import Meanings, asked, corrected
from infrastructure.search.asked import Searched
from infrastructure.search.engine import Facets, Shop
from infrastructure.search.engine import Question as Wanted
from interfaces.http.catalog.filtered import prepared, trees_of, with_trees
from interfaces.http.catalog.listing import CardView
from interfaces.http.catalog.locales import locale_of
from interfaces.http.catalog.window import SORTED, shown_after_looks
from interfaces.http.edge.exchange import Exchange, PrincipalKind
from interfaces.http.parts import View
from interfaces.http.routing.query import Answer, QueryRoute, Question
from interfaces.http.search.asking import (
    Close,
    SearchParams,
    codes_of,
    cursor_after,
    filters_of,
    place_and_close,
)
from projections.catalog.cards import cards_of, in_order, named, sorters_named
from projections.catalog.searched import BRAND, CATEGORY
from projections.query import Rows
from projections.search.synonyms import VERSION

VALUES_MAX = 100
"""Of each facet, those with the most products."""

NAMED = frozenset((BRAND, CATEGORY))
Values: TypeAlias = Sequence[tuple[str, int]]
_TOTAL = b'{"total":'


class FacetValueView(BaseModel):
    """How many products there would be with this value, those of categories below it counted in."""

    value: str = Field(examples=["brd_01k3xq8m5w"])
    name: str | None = Field(description="Of brands and categories", examples=["Paşabahçe"])
    count: int


class PriceSpanView(BaseModel):
    """Between which prices products are, in minor units."""

    lowest: int
    highest: int


class CorrectionView(BaseModel):
    """What was taken for a word that nothing is told with, as stems."""

    word: str = Field(examples=["ayakkbi"])
    taken_for: list[str] = Field(examples=[["ayakkap"]])


class SearchView(BaseModel):
    """A page of what was found. `total` is the number of products on all pages."""

    total: int
    items: list[CardView]
    next_cursor: str | None
    facets: dict[str, list[FacetValueView]]
    price: PriceSpanView | None
    corrections: list[CorrectionView]


async def _search(question: Question[SearchParams]) -> Answer:
    """Words are found however they are inflected, and where a letter is wrong what was meant.

    Facets are counted as if nothing of their own were chosen. A publishable key is enough.
    """
    exchange, params = question.exchange, question.params
    locale, filters, codes = (
        locale_of(exchange, params.locale),
        filters_of(params),
        codes_of(params),
    )

    tenant_id = exchange.principal.tenant_id
    beginning = (VERSION.with_values(tenant_id=tenant_id), *trees_of(exchange, filters))

    async def make(view: View, told: Sequence[Rows]) -> bytes:
        versions, *trees = told
        engine = exchange.services.search
        shop = Shop(tenant_id, view.connection, view.position)
        words = asked(params.q, await _meanings(exchange, shop, versions)) if params.q else ()
        if params.cursor is not None:
            after, close = place_and_close(params.cursor, words)
        else:
            after, close = (
                None,
                dict(await engine.close(shop, tuple(every(words))) if words else {}),
            )
        wanted = Wanted(corrected(words, close))
        within = with_trees(filters, trees)
        found = await engine.search(
            shop, wanted, within, sort=params.sort, after=after, limit=params.limit + 1
        )
        hits = found.hits[: params.limit]
        more = cursor_after(hits[-1], close) if len(found.hits) > params.limit else None
        ids = [hit.product_id for hit in hits]
        counted = await engine.facets(shop, wanted, within, codes) if codes else Facets({})
        most = {code: _most(values) for code, values in counted.counts.items()}
        sorters = [value for code in NAMED.intersection(most) for value, _ in most[code]]
        cards, names = await view.last(
            cards_of(tenant_id, ids, locale), sorters_named(tenant_id, sorters, locale)
        )
        answer = {
            "total": found.total,
            "items": [msgspec.Raw(card.encode()) for card in in_order(ids, cards)],
            "next_cursor": more,
            "facets": _told(most, names),
            "price": counted.prices
            and dict(zip(("lowest", "highest"), counted.prices, strict=True)),
            "corrections": _corrections(close),
        }
        return msgspec.json.encode(answer)

    await prepared(exchange)
    answer = await shown_after_looks(question, locale, make, asked=beginning, read_models=SORTED)
    if params.cursor is None and params.q.strip():
        _note(exchange, params.q, answer.body)
    return answer


async def _meanings(exchange: Exchange, shop: Shop, versions: Rows) -> Meanings:
    return await exchange.services.meanings.of(shop, versions[0][0] if versions else 0)


def _told(most: Mapping[str, Values], sorters: Rows) -> dict[str, list[dict[str, Any]]]:
    names = named(sorters)
    return {
        code: [
            {"value": value, "name": names.get((code, value), {}).get("name"), "count": count}
            for value, count in values
        ]
        for code, values in most.items()
    }


def _most(values: Mapping[str, int]) -> Values:
    return sorted(values.items(), key=lambda one: (-one[1], one[0]))[:VALUES_MAX]


def _corrections(close: Close) -> list[dict[str, Any]]:
    return [{"word": word, "taken_for": found} for word, found in close.items() if found]


def _note(exchange: Exchange, text: str, body: object) -> None:
    if not isinstance(body, bytes) or not body.startswith(_TOTAL):
        return  # it was no news to whoever asked
    principal = exchange.principal
    customer = principal.actor_id if principal.kind is PrincipalKind.CUSTOMER else None
    total = int(body[len(_TOTAL) : body.index(b",")])
    exchange.services.asked_terms.note(
        Searched(principal.tenant_id, datetime.now(UTC), text.strip(), total, customer)
    )


SEARCH = QueryRoute(
    "/api/search",
    SearchParams,
    _search,
    permission=None,
    keyed=True,
    result=SearchView,
    summary="Find products by words and filters",
    name="search_products",
)
