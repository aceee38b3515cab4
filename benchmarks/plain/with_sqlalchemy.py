"""The plain version as most engineers would write it: SQLAlchemy, row locks, one transaction.

Lock both wallets in id order, check, update both balances, insert both entries, commit. Core over
psycopg with prepared statements; multi-row VALUES from SELECT, since `insert().values([...])` is
compiled anew each time. Tried in process, 64 callers: an ORM session a third as fast; 4 and 8
connections within the noise. `one_statement.py` is the same library used as a query builder.
"""

from typing import Self
from uuid import UUID

from sqlalchemy import BigInteger, String, bindparam, case, insert, make_url, select, update
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from benchmarks.plain.one_statement import entries, wallets
from benchmarks.plain.tables import WALLETS_A_TRANSFER, Outcome, name_refusal

IDS = (bindparam("source", type_=String), bindparam("target", type_=String))
MINOR = bindparam("minor", type_=BigInteger)
LOCK = (
    select(wallets.c.id, wallets.c.currency, wallets.c.balance)
    .where(wallets.c.id.in_(IDS))
    .order_by(wallets.c.id)
    .with_for_update()
)
MOVE = (
    update(wallets)
    .where(wallets.c.id.in_(IDS))
    .values(
        balance=wallets.c.balance + case((wallets.c.id == bindparam("payer"), -MINOR), else_=MINOR)
    )
)
ENTRIES = insert(entries).inline()


class SqlalchemyStore:
    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    @classmethod
    async def open(cls, database_url: str, connections: int) -> Self:
        engine = create_async_engine(
            make_url(database_url).set(drivername="postgresql+psycopg"),
            pool_size=connections,
            max_overflow=0,
            pool_use_lifo=True,
            connect_args={"prepare_threshold": 0},
        )
        return cls(engine)

    async def close(self) -> None:
        await self._engine.dispose()

    async def transfer(
        self, transfer_id: UUID, *, source: str, target: str, minor: int, currency: str
    ) -> Outcome:
        both = {"source": source, "target": target}
        async with self._engine.begin() as connection:
            found = (await connection.execute(LOCK, both)).all()
            payer = next((row for row in found if row.id == source), None)
            same = len(found) == WALLETS_A_TRANSFER and all(r.currency == currency for r in found)
            if payer is None or not same or payer.balance < minor:
                return name_refusal([row.currency for row in found], currency)
            await connection.execute(MOVE, {**both, "payer": source, "minor": minor})
            await connection.execute(
                ENTRIES,
                [
                    {
                        "transfer_id": transfer_id,
                        "wallet_id": wallet,
                        "minor": amount,
                        "currency": currency,
                    }
                    for wallet, amount in ((source, -minor), (target, minor))
                ],
            )
        return "done"
