"""SRC-04: who answers while a cluster of OpenSearch (a stub) is well, behind, away or wrong."""

from collections.abc import AsyncGenerator

import pytest
from structlog.testing import capture_logs

from domain.catalog.events import (
    AttributesSet,
)
from domain.search.asking import asked
from infrastructure.search.cluster import Away, Cluster
from infrastructure.search.documents import DOCUMENTS
from infrastructure.search.engine import (
    Filters,
    Place,
    Question,
    SearchEngine,
    Sort,
)
from infrastructure.search.opensearch import REST_SECONDS, VALUES_MAX
from infrastructure.search.postgres import PostgresSearch
from tests.kit.lively.shelves import price
from tests.kit.wallets import ADA_OPENED
from tests.projections.stepping import checkpoints
from tests.search.clustered import Mall, clustered
from tests.search.engines import look
from tests.search.stub_opensearch import Fault

pytestmark = pytest.mark.row("SRC-04")

OTHERS = {Fault.FULL, Fault.TOO_MUCH}
"""They say nothing about the next question."""


@pytest.fixture
async def mall(database_url: str) -> AsyncGenerator[Mall]:
    async with clustered(database_url) as made:
        yield made


async def test_a_change_that_the_index_has_not_yet_is_told_by_postgresql(mall: Mall) -> None:
    before = await mall.answers(mall.engine)
    assert mall.by("behind") == 0
    await mall.tell(price("var_0009", 1))
    behind = await mall.answers(mall.engine)
    assert behind == await mall.answers(PostgresSearch()) != before
    assert mall.by("behind") == 15
    await mall.bring()
    assert await mall.answers(mall.strict) == behind


async def test_what_concerns_no_product_leaves_the_index_as_fresh_as_it_is(mall: Mall) -> None:
    position = mall.position
    await mall.tell(ADA_OPENED)
    assert await mall.answers(mall.strict) == await mall.answers(PostgresSearch())
    searches = mall.stub.searches
    await mall.bring()
    assert (mall.position, mall.stub.searches) == (position, searches)
    assert checkpoints(mall.url, mall.log.tenant_id)[DOCUMENTS][0] == position + 1


@pytest.mark.parametrize("fault", [one for one in Fault if one not in OTHERS])
async def test_while_a_cluster_is_away_or_wrong_postgresql_answers_and_it_is_told_once(
    mall: Mall, fault: Fault
) -> None:
    expected = await mall.answers(PostgresSearch())
    mall.stub.fault, mall.stub.searches = fault, 0
    with capture_logs() as logs:
        assert await mall.answers(mall.engine) == expected
        assert mall.by("away") == 15
        mall.now += REST_SECONDS
        assert await mall.answers(mall.engine) == expected
        mall.stub.fault = None
        assert await mall.answers(mall.engine) == expected
        assert mall.by("engine") == 0
        mall.now += REST_SECONDS
        assert await mall.answers(mall.engine) == expected
    assert mall.by("engine") > 0
    assert [line["event"] for line in logs] == ["search_engine_away", "search_engine_back"]


async def test_a_question_that_is_refused_says_nothing_about_the_next_one(mall: Mall) -> None:
    mall.stub.fault = Fault.TOO_MUCH
    assert await mall.answers(mall.engine) == await mall.answers(PostgresSearch())
    assert (mall.by("refused"), mall.by("away")) == (15, 0)
    mall.stub.fault = None
    assert await mall.answers(mall.engine) == await mall.answers(PostgresSearch())
    assert mall.by("engine") > 0


async def test_a_wrong_key_and_an_address_where_nobody_is_are_faults_as_well(mall: Mall) -> None:
    for url, key in (("http://127.0.0.1:1", None), (mall.address, "x:y"), (mall.address, None)):
        cluster = Cluster(url, key)
        engine = mall.asking(cluster, PostgresSearch())
        assert await mall.answers(engine) == await mall.answers(PostgresSearch())
        with pytest.raises(Away):
            await cluster.search(mall.log.tenant_id, {"size": 0})
        await cluster.close()


async def test_a_page_of_one_engine_follows_that_of_the_other(mall: Mall) -> None:
    shop = await look(mall.connection, mall.log.tenant_id)
    for sort in Sort:
        for text in ("", "mavi"):
            question, after = Question(asked(text, {})), None
            leafed: list[Place] = []
            engines: tuple[SearchEngine, ...] = (mall.strict, PostgresSearch(few=0))
            whole = await engines[1].search(
                shop, question, Filters(), sort=sort, after=None, limit=100
            )
            while len(leafed) < whole.total:
                engine = engines[len(leafed) % 2]
                page = await engine.search(
                    shop, question, Filters(), sort=sort, after=after, limit=1
                )
                leafed += page.hits
                after = page.hits[-1]
            assert tuple(leafed) == whole.hits
    await mall.connection.execute(b"ROLLBACK")


async def test_more_values_than_a_cluster_tells_are_counted_by_postgresql(mall: Mall) -> None:
    sizes = tuple(f"{number:04}" for number in range(VALUES_MAX + 1))
    await mall.tell(AttributesSet("prd_0001", None, {"sizes": sizes}))
    await mall.bring()
    [(_, counted, _)] = await mall.answers(mall.engine, ("kitap",))
    assert len(counted.counts["attributes.sizes"]) == VALUES_MAX + 1
    assert mall.by("behind") == 0
