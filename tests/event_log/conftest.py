from collections.abc import AsyncGenerator, Generator
from contextlib import contextmanager
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql

from tests.conftest import ServerUrls
from tests.event_log.shop import Shop, open_shop


@pytest.fixture
async def shop(module_database_url: str) -> AsyncGenerator[Shop]:
    """A tenant of its own with a writer of its own; its log is held to its promises at the end."""
    async with open_shop(module_database_url) as opened:
        yield opened
        assert opened.problems() == []


@pytest.fixture
def empty_database_url(servers: ServerUrls) -> Generator[str]:
    with _empty(servers.database_url) as url:
        yield url


@pytest.fixture
def other_empty_database_url(servers: ServerUrls) -> Generator[str]:
    with _empty(servers.database_url) as url:
        yield url


@contextmanager
def _empty(admin_url: str) -> Generator[str]:
    name = f"{urlsplit(admin_url).path[1:] or 'postgres'}_empty_{uuid4().hex[:8]}"
    with psycopg.connect(admin_url, autocommit=True) as admin:
        admin.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            yield urlunsplit(urlsplit(admin_url)._replace(path=f"/{name}"))
        finally:
            admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
