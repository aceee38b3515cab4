"""A small shop for every engine: what it sells, and how a test asks for it."""

from collections.abc import AsyncGenerator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from hypothesis import strategies as st
from prometheus_client import CollectorRegistry

from domain.catalog.events import AttributesSet, ChannelsChosen
from domain.catalog.sorting.events import BrandAdded, CategoryAdded
from domain.kernel.events import Event
from domain.search.analysis import every
from domain.search.asking import asked, corrected, meanings_of
from domain.search.events import Synonyms
from infrastructure.postgres.pipelines import PipelinedConnection
from infrastructure.projections.checkpoints import begin, first_sight
from infrastructure.search.cluster import Cluster
from infrastructure.search.documents import DOCUMENTS, Documents
from infrastructure.search.engine import (
    Facets,
    Filters,
    Found,
    Place,
    Question,
    SearchEngine,
    Shop,
    Sort,
    Suggested,
)
from infrastructure.search.memory import Product
from infrastructure.search.opensearch import OpenSearch, answers_in
from infrastructure.search.postgres import PostgresSearch
from projections.catalog.listing import CATALOG_LISTING
from projections.catalog.sorting.categories import CATALOG_CATEGORIES
from tests.kit.lively.shelves import product as told
from tests.kit.receiver import receiving
from tests.projections.written_logs import START, Log
from tests.search.stub_opensearch import StubOpenSearch

CATEGORIES = {
    "cat_ev": "Ev ve Yaşam",
    "cat_dis": "Dış Mekân",
    "cat_ayakkabi": "Ayakkabı",
    "cat_kitap": "Kitaplar",
}
ABOVE = {"cat_dis": "cat_ev", "cat_ayakkabi": "cat_dis"}
"""Which category each is below."""

BRANDS = {"brd_pasa": "Paşabahçe", "brd_adi": "Adım Adım"}


@dataclass(frozen=True)
class Article:
    """What a test says of a product."""

    number: str
    name: str
    price: int = 1_000
    quantity: int = 5
    categories: tuple[str, ...] = ()
    brand_id: str | None = None
    color: str | None = None
    channels: tuple[str, ...] = ()

    def events(self) -> Sequence[Event]:
        product_id = f"prd_{self.number}"
        *first, published = told(
            self.number,
            self.name,
            minor=self.price,
            quantity=self.quantity,
            categories=self.categories,
            brand_id=self.brand_id,
        )
        color = (
            [] if self.color is None else [AttributesSet(product_id, None, {"color": self.color})]
        )
        channels = [ChannelsChosen(product_id, self.channels)] if self.channels else []
        return (*first, *color, *channels, published)

    def in_memory(self, published: int) -> Product:
        facets = {f"category={one}" for one in self.categories}
        facets |= {f"channel={one}" for one in self.channels or ("*",)}
        facets.add(f"in_stock={'true' if self.quantity > 0 else 'false'}")
        if self.brand_id is not None:
            facets.add(f"brand={self.brand_id}")
        if self.color is not None:
            facets.add(f"attributes.color={self.color}")
        names = [CATEGORIES[one] for one in self.categories]
        names += [BRANDS[self.brand_id]] if self.brand_id else []
        features = f"{self.color or ''} sku{self.number}"
        return Product(
            f"prd_{self.number}",
            self.name,
            published,
            self.price,
            frozenset(facets),
            " ".join(names),
            features,
        )


SHELF = (
    Article("0001", "Kitap Ayracı", 500, categories=("cat_kitap",), color="mavi"),
    Article("0002", "Ayaklı Kitaplık", 90_000, categories=("cat_ev",), color="yeşil"),
    Article("0003", "Çocuk Kitapları Seti", 25_000, 0, ("cat_kitap",), "brd_adi"),
    Article("0004", "Kırmızı Spor Ayakkabı", 150_000, 3, ("cat_ayakkabi",), "brd_adi", "kırmızı"),
    Article("0005", "İnce Belli Bardak 500 ml", 7_500, 9, ("cat_ev",), "brd_pasa", "mavi"),
    Article("0006", "Su Bardağı 250ml", 6_000, 0, ("cat_ev",), "brd_pasa", "kırmızı"),
    Article("0007", "T-shirt Pamuklu", 20_000, channels=("web",), color="kırmızı"),
    Article(
        "0008", "Bahçe Ayakkabısı", 40_000, categories=("cat_ayakkabi", "cat_dis"), color="yeşil"
    ),
    Article("0009", "Kaplan Desenli Halı", 400_000, 2, ("cat_ev",), "brd_pasa", channels=("pos",)),
)


COLORS = ("kırmızı", "mavi", "yeşil")

ARTICLES = st.lists(
    st.builds(
        Article,
        st.just(""),
        st.lists(
            st.sampled_from(["Kırmızı", "kalem", "Kalemlik", "Büyük", "kutu", "su"]),
            min_size=1,
            max_size=3,
        ).map(" ".join),
        st.integers(0, 40),
        st.integers(0, 1),
        st.lists(st.sampled_from(sorted(CATEGORIES)), max_size=3, unique=True).map(tuple),
        st.sampled_from([None, *BRANDS]),
        st.sampled_from([None, *COLORS]),
        st.sampled_from([(), ("web",), ("pos",), ("pos", "web")]),
    ),
    min_size=1,
    max_size=12,
).map(lambda found: [replace(one, number=f"{n:04}") for n, one in enumerate(found)])


def below(above: Mapping[str, str], category_id: str) -> set[str]:
    """Give a category and all that are below it."""
    own = {one for one, parent in above.items() if parent == category_id}
    return {category_id}.union(*(below(above, one) for one in own))


WINDOW = (CATALOG_LISTING, CATALOG_CATEGORIES)
"""The read models that are searched."""


class Engines:
    """The same shop behind one engine or another."""

    def __init__(self, engine: SearchEngine, shop: Shop) -> None:
        self.engine, self.shop = engine, shop

    async def question(self, text: str, *groups: Synonyms) -> Question:
        words = asked(text, meanings_of(groups))
        close = await self.engine.close(self.shop, tuple(every(words)))
        return Question(corrected(words, close))

    async def found(  # noqa: PLR0917 - as a question is told
        self,
        text: str = "",
        filters: Filters | None = None,
        sort: Sort = Sort.RELEVANCE,
        after: Place | None = None,
        limit: int = 50,
        groups: Sequence[Synonyms] = (),
    ) -> Found:
        question = await self.question(text, *groups)
        return await self.engine.search(
            self.shop, question, filters or Filters(), sort=sort, after=after, limit=limit
        )

    async def names(self, text: str = "", *groups: Synonyms) -> set[str]:
        found = await self.found(text, groups=groups)
        assert found.total == len(found.hits)
        names = {f"prd_{one.number}": one.name for one in SHELF}
        return {names[hit.product_id] for hit in found.hits}

    async def facets(
        self, codes: Sequence[str], text: str = "", filters: Filters | None = None
    ) -> Facets:
        question = await self.question(text)
        return await self.engine.facets(self.shop, question, filters or Filters(), codes)

    async def suggest(self, prefix: str, limit: int = 5) -> Suggested:
        return await self.engine.suggest(
            self.shop, prefix, Filters({"channel": ("web",)}), limit=limit
        )


def on_shelves(
    log: Log, articles: Sequence[Article], above: Mapping[str, str] = ABOVE
) -> list[Product]:
    """Put articles into a log; gives them as they stand in memory."""
    log.record(
        CategoryAdded(id_, above.get(id_), id_, {"tr": name}) for id_, name in CATEGORIES.items()
    )
    log.record(BrandAdded(id_, id_, name) for id_, name in BRANDS.items())
    products: list[Product] = []
    for article in articles:
        log.record(article.events())
        at = START + timedelta(seconds=len(log.events))
        products.append(article.in_memory(int(at.timestamp()) * 1_000_000))
    return products


async def look(connection: PipelinedConnection, tenant_id: UUID) -> Shop:
    await begin(connection, tenant_id)
    row = await (
        await connection.execute(
            "SELECT position FROM defter.checkpoints WHERE tenant_id = %s AND projection = %s",
            (tenant_id, CATALOG_LISTING.key),
        )
    ).fetchone()
    return Shop(tenant_id, connection, row[0] if row else 0)


PATIENCE_SECONDS = 10.0
"""Nobody waits for a cluster so long; machines that run tests are busy."""


class OnlyWords(PostgresSearch):
    """Knows words and the tree of categories, and finds no products: that is for the cluster."""

    async def search(self, *_asked: Any, **_cut: Any) -> Found:  # noqa: ANN401 - as the port says
        raise AssertionError("the cluster was to answer")

    async def facets(
        self, shop: Shop, question: Question, filters: Filters, codes: Collection[str]
    ) -> Facets:
        assert set(codes) == {"category"}, "the cluster was to answer"
        return await super().facets(shop, question, filters, codes)

    async def suggest(self, *_asked: Any, **_cut: Any) -> Suggested:  # noqa: ANN401 - as above
        raise AssertionError("the cluster was to answer")


@asynccontextmanager
async def stubbed() -> AsyncGenerator[Cluster]:
    """Run a stub of a cluster, and reach it."""
    async with receiving() as receiver:
        receiver.answer = StubOpenSearch().answer
        url = receiver.url.removesuffix("/hook")
        cluster = Cluster(url, "defter:geheim", answer_seconds=PATIENCE_SECONDS)
        try:
            yield cluster
        finally:
            await cluster.close()


async def brought(connection: PipelinedConnection, tenant_id: UUID, cluster: Cluster) -> OpenSearch:
    """Let a cluster catch up with the read models, and be asked alone."""
    await first_sight(connection, tenant_id, [DOCUMENTS])
    await Documents(cluster).advance(connection, tenant_id)
    return OpenSearch(cluster, instead=OnlyWords(), answers=answers_in(CollectorRegistry()))
