"""A service that really runs: its own processes, its own database, and a tenant a module."""

import asyncio
import base64
import os
import socket
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from domain.tenants.tenant import KeyKind
from domain.wallet.scheme import SchemeMode
from infrastructure.event_log.keyring import MasterKeys
from infrastructure.event_log.writing.writer import Writer
from infrastructure.onboarding import FINANCE_SCOPES, NewStaff, NewTenant, onboard
from infrastructure.tenants.api_keys import new_key
from tests.conftest import ServerUrls, fresh_database

ROOT = Path(__file__).parents[2]
START_SECONDS_MAX = 100
STOP_SECONDS_MAX = 20
MASTER_KEY = bytes(32)
MASTER_KEY_TEXT = base64.b64encode(MASTER_KEY).decode()


@dataclass(frozen=True)
class Service:
    """Where it answers."""

    url: str
    database_url: str
    redis_url: str


@dataclass(frozen=True)
class Running(Service):
    """A tenant there, and its keys."""

    key: str
    auditor_key: str
    tenant: str


@pytest.fixture(scope="session")
def service(servers: ServerUrls, migrated_template: str, redis_url: str) -> Generator[Service]:
    """Run one service for all modules that have a tenant there and change nothing of the whole."""
    with (
        fresh_database(servers.database_url, template=migrated_template) as database_url,
        _serving(database_url, redis_url, {}) as running,
    ):
        yield running


@pytest.fixture(scope="module")
def running_api(service: Service) -> Running:
    return with_tenant(service, f"kitap-evi-{uuid4().hex[:8]}")


@pytest.fixture(scope="module")
def more_settings() -> dict[str, str]:
    """Give the settings that a module's own processes have beside the usual ones."""
    return {}


@pytest.fixture(scope="module")
def running_all(
    module_database_url: str, redis_url: str, more_settings: dict[str, str]
) -> Generator[Running]:
    """Run what happens by itself, too; the queue is one that nobody else works at."""
    own_queue = f"{redis_url.rstrip('/')}/{os.getpid() % 15 + 1}"
    with _serving(module_database_url, redis_url, more_settings) as service, ExitStack() as roles:
        running = with_tenant(service, "kitap-evi")
        environment = {**_environment(service), "REDIS_URL": own_queue, **more_settings}
        for role in ("scheduler", "worker"):
            roles.enter_context(_process(role, environment))
        yield running


@contextmanager
def _serving(
    database_url: str, redis_url: str, more_settings: dict[str, str]
) -> Generator[Service]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    service = Service(f"http://127.0.0.1:{port}", database_url, redis_url)
    environment = {**_environment(service), "DEFTER_PORT": str(port), **more_settings}
    with ExitStack() as roles:
        for role in ("projector", "api"):
            roles.enter_context(_process(role, environment))
        yield service


def _environment(service: Service) -> dict[str, str]:
    return {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "DATABASE_URL": service.database_url,
        "REDIS_URL": service.redis_url,
        "DEFTER_MASTER_KEYS": MASTER_KEY_TEXT,
        # All modules come from one address.
        "DEFTER_ADDRESS_LIMIT_REQUESTS": "1000000",
    }


def with_tenant(service: Service, slug: str, *, currency: str = "TRY") -> Running:
    running = asyncio.run(_onboarded(service, slug, currency))
    _until_ready(running)
    return running


async def _onboarded(service: Service, slug: str, currency: str) -> Running:
    keys = [new_key(KeyKind.SECRET, test=True) for _ in range(2)]
    writer = Writer(service.database_url, MasterKeys(MASTER_KEY))
    await writer.start()
    await onboard(
        writer,
        NewTenant(
            slug,
            "Kitap Evi",
            currency,
            "Europe/Istanbul",
            SchemeMode.CLOSED_LOOP,
            test=True,
            staff=(
                NewStaff("Ada", FINANCE_SCOPES, keys[0]),
                NewStaff("Umut", ("wallet.read",), keys[1]),
            ),
        ),
    )
    await writer.stop()
    return Running(
        service.url,
        service.database_url,
        service.redis_url,
        key=keys[0].secret,
        auditor_key=keys[1].secret,
        tenant=slug,
    )


@contextmanager
def _process(role: str, environment: dict[str, str]) -> Generator[None]:
    command = [sys.executable, "-P", "-m", "interfaces.cli", role]
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL) as process:
        try:
            yield
        finally:
            process.terminate()
            process.wait(STOP_SECONDS_MAX)


def _until_ready(running: Running) -> None:
    # The key works once the directory of keys is projected.
    deadline = time.monotonic() + START_SECONDS_MAX
    found = "nothing"
    while True:
        try:
            answer = httpx.get(
                f"{running.url}/api/ledger/accounts", headers={"X-API-Key": running.key}
            )
            if answer.is_success:
                return
            found = f"{answer.status_code} {answer.text}"
        except httpx.TransportError as error:
            found = repr(error)
        assert time.monotonic() < deadline, f"the service did not become ready: {found}"
        time.sleep(0.05)
