"""Two API processes over one database, a customer who has logged in, and all the roles by hand."""

import asyncio
import base64
import io
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import psycopg
from redis import Redis

from application.envelope import Actor, Envelope
from application.identity.accounts import Register, VerifyEmail
from application.identity.logins import EmailAddress
from application.identity.sessions import BeginSession, StepUp
from application.processes.registry import PROCESSES
from domain.tenants.tenant import KeyKind
from domain.users.customer import Locale
from infrastructure.effects.kinds import EFFECTS
from infrastructure.effects.performing import Performer
from infrastructure.event_log.claim_keys import ClaimKeys
from infrastructure.event_log.keyring import MasterKeys
from infrastructure.event_log.opening import Opener
from infrastructure.event_log.writing.writer import Writer
from infrastructure.identity.access_tokens import AccessTokens
from infrastructure.identity.signing_keys import SigningKeys
from infrastructure.identity.standing import Accounts
from infrastructure.postgres.connections import connect
from infrastructure.postgres.reads import Reads
from infrastructure.processes.follower import Processes
from infrastructure.projections.engine import Engine
from infrastructure.projections.projector import ReadModels
from infrastructure.settings import load_settings
from infrastructure.users.forgetting import Forgetting
from interfaces.http.app import create_app
from tests.event_log.test_personal_data import dump
from tests.http.conftest import MASTER_KEY, PATIENCE_SECONDS, PEER, Api, services_for, settings_for
from tests.http.fakes import ISSUER, TENANT, KnownKeys
from tests.http.test_whole import Caller, found
from tests.processes.following import follow_to_the_end
from tests.projections.stepping import until

KEYS = MasterKeys(MASTER_KEY)
ADA = "cus_ada1"
ADA_PEER = "198.51.100.201"
SESSION = "ses_ada1"


@dataclass
class Mall:
    """The first process's `api`, the second's, and what a customer needs to be let in."""

    api: Api
    second: Api
    database_url: str
    redis_url: str
    tokens: AccessTokens
    publishable: str
    token: str = ""

    @property
    def caller(self) -> Caller:
        """Staff at the first process."""
        return Caller(self.api)

    @property
    def end(self) -> int:
        """Where the tenant's log ends."""
        query = "SELECT max(position) FROM defter.events WHERE tenant_id = %s"
        return self.ask(query, TENANT)[0][0]

    async def tell(self, command: object, actor: Actor | None = None) -> None:
        """Send a command as the edge would; it is accepted."""
        given = actor or Actor("system")
        envelope = Envelope(TENANT, uuid4(), b"h" * 32, command, given, "told")
        outcome = await self.api.services.sender.send(envelope)
        assert not outcome.refused, outcome

    async def join(self, name: str, email: str, device: str) -> None:
        """Let Ada register and log in."""
        key = await self.api.services.claim_keys.hash(TENANT, email)
        address = EmailAddress(email, key)
        herself = Actor(ADA, "key_1", ADA, device)
        await self.tell(Register(ADA, name, address, Locale.TURKISH), herself)
        await self.tell(VerifyEmail(ADA, address.key), herself)
        lasts = timedelta(days=1)
        await self.tell(BeginSession(ADA, SESSION, "password", device, lasts), herself)
        self.token, _ = await self.tokens.issue(TENANT, ADA, SESSION)
        await self.follow()

    async def step_up(self) -> None:
        """Let Ada say her password again."""
        await self.tell(StepUp(ADA, SESSION))

    async def as_ada(
        self, method: str, path: str, body: object = None, *, agent: str = "phone", at: int = 0
    ) -> httpx.Response:
        """Ask as Ada, at the first process or another, from where she is."""
        headers = {
            "X-API-Key": self.publishable,
            "Authorization": f"Bearer {self.token}",
            "Idempotency-Key": uuid4().hex,
            "User-Agent": agent,
            "Defter-Min-Position": str(self.end),
        }
        app = create_app((self.api, self.second)[at].services)
        transport = httpx.ASGITransport(app, client=(ADA_PEER, 40_000))
        async with httpx.AsyncClient(transport=transport, base_url="http://shop.test") as client:
            return await client.request(method, path, json=body, headers=headers)

    async def follow(self) -> None:
        """Take every process to the end of the log."""
        processes = Processes(self.api.services.sender, processes=PROCESSES)
        async with await connect(self.database_url) as connection:
            assert await follow_to_the_end(connection, TENANT, processes) == ()

    async def perform(self, smtp_url: str) -> None:
        """Let a worker try everything that waits once."""
        await self.follow()
        settings = load_settings(
            database_url=self.database_url,
            redis_url=self.redis_url,
            master_keys=base64.b64encode(MASTER_KEY).decode(),
            smtp_url=smtp_url,
            mail_from="no-reply@mail.example",
        )
        sender, opener = self.api.services.sender, Opener(KEYS)
        made = Performer(self.database_url, settings, opener, sender, kinds=EFFECTS)
        async with made.running() as worker:
            for effect, target, ids in self.ask(
                "SELECT effect, target, array_agg(effect_id) FROM defter.effects"
                " WHERE tenant_id = %s AND state = 'waiting' GROUP BY effect, target",
                TENANT,
            ):
                await worker.take(TENANT, effect, target, ids)
            await until(
                lambda: not self.ask("SELECT 1 FROM defter.effects WHERE leased_until IS NOT NULL")
            )

    def ask(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """Ask the database as its owner."""
        with psycopg.connect(self.database_url, autocommit=True) as owner:
            cursor = owner.execute(query, values)  # type: ignore[arg-type]
            return cursor.fetchall() if cursor.description else []

    def places(self) -> dict[str, str]:
        """Give all that anything could stand in: tables, Valkey, logs."""
        with valkey_of(self.redis_url) as valkey:
            keys: list[bytes] = valkey.keys()
            kept = "\n".join(f"{key!r} {_value(valkey, key)!r}" for key in keys)
        logs = self.api.lines().decode() + self.second.lines().decode()
        return {"tables": dump(self.database_url), "Valkey": kept, "logs": logs}


def valkey_of(redis_url: str) -> Any:  # noqa: ANN401 - a client, whose types say little
    """Give a client of Valkey."""
    return Redis.from_url(redis_url)  # pyright: ignore[reportUnknownMemberType] - as above


def _value(valkey: Any, key: bytes) -> object:  # noqa: ANN401 - a client
    read = {
        b"string": ("GET", key),
        b"hash": ("HGETALL", key),
        b"set": ("SMEMBERS", key),
        b"list": ("LRANGE", key, 0, -1),
        b"zset": ("ZRANGE", key, 0, -1),
        b"stream": ("XRANGE", key, "-", "+"),
    }
    kind: bytes = valkey.type(key)
    return valkey.execute_command(*read[kind]) if kind in read else kind


@asynccontextmanager
async def open_mall(database_url: str, redis_url: str) -> AsyncGenerator[Mall]:
    """Run two processes and a projector."""
    async with AsyncExitStack() as stack:
        stop = asyncio.Event()
        directory = KnownKeys()
        made = [
            await stack.enter_async_context(_process(database_url, redis_url, directory))
            for _ in range(2)
        ]
        writer: Any = made[0].services.sender
        staff_id = await found(writer)
        engine = asyncio.create_task(Engine(database_url, ReadModels()).run(stop))
        for api in made:
            api.secret = api.key(staff_id=staff_id)
        publishable = made[0].key(KeyKind.PUBLISHABLE)
        tokens = made[0].services.tokens
        yield Mall(made[0], made[1], database_url, redis_url, tokens, publishable)
        stop.set()
        await engine


@asynccontextmanager
async def _process(database_url: str, redis_url: str, directory: KnownKeys) -> AsyncGenerator[Api]:
    writer, reads = Writer(database_url, KEYS), Reads(database_url)
    await writer.start()
    await reads.open()
    accounts, log = Accounts(reads), io.BytesIO()
    looking = asyncio.create_task(accounts.run())
    services = services_for(
        settings_for(redis_url, read_deadline_seconds=PATIENCE_SECONDS),
        log,
        sender=writer,
        reads=reads,
        directory=directory,
        claim_keys=ClaimKeys(database_url, KEYS),
        tokens=AccessTokens(SigningKeys(database_url, KEYS), ISSUER),
        accounts=accounts,
        forgetting=Forgetting(database_url),
    )
    transport = httpx.ASGITransport(create_app(services), client=(PEER, 40_000))
    async with httpx.AsyncClient(transport=transport, base_url="http://shop.test") as client:
        yield Api(client, services.sender, directory, services, log, "")  # type: ignore[arg-type] - the real one
    looking.cancel()
    await asyncio.gather(looking, return_exceptions=True)
    await writer.stop()
    await reads.close()
    await services.quota.close()
