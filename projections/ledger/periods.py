"""Months: open, closing or sealed, who made them so, and how much is booked in each."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, Column, DateTime, Text, and_, bindparam, func, select

from domain.kernel.events import Recorded
from domain.ledger.events import (
    ClosingCancelled,
    ClosingStarted,
    PeriodReopened,
    PeriodSealed,
    ReopeningRequested,
)
from domain.ledger.periods import end_before, last_day, period_of
from projections.ledger.journal import ENTRY_EVENTS
from projections.query import Connection, Query
from projections.read_model import Increment, Operation, ReadModel, ReadTable

OPEN, CLOSING, SEALED = "open", "closing", "sealed"
NOBODY = ""
BEFORE_ALL = "~"
"""Sorts after every month: the list begins with the newest."""

PERIODS = ReadTable(
    "ledger_periods_v1",
    Column("period", Text(collation="C"), primary_key=True),
    Column("state", Text(collation="C")),
    Column("changed_at", DateTime(timezone=True)),
    Column("changed_by", Text),
    Column("closing_id", Text),
    Column("digest", Text),
    Column("up_to", BigInteger),
    Column("reopening_by", Text),
    latest=("state", "changed_at", "changed_by", "closing_id", "digest", "up_to", "reopening_by"),
)
"""What was decided about a month. `digest` and `up_to` tell what was sealed last, if it was sealed
by itself, whatever the state is now."""

COUNTS = ReadTable(
    "ledger_period_counts_v1",
    Column("period", Text(collation="C"), primary_key=True),
    Column("entries", BigInteger, nullable=False),
    Column("adjustments", BigInteger, nullable=False),
    counters=("entries", "adjustments"),
)
"""Every month in which something happened: `entries` count on one of its days, `adjustments`
should have, and count later."""


def _counted(recorded: Recorded) -> Iterable[Operation]:
    event: Any = recorded.event
    entry = event.entry
    yield Increment(COUNTS, (period_of(entry.effective_on),), (1, 0), (), ())
    if entry.adjusts is not None:
        yield Increment(COUNTS, (entry.adjusts,), (0, 1), (), ())


def _decided(period: str, **columns: object) -> Iterable[Operation]:
    latest = tuple(columns.get(name) for name in PERIODS.latest)
    yield Increment(PERIODS, (period,), (), latest, ())
    yield Increment(COUNTS, (period,), (0, 0), (), ())


def _closing(recorded: Recorded) -> Iterable[Operation]:
    event: Any = recorded.event
    return _decided(
        event.period,
        state=CLOSING,
        changed_at=recorded.recorded_at,
        changed_by=event.started_by,
        closing_id=event.closing_id,
    )


def _cancelled(recorded: Recorded) -> Iterable[Operation]:
    event: Any = recorded.event
    return _decided(
        event.period, state=OPEN, changed_at=recorded.recorded_at, changed_by=event.cancelled_by
    )


def _sealed(recorded: Recorded) -> Iterable[Operation]:
    event: Any = recorded.event
    yield from _decided(
        event.period,
        state=SEALED,
        changed_at=recorded.recorded_at,
        changed_by=event.sealed_by,
        digest=event.digest,
        up_to=event.position,
    )
    # What was asked about the month before is moot: it is not the last one any more.
    yield from _decided(_before(event.period), reopening_by=NOBODY)


def _requested(recorded: Recorded) -> Iterable[Operation]:
    event: Any = recorded.event
    return _decided(event.period, reopening_by=event.requested_by)


def _reopened(recorded: Recorded) -> Iterable[Operation]:
    event: Any = recorded.event
    yield from _decided(
        event.period,
        state=OPEN,
        changed_at=recorded.recorded_at,
        changed_by=event.approved_by,
        reopening_by=NOBODY,
    )
    # The month before is the last sealed one now, also if it was only sealed along with this one.
    yield from _decided(_before(event.period), state=SEALED)


def _before(period: str) -> str:
    return period_of(end_before(last_day(period)))


LEDGER_PERIODS = ReadModel(
    "ledger_periods",
    1,
    (PERIODS, COUNTS),
    {
        **dict.fromkeys(ENTRY_EVENTS, _counted),
        ClosingStarted: _closing,
        ClosingCancelled: _cancelled,
        PeriodSealed: _sealed,
        ReopeningRequested: _requested,
        PeriodReopened: _reopened,
    },
)

_PERIOD, _COUNT = PERIODS.table.c, COUNTS.table.c
_MINE = _PERIOD.tenant_id == bindparam("tenant_id")
_STANDS = Query(
    select(
        func.max(_PERIOD.period).filter(_PERIOD.state == SEALED).label("sealed_until"),
        func.min(_PERIOD.period).filter(_PERIOD.digest.is_not(None)).label("sealed_from"),
        func.max(_PERIOD.period).filter(_PERIOD.state == CLOSING).label("closing"),
    ).where(_MINE)
)
_ROWS = select(
    *(_COUNT[name] for name in ("period", "entries", "adjustments")),
    *(_PERIOD[name] for name in PERIODS.latest),
).select_from(
    COUNTS.table.outerjoin(
        PERIODS.table,
        and_(_PERIOD.tenant_id == _COUNT.tenant_id, _PERIOD.period == _COUNT.period),
    )
)
_PAGE = Query(
    _ROWS.where(_COUNT.tenant_id == bindparam("tenant_id"), _COUNT.period < bindparam("before"))
    .order_by(_COUNT.period.desc())
    .limit(bindparam("limit"))
)
_ONE = Query(
    _ROWS.where(_COUNT.tenant_id == bindparam("tenant_id"), _COUNT.period == bindparam("period"))
)


@dataclass(frozen=True, slots=True)
class Standing:
    """How far the tenant's months are sealed, and which one is being closed."""

    sealed_until: str | None
    sealed_from: str | None
    closing: str | None

    def state_of(self, period: str) -> str:
        """Tell the state of any month: what is closed first takes all months before it along."""
        if self.sealed_until is not None and period <= self.sealed_until:
            return SEALED
        return CLOSING if self.closing is not None and period <= self.closing else OPEN


async def standing(connection: Connection, tenant_id: object) -> Standing:
    """Tell how far the months are sealed."""
    (row,) = await _STANDS.tuples(connection, tenant_id=tenant_id)
    return Standing(*row)


async def periods(
    connection: Connection, tenant_id: object, *, before: str = BEFORE_ALL, limit: int
) -> list[dict[str, Any]]:
    """Give a page of the months in which something happened, the newest first."""
    stands = await standing(connection, tenant_id)
    rows = await _PAGE.all(connection, tenant_id=tenant_id, before=before, limit=limit)
    return [row | {"state": stands.state_of(row["period"])} for row in rows]


async def period(connection: Connection, tenant_id: object, name: str) -> dict[str, Any]:
    """Give one month, whether something happened in it or not."""
    stands = await standing(connection, tenant_id)
    row = await _ONE.one(connection, tenant_id=tenant_id, period=name)
    nothing = {"period": name, "entries": 0, "adjustments": 0, **dict.fromkeys(PERIODS.latest)}
    return (row or nothing) | {"state": stands.state_of(name)}
