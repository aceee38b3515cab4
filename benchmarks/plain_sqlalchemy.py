"""The plain version on SQLAlchemy Core, async engine over psycopg."""

from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Column,
    MetaData,
    String,
    Table,
    Uuid,
    bindparam,
    case,
    insert,
    make_url,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from benchmarks.plain_tables import Outcome

metadata = MetaData(schema="plain")
wallets = Table(
    "wallets",
    metadata,
    Column("id", String, primary_key=True),
    Column("currency", String, nullable=False),
    Column("balance", BigInteger, nullable=False),
)
entries = Table(
    "entries",
    metadata,
    Column("id", BigInteger, primary_key=True),
    Column("transfer_id", Uuid, nullable=False),
    Column("wallet_id", String, nullable=False),
    Column("minor", BigInteger, nullable=False),
    Column("currency", String, nullable=False),
)

both = wallets.c.id.in_([bindparam("source"), bindparam("target")])
LOCK = select(wallets).where(both).order_by(wallets.c.id).with_for_update(key_share=True)
amount = bindparam("amount", type_=BigInteger)
MOVE = (
    update(wallets)
    .where(both)
    .values(
        balance=wallets.c.balance
        + case((wallets.c.id == bindparam("source"), -amount), else_=amount)
    )
)
ENTER = (
    insert(entries)
    .inline()
    .values(
        [
            {
                "transfer_id": bindparam("transfer"),
                "wallet_id": bindparam("source"),
                "minor": -amount,
                "currency": bindparam("code"),
            },
            {
                "transfer_id": bindparam("transfer"),
                "wallet_id": bindparam("target"),
                "minor": amount,
                "currency": bindparam("code"),
            },
        ]
    )
)


class SqlalchemyStore:
    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    @classmethod
    async def open(cls, database_url: str, pool_size: int) -> "SqlalchemyStore":
        return cls(
            create_async_engine(
                make_url(database_url).set(drivername="postgresql+psycopg"),
                pool_size=pool_size,
                max_overflow=0,
                connect_args={"prepare_threshold": 0},
            )
        )

    async def close(self) -> None:
        await self._engine.dispose()

    async def transfer(
        self, transfer_id: UUID, *, source: str, target: str, minor: int, currency: str
    ) -> Outcome:
        fields = {
            "transfer": transfer_id,
            "source": source,
            "target": target,
            "amount": minor,
            "code": currency,
        }
        async with self._engine.connect() as connection:
            locked = await connection.execute(LOCK, {"source": source, "target": target})
            rows = locked.all()
            if len(rows) != 2:
                return "wallet_not_found"
            for row in rows:
                if row.currency != currency:
                    return "currency_mismatch"
                if row.id == source and row.balance < minor:
                    return "insufficient_funds"
            await connection.execute(MOVE, fields)
            await connection.execute(ENTER, fields)
            await connection.commit()
        return "done"
