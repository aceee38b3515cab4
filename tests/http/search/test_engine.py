"""SRC-04 over HTTP: customers are told the same, whoever looks for it."""

import pytest

from domain.catalog.events import ProductUnpublished
from infrastructure.composition import build_api
from infrastructure.postgres.connections import connect
from infrastructure.projections.checkpoints import first_sight
from infrastructure.search.documents import DOCUMENTS, Documents
from infrastructure.search.opensearch import OpenSearch, answers_in
from infrastructure.search.postgres import PostgresSearch
from tests.http.conftest import settings_for
from tests.http.fakes import TENANT
from tests.http.search.conftest import Shelf
from tests.kit.lively.shelves import price
from tests.search.engines import stubbed

pytestmark = pytest.mark.row("SRC-04")


async def test_who_carries_a_position_is_never_told_an_older_state(shelf: Shelf) -> None:
    services = shelf.api.services

    def by(how: str) -> float:
        told = services.metrics.registry.get_sample_value
        return told("defter_search_answers_total", {"how": how}) or 0

    async with stubbed() as cluster, await connect(shelf.database_url) as connection:
        answers = answers_in(services.metrics.registry)
        engine = OpenSearch(cluster, instead=PostgresSearch(), answers=answers)
        object.__setattr__(services, "search", engine)
        documents = Documents(cluster)

        async def bring() -> None:
            await first_sight(connection, TENANT, [DOCUMENTS])
            await documents.advance(connection, TENANT)

        assert await shelf.names(q="kitap") == ["Çocuk Kitapları", "Kitap Ayracı"]
        assert (by("engine"), by("behind")) == (0, 1)
        await bring()
        assert await shelf.names(q="kitap", sort="price") == ["Kitap Ayracı", "Çocuk Kitapları"]
        assert (by("engine"), by("behind")) == (1, 1)
        await shelf.offer(price("var_0001", 50_000), ProductUnpublished("prd_0003"))
        assert await shelf.names(q="kitap", sort="price") == ["Çocuk Kitapları", "Kitap Ayracı"]
        assert await shelf.names(q="bardak") == []
        assert (by("engine"), by("behind")) == (1, 3)
        await bring()
        found = await shelf.get(q="mavi", facets="attributes.color,price")
        assert (found["total"], found["price"]) == (1, {"lowest": 50_000, "highest": 50_000})
        assert (by("engine"), by("behind"), by("away")) == (3, 3, 0)


async def test_an_api_asks_a_cluster_only_where_the_settings_name_one(
    redis_url: str, database_url: str
) -> None:
    alone = build_api(settings_for(redis_url, database_url=database_url))
    assert (type(alone.search), alone.cluster) == (PostgresSearch, None)
    named = settings_for(
        redis_url,
        database_url=database_url,
        search_engine_url="https://search.example:9200",
        search_engine_key="defter:geheim",
    )
    parts = build_api(named)
    assert isinstance(parts.search, OpenSearch)
    assert parts.cluster is not None
    await parts.cluster.close()
