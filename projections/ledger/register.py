"""The register of an account: opening balance, lines with the running balance, closing balance."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, NamedTuple

from sqlalchemy import bindparam, func, select, tuple_

from projections.ledger.journal import ACCOUNT_DAYS, LINES
from projections.ledger.known import POSITION_MAX, Known, account_known
from projections.query import Connection, Query

ONE_DAY = timedelta(days=1)


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
    """Which lines count: by effective day (both included), and by how far the log was known."""

    first: date = date.min
    last: date = date.max
    known: Known | None = None


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
_KNOWN = _LINE.position <= bindparam("known")
_PLACE = tuple_(_LINE.effective_on, _LINE.position, _LINE.line)
_AFTER = tuple_(bindparam("day"), bindparam("position"), bindparam("line"))


_UNTIL_DAY = Query(
    select(func.coalesce(func.sum(_DAY.debit - _DAY.credit), 0).label("total")).where(
        *_OF_DAYS, _DAY.effective_on <= bindparam("day")
    )
)
_WITHIN_DAY = Query(
    select(func.coalesce(func.sum(_LINE.minor), 0).label("total")).where(
        *_OF_LINES, _LINE.effective_on == bindparam("day"), _PLACE <= _AFTER, _KNOWN
    )
)
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
        "known": POSITION_MAX if span.known is None else span.known.position,
    }
    opening = await _before(connection, of, span.first, span.known)
    closing = await _until(connection, of, span.last, span.known)
    running = opening
    if after is not None:
        running = await _before(connection, of, after.effective_on, span.known)
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


async def _before(
    connection: Connection, of: dict[str, Any], day: date, known: Known | None
) -> int:
    return 0 if day == date.min else await _until(connection, of, day - ONE_DAY, known)


async def _until(connection: Connection, of: dict[str, Any], day: date, known: Known | None) -> int:
    if known is None:
        return await _total(_UNTIL_DAY, connection, of, day=day)
    rows = await account_known(connection, of["tenant_id"], of["account"], as_of=day, known=known)
    return sum(int(debit - credit) for _, code, debit, credit in rows if code == of["currency"])


async def _total(query: Query, connection: Connection, of: dict[str, Any], **more: object) -> int:
    row = await query.one(connection, **of, **more)
    return int(row["total"]) if row else 0
