"""`defter wallet limits`: how much people may move, by level."""

from typing import Annotated, Any

import typer

from interfaces.cli.terminal.options import ProfileOption
from interfaces.cli.terminal.output import (
    Column,
    FileOption,
    Format,
    FormatOption,
    Report,
    show,
    show_object,
)

PATH = "/api/wallet/limits"
MOST = ("per_transaction", "per_day", "per_month")

AmountOption = Annotated[str | None, typer.Option(help="Such as 5000; else no limit.")]
ApplyOption = Annotated[bool, typer.Option("--apply", help="Do it; else only show it.")]


def show_limits(
    wallet_id: Annotated[
        str | None, typer.Argument(help="Only this wallet's, and what is left of them; wal_…")
    ] = None,
    *,
    profile: ProfileOption = None,
    output: FormatOption = Format.TABLE,
    to: FileOption = None,
) -> None:
    """Show the limits of all levels, or what is left of a wallet's.

    Example: `defter wallet limits show wal_01k3xq8m5w`
    """
    from interfaces.cli.remote.client import connect  # noqa: PLC0415 - `--help` stays quick

    client = connect(profile)
    if wallet_id is None:
        rows = [
            {**one, **{name: _minor(one[name]) for name in MOST}}
            for one in client.get(PATH).body["items"]
        ]
        columns = (Column("level"), Column("currency"), Column("kind"))
        amounts = tuple(Column(name, amount=True) for name in MOST)
        show(Report("Limits", (*columns, *amounts), rows), output=output, to=to)
        return
    body = client.get(f"/api/wallet/{wallet_id}/limits").body
    rows = [
        {
            "kind": one["kind"],
            "period": period,
            "currency": one["day"]["used"]["currency"],
            **{name: _minor(told[name]) for name in ("limit", "used", "left")},
        }
        for one in body["items"]
        for period, told in _periods(one).items()
    ]
    columns = (Column("kind"), Column("period"), Column("currency"))
    amounts = tuple(Column(name, amount=True) for name in ("limit", "used", "left"))
    title = f"Limits of {wallet_id} (level {body['level']}) on {body['today']}"
    show(Report(title, (*columns, *amounts), rows), output=output, to=to)


def set_limits(  # noqa: PLR0913 - the fields of a limit
    kind: Annotated[str, typer.Argument(help="transfer, hold, withdrawal or top_up_request.")],
    currency: Annotated[str, typer.Argument(help="ISO 4217, such as TRY.")],
    *,
    level: Annotated[str, typer.Option(help="For whom.")] = "standard",
    per_transaction: AmountOption = None,
    per_day: AmountOption = None,
    per_month: AmountOption = None,
    apply: ApplyOption = False,
    profile: ProfileOption = None,
    output: FormatOption = Format.TABLE,
) -> None:
    """Say what people of a level may move in one way. Without --apply nothing is written.

    Example: `defter wallet limits set transfer TRY --per-day 5000 --per-month 20000 --apply`
    """
    from interfaces.cli.remote.client import connect  # noqa: PLC0415 - `--help` stays quick
    from interfaces.cli.terminal.amounts import minor_of, written  # noqa: PLC0415 - as above

    given = dict(zip(MOST, (per_transaction, per_day, per_month), strict=True))
    minor = {name: minor_of(text, currency) for name, text in given.items() if text is not None}
    fields: dict[str, Any] = {"level": level, "kind": kind, "currency": currency}
    told = {name: written(minor[name], currency) if name in minor else "no limit" for name in MOST}
    if not apply:
        show_object("Limits, not set", {**fields, **told}, output=output)
        typer.echo("nothing was written; add --apply to set them", err=True)
        return
    body = {**fields, **{f"{name}_minor": amount for name, amount in minor.items()}}
    connect(profile).post(PATH, body)
    show_object("Limits", {**fields, **told}, output=output)


def set_level(
    owner: Annotated[str, typer.Argument(help="The customer, cus_…")],
    level: Annotated[str, typer.Argument(help="Such as standard.")],
    *,
    apply: ApplyOption = False,
    profile: ProfileOption = None,
    output: FormatOption = Format.TABLE,
) -> None:
    """Put a customer on a level of limits. Without --apply nothing is written.

    Example: `defter wallet limits level cus_01k3xq8m5w vip --apply`
    """
    from interfaces.cli.remote.client import connect  # noqa: PLC0415 - `--help` stays quick

    fields = {"owner": owner, "level": level}
    if not apply:
        show_object("Level, not set", fields, output=output)
        typer.echo("nothing was written; add --apply to set it", err=True)
        return
    connect(profile).post("/api/wallet/levels", fields)
    show_object("Level", fields, output=output)


def _periods(one: dict[str, Any]) -> dict[str, dict[str, Any]]:
    each = {"limit": one["per_transaction"], "used": None, "left": None}
    return {"transaction": each, "day": one["day"], "month": one["month"]}


def _minor(money: dict[str, Any] | None) -> int | None:
    return None if money is None else money["minor"]
