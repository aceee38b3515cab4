"""Logs that are sealed by hand, and logs that are long."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import psycopg
from psycopg import AsyncConnection

from infrastructure.event_log.keyring import MasterKeys
from infrastructure.identity.signing_keys import SigningKeys, Use
from infrastructure.postgres.connections import connect
from infrastructure.projections.checkpoints import first_sight
from infrastructure.sealing.layout import Laid, laid
from infrastructure.sealing.sealer import SEALER, Sealer

MASTER_KEYS = MasterKeys(b"s" * 32)

_MANY = """
INSERT INTO defter.events
SELECT %s, n, gen_random_uuid(), 'wallet-wal_' || n %% 100, 1 + n / 100, 'wallet.funds_credited', 1,
    convert_to(jsonb_build_object('n', n)::text, 'UTF8'), '{}', now()
FROM generate_series(%s::bigint, %s::bigint) n
"""


def sealing_keys(database_url: str) -> SigningKeys:
    return SigningKeys(database_url, MASTER_KEYS, use=Use.CHECKPOINT)


def sealer(database_url: str) -> Sealer:
    return Sealer(sealing_keys(database_url))


def fill(database_url: str, tenant_id: UUID, first: int, last: int) -> None:
    """Put made-up events into a log, as the owner of the tables."""
    with psycopg.connect(database_url) as owner:
        owner.execute("INSERT INTO defter.log_head VALUES (%s) ON CONFLICT DO NOTHING", [tenant_id])
        owner.execute(_MANY, [tenant_id, first, last])


async def seal(
    database_url: str, tenant_id: UUID, by: Sealer | None = None
) -> AsyncConnection[Any]:
    """Seal a log to its end and give a connection in a transaction that sees it."""
    connection = await connect(database_url)
    await first_sight(connection, tenant_id, [SEALER])
    by = by or sealer(database_url)
    while (await by.advance(connection, tenant_id)).more:
        pass
    await look(connection, tenant_id)
    return connection


async def look(connection: AsyncConnection[Any], tenant_id: UUID) -> None:
    await connection.execute(b"BEGIN")
    await connection.execute(
        b"SELECT set_config('app.tenants', %s, true),"
        b" set_config('idle_in_transaction_session_timeout', '60s', true)",
        (f"{{{tenant_id}}}",),
    )


def end_to_end(leaves: Sequence[bytes]) -> Laid:
    """Lay leaves out as a check of a log takes them."""
    return laid(b"".join(leaves), [*map(len, leaves)])
