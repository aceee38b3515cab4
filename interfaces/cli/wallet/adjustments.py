"""`defter wallet adjust`: ask for money to be given to a wallet, or taken from it."""

from typing import Annotated, Any

import typer

from domain.wallet.requests.adjustments import Direction, ReasonCode
from interfaces.cli.terminal.options import ProfileOption
from interfaces.cli.terminal.output import Format, FormatOption, show_object
from interfaces.cli.wallet.wallets import WalletArgument


def adjust(  # noqa: PLR0913 - the fields of an adjustment
    wallet_id: WalletArgument,
    amount: Annotated[str, typer.Argument(help="Such as 12.50, in the wallet's currency.")],
    *,
    direction: Annotated[Direction, typer.Option(help="Whether the wallet gets or loses it.")],
    code: Annotated[ReasonCode, typer.Option(help="Why, in a word that can be counted.")],
    reason: Annotated[str, typer.Option(help="Why, for who approves it; it is kept encrypted.")],
    idempotency_key: Annotated[
        str | None, typer.Option(help="The same key asks for it once.")
    ] = None,
    apply: Annotated[bool, typer.Option("--apply", help="Do it; else only show it.")] = False,
    profile: ProfileOption = None,
    output: FormatOption = Format.TABLE,
) -> None:
    """Ask for a wallet to be adjusted; another staff member approves. A dry run without --apply.

    What is to be taken is held at once. See `defter wallet requests --kind adjustment`.
    Example: `defter wallet adjust wal_01k3xq8m5w 12.50 --direction debit --code correction
    --reason "credited twice" --apply`
    """
    from interfaces.cli.remote.client import connect  # noqa: PLC0415 - `--help` stays quick
    from interfaces.cli.terminal.amounts import minor_of, written  # noqa: PLC0415 - as above

    client = connect(profile)
    path = f"/api/wallet/{wallet_id}"
    wallet = client.get(path).body
    currency = wallet["currency"]
    minor = minor_of(amount, currency)
    fields: dict[str, Any] = {
        "wallet": wallet_id,
        "owner": wallet["owner"],
        "available": written(wallet["available"]["minor"], currency),
        direction.value: f"{written(minor, currency)} {currency}",
        "code": code.value,
        "reason": reason,
    }
    if not apply:
        show_object("Adjustment, not asked for", fields, output=output)
        typer.echo("nothing was written; add --apply to ask for it", err=True)
        return
    body = {
        "amount": {"minor": minor, "currency": currency},
        "direction": direction.value,
        "reason_code": code.value,
        "reason": reason,
    }
    answer = client.post(f"{path}/adjustment-requests", body, idempotency_key=idempotency_key)
    show_object("Adjustment, to be approved", {**fields, **answer.body}, output=output)
