"""Balances: the trial balance, and the accounts of the chart with what stands on them."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import bindparam, func, select

from domain.ledger.accounts import Account
from projections.ledger.chart import chart
from projections.ledger.journal import ACCOUNT_DAYS, CODE_DAYS
from projections.ledger.known import Known, account_known, chart_known
from projections.query import Connection, Query


@dataclass(frozen=True, slots=True)
class AccountBalance:
    """Sums of one account in one currency, in minor units; `balance` is debit minus credit."""

    code: str
    currency: str
    debit: int
    credit: int

    @property
    def balance(self) -> int:
        """Debits minus credits."""
        return self.debit - self.credit


_CODE, _DAY = CODE_DAYS.table.c, ACCOUNT_DAYS.table.c
_TRIAL = Query(
    select(_CODE.code, _CODE.currency, func.sum(_CODE.debit), func.sum(_CODE.credit))
    .where(_CODE.tenant_id == bindparam("tenant_id"), _CODE.effective_on <= bindparam("as_of"))
    .group_by(_CODE.code, _CODE.currency)
    .order_by(_CODE.currency, _CODE.code)
)
_OF_ACCOUNT = Query(
    select(_DAY.account, _DAY.currency, func.sum(_DAY.debit), func.sum(_DAY.credit))
    .where(
        _DAY.tenant_id == bindparam("tenant_id"),
        _DAY.account == bindparam("account"),
        _DAY.effective_on <= bindparam("as_of"),
    )
    .group_by(_DAY.account, _DAY.currency)
    .order_by(_DAY.currency)
)


async def trial_balance(
    connection: Connection,
    tenant_id: object,
    *,
    as_of: date = date.max,
    known: Known | None = None,
) -> list[AccountBalance]:
    """Give the sums of every account of the chart, by currency and code.

    `as_of` is the last effective day that counts. With `known`, only what was in the log by then.
    """
    if known is None:
        rows = await _TRIAL.tuples(connection, tenant_id=tenant_id, as_of=as_of)
    else:
        rows = await chart_known(connection, tenant_id, as_of=as_of, known=known)
    return [_balance(*row) for row in rows]


def imbalances(balances: list[AccountBalance]) -> dict[str, int]:
    """Sum a trial balance per currency; anything but zero proves an error."""
    sums: dict[str, int] = {}
    for balance in balances:
        sums[balance.currency] = sums.get(balance.currency, 0) + balance.balance
    return sums


async def account_balances(
    connection: Connection,
    tenant_id: object,
    account: str,
    *,
    as_of: date = date.max,
    known: Known | None = None,
) -> list[AccountBalance]:
    """Give the sums of one account, sub-account or not, in each of its currencies."""
    if known is None:
        rows = await _OF_ACCOUNT.tuples(
            connection, tenant_id=tenant_id, account=account, as_of=as_of
        )
    else:
        rows = await account_known(connection, tenant_id, account, as_of=as_of, known=known)
    return [_balance(*row) for row in rows]


async def accounts(
    connection: Connection,
    tenant_id: object,
    *,
    as_of: date = date.max,
    known: Known | None = None,
) -> list[tuple[Account, list[AccountBalance]]]:
    """Give the whole chart by code, each account with its sums per currency."""
    found = await trial_balance(connection, tenant_id, as_of=as_of, known=known)
    lines = await chart(connection, tenant_id)
    return [
        (account, [balance for balance in found if balance.code == code])
        for code, account in sorted(lines.items())
    ]


def _balance(code: str, currency: str, debit: int, credit: int) -> AccountBalance:
    return AccountBalance(code, currency, int(debit), int(credit))
