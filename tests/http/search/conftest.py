"""A shop whose products can be searched over HTTP."""

import asyncio
from collections.abc import AsyncGenerator, Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import psycopg
import pytest

from domain.catalog.events import AttributesSet
from domain.catalog.sorting.events import BrandAdded, CategoryAdded
from domain.kernel.events import Event
from domain.tenants.tenant import KeyKind
from infrastructure.event_log.keyring import MasterKeys
from infrastructure.search.asked import AskedTerms
from tests.http import test_whole
from tests.http.conftest import MASTER_KEY, Api
from tests.http.fakes import TENANT
from tests.http.users.people import Person
from tests.kit.lively.shelves import product
from tests.projections.written_logs import Log

shop = test_whole.shop


@pytest.fixture
def ada(shop: Api) -> Person:
    return Person(shop)


def offered() -> Iterable[Event]:
    """Give what the shop sells."""
    yield BrandAdded("brd_pasa", "pasabahce", "Paşabahçe")
    yield CategoryAdded("cat_ev", None, "ev", {"tr": "Ev", "en": "Home"})
    yield CategoryAdded("cat_kitap", None, "kitap", {"tr": "Kitaplar", "en": "Books"})
    yield from product("0001", "Kitap Ayracı", minor=500, categories=("cat_kitap",))
    yield AttributesSet("prd_0001", None, {"color": "mavi"})
    yield CategoryAdded("cat_okul", "cat_kitap", "okul", {"tr": "Okul"})
    yield from product("0002", "Çocuk Kitapları", minor=9_000, categories=("cat_okul",))
    yield from product(
        "0003", "Mavi Bardak", minor=700, quantity=0, categories=("cat_ev",), brand_id="brd_pasa"
    )
    yield AttributesSet("prd_0003", None, {"color": "mavi"})


@dataclass
class Shelf:
    """A shop, and whoever comes with a publishable key."""

    api: Api
    database_url: str
    key: str

    async def offer(self, *events: Event) -> None:
        """Append events to the tenant's log."""
        with psycopg.connect(self.database_url) as connection:
            row = connection.execute(
                "SELECT max(position) FROM defter.events WHERE tenant_id = %s", (TENANT,)
            ).fetchone()
            versions = connection.execute(
                "SELECT stream, max(version) FROM defter.events WHERE tenant_id = %s GROUP BY 1",
                (TENANT,),
            ).fetchall()
        assert row is not None
        log = Log(TENANT)
        log.events, log.versions = [None] * row[0], dict(versions)  # type: ignore[list-item] - before
        log.commands = [None] * row[0]  # type: ignore[list-item] - as above
        log.record(events)
        log.store(self.database_url, first=row[0] + 1)
        self.position = len(log.events)

    async def get(self, path: str = "/api/search", **asked: Any) -> Any:  # noqa: ANN401 - JSON
        answer = await self.ask(path, **asked)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def ask(self, path: str = "/api/search", **asked: Any) -> Any:  # noqa: ANN401 - a response
        headers = {"X-API-Key": self.key, "Defter-Min-Position": str(self.position)}
        return await self.api.client.get(f"{path}?{urlencode(asked)}", headers=headers)

    async def counts(self, facet: str) -> dict[str, int]:
        found = await self.get(facets=facet)
        return {one["value"]: one["count"] for one in found["facets"][facet]}

    async def names(self, **asked: Any) -> list[str]:  # noqa: ANN401 - as above
        return [card["name"] for card in (await self.get("/api/search", **asked))["items"]]


@pytest.fixture
async def shelf(shop: Api, database_url: str) -> AsyncGenerator[Shelf]:
    terms = AskedTerms(database_url, MasterKeys(MASTER_KEY))
    object.__setattr__(shop.services, "asked_terms", terms)
    made = Shelf(shop, database_url, shop.key(KeyKind.PUBLISHABLE))
    await made.offer(*offered())
    yield made
    await asyncio.shield(terms.close())
