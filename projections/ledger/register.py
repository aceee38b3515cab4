"""The register of an account: opening balance, lines with the running balance, closing balance."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, bindparam, func, select, tuple_

from projections.ledger.journal import ACCOUNT_DAYS, LINES
from projections.query import Connection, Query

EVER = datetime(9999, 12, 31, tzinfo=UTC)
"""Known at any time."""


class Place(NamedTuple):
    """Where a line stands in a register; a page goes on after the last one's place."""

    effective_on: date
    position: int
    line: int


@dataclass(frozen=True, slots=True)
class RegisterPage:
    """Lines from one day to another, each with the balance after it as `running`.

    `opening` and `closing` belong to the whole span of days; `next` is where the next page goes on.
    """

    opening: int
    closing: int
    lines: list[dict[str, Any]]
    next: Place | None


@dataclass(frozen=True, slots=True)
class Span:
    """Which lines count: by effective day (both included), and by when they became known."""

    first: date = date.min
    last: date = date.max
    known_at: datetime | None = None


_LINE, _DAY = LINES.table.c, ACCOUNT_DAYS.table.c
_OF_LINES = (
    _LINE.tenant_id == bindparam("tenant_id"),
    _LINE.account == bindparam("account"),
    _LINE.currency == bindparam("currency"),
)
_OF_DAYS = (
    _DAY.tenant_id == bindparam("tenant_id"),
    _DAY.account == bindparam("account"),
    _DAY.currency == bindparam("currency"),
)
_KNOWN = _LINE.recorded_at <= bindparam("known_at")
_PLACE = tuple_(_LINE.effective_on, _LINE.position, _LINE.line)
_AFTER = tuple_(bindparam("day"), bindparam("position"), bindparam("line"))


def _days(*, until: ColumnElement[bool]) -> Query:
    total = func.coalesce(func.sum(_DAY.debit - _DAY.credit), 0)
    return Query(select(total.label("total")).where(*_OF_DAYS, until))


def _lines(*where: ColumnElement[bool]) -> Query:
    return Query(
        select(func.coalesce(func.sum(_LINE.minor), 0).label("total")).where(
            *_OF_LINES, and_(*where)
        )
    )


_BEFORE_DAY = _days(until=_DAY.effective_on < bindparam("day"))
_BEFORE_DAY_KNOWN = _lines(_LINE.effective_on < bindparam("day"), _KNOWN)
_WITH_DAY = _days(until=_DAY.effective_on <= bindparam("day"))
_WITH_DAY_KNOWN = _lines(_LINE.effective_on <= bindparam("day"), _KNOWN)
_WITHIN_DAY = _lines(_LINE.effective_on == bindparam("day"), _PLACE <= _AFTER, _KNOWN)
_PAGE = Query(
    select(LINES.table)
    .where(*_OF_LINES, _PLACE > _AFTER, _LINE.effective_on <= bindparam("last"), _KNOWN)
    .order_by(_LINE.effective_on, _LINE.position, _LINE.line)
    .limit(bindparam("limit"))
)


async def register(  # noqa: PLR0913 - the parts of a page
    connection: Connection,
    tenant_id: object,
    *,
    account: str,
    currency: str,
    span: Span,
    after: Place | None = None,
    limit: int,
) -> RegisterPage:
    """Give a page of an account's register in one currency, by day, position and line."""
    of = {
        "tenant_id": tenant_id,
        "account": account,
        "currency": currency,
        "known_at": span.known_at or EVER,
    }
    known = span.known_at is not None
    before_day = _BEFORE_DAY_KNOWN if known else _BEFORE_DAY
    opening = await _total(before_day, connection, of, day=span.first)
    with_day = _WITH_DAY_KNOWN if known else _WITH_DAY
    closing = await _total(with_day, connection, of, day=span.last)
    running = opening
    if after is not None:
        running = await _total(before_day, connection, of, day=after.effective_on)
        place = {"day": after.effective_on, "position": after.position, "line": after.line}
        running += await _total(_WITHIN_DAY, connection, of, **place)
    start = after or Place(span.first, 0, 0)
    place = {"day": start.effective_on, "position": start.position, "line": start.line}
    lines = await _PAGE.all(connection, **of, **place, last=span.last, limit=limit + 1)
    page = lines[:limit]
    for line in page:
        running += line["minor"]
        line["running"] = running
    goes_on = len(lines) > limit
    last = Place(page[-1]["effective_on"], page[-1]["position"], page[-1]["line"]) if page else None
    return RegisterPage(opening, closing, page, last if goes_on else None)


async def _total(query: Query, connection: Connection, of: dict[str, Any], **more: object) -> int:
    row = await query.one(connection, **of, **more)
    return int(row["total"]) if row else 0
