"""`defter wallet`: look at a wallet, and enter money into it."""

from pathlib import Path
from typing import Annotated, Any

import typer

from domain.ledger.periods import Late
from interfaces.cli.ledger.known import in_words
from interfaces.cli.terminal.options import (
    AsOfOption,
    FromOption,
    KnownAtOption,
    LateOption,
    ProfileOption,
    UntilOption,
)
from interfaces.cli.terminal.output import (
    Column,
    FileOption,
    Format,
    FormatOption,
    Report,
    show,
    show_object,
)

WalletArgument = Annotated[str, typer.Argument(help="The wallet's id, wal_…")]


def show_wallet(
    wallet_id: WalletArgument,
    *,
    profile: ProfileOption = None,
    output: FormatOption = Format.TABLE,
    to: FileOption = None,
) -> None:
    """Show what a wallet has: available, held, and its bonus lot by lot.

    Bonus is spent before cash, in the order of the list.
    Example: `defter wallet show wal_01k3xq8m5w`
    """
    from interfaces.cli.remote.client import connect  # noqa: PLC0415 - `--help` stays quick

    body = connect(profile).get(f"/api/wallet/{wallet_id}").body
    currency = body["currency"]
    row = {**body, **{name: body[name]["minor"] for name in ("available", "held", "bonus")}}
    columns = (
        Column("wallet_id"),
        Column("owner"),
        Column("currency"),
        Column("available", amount=True),
        Column("held", amount=True),
        Column("bonus", amount=True),
        Column("status"),
        Column("opened_at"),
    )
    people = output is Format.TABLE
    machines = () if people else (Column("bonus_lots"),)
    show(Report("Wallet", columns + machines, [row]), output=output, to=to)
    lots = [
        {**lot, "currency": currency, "remaining": lot["remaining"]["minor"]}
        for lot in body["bonus_lots"]
    ]
    if people and lots:
        parts = (Column("lot_id"), Column("campaign"), Column("remaining", amount=True))
        show(Report("Bonus", (*parts, Column("expires_at")), lots), output=output)


def show_balance(  # noqa: PLR0913 - the options of a report
    wallet_id: WalletArgument,
    *,
    as_of: AsOfOption = None,
    known_at: KnownAtOption = None,
    profile: ProfileOption = None,
    output: FormatOption = Format.TABLE,
    to: FileOption = None,
) -> None:
    """Show what a wallet had on a day, as it was known then or is known now.

    Example: `defter wallet balance wal_01k3xq8m5w --as-of 2026-10-31 --known-at 2026-10-31`
    """
    from interfaces.cli.remote.client import connect  # noqa: PLC0415 - `--help` stays quick

    query = {"as_of": as_of, "known_at": known_at}
    body = connect(profile).get(f"/api/wallet/{wallet_id}/balance", **query).body
    names = ("available", "held", "bonus")
    row = {name: body[name]["minor"] for name in names}
    columns = (Column("currency"), *(Column(name, amount=True) for name in names))
    title = in_words(f"Balance of {wallet_id}", body, **query)
    rows = [{"currency": body["available"]["currency"], **row}]
    show(Report(title, columns, rows), output=output, to=to)


def statement(  # noqa: PLR0913 - the options of a report
    wallet_id: WalletArgument,
    *,
    first: FromOption = None,
    last: UntilOption = None,
    as_of: AsOfOption = None,
    known_at: KnownAtOption = None,
    pdf: Annotated[Path | None, typer.Option(help="Write it to this file as PDF.")] = None,
    profile: ProfileOption = None,
    output: FormatOption = Format.TABLE,
    to: FileOption = None,
) -> None:
    """List what came into a wallet and what went, with what was available after each.

    Example: `defter wallet statement wal_01k3xq8m5w --from 2026-01-01 --pdf january.pdf`
    """
    from interfaces.cli.remote.client import connect  # noqa: PLC0415 - `--help` stays quick

    query = {"from": first, "to": last, "as_of": as_of, "known_at": known_at}
    path, client = f"/api/wallet/{wallet_id}/statement", connect(profile)
    if pdf is not None:
        pdf.write_bytes(client.download(path, format="pdf", **query))
        return
    pages = [page.body for page in client.pages(path, **query)]
    currency = pages[0]["currency"]
    rows = [
        {
            **line,
            "currency": currency,
            "amount": line["amount"]["minor"],
            "balance": line["balance"]["minor"],
        }
        for page in pages
        for line in page["items"]
    ]
    columns = (
        Column("effective_on"),
        Column("type"),
        Column("entry_id"),
        Column("currency"),
        Column("amount", amount=True),
        Column("balance", amount=True),
    )

    def edge(name: str) -> dict[str, Any]:
        return {"type": name, "currency": currency, "balance": pages[0][name]["minor"]}

    report = Report(
        in_words(f"Statement of {wallet_id}", pages[0], as_of=as_of, known_at=known_at),
        columns,
        rows,
        above=[edge("opening")],
        totals=[edge("closing")],
    )
    show(report, output=output, to=to)


def top_up(  # noqa: PLR0913 - the fields of a top-up
    wallet_id: WalletArgument,
    amount: Annotated[str, typer.Argument(help="Such as 12.50.")],
    currency: Annotated[str, typer.Argument(help="ISO 4217, such as TRY.")],
    *,
    source: Annotated[str, typer.Option(help="Account on which the money came.")] = "bank",
    note: Annotated[str | None, typer.Option(help="A note; it is kept encrypted.")] = None,
    effective_on: Annotated[
        str | None, typer.Option(help="Day on which it counts; else today.", metavar="DAY")
    ] = None,
    late: LateOption = Late.REFUSE,
    idempotency_key: Annotated[
        str | None, typer.Option(help="The same key enters the money once.")
    ] = None,
    apply: Annotated[bool, typer.Option("--apply", help="Do it; else only show it.")] = False,
    profile: ProfileOption = None,
    output: FormatOption = Format.TABLE,
) -> None:
    """Enter money that came in for a wallet. Without --apply nothing is written.

    Example: `defter wallet top-up wal_01k3xq8m5w 250 TRY --note "EFT 5518" --apply`
    """
    from interfaces.cli.remote.client import connect  # noqa: PLC0415 - `--help` stays quick
    from interfaces.cli.terminal.amounts import minor_of, written  # noqa: PLC0415 - as above

    minor = minor_of(amount, currency)
    client = connect(profile)
    wallet = client.get(f"/api/wallet/{wallet_id}").body
    fields: dict[str, Any] = {
        "wallet": wallet_id,
        "owner": wallet["owner"],
        "available": written(wallet["available"]["minor"], wallet["currency"]),
        "top-up": f"{written(minor, currency)} {currency} from {source}",
    }
    if not apply:
        show_object("Top-up, not entered", fields, output=output)
        typer.echo("nothing was written; add --apply to enter it", err=True)
        return
    body = {
        "amount": {"minor": minor, "currency": currency},
        "source": source,
        "note": note,
        "effective_on": effective_on,
        "late": late.value if late is not Late.REFUSE else None,
    }
    given = {name: value for name, value in body.items() if value is not None}
    path = f"/api/wallet/{wallet_id}/top-ups"
    answer = client.post(path, given, idempotency_key=idempotency_key)
    show_object("Top-up", {**fields, **answer.body}, output=output)
