"""A shop whose products stand in a cluster (a stub of one), too."""

import re
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import psycopg
from prometheus_client import CollectorRegistry

from domain.kernel.events import Event
from domain.search.asking import asked
from infrastructure.postgres.connections import connect
from infrastructure.postgres.pipelines import PipelinedConnection
from infrastructure.projections.checkpoints import first_sight
from infrastructure.search.cluster import POSITION, Cluster, alias_of
from infrastructure.search.documents import DOCUMENTS, Documents
from infrastructure.search.engine import (
    Facets,
    Filters,
    Found,
    Question,
    SearchEngine,
    Sort,
    Suggested,
)
from infrastructure.search.opensearch import OpenSearch, answers_in
from infrastructure.search.postgres import PostgresSearch
from projections.catalog.listing import CATALOG_LISTING
from tests.kit.receiver import receiving
from tests.projections.stepping import catch_up
from tests.projections.written_logs import Log
from tests.search.engines import SHELF, OnlyWords, look, on_shelves
from tests.search.stub_opensearch import StubOpenSearch

CODES = ("brand", "category", "attributes.color", "attributes.sizes", "in_stock", "price")
Answers = list[tuple[Found, Facets, Suggested]]

PATIENCE_SECONDS = 2.0
"""Of tests with a cluster: machines that run them are busy."""

OPERATIONS = Path(__file__).parents[2] / "docs/operations.md"


class Mall:
    """A shop, its log, and a cluster that follows it."""

    def __init__(
        self, url: str, connection: PipelinedConnection, stub: StubOpenSearch, port: int
    ) -> None:
        self.url, self.connection, self.log, self.stub = url, connection, Log(), stub
        self.address, self.now = f"http://127.0.0.1:{port}", 0.0
        self.registry = CollectorRegistry()
        self.answered = answers_in(self.registry)
        self._stored = 0
        self.cluster = Cluster(self.address, "defter:geheim", answer_seconds=PATIENCE_SECONDS)
        self.documents = Documents(self.cluster)
        self.engine = self.asking(self.cluster, PostgresSearch())
        self.strict = self.asking(self.cluster, OnlyWords())

    def asking(self, cluster: Cluster, instead: SearchEngine) -> OpenSearch:
        return OpenSearch(cluster, instead=instead, answers=self.answered, clock=lambda: self.now)

    @property
    def index(self) -> str:
        """The name of the index that answers."""
        return self.stub.aliases[alias_of(self.log.tenant_id)]

    @property
    def position(self) -> int:
        """Where it says that it stands."""
        return self.stub.indexes[self.index].seen[POSITION][POSITION]

    def by(self, how: str) -> int:
        """Tell how many questions were answered so."""
        told = self.registry.get_sample_value
        return int(told("defter_search_answers_total", {"how": how}) or 0)

    async def tell(self, *events: Event) -> None:
        """Let the log go on, and the read models follow."""
        self.log.record(events)
        self.log.store(self.url, first=self._stored + 1)
        self._stored = len(self.log.events)
        await catch_up(self.connection, self.log.tenant_id, (CATALOG_LISTING,))

    async def bring(self, documents: Documents | None = None) -> None:
        await first_sight(self.connection, self.log.tenant_id, [DOCUMENTS])
        try:
            await (documents or self.documents).advance(self.connection, self.log.tenant_id)
        finally:
            await self.connection.execute(b"ROLLBACK")

    async def answers(
        self, engine: SearchEngine, texts: Sequence[str] = ("", "kitap", "bardak", "kilim", "mavi")
    ) -> Answers:
        """Give all that an engine finds, counts and suggests now."""
        shop = await look(self.connection, self.log.tenant_id)
        try:
            told: Answers = []
            for text in texts:
                question = Question(asked(text, {}))
                found = await engine.search(
                    shop, question, Filters(), sort=Sort.RELEVANCE, after=None, limit=100
                )
                counted = await engine.facets(shop, question, Filters(), CODES)
                suggested = await engine.suggest(shop, text or "su", Filters(), limit=5)
                told.append((found, counted, suggested))
            return told
        finally:
            await self.connection.execute(b"ROLLBACK")

    def begin_again(self) -> None:
        """Ask for a rebuild, as operations.md says."""
        said = re.search(r"```sql\n(SET ROLE defter_app;.+?)```", OPERATIONS.read_text(), re.DOTALL)
        assert said is not None
        with psycopg.connect(self.url) as connection:
            connection.execute(said[1].encode())


@asynccontextmanager
async def clustered(url: str) -> AsyncGenerator[Mall]:
    """Open a shop, and let its cluster catch up."""
    stub = StubOpenSearch()
    async with await connect(url) as connection, receiving() as receiver:
        receiver.answer = stub.answer
        made = Mall(url, connection, stub, receiver.port)
        on_shelves(made.log, SHELF)
        await made.tell()
        await made.bring()
        yield made
        await made.cluster.close()
