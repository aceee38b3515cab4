"""Stored balances held against the ones that the events give."""

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, func, select

from domain.ledger.accounts import code_of
from infrastructure.ledger_check.findings import Difference
from infrastructure.ledger_check.folding import LedgerFold
from projections.ledger.journal import ACCOUNT_DAYS, CODE_DAYS, LEDGER_JOURNAL, LINES
from projections.query import Connection, Query
from projections.read_model import ReadTable
from projections.wallet.balances import BALANCES, LOTS, WALLET_BALANCES, WALLETS

_WALLETS = Query(WALLETS.where(BALANCES.table.c.tenant_id == bindparam("tenant_id")))
_LOTS = Query(
    select(*(LOTS.table.c[name] for name in ("wallet_id", "lot_id", "remaining"))).where(
        LOTS.table.c.tenant_id == bindparam("tenant_id"), LOTS.table.c.remaining != 0
    )
)


def _sums(table: ReadTable, account: str, amount: Any) -> Query:  # noqa: ANN401 - SQLAlchemy's own
    columns = table.table.c
    return Query(
        select(columns[account], columns.currency, func.sum(amount))
        .where(columns.tenant_id == bindparam("tenant_id"))
        .group_by(columns[account], columns.currency)
    )


def _days(table: ReadTable, account: str) -> Query:
    return _sums(table, account, table.table.c.debit - table.table.c.credit)


_BY_ACCOUNT: Mapping[str, Query] = {
    ACCOUNT_DAYS.name: _days(ACCOUNT_DAYS, "account"),
    LINES.name: _sums(LINES, "account", LINES.table.c.minor),
}
_BY_CODE: Mapping[str, Query] = {CODE_DAYS.name: _days(CODE_DAYS, "code")}

COMPARED = (WALLET_BALANCES, LEDGER_JOURNAL)
"""The read models that hold balances."""


async def differences(
    connection: Connection, tenant_id: UUID, read_model: str, fold: LedgerFold
) -> list[Difference]:
    """Compare one read model that stands at the fold's position; `read_model` is its key."""
    if read_model == WALLET_BALANCES.key:
        rows = await _WALLETS.all(connection, tenant_id=tenant_id)
        lots = await _LOTS.tuples(connection, tenant_id=tenant_id)
        return [*_wallets(rows, fold), *_lots(lots, fold)]
    found: list[Difference] = []
    codes: dict[tuple[str, str], int] = {}
    balances = fold.balances
    for (account, currency), minor in balances.items():
        code = (code_of(account), currency)
        codes[code] = codes.get(code, 0) + minor
    for queries, expected in ((_BY_ACCOUNT, balances), (_BY_CODE, codes)):
        for table, query in queries.items():
            rows = await query.tuples(connection, tenant_id=tenant_id)
            found += _balances(table, rows, expected)
    return found


def _wallets(rows: list[dict[str, Any]], fold: LedgerFold) -> Iterator[Difference]:
    seen: set[str] = set()
    wallets = fold.wallets.all()
    for row in rows:
        wallet_id = row["wallet_id"]
        seen.add(wallet_id)
        where = f"{BALANCES.name}, {wallet_id}"
        wallet = wallets.get(wallet_id)
        if wallet is None:
            yield Difference(where, "the log has no such wallet")
            continue
        expected = {
            "currency": wallet.currency,
            "owner": wallet.owner,
            "available": wallet.available.minor,
            "held": wallet.held.minor,
            "bonus": wallet.bonus.minor,
            "status": wallet.status.value,
            "version": wallet.version,
        }
        for name, right in expected.items():
            stored = row[name]
            if right != stored and name != "owner":
                yield Difference(where, f"{name} is {stored}, the events give {right}")
            elif right != stored:
                yield Difference(where, "the owner is another one than the events give")
    for wallet_id in wallets.keys() - seen:
        yield Difference(f"{BALANCES.name}, {wallet_id}", "the wallet is missing")


def _lots(rows: list[tuple[Any, ...]], fold: LedgerFold) -> Iterator[Difference]:
    stored = {(wallet_id, lot_id): remaining for wallet_id, lot_id, remaining in rows}
    expected = {
        (wallet.wallet_id, lot_id): lot.remaining.minor
        for wallet in fold.wallets.all().values()
        for lot_id, lot in wallet.lots.items()
    }
    for wallet_id, lot_id in expected.keys() | stored.keys():
        right, there = expected.get((wallet_id, lot_id), 0), stored.get((wallet_id, lot_id), 0)
        if right != there:
            what = f"{there} of {lot_id} remains, the events give {right}"
            yield Difference(f"{LOTS.name}, {wallet_id}", what)


def _balances(
    table: str, rows: list[tuple[Any, ...]], expected: Mapping[tuple[str, str], int]
) -> Iterator[Difference]:
    stored = {(account, currency): int(minor) for account, currency, minor in rows}
    for account, currency in expected.keys() | stored.keys():
        right, there = expected.get((account, currency), 0), stored.get((account, currency), 0)
        if right != there:
            what = f"the balance is {there} {currency}, the events give {right}"
            yield Difference(f"{table}, {account}", what)
