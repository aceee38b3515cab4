"""The plain version as one PL/pgSQL function: one statement and one round trip a transfer.

Tried on the server alone (pgbench, 8 clients, transfers a second, uniform / hot): two SELECT FOR
UPDATE, then the updates 5,750 / 2,240, guarded updates in id order that lock by themselves 6,660 /
2,820 (two interleaved runs). Entries inserted before the updates, for a shorter lock, against
after: 5,990 / 2,280 against 5,160 / 2,360 (medians of seven runs that overlap). Before
stands here; the callers sort the two wallets, which was not measured by itself.
"""

from typing import LiteralString, Self
from uuid import UUID

from psycopg.errors import RaiseException

from benchmarks.plain.connections import Connections
from benchmarks.plain.tables import Outcome, name_refusal
from benchmarks.plain.with_psycopg import CURRENCIES

FUNCTION: LiteralString = """
CREATE FUNCTION plain.transfer(
    p_transfer uuid, p_first text, p_first_minor bigint, p_second text, p_second_minor bigint,
    p_currency text
) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO plain.entries (transfer_id, wallet_id, minor, currency)
    VALUES (p_transfer, p_first, p_first_minor, p_currency),
           (p_transfer, p_second, p_second_minor, p_currency);
    UPDATE plain.wallets SET balance = balance + p_first_minor
     WHERE id = p_first AND currency = p_currency AND balance + p_first_minor >= 0;
    IF NOT FOUND THEN RAISE EXCEPTION 'refused'; END IF;
    UPDATE plain.wallets SET balance = balance + p_second_minor
     WHERE id = p_second AND currency = p_currency AND balance + p_second_minor >= 0;
    IF NOT FOUND THEN RAISE EXCEPTION 'refused'; END IF;
END $$;
"""
CALL: LiteralString = "SELECT plain.transfer($1, $2, $3, $4, $5, $6)"


class FunctionStore:
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
            fields = (transfer_id, source, -minor, target, minor, currency)
        else:
            fields = (transfer_id, target, minor, source, -minor, currency)
        cursor = await self._connections.take()
        try:
            await cursor.execute(CALL, fields)
        except RaiseException:
            await cursor.execute(CURRENCIES, (source, target))
            return name_refusal([row[0] for row in await cursor.fetchall()], currency)
        finally:
            self._connections.give_back(cursor)
        return "done"
