"""SRC-05: a cluster of OpenSearch (a stub) follows the log and is rebuilt beside searches."""

import asyncio
from collections.abc import AsyncGenerator
from copy import deepcopy
from itertools import pairwise
from uuid import UUID

import pytest

from domain.catalog.events import (
    AttributesSet,
    ProductArchived,
    ProductDeleted,
    ProductPublished,
    ProductRestored,
    ProductUnpublished,
)
from domain.catalog.sorting.events import BrandRenamed, CategoryRemoved, CategoryRenamed
from infrastructure.postgres.connections import connect
from infrastructure.projections.checkpoints import first_sight
from infrastructure.projections.projector import run_projector
from infrastructure.search.cluster import Away, Cluster, alias_of
from infrastructure.search.documents import DOCUMENTS, WRITTEN_AT_ONCE, Documents
from infrastructure.search.engine import (
    Filters,
    Found,
    Question,
    Sort,
)
from infrastructure.search.postgres import PostgresSearch
from projections.catalog.listing import CATALOG_LISTING
from tests.kit.lively.shelves import price, product, received
from tests.kit.wallets import ADA_OPENED
from tests.projections.stepping import catch_up, checkpoints, until
from tests.projections.written_logs import Log
from tests.search.clustered import PATIENCE_SECONDS, Mall, clustered
from tests.search.engines import look
from tests.search.stub_opensearch import Fault

pytestmark = pytest.mark.row("SRC-05")

NO_VALKEY = "redis://127.0.0.1:1/0"


@pytest.fixture
async def mall(database_url: str) -> AsyncGenerator[Mall]:
    async with clustered(database_url) as made:
        yield made


async def test_what_the_cluster_finds_follows_the_log_whatever_happens(mall: Mall) -> None:
    seen, index = [await mall.answers(mall.strict)], mall.index
    for change in (
        price("var_0001", 40_000),
        price("var_0001", None),
        received("var_0003", 4),
        received("var_0005", -9),
        AttributesSet("prd_0001", None, {"color": "kilim", "sizes": ("s", "m")}),
        ProductUnpublished("prd_0005"),
        ProductPublished("prd_0005"),
        ProductArchived("prd_0004"),
        ProductRestored("prd_0004"),
        BrandRenamed("brd_pasa", "kilim", "pasabahce", "Kilim"),
        CategoryRenamed("cat_kitap", "bardak", {"tr": "Bardaklar"}),
        CategoryRemoved("cat_ev"),
    ):
        await mall.tell(change)
        await mall.bring()
        seen.append(await mall.answers(mall.strict))
        assert seen[-1] == await mall.answers(PostgresSearch()), change
        assert (mall.position, mall.index) == (len(mall.log.events), index)
    assert sum(one != other for one, other in pairwise(seen)) >= 10


async def test_a_product_that_is_gone_stays_gone_also_for_a_late_writer(mall: Mall) -> None:
    stale = deepcopy(mall.stub.indexes[mall.index].seen["prd_0005"])
    position = mall.position
    await mall.tell(
        ProductUnpublished("prd_0005"), ProductDeleted("prd_0006", "su-bardagi", (), ())
    )
    await mall.bring()
    tenant_id = mall.log.tenant_id
    await mall.cluster.write(tenant_id, [("prd_0005", stale)], position=position, ends=True)
    seen = mall.stub.indexes[mall.index].seen
    assert (seen["prd_0005"], seen["prd_0006"], mall.position) == ({}, {}, position + 2)
    assert await mall.answers(mall.strict) == await mall.answers(PostgresSearch())


class Halting(Cluster):
    """Waits with a filled index until it is told to go on."""

    def __init__(self, mall: Mall) -> None:
        super().__init__(mall.address, "defter:geheim", answer_seconds=PATIENCE_SECONDS)
        self.filled, self.go_on = asyncio.Event(), asyncio.Event()

    async def take_up(self, tenant_id: UUID, index: str) -> None:
        self.filled.set()
        await self.go_on.wait()
        await super().take_up(tenant_id, index)


async def test_a_rebuild_beside_searches_ends_in_another_index_with_the_same_documents(
    mall: Mall,
) -> None:
    before, index, tenant_id = await mall.answers(mall.strict), mall.index, mall.log.tenant_id
    documents = dict(mall.stub.indexes[index].seen)
    mall.stub.indexes[f"{alias_of(tenant_id)}.left"] = deepcopy(mall.stub.indexes[index])
    mall.begin_again()
    halting = Halting(mall)
    async with await connect(mall.url) as connection:
        rebuilding = asyncio.create_task(Documents(halting).advance(connection, tenant_id))
        await halting.filled.wait()
        assert len(mall.stub.indexes) == 3
        assert (await mall.answers(mall.strict), mall.index) == (before, index)
        halting.go_on.set()
        await rebuilding
    assert [*mall.stub.indexes] == [mall.index] != [index]
    assert mall.stub.indexes[mall.index].seen == documents
    assert await mall.answers(mall.strict) == before
    await halting.close()


async def test_nothing_is_seen_of_what_a_cluster_took_only_in_part(mall: Mall) -> None:
    before = await mall.answers(mall.strict)
    position = mall.position
    await mall.tell(price("var_0009", 1))
    mall.stub.fault = Fault.FULL
    with pytest.raises(Away, match="429"):
        await mall.bring()
    mall.stub.fault = None
    assert mall.position == position
    assert checkpoints(mall.url, mall.log.tenant_id)[DOCUMENTS][0] == position
    await mall.bring()
    assert await mall.answers(mall.strict) == await mall.answers(PostgresSearch()) != before


async def test_an_index_that_is_lost_is_filled_and_one_that_was_restored_goes_on(
    mall: Mall,
) -> None:
    alias, old = alias_of(mall.log.tenant_id), deepcopy(mall.stub.indexes[mall.index])
    await mall.tell(price("var_0009", 1))
    await mall.bring()
    index = mall.index
    mall.stub.indexes[index] = old
    assert await mall.answers(mall.engine) == await mall.answers(PostgresSearch())
    await mall.bring(Documents(mall.cluster))
    assert mall.index == index
    expected = await mall.answers(mall.strict)
    assert expected == await mall.answers(PostgresSearch())
    mall.stub.indexes.clear()
    mall.stub.aliases.clear()
    assert await mall.answers(mall.engine) == expected
    await mall.tell(received("var_0001", 1))
    await mall.bring()
    assert mall.index.startswith(f"{alias}.")
    assert await mall.answers(mall.strict) == expected


async def test_an_index_of_a_log_that_was_set_back_is_filled_anew(mall: Mall) -> None:
    index = mall.index
    tenant_id, ahead = mall.log.tenant_id, mall.position + 7
    await mall.cluster.write(tenant_id, [("prd_9999", {})], position=ahead, ends=True)
    await mall.bring(Documents(mall.cluster))
    assert mall.index != index
    assert mall.position == len(mall.log.events)
    assert await mall.answers(mall.strict) == await mall.answers(PostgresSearch())


async def test_a_tenant_without_a_shop_has_no_index_and_others_see_nothing_of_it(
    mall: Mall,
) -> None:
    other = Log()
    other.record([ADA_OPENED])
    other.store(mall.url)
    await catch_up(mall.connection, other.tenant_id, (CATALOG_LISTING,))
    await first_sight(mall.connection, other.tenant_id, [DOCUMENTS])
    await mall.documents.advance(mall.connection, other.tenant_id)
    assert len(mall.stub.indexes) == 1
    assert checkpoints(mall.url, other.tenant_id)[DOCUMENTS][0] == 1
    shop = await look(mall.connection, other.tenant_id)
    found = await mall.engine.search(
        shop, Question(), Filters(), sort=Sort.NEWEST, after=None, limit=9
    )
    assert (found, mall.by("behind")) == (Found((), 0), 1)
    await mall.connection.execute(b"ROLLBACK")


async def test_many_products_are_written_in_parts_and_found_whole(mall: Mall) -> None:
    many = [
        event
        for number in range(1_000, 1_000 + WRITTEN_AT_ONCE + 1)
        for event in product(str(number), f"Defter {number}")
    ]
    await mall.tell(*many)
    await mall.bring()
    [(found, *_)] = followed = await mall.answers(mall.strict, ("defter",))
    assert found.total == WRITTEN_AT_ONCE + 1
    assert followed == await mall.answers(PostgresSearch(), ("defter",))
    index = mall.index
    mall.stub.indexes.clear()
    mall.stub.aliases.clear()
    await mall.bring(Documents(mall.cluster))
    assert mall.index != index
    assert await mall.answers(mall.strict, ("defter",)) == followed


async def test_a_projector_brings_what_it_folded(mall: Mall) -> None:
    stop = asyncio.Event()
    running = asyncio.create_task(
        run_projector(mall.url, NO_VALKEY, stop, behind=Documents(mall.cluster))
    )
    first = len(mall.log.events) + 1
    mall.log.record([price("var_0009", 1)])
    mall.log.store(mall.url, first=first)
    await until(lambda: mall.position == first)
    stop.set()
    await running
    assert await mall.answers(mall.strict) == await mall.answers(PostgresSearch())
