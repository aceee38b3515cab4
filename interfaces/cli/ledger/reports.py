"""`defter ledger`: the books, as finance reads them."""

from typing import Annotated, Any

import typer

from interfaces.cli.terminal.options import (
    AsOfOption,
    FromOption,
    KnownAtOption,
    ProfileOption,
    UntilOption,
)
from interfaces.cli.terminal.output import Column, FileOption, Format, FormatOption, Report, show


def accounts(
    *,
    as_of: AsOfOption = None,
    profile: ProfileOption = None,
    output: FormatOption = Format.TABLE,
    to: FileOption = None,
) -> None:
    """List the chart of accounts with balances; debits are positive.

    Example: `defter ledger accounts -o csv --to accounts.csv`
    """
    from interfaces.cli.remote.client import connect  # noqa: PLC0415 - `--help` stays quick

    rows: list[dict[str, Any]] = []
    for account in connect(profile).get("/api/ledger/accounts", as_of=as_of).body["items"]:
        told = {name: account[name] for name in ("code", "type", "name")}
        balances = ("currency", "balance")
        rows += [
            {**told, **{name: one[name] for name in balances}} for one in account["balances"]
        ] or [told]
    columns = (
        Column("code"),
        Column("type"),
        Column("name"),
        Column("currency"),
        Column("balance", amount=True),
    )
    show(Report("Accounts", columns, rows), output=output, to=to)


def register(  # noqa: PLR0913 - the options of a report
    account: Annotated[str, typer.Argument(help="Such as sales, or wallet.cash:wal_…")],
    *,
    currency: Annotated[str | None, typer.Option(help="Else the books' base currency.")] = None,
    first: FromOption = None,
    last: UntilOption = None,
    as_of: AsOfOption = None,
    known_at: KnownAtOption = None,
    profile: ProfileOption = None,
    output: FormatOption = Format.TABLE,
    to: FileOption = None,
) -> None:
    """List what was posted to an account, with the balance after each line; debits are positive.

    Example: `defter ledger register sales --from 2026-01-01 --until 2026-01-31`
    """
    from interfaces.cli.remote.client import connect  # noqa: PLC0415 - `--help` stays quick

    query = {"currency": currency, "from": first, "to": last, "as_of": as_of}
    pages = list(
        connect(profile).pages(
            f"/api/ledger/accounts/{account}/register", known_at=known_at, **query
        )
    )
    body = pages[-1].body
    columns = (
        Column("effective_on"),
        Column("entry_id"),
        Column("type"),
        Column("adjusts"),
        Column("currency"),
        Column("amount", amount=True),
        Column("balance", amount=True),
    )
    rows = [
        {**line, **_minor(line, "amount", "balance"), "currency": line["amount"]["currency"]}
        for page in pages
        for line in page.body["items"]
    ]
    report = Report(
        f"Register of {body['account']} in {body['currency']}",
        columns,
        rows,
        above=[{"type": "opening", **_named(pages[0].body["opening"])}],
        totals=[{"type": "closing", **_named(body["closing"])}],
    )
    show(report, output=output, to=to)


def trial_balance(
    *,
    as_of: AsOfOption = None,
    known_at: KnownAtOption = None,
    profile: ProfileOption = None,
    output: FormatOption = Format.TABLE,
    to: FileOption = None,
) -> None:
    """Show debits and credits of every account; exit code 3 where they differ.

    Example: `defter ledger trial-balance --as-of 2026-06-30`
    """
    from interfaces.cli.ledger.trial_balance import (  # noqa: PLC0415 - `--help` stays quick
        fetch_trial_balance,
        show_trial_balance,
    )
    from interfaces.cli.remote.client import connect  # noqa: PLC0415 - as above

    balance = fetch_trial_balance(connect(profile), as_of=as_of, known_at=known_at)
    show_trial_balance(balance, output=output, to=to)


def _minor(line: dict[str, Any], *names: str) -> dict[str, int]:
    return {name: line[name]["minor"] for name in names}


def _named(money: dict[str, Any]) -> dict[str, Any]:
    return {"balance": money["minor"], "currency": money["currency"]}
