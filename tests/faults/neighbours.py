"""A real API process that serves two tenants who must know nothing of each other."""

import asyncio
import base64
import os
import sys
import tempfile
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx

from domain.tenants.tenant import KeyKind
from domain.wallet.scheme import SchemeMode
from infrastructure.event_log.keyring import MasterKeys
from infrastructure.event_log.migrate import migrate
from infrastructure.event_log.writing.writer import Writer
from infrastructure.onboarding import FINANCE_SCOPES, NewStaff, NewTenant, onboard
from infrastructure.tenants.api_keys import new_key
from tests.faults.targets import (
    API,
    MASTER_KEY,
    PROJECTOR,
    SCHEDULER,
    ApiTarget,
    free_port,
    started,
)

PASSWORD = "nine-otters-paint-the-harbour"  # noqa: S105 - of a test


@dataclass(frozen=True)
class Customer:
    """Somebody who registered."""

    customer_id: str
    email: str


@dataclass
class Tenant:
    """One of the two, with what its first staff member and its shop window show."""

    tenant_id: UUID
    slug: str
    staff_id: str
    secret: str
    publishable: str
    url: str

    @property
    def staff(self) -> dict[str, str]:
        """Give the headers of its staff, who may do everything in it."""
        return {"X-API-Key": self.secret}

    def register(self, http: httpx.Client) -> Customer:
        """Let a customer register."""
        email = f"{uuid4().hex}@mail.example"
        body = {"name": "Zeynep Kaya", "email": email, "password": PASSWORD}
        person = self.done(http, "POST", "/api/users", body, {"X-API-Key": self.publishable})
        return Customer(person["person_id"], email)

    def log_in(self, http: httpx.Client, who: Customer) -> dict[str, Any]:
        """Log a customer in; gives what the route answers."""
        body = {"email": who.email, "password": PASSWORD}
        return self.done(http, "POST", "/api/auth/login", body, {"X-API-Key": self.publishable})

    def bearer(self, session: dict[str, Any]) -> dict[str, str]:
        """Give the headers of somebody who logged in."""
        token = f"Bearer {session['access_token']}"
        return {"X-API-Key": self.publishable, "Authorization": token}

    def done(
        self,
        http: httpx.Client,
        method: str,
        path: str,
        body: object = None,
        headers: dict[str, str] | None = None,
    ) -> dict[str, Any]:
        """Send a request that must succeed, with the staff's key unless others are given."""
        given = {**(headers or self.staff), "Idempotency-Key": uuid4().hex}
        answer = http.request(method, self.url + path, json=body, headers=given)
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json()


@contextmanager
def neighbours(
    database_url: str, redis_url: str, *, read_deadline_seconds: float = 2.0
) -> Generator[tuple[Tenant, Tenant]]:
    """Run all roles but workers for two new tenants."""
    migrate(database_url)
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    ours, theirs = asyncio.run(_founded(database_url, url))
    environment = {
        **os.environ,
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "DEFTER_PORT": str(port),
        "DEFTER_MASTER_KEYS": base64.b64encode(MASTER_KEY).decode(),
        "PYTHONPATH": os.pathsep.join(sys.path),
        # All come from one address and with few keys, which is not what is looked at here.
        "DEFTER_ADDRESS_LIMIT_REQUESTS": "1000000",
        "DEFTER_METRICS_FROM_LOOPBACK": "false",
        "DEFTER_READ_DEADLINE_SECONDS": str(read_deadline_seconds),
        "PYTHONDONTWRITEBYTECODE": "",
        "PYTHONPYCACHEPREFIX": str(Path(tempfile.gettempdir()) / f"defter-kills-{os.getuid()}"),
    }
    with ExitStack() as stops:
        for code in (PROJECTOR, SCHEDULER):
            role = started(code, environment)
            stops.callback(role.wait)
            stops.callback(role.terminate)
        api = ApiTarget(lambda: started(API, environment), url, ours.secret)
        stops.callback(api.stop)
        api.wait_ready()
        yield ours, theirs


async def _founded(database_url: str, url: str) -> tuple[Tenant, Tenant]:
    writer = Writer(database_url, MasterKeys(MASTER_KEY))
    await writer.start()
    try:
        return await _tenant(writer, "ours", url), await _tenant(writer, "theirs", url)
    finally:
        await writer.stop()


async def _tenant(writer: Writer, name: str, url: str) -> Tenant:
    slug = f"{name}-{os.urandom(4).hex()}"
    secret, publishable = (
        new_key(kind, test=True) for kind in (KeyKind.SECRET, KeyKind.PUBLISHABLE)
    )
    new = NewTenant(
        slug=slug,
        name=slug,
        base_currency="TRY",
        time_zone="Europe/Istanbul",
        mode=SchemeMode.LICENSED,
        test=True,
        staff=(NewStaff(f"Staff of {slug}", FINANCE_SCOPES, secret),),
        publishable_key=publishable,
    )
    made = await onboard(writer, new)
    return Tenant(made.tenant_id, slug, made.staff_ids[0], secret.secret, publishable.secret, url)
