"""Reservations and their lines: what is kept, went out, or was given back."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import BigInteger, Column, DateTime, Index, Text, bindparam, func, select

from domain.kernel.events import Recorded
from domain.stock.reservation_events import (
    ReservationExpired,
    ReservationExtended,
    ReservationIssued,
    ReservationPlaced,
    ReservationReleased,
)
from projections.query import Connection, Query
from projections.read_model import Fold, Increment, Insert, Operation, ReadModel, ReadTable, Upsert

OPEN, ISSUED, RELEASED, EXPIRED = "open", "issued", "released", "expired"

RESERVATIONS = ReadTable(
    "stock_reservations_v1",
    Column("reservation_id", Text(collation="C"), primary_key=True),
    Column("reference", Text),
    Column("placed_at", DateTime(timezone=True), nullable=False),
    Column("status", Text, nullable=False),
    Column("version", BigInteger, nullable=False),
    Index("stock_reservations_v1_status", "tenant_id", "status", "reservation_id"),
    latest=("status", "version"),
)
EXPIRIES = ReadTable(
    "stock_reservation_expiries_v1",
    Column("reservation_id", Text(collation="C"), primary_key=True),
    Column("expires_at", DateTime(timezone=True)),
)
"""Beside the reservation, for it may be taken back: a change that says null says nothing."""

LINES = ReadTable(
    "stock_reservation_lines_v1",
    Column("reservation_id", Text(collation="C"), primary_key=True),
    Column("variant_id", Text(collation="C"), primary_key=True),
    Column("location_id", Text(collation="C"), primary_key=True),
    Column("quantity", BigInteger, nullable=False),
    Column("issued", BigInteger, nullable=False),
    Column("kept", BigInteger, nullable=False),
    Index("stock_reservation_lines_v1_variant", "tenant_id", "variant_id", "reservation_id"),
    counters=("issued", "kept"),
)


def _placed(recorded: Recorded) -> Iterable[Operation]:
    event: Any = recorded.event
    key = event.reservation_id
    row = (key, event.reference, recorded.recorded_at, OPEN, recorded.version)
    yield Insert(RESERVATIONS, row)
    yield Insert(EXPIRIES, (key, event.expires_at))
    for line in event.lines:
        units = (line.quantity, 0, line.quantity)
        yield Insert(LINES, (key, line.variant_id, line.location_id, *units))


def _extended(recorded: Recorded) -> Iterable[Operation]:
    event: Any = recorded.event
    yield Increment(RESERVATIONS, (event.reservation_id,), (), (None, recorded.version))
    yield Upsert(EXPIRIES, (event.reservation_id, event.expires_at))


def _ended(status: str, *, issued: int) -> Fold:
    def fold(recorded: Recorded) -> Iterable[Operation]:
        event: Any = recorded.event
        key = event.reservation_id
        reached = OPEN if getattr(event, "left", ()) else status
        yield Increment(RESERVATIONS, (key,), (), (reached, recorded.version))
        for line in event.lines:
            place = (key, line.variant_id, line.location_id)
            yield Increment(LINES, place, (line.quantity * issued, -line.quantity))

    return fold


STOCK_RESERVATIONS = ReadModel(
    "stock_reservations",
    1,
    (RESERVATIONS, EXPIRIES, LINES),
    {
        ReservationPlaced: _placed,
        ReservationExtended: _extended,
        ReservationIssued: _ended(ISSUED, issued=1),
        ReservationReleased: _ended(RELEASED, issued=0),
        ReservationExpired: _ended(EXPIRED, issued=0),
    },
)

_RESERVATION, _EXPIRY, _LINE = RESERVATIONS.table.c, EXPIRIES.table.c, LINES.table.c
_WITH_EXPIRY = select(RESERVATIONS.table, _EXPIRY.expires_at).join(
    EXPIRIES.table,
    (_EXPIRY.tenant_id == _RESERVATION.tenant_id)
    & (_EXPIRY.reservation_id == _RESERVATION.reservation_id),
)
_PAGE = Query(
    _WITH_EXPIRY.where(
        _RESERVATION.tenant_id == bindparam("tenant_id"),
        _RESERVATION.reservation_id > bindparam("after"),
        func.coalesce(bindparam("status", type_=Text), _RESERVATION.status) == _RESERVATION.status,
    )
    .order_by(_RESERVATION.reservation_id)
    .limit(bindparam("limit"))
)
_ONE = Query(
    _WITH_EXPIRY.where(
        _RESERVATION.tenant_id == bindparam("tenant_id"),
        _RESERVATION.reservation_id == bindparam("reservation_id"),
    )
)
_LINES_OF = Query(
    select(LINES.table)
    .where(
        _LINE.tenant_id == bindparam("tenant_id"),
        _LINE.reservation_id == func.any(bindparam("reservation_ids")),
    )
    .order_by(_LINE.reservation_id, _LINE.variant_id, _LINE.location_id)
)


async def reservation(
    connection: Connection, tenant_id: object, reservation_id: str
) -> dict[str, Any] | None:
    """Give one reservation with its `lines`, or None."""
    row = await _ONE.one(connection, tenant_id=tenant_id, reservation_id=reservation_id)
    return None if row is None else (await _with_lines(connection, tenant_id, [row]))[0]


async def reservations(
    connection: Connection, tenant_id: object, *, status: str | None, after: str, limit: int
) -> list[dict[str, Any]]:
    """Give a page of reservations by id with their `lines`: all, or those of a status."""
    rows = await _PAGE.all(connection, tenant_id=tenant_id, status=status, after=after, limit=limit)
    return await _with_lines(connection, tenant_id, rows)


async def _with_lines(
    connection: Connection, tenant_id: object, rows: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    names = [row["reservation_id"] for row in rows]
    lines: dict[str, list[dict[str, Any]]] = {name: [] for name in names}
    for line in await _LINES_OF.all(connection, tenant_id=tenant_id, reservation_ids=names):
        lines[line["reservation_id"]].append(line)
    return [{**row, "lines": lines[row["reservation_id"]]} for row in rows]
