"""What each wallet has: available and held money, and the version that serves as its ETag."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import BigInteger, Column, DateTime, Index, Text, bindparam, select

from domain.kernel.events import Event, Recorded
from domain.wallet.events import (
    CaptureRefunded,
    FundsCredited,
    FundsHeld,
    FundsToppedUp,
    HeldFundsCaptured,
    HeldFundsReleased,
    IncomeReversed,
    TransferReceived,
    TransferReturned,
    TransferSent,
    TransferTakenBack,
    WalletOpened,
)
from domain.wallet.gifts.events import GiftReceived
from projections.query import Connection, Query
from projections.read_model import Fold, Increment, Insert, Operation, ReadModel, ReadTable

BALANCES = ReadTable(
    "wallet_balances_v1",
    Column("wallet_id", Text(collation="C"), primary_key=True),
    Column("owner", Text(collation="C"), nullable=False),
    Column("currency", Text, nullable=False),
    Column("opened_at", DateTime(timezone=True), nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("updated_position", BigInteger, nullable=False),
    Column("available", BigInteger, nullable=False),
    Column("held", BigInteger, nullable=False),
    Index("wallet_balances_v1_owner", "tenant_id", "owner", "wallet_id"),
    latest=("version", "updated_position"),
    counters=("available", "held"),
)

CHANGES: Mapping[type[Event], tuple[int, int]] = {
    FundsToppedUp: (1, 0),
    FundsCredited: (1, 0),
    IncomeReversed: (-1, 0),
    FundsHeld: (-1, 1),
    HeldFundsCaptured: (0, -1),
    HeldFundsReleased: (1, -1),
    CaptureRefunded: (1, 0),
    TransferSent: (-1, 0),
    TransferReceived: (1, 0),
    TransferReturned: (-1, 0),
    TransferTakenBack: (1, 0),
    GiftReceived: (1, 0),
}
"""What each event does to (available, held), in multiples of its amount; tests hold it to the
aggregate, which a fold must not ask."""


def _opened(recorded: Recorded) -> Iterable[Operation]:
    event: Any = recorded.event
    return (
        Insert(
            BALANCES,
            (
                event.wallet_id,
                event.owner,
                event.currency,
                recorded.recorded_at,
                recorded.version,
                recorded.position,
                0,
                0,
            ),
        ),
    )


def _changed(available: int, held: int) -> Fold:
    def fold(recorded: Recorded) -> Iterable[Operation]:
        event: Any = recorded.event
        minor = event.amount.minor
        return (
            Increment(
                BALANCES,
                (event.wallet_id,),
                (available * minor, held * minor),
                (recorded.version, recorded.position),
            ),
        )

    return fold


WALLET_BALANCES = ReadModel(
    "wallet_balances",
    1,
    (BALANCES,),
    {WalletOpened: _opened} | {kind: _changed(*change) for kind, change in CHANGES.items()},
    # Updates stay on their page (HOT), so that the indexes are left alone.
    ddl=("ALTER TABLE read_models.wallet_balances_v1 SET (fillfactor = 60)",),
)

_WALLET = BALANCES.table.c
_ONE = Query(
    select(BALANCES.table).where(
        _WALLET.tenant_id == bindparam("tenant_id"), _WALLET.wallet_id == bindparam("wallet_id")
    )
)
_OF_OWNER = Query(
    select(BALANCES.table)
    .where(_WALLET.tenant_id == bindparam("tenant_id"), _WALLET.owner == bindparam("owner"))
    .order_by(_WALLET.wallet_id)
)
_PAGE = Query(
    select(BALANCES.table)
    .where(_WALLET.tenant_id == bindparam("tenant_id"), _WALLET.wallet_id > bindparam("after"))
    .order_by(_WALLET.wallet_id)
    .limit(bindparam("limit"))
)


async def wallet(
    connection: Connection, tenant_id: object, wallet_id: str
) -> dict[str, Any] | None:
    """Give one wallet's row, or None."""
    return await _ONE.one(connection, tenant_id=tenant_id, wallet_id=wallet_id)


async def wallets_of(connection: Connection, tenant_id: object, owner: str) -> list[dict[str, Any]]:
    """Give all wallets of an owner."""
    return await _OF_OWNER.all(connection, tenant_id=tenant_id, owner=owner)


async def wallets(
    connection: Connection, tenant_id: object, *, after: str = "", limit: int
) -> list[dict[str, Any]]:
    """Give a page of wallets by id; `after` is the last id of the page before."""
    return await _PAGE.all(connection, tenant_id=tenant_id, after=after, limit=limit)
