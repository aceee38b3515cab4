"""What each wallet has: available, held and bonus money, and whether it may be used.

The version serves as the ETag. Bonus and status stand in rows of their own, so that they cost
nothing where a wallet has no bonus and was never frozen.
"""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Index,
    Text,
    bindparam,
    cast,
    func,
    literal,
    select,
    text,
)

from domain.kernel.events import Recorded
from domain.wallet.bonus_events import (
    BonusExpired,
    BonusExpiryWarned,
    BonusGranted,
    BonusTakenBack,
)
from domain.wallet.events import WalletOpened
from domain.wallet.standing_events import WalletClosed, WalletFrozen, WalletUnfrozen
from projections.query import Connection, Query
from projections.read_model import (
    Fold,
    Increment,
    Insert,
    Operation,
    ReadModel,
    ReadTable,
    Upsert,
)
from projections.wallet.movements import CHANGES

OPEN, FROZEN, CLOSED = "open", "frozen", "closed"

BALANCES = ReadTable(
    "wallet_balances_v2",
    Column("wallet_id", Text(collation="C"), primary_key=True),
    Column("owner", Text(collation="C"), nullable=False),
    Column("currency", Text, nullable=False),
    Column("opened_at", DateTime(timezone=True), nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("updated_position", BigInteger, nullable=False),
    Column("available", BigInteger, nullable=False),
    Column("held", BigInteger, nullable=False),
    Index("wallet_balances_v2_owner", "tenant_id", "owner", "wallet_id"),
    latest=("version", "updated_position"),
    counters=("available", "held"),
)

LOTS = ReadTable(
    "wallet_bonus_lots_v2",
    Column("wallet_id", Text(collation="C"), primary_key=True),
    Column("lot_id", Text(collation="C"), primary_key=True),
    Column("campaign", Text, nullable=False),
    Column("currency", Text, nullable=False),
    Column("granted", BigInteger, nullable=False),
    Column("granted_at", DateTime(timezone=True), nullable=False),
    Column("expires_at", DateTime(timezone=True)),
    Column("remaining", BigInteger, nullable=False),
    Index(
        "wallet_bonus_lots_v2_open",
        "tenant_id",
        "wallet_id",
        postgresql_where=text("remaining > 0"),
    ),
    counters=("remaining",),
)
"""Every lot ever granted; the open ones are those of which something remains."""

STANDINGS = ReadTable(
    "wallet_standings_v2",
    Column("wallet_id", Text(collation="C"), primary_key=True),
    Column("status", Text, nullable=False),
)
"""Wallets that were ever frozen or closed; the others are open."""


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


def _balances(recorded: Recorded, available: int, held: int) -> Operation:
    latest = (recorded.version, recorded.position)
    return Increment(BALANCES, (recorded.event.key,), (available, held), latest)


def _changed(available: int, held: int, lots: int) -> Fold:
    def fold(recorded: Recorded) -> Iterable[Operation]:
        event: Any = recorded.event
        minor = event.amount.minor
        if not (lots and event.bonus):
            return (_balances(recorded, available * minor, held * minor),)
        of_lots = lots * sum(part.amount.minor for part in event.bonus)
        return (
            _balances(recorded, available * minor - of_lots, held * minor),
            *(
                Increment(LOTS, (event.wallet_id, part.lot_id), (lots * part.amount.minor,))
                for part in event.bonus
            ),
        )

    return fold


def _granted(recorded: Recorded) -> Iterable[Operation]:
    event: Any = recorded.event
    minor = event.amount.minor
    lot = (
        event.wallet_id,
        event.lot_id,
        event.campaign,
        event.amount.currency,
        minor,
        recorded.recorded_at,
        event.expires_at,
        minor,
    )
    return _balances(recorded, 0, 0), Insert(LOTS, lot)


def _ended(recorded: Recorded) -> Iterable[Operation]:
    event: Any = recorded.event
    lot = Increment(LOTS, (event.wallet_id, event.lot_id), (-event.amount.minor,))
    return _balances(recorded, 0, 0), lot


def _warned(recorded: Recorded) -> Iterable[Operation]:
    return (_balances(recorded, 0, 0),)


def _became(status: str) -> Fold:
    def fold(recorded: Recorded) -> Iterable[Operation]:
        row = (recorded.event.key, status)
        return _balances(recorded, 0, 0), Upsert(STANDINGS, row)

    return fold


WALLET_BALANCES = ReadModel(
    "wallet_balances",
    2,
    (BALANCES, LOTS, STANDINGS),
    {
        WalletOpened: _opened,
        WalletFrozen: _became(FROZEN),
        WalletUnfrozen: _became(OPEN),
        WalletClosed: _became(CLOSED),
        BonusGranted: _granted,
        BonusExpiryWarned: _warned,
        BonusExpired: _ended,
        BonusTakenBack: _ended,
    }
    | {kind: _changed(*change) for kind, change in CHANGES.items()},
    # Updates stay on their page (HOT), so that the indexes are left alone.
    ddl=("ALTER TABLE read_models.wallet_balances_v2 SET (fillfactor = 60)",),
)

_WALLET, _LOT, _STANDING = BALANCES.table.c, LOTS.table.c, STANDINGS.table.c
_STATUS = (
    select(_STANDING.status)
    .where(_STANDING.tenant_id == _WALLET.tenant_id, _STANDING.wallet_id == _WALLET.wallet_id)
    .scalar_subquery()
)
_BONUS = (
    select(cast(func.coalesce(func.sum(_LOT.remaining), 0), BigInteger))
    .where(
        _LOT.tenant_id == _WALLET.tenant_id,
        _LOT.wallet_id == _WALLET.wallet_id,
        text("remaining > 0"),
    )
    .scalar_subquery()
)
WALLETS = select(
    BALANCES.table,
    _BONUS.label("bonus"),
    func.coalesce(_STATUS, literal(OPEN)).label("status"),
)
"""Every wallet with all that is known of it; to be narrowed."""

_ONE = Query(
    WALLETS.where(
        _WALLET.tenant_id == bindparam("tenant_id"), _WALLET.wallet_id == bindparam("wallet_id")
    )
)
_OF_OWNER = Query(
    WALLETS.where(
        _WALLET.tenant_id == bindparam("tenant_id"),
        _WALLET.owner == bindparam("owner"),
        _WALLET.wallet_id > bindparam("after"),
    )
    .order_by(_WALLET.wallet_id)
    .limit(bindparam("limit"))
)
_PAGE = Query(
    WALLETS.where(
        _WALLET.tenant_id == bindparam("tenant_id"), _WALLET.wallet_id > bindparam("after")
    )
    .order_by(_WALLET.wallet_id)
    .limit(bindparam("limit"))
)


_OPEN_LOTS = Query(
    select(LOTS.table)
    .where(
        _LOT.tenant_id == bindparam("tenant_id"),
        _LOT.wallet_id == bindparam("wallet_id"),
        text("remaining > 0"),
    )
    .order_by(_LOT.expires_at.nulls_last(), _LOT.lot_id)
)


async def wallet(
    connection: Connection, tenant_id: object, wallet_id: str
) -> dict[str, Any] | None:
    """Give one wallet's row, or None."""
    return await _ONE.one(connection, tenant_id=tenant_id, wallet_id=wallet_id)


async def bonus_lots(
    connection: Connection, tenant_id: object, wallet_id: str
) -> list[dict[str, Any]]:
    """Give a wallet's open lots in the order in which they are spent."""
    return await _OPEN_LOTS.all(connection, tenant_id=tenant_id, wallet_id=wallet_id)


async def wallets_of(
    connection: Connection, tenant_id: object, owner: str, *, after: str = "", limit: int
) -> list[dict[str, Any]]:
    """Give a page of an owner's wallets by id, closed ones too."""
    return await _OF_OWNER.all(
        connection, tenant_id=tenant_id, owner=owner, after=after, limit=limit
    )


async def wallets(
    connection: Connection, tenant_id: object, *, after: str = "", limit: int
) -> list[dict[str, Any]]:
    """Give a page of wallets by id; `after` is the last id of the page before."""
    return await _PAGE.all(connection, tenant_id=tenant_id, after=after, limit=limit)
