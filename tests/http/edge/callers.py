"""Whoever may come to the edge: with a key, with a token, from an address, over a real socket."""

import asyncio
import io
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import httpx
import uvicorn
from starlette.types import ASGIApp
from uvicorn.server import ServerState

from domain.identity.account import Account, Kind, Session
from domain.tenants.tenant import KeyKind
from infrastructure.settings import Settings
from interfaces.http.app import create_app
from interfaces.http.parts import Services
from interfaces.http.wire.corked import CorkedProtocol
from tests.http.conftest import Api, services_for, settings_for
from tests.http.fakes import TENANT, KnownAccounts, KnownKeys

SESSION = "ses_0001"


async def log_in(
    api: Api,
    *roles: str,
    person_id: str = "cus_0001",
    suspended: bool = False,
    lasts: timedelta = timedelta(days=1),
) -> dict[str, str]:
    """Give the headers of somebody who has logged in, beside the key that names the tenant."""
    accounts = api.services.accounts
    assert isinstance(accounts, KnownAccounts)
    accounts.known[person_id] = Account(
        person_id=person_id,
        kind=Kind.STAFF if person_id.startswith("stf_") else Kind.CUSTOMER,
        login_key="0" * 64,
        roles=roles,
        verified=True,
        suspended=suspended,
        closed=False,
        sessions={SESSION: Session(datetime.now(UTC) + lasts)},
    )
    token, _ = await api.services.tokens.issue(TENANT, person_id, SESSION)
    return {"X-API-Key": api.key(KeyKind.PUBLISHABLE), "Authorization": f"Bearer {token}"}


@asynccontextmanager
async def running(
    redis_url: str,
    *,
    peer: str = "203.0.113.77",
    app_settings: Settings | None = None,
    **parts: object,
) -> AsyncGenerator[Api]:
    """Run the application with settings and parts of its own, asked from an address."""
    log, directory = io.BytesIO(), KnownKeys()
    settings = app_settings or settings_for(redis_url)
    services = services_for(settings, log, **({"directory": directory} | parts))
    transport = httpx.ASGITransport(create_app(services), client=(peer, 40_000))
    async with httpx.AsyncClient(transport=transport, base_url="http://shop.test") as client:
        api = Api(client, services.sender, directory, services, log, "")  # type: ignore[arg-type] - the fake
        api.secret = api.key()
        yield api
    await services.quota.close()


@asynccontextmanager
async def listening(services: Services) -> AsyncGenerator[int]:
    """Serve on a port of this machine as an API process does, and give the port."""
    async with serving(create_app(services)) as port:
        yield port


@asynccontextmanager
async def serving(app: ASGIApp) -> AsyncGenerator[int]:
    """Serve any application so."""
    config = uvicorn.Config(app, lifespan="off", access_log=False, log_config=None)
    config.load()
    state = ServerState()
    server = await asyncio.get_running_loop().create_server(
        lambda: CorkedProtocol(config, state, {}), "127.0.0.1", 0
    )
    async with server:
        yield server.sockets[0].getsockname()[1]


async def say(port: int, request: bytes) -> bytes:
    """Send bytes as they are and give all that is answered."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request)
    async with asyncio.timeout(5):
        answer = await reader.read()
    writer.close()
    return answer
