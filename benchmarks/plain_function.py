"""The plain version as one PL/pgSQL function: one statement and one round trip a transfer."""

from typing import LiteralString
from uuid import UUID

from psycopg_pool import AsyncConnectionPool

from benchmarks.plain_psycopg import open_pool
from benchmarks.plain_tables import Outcome

FUNCTION: LiteralString = """
CREATE FUNCTION plain.transfer(
    p_transfer uuid, p_source text, p_target text, p_minor bigint, p_currency text
) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    source_currency text;
    target_currency text;
    source_balance bigint;
BEGIN
    IF p_source < p_target THEN
        SELECT currency, balance INTO source_currency, source_balance
          FROM plain.wallets WHERE id = p_source FOR NO KEY UPDATE;
        SELECT currency INTO target_currency
          FROM plain.wallets WHERE id = p_target FOR NO KEY UPDATE;
    ELSE
        SELECT currency INTO target_currency
          FROM plain.wallets WHERE id = p_target FOR NO KEY UPDATE;
        SELECT currency, balance INTO source_currency, source_balance
          FROM plain.wallets WHERE id = p_source FOR NO KEY UPDATE;
    END IF;
    IF source_currency IS NULL OR target_currency IS NULL THEN RETURN 'wallet_not_found'; END IF;
    IF source_currency <> p_currency OR target_currency <> p_currency THEN
        RETURN 'currency_mismatch';
    END IF;
    IF source_balance < p_minor THEN RETURN 'insufficient_funds'; END IF;
    UPDATE plain.wallets SET balance = balance - p_minor WHERE id = p_source;
    UPDATE plain.wallets SET balance = balance + p_minor WHERE id = p_target;
    INSERT INTO plain.entries (transfer_id, wallet_id, minor, currency)
    VALUES (p_transfer, p_source, -p_minor, p_currency), (p_transfer, p_target, p_minor, p_currency);
    RETURN 'done';
END $$;
"""

CALL: LiteralString = "SELECT plain.transfer(%b, %b, %b, %b, %b)"


class FunctionStore:
    def __init__(self, pool: AsyncConnectionPool) -> None:
        self._pool = pool

    @classmethod
    async def open(cls, database_url: str, pool_size: int) -> "FunctionStore":
        return cls(await open_pool(database_url, pool_size))

    async def close(self) -> None:
        await self._pool.close()

    async def transfer(
        self, transfer_id: UUID, *, source: str, target: str, minor: int, currency: str
    ) -> Outcome:
        async with self._pool.connection() as connection:
            cursor = await connection.execute(CALL, (transfer_id, source, target, minor, currency))
            row = await cursor.fetchone()
        assert row is not None
        return row[0]
