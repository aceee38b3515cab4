from typing import LiteralString
from uuid import UUID

from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from benchmarks.plain_tables import Outcome

LOCK: LiteralString = """
SELECT id, currency, balance FROM plain.wallets WHERE id IN (%b, %b) ORDER BY id FOR NO KEY UPDATE
"""
MOVE: LiteralString = """
UPDATE plain.wallets SET balance = balance + CASE id WHEN %(source)b THEN -%(minor)b ELSE %(minor)b END
 WHERE id IN (%(source)b, %(target)b)
"""
ENTER: LiteralString = """
INSERT INTO plain.entries (transfer_id, wallet_id, minor, currency)
VALUES (%(transfer)b, %(source)b, -%(minor)b, %(currency)b),
       (%(transfer)b, %(target)b, %(minor)b, %(currency)b)
"""


async def open_pool(database_url: str, pool_size: int) -> AsyncConnectionPool:
    pool = AsyncConnectionPool(
        database_url,
        min_size=pool_size,
        max_size=pool_size,
        open=False,
        kwargs={"autocommit": True, "prepare_threshold": 0},
    )
    await pool.open(wait=True)
    return pool


class PsycopgStore:
    def __init__(self, pool: AsyncConnectionPool) -> None:
        self._pool = pool

    @classmethod
    async def open(cls, database_url: str, pool_size: int) -> "PsycopgStore":
        return cls(await open_pool(database_url, pool_size))

    async def close(self) -> None:
        await self._pool.close()

    async def transfer(
        self, transfer_id: UUID, *, source: str, target: str, minor: int, currency: str
    ) -> Outcome:
        fields = {
            "transfer": transfer_id,
            "source": source,
            "target": target,
            "minor": minor,
            "currency": currency,
        }
        async with self._pool.connection() as connection:
            outcome = await self._lock(connection, source, target, minor, currency)
            if outcome != "done":
                await connection.execute("ROLLBACK")
                return outcome
            async with connection.pipeline():
                await connection.execute(MOVE, fields)
                await connection.execute(ENTER, fields)
                await connection.execute("COMMIT")
        return "done"

    async def _lock(self, connection: AsyncConnection, source, target, minor, currency) -> Outcome:
        async with connection.pipeline():
            await connection.execute("BEGIN")
            cursor = await connection.execute(LOCK, (source, target))
        rows = await cursor.fetchall()
        if len(rows) != 2:
            return "wallet_not_found"
        for wallet_id, wallet_currency, balance in rows:
            if wallet_currency != currency:
                return "currency_mismatch"
            if wallet_id == source and balance < minor:
                return "insufficient_funds"
        return "done"
