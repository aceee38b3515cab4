"""The real application over ASGI, with a sender that remembers and a directory of a few keys."""

import base64
import io
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx
import pytest

from domain.tenants.tenant import KeyKind
from infrastructure.event_log.keyring import MasterKeys
from infrastructure.event_log.opening import Opener
from infrastructure.identity.access_tokens import AccessTokens
from infrastructure.identity.passwords import Passwords
from infrastructure.observability.logs import LineWriter, configure_logging
from infrastructure.observability.metrics import Metrics
from infrastructure.redis.quota import Quota
from infrastructure.settings import Settings, load_settings
from infrastructure.tenants.api_keys import new_key
from infrastructure.tenants.directory import KeyRecord
from infrastructure.tenants.settings import TenantSettings
from interfaces.http.app import create_app
from interfaces.http.parts import Services
from tests.http.fakes import (
    ISSUER,
    TENANT,
    KnownAccounts,
    KnownKeys,
    NotedRefusals,
    NotedTerms,
    OneKey,
    PlainHashes,
    RecordingForgetter,
    RecordingSender,
    StillClock,
)

MASTER_KEY = b"k" * 32
PEER = "203.0.113.77"
TRANSFER = {
    "source": "wal_0001",
    "target": "wal_0002",
    "amount": {"minor": 1250, "currency": "TRY"},
}


@dataclass
class Api:
    """A running application and everything around it."""

    client: httpx.AsyncClient
    sender: RecordingSender
    directory: KnownKeys
    services: Services
    log: io.BytesIO
    secret: str

    def lines(self) -> bytes:
        """Give everything logged so far."""
        self.services.lines.flush()
        return self.log.getvalue()

    def key(self, kind: KeyKind = KeyKind.SECRET, **changes: object) -> str:
        """Add a key to the directory."""
        made = new_key(kind, test=True)
        record: dict[str, Any] = {
            "tenant_id": TENANT,
            "slug": "shop",
            "test": True,
            "key_id": f"key_{made.secret[-6:]}",
            "kind": kind,
            "staff_id": "stf_0001" if kind is KeyKind.SECRET else None,
            "scopes": ("*",),
            "networks": (),
            "expires_at": None,
            "revoked": False,
        }
        record.update(changes)
        self.directory.add(made.secret, KeyRecord(**record))
        return made.secret

    async def transfer(
        self, headers: dict[str, str] | None = None, **body: object
    ) -> httpx.Response:
        """Send a transfer that is as it should be, but for what is given."""
        given = {"Idempotency-Key": uuid4().hex} | (headers or {})
        return await self.post("/api/wallet/transfers", TRANSFER | body, **given)

    async def post(self, path: str, body: object, **headers: str) -> httpx.Response:
        """Post JSON with the secret key."""
        given = {"X-API-Key": self.secret} | headers
        return await self.client.post(path, json=body, headers=given)

    async def raw(self, body: bytes, **headers: str) -> httpx.Response:
        """Post bytes as a transfer."""
        given = {
            "X-API-Key": self.secret,
            "Idempotency-Key": uuid4().hex,
            "Content-Type": "application/json",
        }
        return await self.client.post(
            "/api/wallet/transfers", content=body, headers=given | headers
        )


PATIENCE_SECONDS = 30
"""Of questions in tests with read models of their own; machines that run tests are busy."""


def settings_for(redis_url: str, **given: object) -> Settings:
    """Give settings of a test."""
    urls = {"database_url": "postgresql://nowhere/none", "redis_url": redis_url}
    keys = {"master_keys": base64.b64encode(MASTER_KEY).decode()}
    # All tests come from one address; those of its limit set their own.
    many = {"address_limit_requests": 1_000_000}
    return load_settings(**(urls | keys | many | given))


def services_for(settings: Settings, log: io.BytesIO, **parts: object) -> Services:
    """Give parts of an application, fakes where nothing else is given."""
    lines = LineWriter(log)
    configure_logging(lines)
    ready: dict[str, Any] = {
        "sender": RecordingSender(),
        "reads": None,
        "opener": Opener(MasterKeys(MASTER_KEY)),
        "quota": Quota(settings.redis_url.get_secret_value()),
        "directory": KnownKeys(),
        "metrics": Metrics(),
        "claim_keys": PlainHashes(),
        "tokens": AccessTokens(OneKey(), ISSUER),
        "accounts": KnownAccounts(),
        "forgetting": RecordingForgetter(),
        "vault": None,
        "passwords": Passwords(),
        "refusals": NotedRefusals(),
        "asked_terms": NotedTerms(),
    }
    ready.update(parts)
    ready.setdefault("tenant_settings", TenantSettings(ready["reads"]))
    ready.setdefault("clock", StillClock(ready["sender"]))
    return Services(settings=settings, lines=lines, **ready)


@pytest.fixture
async def api(redis_url: str) -> AsyncGenerator[Api]:
    log = io.BytesIO()
    sender, directory = RecordingSender(), KnownKeys()
    services = services_for(settings_for(redis_url), log, sender=sender, directory=directory)
    transport = httpx.ASGITransport(create_app(services), client=(PEER, 40_000))
    async with httpx.AsyncClient(transport=transport, base_url="http://shop.test") as client:
        made = Api(client, sender, directory, services, log, "")
        made.secret = made.key()
        yield made
    await services.quota.close()
