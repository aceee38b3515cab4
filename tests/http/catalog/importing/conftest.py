"""A shop whose staff import files, with a worker that reads them when a test says so."""

import base64
from collections.abc import AsyncGenerator
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import httpx
import psycopg
import pytest

from application.processes.imports import IMPORT
from application.processes.registry import PROCESSES
from infrastructure.effects.kinds import EFFECTS
from infrastructure.effects.performing import Performer
from infrastructure.event_log.keyring import MasterKeys
from infrastructure.event_log.opening import Opener
from infrastructure.identity.vault import Vault
from infrastructure.postgres.connections import connect
from infrastructure.processes.follower import Processes
from infrastructure.settings import load_settings
from interfaces.http.app import create_app
from tests.http.catalog import conftest
from tests.http.catalog.staff import Staff
from tests.http.conftest import MASTER_KEY, Api
from tests.http.fakes import TENANT
from tests.processes.following import follow_to_the_end
from tests.projections.stepping import until

shop = conftest.shop
IMPORTS = "/api/admin/imports"
WAITING = """
SELECT target, effect_id FROM defter.effects
WHERE tenant_id = %s AND state = 'waiting' AND effect = %s ORDER BY position
"""
ATTEMPTS = "SELECT count(*) FROM defter.effect_attempts WHERE tenant_id = %s"


class Importer(Staff):
    """Gives files, lets them be read, and looks at what became of their rows."""

    def __init__(self, api: Api, database_url: str, redis_url: str) -> None:
        super().__init__(api)
        self._urls = database_url, redis_url

    async def give(
        self, content: str | bytes, *, secret: str = "", key: str = "", **params: str
    ) -> httpx.Response:
        """Give a file."""
        headers = {
            "X-API-Key": secret or self.api.secret,
            "Idempotency-Key": key or uuid4().hex,
            "Content-Type": "application/octet-stream",
        }
        raw = content.encode() if isinstance(content, str) else content
        answer = await self.api.client.post(IMPORTS, content=raw, headers=headers, params=params)
        self.position = answer.headers.get("defter-position", self.position)
        return answer

    async def run(self, content: str | bytes, **params: str) -> dict[str, Any]:
        """Give a file, let it be read to its end, and tell how it stands."""
        answer = await self.give(content, **params)
        assert answer.status_code == 202, answer.text
        await self.work()
        return await self.stands(answer.json()["import_id"])

    async def stands(self, import_id: str) -> dict[str, Any]:
        """Tell how an import stands."""
        return (await self._got(f"{IMPORTS}/{import_id}")).json()

    async def rows(self, stands: dict[str, Any], **params: str) -> list[dict[str, Any]]:
        """Tell what became of the rows."""
        return (await self._got(f"{IMPORTS}/{stands['import_id']}/rows", **params)).json()["items"]

    async def work(self) -> None:
        """Let workers do all that was asked for."""
        database_url, redis_url = self._urls
        async with await connect(database_url) as connection:
            processes = Processes(self.api.services.sender, processes=PROCESSES)
            assert await follow_to_the_end(connection, TENANT, processes) == ()
        settings = load_settings(
            database_url=database_url,
            redis_url=redis_url,
            master_keys=base64.b64encode(MASTER_KEY).decode(),
        )
        opener = Opener(MasterKeys(MASTER_KEY))
        made = Performer(database_url, settings, opener, self.api.services.sender, kinds=EFFECTS)
        async with made.running() as performer:
            while waiting := self.ask_log(WAITING, TENANT, IMPORT):
                for target, effect_id in waiting:
                    before = self.ask_log(ATTEMPTS, TENANT)
                    await performer.take(TENANT, IMPORT, target, [UUID(str(effect_id))])
                    await until(lambda before=before: self.ask_log(ATTEMPTS, TENANT) != before)
        self.position = str(
            self.ask_log("SELECT max(position) FROM defter.events WHERE tenant_id = %s", TENANT)[0][
                0
            ]
        )

    def ask_log(self, query: str, *given: object) -> list[tuple[Any, ...]]:
        """Ask the database itself."""
        with psycopg.connect(self._urls[0], autocommit=True) as owner:
            return owner.execute(query.encode(), given).fetchall()

    def forget(self, import_id: str) -> None:
        """Let an import stand as if its worker had been killed before it noted anything."""
        with psycopg.connect(self._urls[0], autocommit=True) as owner:
            for query in (
                "DELETE FROM defter.import_rows WHERE import_id = %s",
                "UPDATE defter.imports SET state = 'running', done = 0 WHERE import_id = %s",
                "UPDATE defter.imports SET created = 0 WHERE import_id = %s",
                "UPDATE defter.effects SET state = 'waiting', settled_at = NULL WHERE target = %s",
            ):
                owner.execute(query.encode(), (import_id,))

    async def _got(self, path: str, **params: str) -> httpx.Response:
        headers = {"X-API-Key": self.api.secret}
        answer = await self.api.client.get(path, headers=headers, params=params)
        assert answer.status_code == 200, answer.text
        return answer


@pytest.fixture
async def importer(shop: Api, database_url: str, redis_url: str) -> AsyncGenerator[Importer]:
    vault = Vault(database_url)
    await vault.open()
    settings = shop.services.settings.model_copy(update={"import_bytes_max": 100_000})
    services = replace(shop.services, vault=vault, settings=settings)
    transport = httpx.ASGITransport(create_app(services))
    async with httpx.AsyncClient(transport=transport, base_url="http://shop.test") as client:
        yield Importer(replace(shop, client=client, services=services), database_url, redis_url)
    await vault.close()
