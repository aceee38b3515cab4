"""The plain version on psycopg: one statement a transfer, its constraints undo it on a refusal.

The statement updates the two wallets in id order (the second depends on the first, so the order
holds) and inserts both entries. An update that its wallet refuses returns no id, the entry's
`wallet_id` is then null, and the NOT NULL constraint undoes the whole statement.

Tried (in process, 64 callers, transfers a second, uniform / hot, medians of four interleaved
rounds, 8 connections of `psycopg_pool`): two pipelines, BEGIN and SELECT FOR UPDATE, then the
writes and COMMIT, 946 / 759; this statement 2,397 / 2,012. With 4 connections 2,451 / 2,047, with
16 2,128 / 1,317; 4 stands, though it and 8 are within the noise.
"""

from typing import LiteralString, Self
from uuid import UUID

from psycopg.errors import NotNullViolation

from benchmarks.plain.connections import Connections
from benchmarks.plain.tables import Outcome, name_refusal

TRANSFER: LiteralString = """
WITH first AS (
    UPDATE plain.wallets SET balance = balance + $2::bigint
     WHERE id = $1 AND currency = $5 AND balance + $2::bigint >= 0 RETURNING id
), second AS (
    UPDATE plain.wallets SET balance = balance + $4::bigint
     WHERE id = $3 AND currency = $5 AND balance + $4::bigint >= 0
       AND EXISTS (SELECT FROM first) RETURNING id
)
INSERT INTO plain.entries (transfer_id, wallet_id, minor, currency)
VALUES ($6, (SELECT id FROM first), $2::bigint, $5),
       ($6, (SELECT id FROM second), $4::bigint, $5)
"""
CURRENCIES: LiteralString = "SELECT currency FROM plain.wallets WHERE id IN ($1, $2)"


class PsycopgStore:
    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    @classmethod
    async def open(cls, database_url: str, connections: int) -> Self:
        return cls(await Connections.open(database_url, connections))

    async def close(self) -> None:
        await self._connections.close()

    async def transfer(
        self, transfer_id: UUID, *, source: str, target: str, minor: int, currency: str
    ) -> Outcome:
        if source < target:
            fields = (source, -minor, target, minor, currency, transfer_id)
        else:
            fields = (target, minor, source, -minor, currency, transfer_id)
        cursor = await self._connections.take()
        try:
            await cursor.execute(TRANSFER, fields)
        except NotNullViolation:
            await cursor.execute(CURRENCIES, (source, target))
            return name_refusal([row[0] for row in await cursor.fetchall()], currency)
        finally:
            self._connections.give_back(cursor)
        return "done"
