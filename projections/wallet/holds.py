"""Holds and their captures: what is set aside, taken, given back."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import BigInteger, Column, DateTime, Index, Text, bindparam, select, text

from domain.kernel.events import Recorded
from domain.wallet.events import HoldCaptured, HoldExpired, HoldPlaced, HoldRefunded, HoldReleased
from projections.query import Connection, Query
from projections.read_model import Fold, Increment, Insert, Operation, ReadModel, ReadTable, stored

OPEN, CAPTURED, RELEASED, EXPIRED = "open", "captured", "released", "expired"

HOLDS = ReadTable(
    "wallet_holds_v2",
    Column("hold_id", Text(collation="C"), primary_key=True),
    Column("wallet_id", Text(collation="C"), nullable=False),
    Column("currency", Text, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("reference_subject", Text),
    Column("reference_sealed", Text),
    Column("placed_at", DateTime(timezone=True), nullable=False),
    Column("expires_at", DateTime(timezone=True)),
    Column("status", Text, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("captured", BigInteger, nullable=False),
    Column("refunded", BigInteger, nullable=False),
    Column("remaining", BigInteger, nullable=False),
    Index("wallet_holds_v2_wallet", "tenant_id", "wallet_id", "hold_id"),
    Index(
        "wallet_holds_v2_open",
        "tenant_id",
        "wallet_id",
        "hold_id",
        postgresql_where=text("status = 'open'"),
    ),
    latest=("status", "version"),
    counters=("captured", "refunded", "remaining"),
)
"""The reference is personal: what is stored is the sealed text and whose key opens it."""

CAPTURES = ReadTable(
    "wallet_captures_v2",
    Column("hold_id", Text(collation="C"), primary_key=True),
    Column("capture_id", Text(collation="C"), primary_key=True),
    Column("destination", Text, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("captured_at", DateTime(timezone=True), nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("refunded", BigInteger, nullable=False),
    counters=("refunded",),
)


def _placed(recorded: Recorded) -> Iterable[Operation]:
    event: Any = recorded.event
    subject, sealed = stored(event.reference)
    row = (
        event.hold_id,
        event.wallet_id,
        event.amount.currency,
        event.amount.minor,
        subject,
        sealed,
        recorded.recorded_at,
        event.expires_at,
        OPEN,
        recorded.version,
        0,
        0,
        event.amount.minor,
    )
    return (Insert(HOLDS, row),)


def _captured(recorded: Recorded) -> Iterable[Operation]:
    event: Any = recorded.event
    minor = event.amount.minor
    status = OPEN if event.remaining.minor else CAPTURED
    capture = (
        event.hold_id,
        event.capture_id,
        event.destination,
        minor,
        recorded.recorded_at,
        recorded.position,
        0,
    )
    return (
        Increment(HOLDS, (event.hold_id,), (minor, 0, -minor), (status, recorded.version)),
        Insert(CAPTURES, capture),
    )


def _given_back(status: str) -> Fold:
    def fold(recorded: Recorded) -> Iterable[Operation]:
        event: Any = recorded.event
        amounts = (0, 0, -event.amount.minor)
        return (Increment(HOLDS, (event.hold_id,), amounts, (status, recorded.version)),)

    return fold


def _refunded(recorded: Recorded) -> Iterable[Operation]:
    event: Any = recorded.event
    minor = event.amount.minor
    return (
        Increment(HOLDS, (event.hold_id,), (0, minor, 0), (None, recorded.version)),
        Increment(CAPTURES, (event.hold_id, event.capture_id), (minor,)),
    )


WALLET_HOLDS = ReadModel(
    "wallet_holds",
    2,
    (HOLDS, CAPTURES),
    {
        HoldPlaced: _placed,
        HoldCaptured: _captured,
        HoldReleased: _given_back(RELEASED),
        HoldExpired: _given_back(EXPIRED),
        HoldRefunded: _refunded,
    },
)

_HOLD, _CAPTURE = HOLDS.table.c, CAPTURES.table.c
_ONE = Query(
    select(HOLDS.table).where(
        _HOLD.tenant_id == bindparam("tenant_id"), _HOLD.hold_id == bindparam("hold_id")
    )
)
_CAPTURES_OF = Query(
    select(CAPTURES.table)
    .where(_CAPTURE.tenant_id == bindparam("tenant_id"), _CAPTURE.hold_id == bindparam("hold_id"))
    .order_by(_CAPTURE.position)
)
_PAGE = select(HOLDS.table).where(
    _HOLD.tenant_id == bindparam("tenant_id"),
    _HOLD.wallet_id == bindparam("wallet_id"),
    _HOLD.hold_id > bindparam("after"),
)
_PAGE_OF_ALL = Query(_PAGE.order_by(_HOLD.hold_id).limit(bindparam("limit")))
_PAGE_OF_OPEN = Query(
    _PAGE.where(text("status = 'open'")).order_by(_HOLD.hold_id).limit(bindparam("limit"))
)


async def hold(connection: Connection, tenant_id: object, hold_id: str) -> dict[str, Any] | None:
    """Give one hold with its `captures` in the order they were made, or None."""
    row = await _ONE.one(connection, tenant_id=tenant_id, hold_id=hold_id)
    if row is not None:
        found = await _CAPTURES_OF.all(connection, tenant_id=tenant_id, hold_id=hold_id)
        row["captures"] = found
    return row


async def holds(  # noqa: PLR0913 - the parts of a page
    connection: Connection,
    tenant_id: object,
    wallet_id: str,
    *,
    only_open: bool,
    after: str = "",
    limit: int,
) -> list[dict[str, Any]]:
    """Give a page of a wallet's holds by id, all of them or only the open ones."""
    page = _PAGE_OF_OPEN if only_open else _PAGE_OF_ALL
    return await page.all(
        connection, tenant_id=tenant_id, wallet_id=wallet_id, after=after, limit=limit
    )
