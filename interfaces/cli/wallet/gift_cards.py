"""`defter wallet gift-cards`: sell gift cards, look at them, take them back."""

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

PATH = "/api/wallet/gift-cards"

ApplyOption = Annotated[bool, typer.Option("--apply", help="Do it; else only show it.")]
KeyOption = Annotated[str | None, typer.Option(help="The same key does it once.")]


def list_cards(
    *,
    only_open: Annotated[bool, typer.Option("--open", help="Leave ended cards out.")] = False,
    profile: ProfileOption = None,
    output: FormatOption = Format.TABLE,
    to: FileOption = None,
) -> None:
    """List gift cards and what is left on them.

    Example: `defter wallet gift-cards list --open -o csv --to owed.csv`
    """
    from interfaces.cli.remote.client import connect  # noqa: PLC0415 - `--help` stays quick

    pages = connect(profile).pages(PATH, only_open=only_open)
    amounts = ("amount", "redeemed", "remaining")
    rows = [
        {
            **card,
            "currency": card["amount"]["currency"],
            **{name: card[name]["minor"] for name in amounts},
        }
        for page in pages
        for card in page.body["items"]
    ]
    columns = (
        Column("card_id"),
        Column("hint"),
        Column("status"),
        Column("currency"),
        *(Column(name, amount=True) for name in amounts),
        Column("source"),
        Column("issued_at"),
        Column("expires_at"),
    )
    show(Report("Gift cards", columns, rows), output=output, to=to)


def issue(  # noqa: PLR0913 - the fields of a card
    amount: Annotated[str, typer.Argument(help="Such as 250.")],
    currency: Annotated[str, typer.Argument(help="ISO 4217, such as TRY.")],
    *,
    source: Annotated[str, typer.Option(help="Account on which the money came.")] = "bank",
    expires_at: Annotated[
        str | None,
        typer.Option(help="Last moment (2027-12-31T21:00:00Z); else never.", metavar="TIME"),
    ] = None,
    idempotency_key: KeyOption = None,
    apply: ApplyOption = False,
    profile: ProfileOption = None,
    output: FormatOption = Format.TABLE,
) -> None:
    """Issue a gift card and show its code, once. Without --apply nothing is written.

    Example: `defter wallet gift-cards issue 250 TRY --expires-at 2027-12-31T21:00:00Z --apply`
    """
    from interfaces.cli.remote.client import connect  # noqa: PLC0415 - `--help` stays quick
    from interfaces.cli.terminal.amounts import minor_of, written  # noqa: PLC0415 - as above

    minor = minor_of(amount, currency)
    fields: dict[str, Any] = {
        "amount": f"{written(minor, currency)} {currency} from {source}",
        "expires at": expires_at or "never",
    }
    if not apply:
        show_object("Gift card, not issued", fields, output=output)
        typer.echo("nothing was written; add --apply to issue it", err=True)
        return
    body: dict[str, Any] = {"amount": {"minor": minor, "currency": currency}, "source": source}
    if expires_at is not None:
        body["expires_at"] = expires_at
    answer = connect(profile).post(PATH, body, idempotency_key=idempotency_key)
    show_object("Gift card", {**fields, **answer.body}, output=output)
    if answer.body["code"] is None:
        typer.echo("it was issued before; its code was shown then, void it if it is lost", err=True)
    else:
        typer.echo("the code is shown this once; nobody can see it again", err=True)


def void(  # noqa: PLR0913 - the options of a command
    card_id: Annotated[str, typer.Argument(help="The card's id, gft_…")],
    *,
    reason: Annotated[str | None, typer.Option(help="Why; it is kept encrypted.")] = None,
    idempotency_key: KeyOption = None,
    apply: ApplyOption = False,
    profile: ProfileOption = None,
    output: FormatOption = Format.TABLE,
) -> None:
    """End a gift card; what is left goes back to where it came from. Else it is only shown.

    Example: `defter wallet gift-cards void gft_01k3xq8m5w --reason "sold twice" --apply`
    """
    from interfaces.cli.remote.client import connect  # noqa: PLC0415 - `--help` stays quick
    from interfaces.cli.terminal.amounts import written  # noqa: PLC0415 - as above

    client = connect(profile)
    card = client.get(f"{PATH}/{card_id}").body
    left = card["remaining"]
    fields: dict[str, Any] = {
        "card": f"{card_id} {card['hint']}",
        "status": card["status"],
        "left": f"{written(left['minor'], left['currency'])} {left['currency']}",
        "goes to": card["source"],
    }
    if not apply:
        show_object("Gift card, not voided", fields, output=output)
        typer.echo("nothing was written; add --apply to void it", err=True)
        return
    body = {} if reason is None else {"reason": reason}
    answer = client.post(f"{PATH}/{card_id}/void", body, idempotency_key=idempotency_key)
    show_object("Gift card, voided", {**fields, **answer.body}, output=output)
