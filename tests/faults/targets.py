"""What can be killed: the processes of one running Defter, and how each is started again."""

import asyncio
import base64
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen
from uuid import UUID

from domain.tenants.tenant import KeyKind
from domain.wallet.scheme import SchemeMode
from infrastructure.embedded.servers import Servers, embedded_servers
from infrastructure.event_log.keyring import MasterKeys
from infrastructure.event_log.migrate import migrate
from infrastructure.event_log.writing.writer import Writer
from infrastructure.onboarding import FINANCE_SCOPES, NewStaff, NewTenant, Onboarded, onboard
from infrastructure.tenants.api_keys import new_key

MASTER_KEY = b"k" * 32
READY_SECONDS = 90.0
POLL_SECONDS = 0.05
SETTINGS = "from infrastructure.settings import load_settings as settings;"
API = SETTINGS + " from interfaces.http.server import run_api; run_api(settings())"
PROJECTOR, SCHEDULER = (
    SETTINGS
    + f" import asyncio; from infrastructure.composition import run_{role};"
    + f" asyncio.run(run_{role}(settings()))"
    for role in ("projector", "scheduler")
)
"""What `defter api`, `defter projector` and `defter scheduler` run."""


class Target(Protocol):
    """One thing to kill."""

    name: str

    def kill(self) -> None:
        """Kill -9, and start it again; returns once it answers."""
        ...


@dataclass(frozen=True)
class Stack:
    """A running Defter with one tenant."""

    url: str
    database_url: str
    secret_key: str
    tenant_id: UUID
    staff_id: str
    targets: dict[str, Target]
    urls: tuple[str, ...] = ()
    """The addresses of all API processes; `url` is the first one's."""


class ApiTarget:
    """An API process."""

    name = "api"

    def __init__(self, start: Callable[[], subprocess.Popen[bytes]], url: str, key: str) -> None:
        self._start, self._url, self._key = start, url, key
        self._process = start()

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()
        self._process = self._start()
        self.wait_ready()

    def wait_ready(self) -> None:
        """Wait until the process answers with the tenant's key."""
        wait_until(lambda: answers(f"{self._url}/api/ledger/accounts", self._key))

    def stop(self) -> None:
        """End it for good."""
        self._process.terminate()
        self._process.wait()


class PostgresTarget:
    """The whole embedded PostgreSQL: the postmaster and every process of it."""

    name = "postgres"

    def __init__(self, servers: Servers) -> None:
        self._postgres = servers.postgres

    def kill(self) -> None:
        processes = [self._postgres.pid, *descendants(self._postgres.pid)]
        for pid in processes:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        wait_until(self._postgres.ended)
        self._postgres.restart()


@contextmanager
def running(folder: Path, *, apis: int = 1) -> Generator[Stack]:
    """Run everything on embedded servers: all targets can be killed."""
    with (
        embedded_servers(folder) as servers,
        running_on(servers.database_url, servers.redis_url, apis=apis) as stack,
    ):
        stack.targets["postgres"] = PostgresTarget(servers)
        yield stack


@contextmanager
def running_on(database_url: str, redis_url: str, *, apis: int = 1) -> Generator[Stack]:
    """Run all roles but workers on given servers, which are nobody's to kill."""
    migrate(database_url)
    key = new_key(KeyKind.SECRET, test=True)
    tenant = NewTenant(
        slug=f"kills-{os.urandom(4).hex()}",
        name="Kill campaign",
        base_currency="TRY",
        time_zone="Europe/Istanbul",
        mode=SchemeMode.LICENSED,
        test=True,
        staff=(NewStaff("Finance", FINANCE_SCOPES, key),),
    )
    made = asyncio.run(_onboarded(database_url, tenant))
    ports = [free_port() for _ in range(apis)]
    environment = {
        **os.environ,
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "DEFTER_MASTER_KEYS": base64.b64encode(MASTER_KEY).decode(),
        "PYTHONPATH": os.pathsep.join(sys.path),
        # Roles start again and again; compiling them each time would take longer than the rounds.
        "PYTHONDONTWRITEBYTECODE": "",
        "PYTHONPYCACHEPREFIX": str(Path(tempfile.gettempdir()) / f"defter-kills-{os.getuid()}"),
    }
    with ExitStack() as stops:
        for code in (PROJECTOR, SCHEDULER):
            role = started(code, environment)
            stops.callback(role.wait)
            stops.callback(role.terminate)
        targets: dict[str, Target] = {}
        urls = [f"http://127.0.0.1:{port}" for port in ports]
        for n, (port, url) in enumerate(zip(ports, urls, strict=True)):
            own = {**environment, "DEFTER_PORT": str(port)}
            api = ApiTarget(lambda own=own: started(API, own), url, key.secret)
            stops.callback(api.stop)
            api.wait_ready()
            targets[f"api{n or ''}"] = api
        yield Stack(
            urls[0],
            database_url,
            key.secret,
            made.tenant_id,
            made.staff_ids[0],
            targets,
            tuple(urls),
        )


async def _onboarded(database_url: str, tenant: NewTenant) -> Onboarded:
    writer = Writer(database_url, MasterKeys(MASTER_KEY))
    await writer.start()
    try:
        return await onboard(writer, tenant)
    finally:
        await writer.stop()


def started(code: str, environment: dict[str, str]) -> subprocess.Popen[bytes]:
    """Start a role as a process of its own."""
    program: Sequence[str] = (sys.executable, "-c", code)
    return subprocess.Popen(program, env=environment, stdout=subprocess.DEVNULL)


def answers(url: str, key: str) -> bool:
    """Tell whether an address answers well."""
    request = Request(url, headers={"X-API-Key": key})  # noqa: S310 - our own
    try:
        with urlopen(request, timeout=2) as answer:  # noqa: S310 - our own address
            return answer.status == 200
    except (HTTPError, URLError, OSError):
        return False


def wait_until(true: Callable[[], bool]) -> None:
    """Poll until something is so; fails when it takes too long."""
    end = time.monotonic() + READY_SECONDS
    while not true():
        assert time.monotonic() < end, "it took too long"
        time.sleep(POLL_SECONDS)


def descendants(pid: int) -> list[int]:
    """Give the processes below one of ours."""
    try:
        lists = [path.read_text() for path in Path(f"/proc/{pid}/task").glob("*/children")]
    except OSError:
        return []
    children = [int(word) for text in lists for word in text.split()]
    return [below for child in children for below in (child, *descendants(child))]


def free_port() -> int:
    """Give a port that nobody listens on."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]
