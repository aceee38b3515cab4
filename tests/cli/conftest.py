"""A service that really runs: its own processes, its own database, one tenant and its key."""

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

import httpx
import pytest

from domain.tenants.tenant import KeyKind
from domain.wallet.scheme import SchemeMode
from infrastructure.event_log.keyring import MasterKeys
from infrastructure.event_log.writing.writer import Writer
from infrastructure.onboarding import FINANCE_SCOPES, NewStaff, NewTenant, onboard
from infrastructure.tenants.api_keys import new_key

ROOT = Path(__file__).parents[2]
START_SECONDS_MAX = 100
STOP_SECONDS_MAX = 20
MASTER_KEY = bytes(32)
MASTER_KEY_TEXT = base64.b64encode(MASTER_KEY).decode()


@dataclass(frozen=True)
class Running:
    """Where it answers, and with which keys."""

    url: str
    key: str
    auditor_key: str
    tenant: str
    database_url: str
    redis_url: str


@pytest.fixture(scope="module")
def more_settings() -> dict[str, str]:
    """Give the settings that a module's processes have beside the usual ones."""
    return {}


@pytest.fixture(scope="module")
def running_api(
    module_database_url: str, redis_url: str, more_settings: dict[str, str]
) -> Generator[Running]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    running = asyncio.run(_onboarded(module_database_url, redis_url, f"http://127.0.0.1:{port}"))
    environment = {**_environment(running), "DEFTER_PORT": str(port), **more_settings}
    with ExitStack() as roles:
        for role in ("projector", "api"):
            roles.enter_context(_process(role, environment))
        _until_ready(running)
        yield running


@pytest.fixture(scope="module")
def running_all(running_api: Running, more_settings: dict[str, str]) -> Generator[Running]:
    """Run what happens by itself, too; the queue is one that nobody else works at."""
    own_queue = f"{running_api.redis_url.rstrip('/')}/{os.getpid() % 15 + 1}"
    environment = {**_environment(running_api), "REDIS_URL": own_queue, **more_settings}
    with ExitStack() as roles:
        for role in ("scheduler", "worker"):
            roles.enter_context(_process(role, environment))
        yield running_api


def _environment(running: Running) -> dict[str, str]:
    return {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "DATABASE_URL": running.database_url,
        "REDIS_URL": running.redis_url,
        "DEFTER_MASTER_KEYS": MASTER_KEY_TEXT,
    }


async def _onboarded(database_url: str, redis_url: str, url: str) -> Running:
    keys = [new_key(KeyKind.SECRET, test=True) for _ in range(2)]
    writer = Writer(database_url, MasterKeys(MASTER_KEY))
    await writer.start()
    await onboard(
        writer,
        NewTenant(
            "kitap-evi",
            "Kitap Evi",
            "TRY",
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
    return Running(url, keys[0].secret, keys[1].secret, "kitap-evi", database_url, redis_url)


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
