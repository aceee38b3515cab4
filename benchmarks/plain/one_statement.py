"""SQLAlchemy Core, async engine over psycopg: the same one statement.

Tried in process, 64 callers, transfers a second, uniform / hot, two interleaved rounds each. One
run, 4 connections: an ORM session (lock, flush, insert, commit) 211 / 162, Core with SELECT FOR
UPDATE, one UPDATE, one INSERT and COMMIT 378 / 249, one statement 223 / 244, all but the ORM with
`insert().values([...])`, which is not cached for several rows and compiles each time. The next run,
with INSERT FROM SELECT: Core in steps 591 / 427, with 8 connections 652 / 463; one statement under
AUTOCOMMIT 1,941 / 1,766, with a last-in first-out pool 2,025 / 1,872, with 8 connections
1,377 / 1,337.
"""

from typing import Any, Self
from uuid import UUID

from sqlalchemy import (
    CTE,
    BigInteger,
    Column,
    ColumnElement,
    MetaData,
    Select,
    String,
    Table,
    Uuid,
    bindparam,
    exists,
    insert,
    make_url,
    select,
    union_all,
    update,
)
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from benchmarks.plain.tables import Outcome, name_refusal

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


def _guarded_update(wallet: str, minor: str, *conditions: ColumnElement[bool]) -> CTE:
    balance = wallets.c.balance + bindparam(minor, type_=BigInteger)
    return (
        update(wallets)
        .where(wallets.c.id == bindparam(wallet), wallets.c.currency == bindparam("code"))
        .where(balance >= 0, *conditions)
        .values(balance=balance)
        .returning(wallets.c.id)
        .cte(wallet)
    )


def _entry(updated: CTE, minor: str) -> Select[UUID, Any, int, str]:
    return select(
        bindparam("transfer", type_=Uuid),
        select(updated.c.id).scalar_subquery(),
        bindparam(minor, type_=BigInteger),
        bindparam("code", type_=String),
    )


FIRST = _guarded_update("first", "first_minor")
SECOND = _guarded_update("second", "second_minor", exists().select_from(FIRST))
TRANSFER = (
    insert(entries)
    .inline()
    .from_select(
        ["transfer_id", "wallet_id", "minor", "currency"],
        union_all(_entry(FIRST, "first_minor"), _entry(SECOND, "second_minor")),
    )
)
CURRENCIES = select(wallets.c.currency).where(
    wallets.c.id.in_([bindparam("source"), bindparam("target")])
)


class OneStatementStore:
    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    @classmethod
    async def open(cls, database_url: str, connections: int) -> Self:
        engine = create_async_engine(
            make_url(database_url).set(drivername="postgresql+psycopg"),
            pool_size=connections,
            max_overflow=0,
            pool_use_lifo=True,
            pool_reset_on_return=None,
            isolation_level="AUTOCOMMIT",
            connect_args={"prepare_threshold": 0},
        )
        return cls(engine)

    async def close(self) -> None:
        await self._engine.dispose()

    async def transfer(
        self, transfer_id: UUID, *, source: str, target: str, minor: int, currency: str
    ) -> Outcome:
        moves = sorted([(source, -minor), (target, minor)])
        fields = {
            "transfer": transfer_id,
            "code": currency,
            "first": moves[0][0],
            "first_minor": moves[0][1],
            "second": moves[1][0],
            "second_minor": moves[1][1],
        }
        async with self._engine.connect() as connection:
            try:
                await connection.execute(TRANSFER, fields)
            except IntegrityError:
                found = await connection.scalars(CURRENCIES, {"source": source, "target": target})
                return name_refusal(list(found), currency)
        return "done"
