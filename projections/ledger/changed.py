"""How balances changed between two positions of the log."""

from typing import Any, NamedTuple
from uuid import UUID

from psycopg.rows import tuple_row

from domain.ledger.accounts import STANDARD_CHART, owned
from projections.ledger.journal import ACCOUNT_DAYS, LINES
from projections.query import Connection

_LINES = f"read_models.{LINES.name}"
_DAYS = f"read_models.{ACCOUNT_DAYS.name}"

# What stands now less what came after: nobody reads an account from its beginning, and both are of
# one moment, for they are written together.
_CHANGED = f"""
SELECT moved.account, moved.currency,
    (SELECT sum(day.debit) - sum(day.credit) FROM {_DAYS} day
     WHERE day.tenant_id = %(tenant_id)s AND day.account = moved.account
       AND day.currency = moved.currency) - moved.minor - moved.later,
    moved.minor
FROM (
    SELECT line.account, line.currency,
        coalesce(sum(line.minor) FILTER (WHERE line.position <= %(last)s), 0) AS minor,
        coalesce(sum(line.minor) FILTER (WHERE line.position > %(last)s), 0) AS later
    FROM {_LINES} line
    WHERE line.tenant_id = %(tenant_id)s AND line.position > %(first)s
      AND (line.account, line.currency) > (%(account)s, %(currency)s) {{narrowed}}
    GROUP BY line.account, line.currency
    HAVING bool_or(line.position <= %(last)s)
    ORDER BY line.account, line.currency LIMIT %(limit)s
) moved ORDER BY moved.account, moved.currency
"""  # noqa: S608 - names from code
_OF_OWNER = "AND line.account = ANY(%(accounts)s)"


class BalanceChange(NamedTuple):
    """An account before and after, in minor units; a debit is positive."""

    account: str
    currency: str
    before: int
    after: int


async def changed_balances(  # noqa: PLR0913 - between where and where, and which part of it
    connection: Connection,
    tenant_id: UUID,
    *,
    first: int,
    last: int,
    stream: str | None = None,
    after: tuple[str, str] = ("", ""),
    limit: int,
) -> list[BalanceChange]:
    """Give the accounts to which events after `first` up to `last` posted, by account and currency.

    `stream` narrows it to the sub-accounts that it owns. The journal has read the log up to `last`.
    """
    given: dict[str, Any] = {
        "tenant_id": tenant_id,
        "first": first,
        "last": last,
        "accounts": _owned_by(stream) if stream else [],
        "account": after[0],
        "currency": after[1],
        "limit": limit,
    }
    query = _CHANGED.format(narrowed=_OF_OWNER if stream else "")
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(query.encode(), given)
        return [
            BalanceChange(account, currency, int(before), int(before + moved))
            for account, currency, before, moved in await cursor.fetchall()
        ]


def _owned_by(stream: str) -> list[str]:
    category, _, key = stream.partition("-")
    return [owned(one.code, key) for one in STANDARD_CHART.values() if one.owner == category]
