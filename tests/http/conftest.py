"""The real application over ASGI, with a sender that remembers and a directory of a few keys."""

import base64
import io
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx
import pytest
from fakes import TENANT, KnownKeys, RecordingSender

from domain.tenants.tenant import KeyKind
from infrastructure.event_log.keyring import MasterKeys
from infrastructure.event_log.opening import Opener
from infrastructure.observability.logs import LineWriter
from infrastructure.observability.metrics import Metrics
from infrastructure.redis.quota import Quota
from infrastructure.settings import Settings
from infrastructure.tenants.api_keys import new_key
from infrastructure.tenants.directory import KeyRecord
from interfaces.http.app import create_app
from interfaces.http.services import Services

NO_READS: Any = None


@dataclass
class Api:
    """A running application and everything around it."""

    client: httpx.AsyncClient
    sender: RecordingSender
    directory: KeyDirectory
    services: Services
    log: io.BytesIO
    secret: str

    def lines(self) -> bytes:
        """Give everything logged."""
        self.services.lines.flush()
        return self.log.getvalue()

    async def transfer(self, headers: dict[str, str] | None = None, **body: object) -> httpx.Response:
        """Send a transfer that is as it should be, but for what is given."""
        given = {"X-API-Key": self.secret, "Idempotency-Key": uuid4().hex} | (headers or {})
        return await self.client.post("/api/wallet/transfers", json=TRANSFER | body, headers=given)


TRANSFER = {
    "source": "wal_0001",
    "target": "wal_0002",
    "amount": {"minor": 1250, "currency": "TRY"},
}
