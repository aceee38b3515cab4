"""Wrap every stored key anew by the newest master key, so that an older one can be thrown away.

Only the owner of the tables may: the running service can destroy a key and change none. What was
done is committed in small batches and never done twice, so it may be stopped and begun again.
"""

from collections.abc import Callable
from typing import Any, NamedTuple
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.sql import SQL, Identifier

from infrastructure.event_log.keyring import MasterKeys

BATCH_KEYS = 500

_SCOPE = b"SELECT set_config('app.tenants', %s, true)"
_TENANTS = b"SELECT tenant_id FROM defter.log_ends() ORDER BY tenant_id"
_COUNT = SQL("""
SELECT count(*), count(*) FILTER (WHERE master_key <> %s) FROM defter.{table}
WHERE tenant_id = %s AND wrapped IS NOT NULL
""")
_OLDER = SQL("""
SELECT {key}, wrapped, master_key FROM defter.{table}
WHERE tenant_id = %s AND wrapped IS NOT NULL AND master_key <> %s
ORDER BY {key} LIMIT %s FOR UPDATE
""")
_REWRAP = SQL("""
UPDATE defter.{table} kept SET wrapped = new.wrapped, master_key = %s
FROM unnest(%s::text[], %s::bytea[]) AS new (key, wrapped)
WHERE kept.tenant_id = %s AND kept.{key} = new.key
""")


class Table(NamedTuple):
    """Where wrapped keys stand, and what they are bound to beside their tenant."""

    name: str
    column: str
    bound: str = "{}"


TABLES = (Table("subject_keys", "subject"), Table("signing_keys", "kid", "signing {}"))


class Standing(NamedTuple):
    """How many keys there are, and how many of them an older master key wraps."""

    keys: int
    older: int


async def standing(connection: AsyncConnection[Any], master_keys: MasterKeys) -> Standing:
    """Count the keys of all tenants; those that were destroyed are none."""
    counted = [0, 0]
    for tenant_id in await _tenants(connection):
        for table in TABLES:
            async with connection.transaction():
                await connection.execute(_SCOPE, (f"{{{tenant_id}}}",))
                cursor = await connection.execute(
                    _COUNT.format(table=Identifier(table.name)), (master_keys.current, tenant_id)
                )
                keys, older = await cursor.fetchone() or (0, 0)
            counted[0] += keys
            counted[1] += older
    return Standing(*counted)


async def rewrap(
    connection: AsyncConnection[Any],
    master_keys: MasterKeys,
    *,
    told: Callable[[int], None] = lambda _done: None,
    batch: int = BATCH_KEYS,
) -> int:
    """Wrap what an older master key wraps; gives how many, and `told` hears after each commit.

    `connection` is the owner's, outside any transaction. Raises `MasterKeyWrong` where the settings
    lack the master key that wraps one.
    """
    done = 0
    for tenant_id in await _tenants(connection):
        for table in TABLES:
            while changed := await _batch(connection, master_keys, tenant_id, table, batch):
                done += changed
                told(done)
    return done


async def _tenants(connection: AsyncConnection[Any]) -> list[UUID]:
    return [row[0] for row in await (await connection.execute(_TENANTS)).fetchall()]


async def _batch(
    connection: AsyncConnection[Any],
    master_keys: MasterKeys,
    tenant_id: UUID,
    table: Table,
    most: int,
) -> int:
    names = {"table": Identifier(table.name), "key": Identifier(table.column)}
    async with connection.transaction():
        await connection.execute(_SCOPE, (f"{{{tenant_id}}}",))
        cursor = await connection.execute(
            _OLDER.format(**names), (tenant_id, master_keys.current, most)
        )
        rows = [
            (key, master_keys.rewrapped(tenant_id, table.bound.format(key), by, bytes(wrapped)))
            for key, wrapped, by in await cursor.fetchall()
        ]
        if rows:
            keys, wrapped = map(list, zip(*rows, strict=True))
            given = (master_keys.current, keys, wrapped, tenant_id)
            await connection.execute(_REWRAP.format(**names), given)
    return len(rows)
