"""`defter ledger`: the books, as finance reads them."""

from typing import Annotated, Any

import typer

from interfaces.cli.output import Column, FileOption, Format, FormatOption, Report, show

ledger = typer.Typer(no_args_is_help=True, help="Accounts, registers, trial balance, proof.")

ProfileOption = Annotated[str | None, typer.Option("--profile", help="Profile to use.")]
DayOption = Annotated[
    str | None, typer.Option(help="Entries that count by this day (YYYY-MM-DD).", metavar="DAY")
]
TimeOption = Annotated[
    str | None,
    typer.Option(help="As it was known at this time (2026-05-01T12:00:00Z).", metavar="TIME"),
]


@ledger.command()
def accounts(
    *,
    profile: ProfileOption = None,
    output: FormatOption = Format.TABLE,
    to: FileOption = None,
) -> None:
    """List the chart of accounts with today's balances.

    Example: `defter ledger accounts -o csv --to accounts.csv`
    """
    from interfaces.cli.client import connect  # noqa: PLC0415 - `--help` stays quick

    rows: list[dict[str, Any]] = []
    for page in connect(profile).pages("/api/ledger/accounts"):
        for account in page.body["items"]:
            told = {name: account[name] for name in ("account", "type", "name")}
            rows += [
                {**told, "currency": balance["currency"], "balance": int(balance["minor"])}
                for balance in account["balances"]
            ] or [told]
    columns = (
        Column("account"),
        Column("type"),
        Column("name"),
        Column("currency"),
        Column("balance", amount=True),
    )
    show(Report("Accounts (debits are positive)", columns, rows), output=output, to=to)


@ledger.command("trial-balance")
def trial_balance(
    *,
    as_of: DayOption = None,
    known_at: TimeOption = None,
    profile: ProfileOption = None,
    output: FormatOption = Format.TABLE,
    to: FileOption = None,
) -> None:
    """Show debits and credits of every account; exit code 3 where they differ.

    Example: `defter ledger trial-balance --as-of 2026-06-30`
    """
    from interfaces.cli.client import connect  # noqa: PLC0415 - `--help` stays quick
    from interfaces.cli.trial_balance import (  # noqa: PLC0415 - as above
        fetch_trial_balance,
        show_trial_balance,
    )

    balance = fetch_trial_balance(connect(profile), as_of=as_of, known_at=known_at)
    show_trial_balance(balance, output=output, to=to)
