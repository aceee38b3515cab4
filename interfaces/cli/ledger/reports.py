"""`defter ledger`: the books, as finance reads them."""

from typing import Annotated, Any

import typer

from interfaces.cli.ledger.known import in_words
from interfaces.cli.terminal.options import (
    AsOfOption,
    FromOption,
    KnownAtOption,
    ProfileOption,
    UntilOption,
)
from interfaces.cli.terminal.output import Column, FileOption, Format, FormatOption, Report, show

BALANCE = (
    Column("currency"),
    Column("debit", amount=True),
    Column("credit", amount=True),
    Column("balance", amount=True),
)


def accounts(
    *,
    as_of: AsOfOption = None,
    known_at: KnownAtOption = None,
    profile: ProfileOption = None,
    output: FormatOption = Format.TABLE,
    to: FileOption = None,
) -> None:
    """List the chart of accounts with balances; debits are positive.

    Example: `defter ledger accounts -o csv --to accounts.csv`
    """
    from interfaces.cli.remote.client import connect  # noqa: PLC0415 - `--help` stays quick

    query = {"as_of": as_of, "known_at": known_at}
    body = connect(profile).get("/api/ledger/accounts", **query).body
    rows: list[dict[str, Any]] = []
    for account in body["items"]:
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
    show(Report(in_words("Accounts", body, **query), columns, rows), output=output, to=to)


def balance(  # noqa: PLR0913 - the options of a report
    account: Annotated[str, typer.Argument(help="Such as sales, or wallet.cash:wal_…")],
    *,
    as_of: AsOfOption = None,
    known_at: KnownAtOption = None,
    profile: ProfileOption = None,
    output: FormatOption = Format.TABLE,
    to: FileOption = None,
) -> None:
    """Show what stood on an account on a day, as it was known then or is known now.

    Late facts change what is known of a day, never what was known: `--known-at` leaves out what was
    recorded later.

    Example: `defter ledger balance bank --as-of 2026-10-31 --known-at 2026-10-31`
    """
    from interfaces.cli.remote.client import connect  # noqa: PLC0415 - `--help` stays quick

    query = {"as_of": as_of, "known_at": known_at}
    body = connect(profile).get(f"/api/ledger/accounts/{account}/balance", **query).body
    title = in_words(f"Balance of {account}", body, **query)
    show(Report(title, BALANCE, body["balances"]), output=output, to=to)


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

    query = {"currency": currency, "from": first, "to": last}
    asked = {"as_of": as_of, "known_at": known_at}
    path = f"/api/ledger/accounts/{account}/register"
    pages = list(connect(profile).pages(path, **query, **asked))
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
        in_words(f"Register of {body['account']} in {body['currency']}", body, **asked),
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
