"""Servers and databases for every test that needs them; those that do not never start one."""

import gc
import os
import uuid
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from shutil import disk_usage
from tempfile import TemporaryDirectory
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import psycopg
import pytest
import structlog
from hypothesis import settings
from psycopg import sql

COLLECT_EVERY_ALLOCATIONS = 20_000
CONNECT_TIMEOUT_SECONDS = 30
"""A machine whose hypervisor takes it away for a while answers late, and is not broken."""

IN_MEMORY = Path("/dev/shm")  # noqa: S108 - the folder in it gets a name of its own
IN_MEMORY_BYTES_FREE = 4 * 2**30

settings.register_profile("defter", deadline=None)
settings.load_profile("defter")


def pytest_collection_finish() -> None:
    """Spare the collector what stays to the end, which is nearly everything by now."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(COLLECT_EVERY_ALLOCATIONS, *gc.get_threshold()[1:])


@dataclass(frozen=True)
class ServerUrls:
    """Where this run's PostgreSQL (as one who may create databases) and Valkey answer."""

    database_url: str
    redis_url: str


@pytest.fixture(autouse=True)
def plain_logs() -> None:
    """Give each test the same logs, whoever set them up before it.

    Locals of a traceback are slow to print, and no log may show them.
    """
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ]
    )


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Generator[ServerUrls]:
    """Use the servers that the environment names, and embedded ones in place of the others.

    Workers side by side share a PostgreSQL that is named, as each test has a database of its own
    there, but no Valkey.
    """
    with ExitStack() as stops:
        database_url, redis_url = os.environ.get("DATABASE_URL"), os.environ.get("REDIS_URL")
        if "PYTEST_XDIST_WORKER" in os.environ:
            redis_url = None
        if not database_url or not redis_url:
            from infrastructure.embedded.servers import embedded_servers  # noqa: PLC0415 - as said

            folder = stops.enter_context(_quick_folder(tmp_path_factory))
            own = stops.enter_context(embedded_servers(folder, durable=False))
            database_url = database_url or own.database_url
            redis_url = redis_url or own.redis_url
        yield ServerUrls(_patient(database_url), redis_url)


def _patient(database_url: str) -> str:
    """Let whoever connects wait as long as tests may, unless the URL says otherwise."""
    parts = urlsplit(database_url)
    query = {"connect_timeout": str(CONNECT_TIMEOUT_SECONDS)} | dict(parse_qsl(parts.query))
    return urlunsplit(parts._replace(query=urlencode(query)))


@contextmanager
def _quick_folder(tmp_path_factory: pytest.TempPathFactory) -> Generator[Path]:
    """Lend a folder in memory where there is room: a database is hundreds of files, made anew."""
    if not IN_MEMORY.is_dir() or disk_usage(IN_MEMORY).free < IN_MEMORY_BYTES_FREE:
        yield tmp_path_factory.mktemp("servers")
        return
    with TemporaryDirectory(dir=IN_MEMORY, prefix="defter-tests-") as folder:
        yield Path(folder)


@pytest.fixture(scope="session")
def redis_url(servers: ServerUrls) -> str:
    return servers.redis_url


@pytest.fixture(scope="session")
def migrated_template(servers: ServerUrls) -> Generator[str]:
    """Migrate one database, of which every other one is a copy."""
    from infrastructure.event_log.migrate import migrate  # noqa: PLC0415 - alembic, when needed

    with fresh_database(servers.database_url) as url:
        migrate(url)
        yield url


@pytest.fixture
def database_url(servers: ServerUrls, migrated_template: str) -> Generator[str]:
    """Give a fresh, migrated database."""
    with fresh_database(servers.database_url, template=migrated_template) as url:
        yield url


@pytest.fixture(scope="module")
def module_database_url(servers: ServerUrls, migrated_template: str) -> Generator[str]:
    """Give a migrated database that the tests of a module share."""
    with fresh_database(servers.database_url, template=migrated_template) as url:
        yield url


@contextmanager
def fresh_database(admin_url: str, *, template: str = "/template0") -> Generator[str]:
    """Make a database like the one that the template's URL names, for as long as it is wanted."""
    # Files are copied as they are: writing each page to the log, too, costs several times as much.
    name = f"{_name(admin_url)}_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(admin_url, autocommit=True) as admin:
        admin.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy").format(
                sql.Identifier(name), sql.Identifier(_name(template))
            )
        )
        try:
            yield urlunsplit(urlsplit(admin_url)._replace(path=f"/{name}"))
        finally:
            admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def _name(url: str) -> str:
    return urlsplit(url).path.removeprefix("/") or "postgres"
