"""What an account stood at on a day, as a position of the log knew it.

The daily totals hold what is known now. Of the days before the position was recorded they hold
little that was learnt since: they count, less those late facts. Of later days little was known by
then: the facts themselves count. So a balance costs its account's days, its late facts, and one
day's lines, however long the journal is and however long ago it was known.
"""

from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    bindparam,
    case,
    func,
    literal,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.sql.selectable import LateralFromClause

from projections.ledger.journal import ACCOUNT_DAYS, CODE_DAYS, LINES
from projections.query import Connection, Query

POSITION_MAX = 2**62


class Known(NamedTuple):
    """Up to where the log counts, when that was recorded, and how far it is read by now."""

    position: int
    recorded_at: datetime | None
    reached: int

    @property
    def day(self) -> date:
        """The day before which little was learnt later."""
        return date.min if self.recorded_at is None else self.recorded_at.date()


_LINE, _DAY, _CODE = LINES.table.c, ACCOUNT_DAYS.table.c, CODE_DAYS.table.c
_KNOWN: ColumnElement[int] = bindparam("known")
_PAST = _DAY.effective_on < bindparam("known_day")


def _sides() -> tuple[ColumnElement[int], ColumnElement[int]]:
    debit = func.coalesce(func.sum(_LINE.minor).filter(_LINE.minor > 0), 0)
    credit = func.coalesce(-func.sum(_LINE.minor).filter(_LINE.minor < 0), 0)
    return debit.label("debit"), credit.label("credit")


def _of_day() -> LateralFromClause:
    """Of a day in the past what was learnt later, of any other what was known."""
    return (
        select(*_sides())
        .where(
            _LINE.tenant_id == _DAY.tenant_id,
            _LINE.account == _DAY.account,
            _LINE.currency == _DAY.currency,
            _LINE.effective_on == _DAY.effective_on,
            _LINE.position > case((_PAST, _KNOWN), else_=literal(0)),
            _LINE.position <= case((_PAST, literal(POSITION_MAX)), else_=_KNOWN),
        )
        .lateral("line")
    )


_line = _of_day()
_debit = func.sum(case((_PAST, _DAY.debit - _line.c.debit), else_=_line.c.debit))
_credit = func.sum(case((_PAST, _DAY.credit - _line.c.credit), else_=_line.c.credit))
_OF_ACCOUNT = Query(
    select(_DAY.account, _DAY.currency, _debit, _credit)
    .select_from(ACCOUNT_DAYS.table.join(_line, true()))
    .where(
        _DAY.tenant_id == bindparam("tenant_id"),
        _DAY.account == bindparam("account"),
        _DAY.effective_on <= bindparam("as_of"),
    )
    .group_by(_DAY.account, _DAY.currency)
    .having(or_(_debit != 0, _credit != 0))
    .order_by(_DAY.currency)
)

_COUNTED = (_LINE.tenant_id == bindparam("tenant_id"), _LINE.effective_on <= bindparam("as_of"))
_OF_LINES = (_LINE.code, _LINE.currency)
_UP_TO = Query(
    select(*_OF_LINES, *_sides())
    .where(*_COUNTED, _LINE.position <= _KNOWN)
    .group_by(*_OF_LINES)
    .order_by(_LINE.currency, _LINE.code)
)
_part = union_all(
    select(_CODE.code, _CODE.currency, _CODE.debit, _CODE.credit).where(
        _CODE.tenant_id == bindparam("tenant_id"), _CODE.effective_on <= bindparam("as_of")
    ),
    select(*_OF_LINES, *(-side for side in _sides()))
    .where(*_COUNTED, _LINE.position > _KNOWN)
    .group_by(*_OF_LINES),
).subquery("part")
_sums = func.sum(_part.c.debit), func.sum(_part.c.credit)
_LESS_SINCE = Query(
    select(_part.c.code, _part.c.currency, *_sums)
    .group_by(_part.c.code, _part.c.currency)
    .having(or_(*(side != 0 for side in _sums)))
    .order_by(_part.c.currency, _part.c.code)
)

Sums = list[tuple[Any, ...]]


async def account_known(
    connection: Connection, tenant_id: object, account: str, *, as_of: date, known: Known
) -> Sums:
    """Give account, currency, debits and credits, by currency."""
    return await _OF_ACCOUNT.tuples(
        connection,
        tenant_id=tenant_id,
        account=account,
        as_of=as_of,
        known=known.position,
        known_day=known.day,
    )


async def chart_known(
    connection: Connection, tenant_id: object, *, as_of: date, known: Known
) -> Sums:
    """Give code, currency, debits and credits, by currency and code.

    Reads the lines up to the position or those after it, whichever are fewer.
    """
    query = _UP_TO if 2 * known.position < known.reached else _LESS_SINCE
    return await query.tuples(connection, tenant_id=tenant_id, as_of=as_of, known=known.position)
