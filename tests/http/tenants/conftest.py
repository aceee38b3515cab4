"""Two tenants and the platform, over the real directory, accounts, settings and writer."""

import asyncio
import io
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from application.envelope import Actor, Envelope
from application.identity.sessions import BeginSession
from application.sending import Outcome
from application.tenants.keys import IssueKey
from application.tenants.tenants import PLATFORM, PLATFORM_SLUG
from domain.tenants.tenant import KeyKind
from domain.wallet.scheme import SchemeMode
from infrastructure.event_log.claim_keys import ClaimKeys
from infrastructure.event_log.keyring import MasterKeys
from infrastructure.event_log.writing.writer import Writer
from infrastructure.identity.access_tokens import AccessTokens
from infrastructure.identity.signing_keys import SigningKeys
from infrastructure.identity.standing import Accounts
from infrastructure.onboarding import (
    FINANCE_SCOPES,
    PLATFORM_SCOPES,
    NewStaff,
    NewTenant,
    found_platform,
    onboard,
    order,
)
from infrastructure.postgres.reads import Reads
from infrastructure.projections.engine import Engine
from infrastructure.projections.projector import ReadModels
from infrastructure.tenants.api_keys import new_key
from infrastructure.tenants.lookup import PostgresDirectory
from infrastructure.tenants.settings import TenantSettings
from interfaces.http.app import create_app
from interfaces.http.parts import Services
from tests.http.conftest import MASTER_KEY, PATIENCE_SECONDS, PEER, services_for, settings_for
from tests.http.fakes import ISSUER


@dataclass(frozen=True)
class Tenant:
    """A tenant, and the keys of its first staff member."""

    tenant_id: UUID
    staff_id: str
    key: str
    publishable: str


@dataclass
class Town:
    """An application with a platform and two tenants; `elsewhere` is a second API process."""

    client: httpx.AsyncClient
    elsewhere: httpx.AsyncClient
    services: Services
    writer: Writer
    platform: Tenant
    shop: Tenant
    other: Tenant
    position: str = "0"

    async def ask(
        self, method: str, path: str, body: object = None, *, key: str = "", **headers: str
    ) -> httpx.Response:
        """Send a request with the shop's secret key, unless another is given."""
        given = {"X-API-Key": key or self.shop.key} | headers
        if method != "GET":
            return await self.client.request(method, path, json=body, headers=given)
        return await self.client.get(path, headers=given)

    async def done(self, method: str, path: str, body: object = None, **given: str) -> Any:  # noqa: ANN401 - JSON
        """Send a request that must succeed, and give its answer."""
        answer = await self.ask(method, path, body, **given)
        assert answer.status_code in {200, 201}, answer.text
        self.position = answer.headers.get("defter-position", self.position)
        return answer.json()

    async def code(
        self, method: str, path: str, body: object = None, **given: str
    ) -> tuple[int, str]:
        """Send a request that must be refused, and give its status and code."""
        answer = await self.ask(method, path, body, **given)
        return answer.status_code, answer.json().get("code", answer.text)

    async def log_in(self, tenant: Tenant, person_id: str) -> dict[str, str]:
        """Give the headers of somebody who has logged in."""
        session_id = f"ses_{uuid4().hex}"
        command = BeginSession(person_id, session_id, "password", "test", timedelta(days=1))
        await self.send(tenant.tenant_id, command)
        token, _ = await self.services.tokens.issue(tenant.tenant_id, person_id, session_id)
        return {"key": tenant.publishable, "Authorization": f"Bearer {token}"}

    async def send(self, tenant_id: UUID, command: object) -> Outcome:
        """Send a command as the system."""
        envelope = Envelope(tenant_id, uuid4(), b"h" * 32, command, Actor("system"), "test")
        outcome = await self.writer.send(envelope)
        assert not outcome.refused, outcome.body
        return outcome


@pytest.fixture
async def town(database_url: str, redis_url: str) -> AsyncGenerator[Town]:
    writer, stop = Writer(database_url, MasterKeys(MASTER_KEY)), asyncio.Event()
    await writer.start()
    tenants = [await _tenant(writer, slug) for slug in ("platform", "shop", "other")]
    engine = asyncio.create_task(Engine(database_url, ReadModels()).run(stop))
    async with AsyncExitStack() as stack:
        client, services = await _process(stack, database_url, redis_url, writer)
        elsewhere, _ = await _process(stack, database_url, redis_url, writer)
        position = max(position for _, position in tenants)
        async with services.reads.tenant(
            PLATFORM,
            projections=("tenant_directory",),
            min_position=position,
            deadline_seconds=PATIENCE_SECONDS,
        ):
            pass
        (platform, _), (shop, _), (other, _) = tenants
        yield Town(client, elsewhere, services, writer, platform, shop, other)
    stop.set()
    await engine
    await writer.stop()


async def _process(
    stack: AsyncExitStack, database_url: str, redis_url: str, writer: Writer
) -> tuple[httpx.AsyncClient, Services]:
    master_keys, reads = MasterKeys(MASTER_KEY), Reads(database_url)
    await reads.open()
    stack.push_async_callback(reads.close)
    accounts = Accounts(reads)
    stack.push_async_callback(_end, asyncio.create_task(accounts.run()))
    services = services_for(
        settings_for(redis_url, read_deadline_seconds=PATIENCE_SECONDS),
        io.BytesIO(),
        sender=writer,
        reads=reads,
        directory=PostgresDirectory(reads),
        claim_keys=ClaimKeys(database_url, master_keys),
        tokens=AccessTokens(SigningKeys(database_url, master_keys), ISSUER),
        accounts=accounts,
        tenant_settings=TenantSettings(reads),
    )
    stack.push_async_callback(services.quota.close)
    transport = httpx.ASGITransport(create_app(services), client=(PEER, 40_000))
    client = httpx.AsyncClient(transport=transport, base_url="http://town.test")
    return await stack.enter_async_context(client), services


async def _tenant(writer: Writer, slug: str) -> tuple[Tenant, int]:
    secret, publishable = (
        new_key(kind, test=True) for kind in (KeyKind.SECRET, KeyKind.PUBLISHABLE)
    )
    scopes = PLATFORM_SCOPES if slug == PLATFORM_SLUG else FINANCE_SCOPES
    staff = NewStaff(f"Ada of {slug}", scopes, secret)
    if slug == PLATFORM_SLUG:
        made = await found_platform(writer, staff)
        issue = IssueKey(str(PLATFORM), KeyKind.PUBLISHABLE, publishable.key_hash, publishable.hint)
        await order(writer, PLATFORM, issue, command_id=uuid4())
    else:
        made = await onboard(
            writer,
            NewTenant(
                slug,
                slug,
                "TRY",
                "Europe/Istanbul",
                SchemeMode.LICENSED,
                test=True,
                staff=(staff,),
                publishable_key=publishable,
            ),
        )
    tenant = Tenant(made.tenant_id, made.staff_ids[0], secret.secret, publishable.secret)
    return tenant, made.position


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
