"""The plain version: FastAPI, a pydantic body, balances in rows, one transaction a transfer.

`BENCH_VARIANT` names the store (a key of STORES), `BENCH_DATABASE_URL` the database.

The figures in the variants' docstrings come from a two-core machine in a slow and noisy hour (the
bare app reached 1,400 to 9,000 a second): compare them within a sentence, and trust large ratios.
"""

import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Annotated, Protocol
from uuid import UUID, uuid4

from fastapi import FastAPI, Response
from pydantic import BaseModel, ConfigDict, Field

from benchmarks.plain.one_statement import OneStatementStore
from benchmarks.plain.tables import Outcome
from benchmarks.plain.with_function import FunctionStore
from benchmarks.plain.with_psycopg import PsycopgStore
from benchmarks.plain.with_sqlalchemy import SqlalchemyStore

MINOR_MAX = 2**53 - 1
CONNECTIONS = 4

STORES = {
    "sqlalchemy": SqlalchemyStore,
    "one-statement": OneStatementStore,
    "psycopg": PsycopgStore,
    "function": FunctionStore,
}
STATUSES: dict[Outcome, int] = {
    "done": 201,
    "wallet_not_found": 404,
    "currency_mismatch": 409,
    "insufficient_funds": 409,
}

WalletId = Annotated[str, Field(pattern="^wal_[0-9a-z]{16,40}$")]


class Store(Protocol):
    async def close(self) -> None: ...

    async def transfer(
        self, transfer_id: UUID, *, source: str, target: str, minor: int, currency: str
    ) -> Outcome: ...


class Amount(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    minor: Annotated[int, Field(ge=1, le=MINOR_MAX)]
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")]


class Transfer(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    source: WalletId
    target: WalletId
    amount: Amount


class OpenStore:
    """The store of this process, open while the app runs."""

    store: Store


opened = OpenStore()


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncGenerator[None]:
    opened.store = await STORES[os.environ["BENCH_VARIANT"]].open(
        os.environ["BENCH_DATABASE_URL"], int(os.environ.get("BENCH_CONNECTIONS", CONNECTIONS))
    )
    yield
    await opened.store.close()


app = FastAPI(lifespan=lifespan)


@app.post("/transfers", status_code=201)
async def transfer_funds(transfer: Transfer) -> Response:
    if transfer.source == transfer.target:
        return Response(b'{"code":"same_wallet"}', status_code=422, media_type="application/json")
    transfer_id = uuid4()
    outcome = await opened.store.transfer(
        transfer_id,
        source=transfer.source,
        target=transfer.target,
        minor=transfer.amount.minor,
        currency=transfer.amount.currency,
    )
    return Response(
        f'{{"transfer_id":"trf_{transfer_id.hex}","code":"{outcome}"}}',
        status_code=STATUSES[outcome],
        media_type="application/json",
    )
