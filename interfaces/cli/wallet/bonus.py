"""`defter wallet grant-bonus`: give a customer money that pays the shop only."""

from typing import Annotated, Any

import typer

from interfaces.cli.terminal.options import ProfileOption
from interfaces.cli.terminal.output import Format, FormatOption, show_object
from interfaces.cli.wallet.wallets import WalletArgument


def grant_bonus(  # noqa: PLR0913 - the fields of a grant
    wallet_id: WalletArgument,
    amount: Annotated[str, typer.Argument(help="Such as 12.50.")],
    currency: Annotated[str, typer.Argument(help="ISO 4217, such as TRY.")],
    *,
    campaign: Annotated[str, typer.Option(help="The campaign it comes from.")],
    expires_at: Annotated[
        str | None,
        typer.Option(help="When what is left of it is lost; else never.", metavar="TIME"),
    ] = None,
    effective_on: Annotated[
        str | None, typer.Option(help="Day on which it counts; else today.", metavar="DAY")
    ] = None,
    idempotency_key: Annotated[
        str | None, typer.Option(help="The same key grants the bonus once.")
    ] = None,
    apply: Annotated[bool, typer.Option("--apply", help="Do it; else only show it.")] = False,
    profile: ProfileOption = None,
    output: FormatOption = Format.TABLE,
) -> None:
    """Grant bonus, which pays before cash and is never paid out. A dry run without --apply.

    Example: `defter wallet grant-bonus wal_01k3xq8m5w 50 TRY --campaign spring
    --expires-at 2026-06-01T00:00:00+03:00 --apply`
    """
    from interfaces.cli.remote.client import connect  # noqa: PLC0415 - `--help` stays quick
    from interfaces.cli.terminal.amounts import minor_of, written  # noqa: PLC0415 - as above

    minor = minor_of(amount, currency)
    client = connect(profile)
    wallet = client.get(f"/api/wallet/{wallet_id}").body
    fields: dict[str, Any] = {
        "wallet": wallet_id,
        "owner": wallet["owner"],
        "bonus": written(wallet["bonus"]["minor"], wallet["currency"]),
        "grant": f"{written(minor, currency)} {currency} of {campaign}",
        "expires_at": expires_at or "never",
    }
    if not apply:
        show_object("Bonus, not granted", fields, output=output)
        typer.echo("nothing was written; add --apply to grant it", err=True)
        return
    body = {
        "amount": {"minor": minor, "currency": currency},
        "campaign": campaign,
        "expires_at": expires_at,
        "effective_on": effective_on,
    }
    given = {name: value for name, value in body.items() if value is not None}
    path = f"/api/wallet/{wallet_id}/bonus"
    answer = client.post(path, given, idempotency_key=idempotency_key)
    show_object("Bonus", {**fields, **answer.body}, output=output)
