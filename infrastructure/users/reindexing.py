"""Make the index of persons anew from the log."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection

from domain.users.customer import Customer
from infrastructure.event_log.claim_keys import claim_key
from infrastructure.event_log.keyring import MasterKeys
from infrastructure.event_log.opening import Opener
from infrastructure.users.person_index import index_persons

PERSONS_AT_ONCE = 100
"""So few that a busy machine is done with them before an idle transaction is ended."""

_SCOPE = b"SELECT set_config('app.tenants', %s, true)"
_TENANTS = b"SELECT tenant_id FROM defter.log_ends()"
_FIRST = f"{Customer.CATEGORY}-"
_BEYOND = f"{Customer.CATEGORY}."
_STREAMS = b"""
SELECT stream FROM defter.events
WHERE tenant_id = %s AND stream > %s AND stream < %s AND version = 1 ORDER BY stream LIMIT %s
"""


async def tenants_of(connection: AsyncConnection[Any]) -> list[UUID]:
    """Give all tenants."""
    return [row[0] for row in await (await connection.execute(_TENANTS)).fetchall()]


async def reindex(
    connection: AsyncConnection[Any], master_keys: MasterKeys, tenants: Sequence[UUID]
) -> int:
    """Index all persons of some tenants, a few at a time; gives how many there are.

    Whoever asks meanwhile finds each person by the old words or by the new ones.
    """
    opener, persons = Opener(master_keys), 0
    for tenant_id in tenants:
        last = _FIRST
        while True:
            async with connection.transaction():
                await connection.execute(_SCOPE, (f"{{{tenant_id}}}",))
                given = (tenant_id, last, _BEYOND, PERSONS_AT_ONCE)
                rows = await (await connection.execute(_STREAMS, given)).fetchall()
                if not rows:
                    break
                key = await claim_key(connection, master_keys, tenant_id)
                found = [stream.removeprefix(_FIRST) for (stream,) in rows]
                await index_persons(connection, opener, key, tenant_id, found)
            last, persons = rows[-1][0], persons + len(rows)
    return persons
