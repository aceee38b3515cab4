"""A shop on a real database whose people register and log in, served by two processes."""

import asyncio
import io
from collections.abc import AsyncGenerator, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import httpx
import psycopg

from application.envelope import Actor, Envelope
from application.ledger.accounts import OpenBooks
from application.tenants.tenants import PLATFORM, CreateTenant
from application.wallet.wallets import ChooseScheme
from domain.identity.accounts import LinkPurpose
from domain.tenants.tenant import KeyKind
from domain.wallet.scheme import SchemeMode
from infrastructure.event_log.claim_keys import ClaimKeys
from infrastructure.event_log.keyring import MasterKeys
from infrastructure.event_log.writing.writer import Writer
from infrastructure.identity import mailed_links
from infrastructure.identity.access_tokens import AccessTokens
from infrastructure.identity.mailed_links import Link
from infrastructure.identity.signing_keys import SigningKeys
from infrastructure.identity.standing import Accounts
from infrastructure.identity.vault import Vault
from infrastructure.postgres.reads import Reads
from infrastructure.projections.engine import Engine
from infrastructure.projections.projector import ReadModels
from interfaces.http.app import create_app
from interfaces.http.parts import Services
from tests.http.conftest import MASTER_KEY, PATIENCE_SECONDS, PEER, Api, services_for, settings_for
from tests.http.fakes import ISSUER, OTHER, TENANT, KnownKeys

EMAIL = "canary-zeynep@ada.example"
PASSWORD = "nine-otters-paint-the-harbour"  # noqa: S105 - of a test
ANOTHER = "seven-herons-mend-the-lantern"
KEYS = MasterKeys(MASTER_KEY)


@dataclass
class Person:
    """Somebody who has logged in."""

    person_id: str
    session_id: str
    access: str
    refresh: str

    @property
    def bearer(self) -> dict[str, str]:
        """Give the header that says whose session it is."""
        return {"Authorization": f"Bearer {self.access}"}


class House:
    """The shop. `api` is one process, `second` another one."""

    def __init__(self, database_url: str, api: Api, second: Api, vault: Vault) -> None:
        self.database_url = database_url
        self.api = api
        self.second = second
        self.vault = vault
        self.publishable = api.key(KeyKind.PUBLISHABLE)

    async def call(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        of: Person | None = None,
        at: Api | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        """Ask with the publishable key, and with a person's token."""
        given = {"X-API-Key": self.publishable, **(of.bearer if of else {}), **(headers or {})}
        client = (at or self.api).client
        if body is None:
            return await client.request(method, path, headers=given)
        return await client.request(method, path, headers=given, json=body)

    async def post(self, path: str, body: object, **asked: Any) -> httpx.Response:  # noqa: ANN401 - as `call`
        """Post JSON."""
        return await self.call("POST", path, body, **asked)

    async def register(self, email: str = EMAIL, password: str = PASSWORD) -> str:
        """Register and give the person's id."""
        body = {"name": "Zeynep Kaya", "email": email, "password": password}
        answer = await self.post("/api/users", body)
        assert answer.status_code == 201, answer.text
        return answer.json()["person_id"]

    async def login(self, email: str = EMAIL, password: str = PASSWORD, **asked: Any) -> Person:  # noqa: ANN401 - as `call`
        """Log in."""
        body = {"email": email, "password": password}
        answer = await self.post("/api/auth/login", body, **asked)
        assert answer.status_code == 200, answer.text
        told = answer.json()
        return Person(
            told["person_id"], told["session_id"], told["access_token"], told["refresh_token"]
        )

    async def newcomer(self, email: str = EMAIL) -> Person:
        """Register and log in."""
        await self.register(email)
        return await self.login(email)

    async def link(self, person_id: str, purpose: LinkPurpose) -> str:
        """Make a link as it would be mailed, and give its secret."""
        ((key,),) = self.ask(
            "SELECT key FROM defter.claims WHERE kind = 'identity.login' AND owner = %s",
            f"account-{person_id}",
        )
        async with self.vault.tenant(TENANT) as connection:
            return await mailed_links.make(connection, TENANT, purpose, Link(person_id, key))

    async def tell(self, command: object, *, tenant: UUID = TENANT) -> None:
        """Let an operator send a command."""
        envelope = Envelope(tenant, uuid4(), b"h" * 32, command, Actor("system"), "operating")
        outcome = await self.api.services.sender.send(envelope)
        assert not outcome.refused, outcome.body

    def ask(self, query: str, *given: object) -> list[tuple[Any, ...]]:
        """Ask the database as its owner, who sees everything."""
        with psycopg.connect(self.database_url, autocommit=True) as connection:
            cursor = connection.execute(query, given)  # type: ignore[arg-type] - of a test
            return cursor.fetchall() if cursor.description else []

    def events(self, person_id: str) -> list[str]:
        """Give the types of what happened to an account."""
        rows = self.ask(
            "SELECT type FROM defter.events WHERE stream = %s ORDER BY version",
            f"account-{person_id}",
        )
        return [row[0].removeprefix("identity.") for row in rows]

    def seen(self) -> dict[str, str]:
        """Give the header that asks for answers which hold all that has happened."""
        rows = self.ask("SELECT max(position) FROM defter.events WHERE tenant_id = %s", TENANT)
        return {"Defter-Min-Position": str(rows[0][0])}

    def patience(self) -> None:
        """Let a quarter of an hour pass for whoever failed to log in."""
        self.ask("UPDATE defter.login_attempts SET failed_at = failed_at - interval '16 minutes'")

    def everything(self) -> Iterator[str]:
        """Give every row of every table, as a thief of the database would read it."""
        tables = self.ask(
            "SELECT schemaname || '.' || tablename FROM pg_tables"
            " WHERE schemaname IN ('defter', 'read_models')"
        )
        for (table,) in tables:
            for (row,) in self.ask(f"SELECT one::text FROM {table} one"):  # noqa: S608 - its own name
                yield row


@asynccontextmanager
async def _process(
    stack: AsyncExitStack, database_url: str, redis_url: str, directory: KnownKeys
) -> AsyncGenerator[tuple[Api, Services, Vault]]:
    writer, reads, vault = Writer(database_url, KEYS), Reads(database_url), Vault(database_url)
    accounts, log = Accounts(reads), io.BytesIO()
    await writer.start()
    await reads.open()
    await vault.open()
    asking = asyncio.create_task(accounts.run())
    services = services_for(
        settings_for(redis_url, read_deadline_seconds=PATIENCE_SECONDS),
        log,
        sender=writer,
        reads=reads,
        directory=directory,
        claim_keys=ClaimKeys(database_url, KEYS),
        tokens=AccessTokens(SigningKeys(database_url, KEYS), ISSUER),
        accounts=accounts,
        vault=vault,
    )
    transport = httpx.ASGITransport(create_app(services), client=(PEER, 40_000))
    client = httpx.AsyncClient(transport=transport, base_url="http://shop.test", timeout=60)
    await stack.enter_async_context(client)
    api = Api(client, services.sender, directory, services, log, "")  # type: ignore[arg-type] - the real one
    yield api, services, vault
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)
    await writer.stop()
    await vault.close()
    await reads.close()
    await services.quota.close()


@asynccontextmanager
async def open_house(database_url: str, redis_url: str) -> AsyncGenerator[House]:
    """Found the shop, and serve it."""
    directory, stop = KnownKeys(), asyncio.Event()
    async with AsyncExitStack() as stack:
        first, second = [
            await stack.enter_async_context(_process(stack, database_url, redis_url, directory))
            for _ in range(2)
        ]
        api, services, vault = first
        house = House(database_url, api, second[0], vault)
        api.secret = api.key()
        for tenant in (PLATFORM, TENANT, OTHER):
            await services.sender.add_tenant(tenant)  # type: ignore[attr-defined] - the writer's
        for tenant, slug in ((TENANT, "shop"), (OTHER, "other")):
            await house.tell(CreateTenant(str(tenant), slug, slug, test=True), tenant=PLATFORM)
            await house.tell(OpenBooks("TRY", "Europe/Istanbul"), tenant=tenant)
            await house.tell(ChooseScheme(SchemeMode.LICENSED), tenant=tenant)
        engine = asyncio.create_task(Engine(database_url, ReadModels()).run(stop))
        yield house
        stop.set()
        await engine
