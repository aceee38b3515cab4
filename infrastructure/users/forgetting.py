"""What stands of a person beside the log, and how it goes when the person is erased.

In the log, and in everything made from it, their data are sealed with a key that is destroyed with
the event. Here is what was never sealed, because it is a secret or a hash. `STATEMENTS` names every
table with a `person_id`; a test holds it to that.
"""

from collections.abc import Collection
from typing import Any, NamedTuple
from uuid import UUID

from psycopg import AsyncConnection

from infrastructure.postgres.connections import connect

_SCOPE = b"SELECT set_config('app.tenants', %s, true)"

STATEMENTS = (
    b"DELETE FROM defter.credentials WHERE tenant_id = %(tenant)s AND person_id = %(person)s",
    b"DELETE FROM defter.refresh_tokens WHERE tenant_id = %(tenant)s AND person_id = %(person)s",
    b"DELETE FROM defter.mailed_links WHERE tenant_id = %(tenant)s AND person_id = %(person)s",
    b"DELETE FROM defter.person_tokens WHERE tenant_id = %(tenant)s AND person_id = %(person)s",
    b"DELETE FROM defter.search_recent WHERE tenant_id = %(tenant)s AND person_id = %(person)s",
    # Attempts are counted under the keyed hash of an address, with words before or after it.
    b"""
DELETE FROM defter.login_attempts WHERE tenant_id = %(tenant)s AND EXISTS (
    SELECT FROM unnest(%(hashes)s::text[]) hash WHERE strpos(who, hash) > 0)
""",
    b"""
UPDATE defter.effects SET state = 'discarded', told = NULL, settled_at = now()
WHERE tenant_id = %(tenant)s AND target = %(person)s AND state IN ('waiting', 'dead')
""",
    b"""
UPDATE defter.effects SET told = NULL
WHERE tenant_id = %(tenant)s AND target = %(person)s AND told IS NOT NULL
""",
)


class Forgotten(NamedTuple):
    """Who was erased, and the keyed hashes of the addresses that they had."""

    person_id: str
    hashes: tuple[str, ...] = ()


async def forget(
    connection: AsyncConnection[Any], tenant_id: UUID, people: Collection[Forgotten]
) -> None:
    """Remove what stands of people beside the log, in the transaction that is open."""
    for person_id, hashes in people:
        given = {"tenant": tenant_id, "person": person_id, "hashes": list(hashes)}
        for statement in STATEMENTS:
            await connection.execute(statement, given)


class Forgetting:
    """Forgets at once; the process that follows the log does it too, whatever happens here."""

    def __init__(self, database_url: str) -> None:
        self._database_url = database_url

    async def __call__(self, tenant_id: UUID, person_id: str) -> None:
        """Remove what stands of a person beside the log."""
        async with await connect(self._database_url) as connection, connection.transaction():
            await connection.execute(_SCOPE, (f"{{{tenant_id}}}",))
            await forget(connection, tenant_id, (Forgotten(person_id),))
