"""A database whose read models stand at the end of two lively logs, and its replay."""

from collections.abc import Sequence
from uuid import UUID

import psycopg

from application.tenants.tenants import PLATFORM
from infrastructure.postgres.connections import connect
from infrastructure.replay.findings import Outcome
from infrastructure.replay.replay import Asked, replay, tenants_with_logs
from projections.read_model import ReadModel
from projections.read_models import READ_MODELS
from tests.kit.lively.whole import lively
from tests.projections.stepping import catch_up
from tests.projections.test_looking import directory_events
from tests.projections.written_logs import Log

OTHER = UUID("7e000000-0000-4000-8000-0000000000d2")
ROWS_LISTED = 10


async def lively_database(database_url: str) -> Log:
    """Give the log of the platform, in which every read model has rows, beside another's."""
    log, other = lively(PLATFORM), lively(OTHER)
    log.record(directory_events())
    async with await connect(database_url) as connection:
        for one in (log, other):
            one.store(database_url)
            assert await catch_up(connection, one.tenant_id) == ()
    return log


async def replayed(
    database_url: str,
    read_models: Sequence[ReadModel] = READ_MODELS,
    *,
    entries: bool = True,
    rows_listed: int = ROWS_LISTED,
) -> dict[tuple[UUID, str], Outcome]:
    """Replay all tenants; gives what was found by tenant and read model."""
    tenants = [*await tenants_with_logs(database_url)]
    found = await replay(database_url, Asked(tenants, read_models, entries, rows_listed))
    return {(one.tenant_id, one.read_model): one for one in found}


def tamper(database_url: str, statement: str, *values: object) -> None:
    """Change what only a superuser can, past every guard."""
    with psycopg.connect(database_url) as owner:
        owner.execute("SET session_replication_role = replica")
        owner.execute("ALTER TABLE defter.events DISABLE TRIGGER ALL")
        changed = owner.execute(statement.encode(), values)
        assert changed.rowcount, f"nothing to change: {statement}"


def left_behind(database_url: str) -> list[str]:
    """Name the schemas that a replay has left."""
    with psycopg.connect(database_url) as owner:
        query = "SELECT nspname FROM pg_namespace WHERE nspname = 'replayed'"
        return [name for (name,) in owner.execute(query).fetchall()]
