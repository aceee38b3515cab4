"""`defter wallet freeze | unfreeze | close`: whether a wallet may be used."""

from typing import Annotated, Any

import typer

from interfaces.cli.terminal.options import ProfileOption
from interfaces.cli.terminal.output import Format, FormatOption, show_object
from interfaces.cli.wallet.wallets import WalletArgument

ReasonOption = Annotated[str | None, typer.Option(help="Why; it is kept encrypted.")]
ApplyOption = Annotated[bool, typer.Option("--apply", help="Do it; else only show it.")]


def freeze(
    wallet_id: WalletArgument,
    *,
    reason: Annotated[str, typer.Option(help="Why; it is kept encrypted.")],
    apply: ApplyOption = False,
    profile: ProfileOption = None,
    output: FormatOption = Format.TABLE,
) -> None:
    """Stop money from leaving a wallet; it may still come in. Without --apply nothing is written.

    Holds that stand may be captured and released.
    Example: `defter wallet freeze wal_01k3xq8m5w --reason "card reported stolen" --apply`
    """
    _change(wallet_id, "freeze", reason=reason, apply=apply, profile=profile, output=output)


def unfreeze(
    wallet_id: WalletArgument,
    *,
    reason: ReasonOption = None,
    apply: ApplyOption = False,
    profile: ProfileOption = None,
    output: FormatOption = Format.TABLE,
) -> None:
    """Let a frozen wallet be used again. Without --apply nothing is written.

    Example: `defter wallet unfreeze wal_01k3xq8m5w --apply`
    """
    _change(wallet_id, "unfreeze", reason=reason, apply=apply, profile=profile, output=output)


def close(
    wallet_id: WalletArgument,
    *,
    reason: ReasonOption = None,
    apply: ApplyOption = False,
    profile: ProfileOption = None,
    output: FormatOption = Format.TABLE,
) -> None:
    """End an empty wallet for good; its owner may open another. Without --apply nothing is written.

    Example: `defter wallet close wal_01k3xq8m5w --reason "moved abroad" --apply`
    """
    _change(wallet_id, "close", reason=reason, apply=apply, profile=profile, output=output)


def _change(  # noqa: PLR0913 - the options of a command
    wallet_id: str,
    how: str,
    *,
    reason: str | None,
    apply: bool,
    profile: str | None,
    output: Format,
) -> None:
    from interfaces.cli.remote.client import connect  # noqa: PLC0415 - `--help` stays quick
    from interfaces.cli.terminal.amounts import written  # noqa: PLC0415 - as above

    client = connect(profile)
    wallet = client.get(f"/api/wallet/{wallet_id}").body
    fields: dict[str, Any] = {
        "wallet": wallet_id,
        "owner": wallet["owner"],
        "status": wallet["status"],
        **{
            name: written(wallet[name]["minor"], wallet["currency"])
            for name in ("available", "held", "bonus")
        },
    }
    if not apply:
        show_object(f"Wallet, before {how}", fields, output=output)
        typer.echo(f"nothing was written; add --apply to {how} it", err=True)
        return
    body = {} if reason is None else {"reason": reason}
    answer = client.post(f"/api/wallet/{wallet_id}/{how}", body)
    show_object("Wallet", {**fields, **answer.body}, output=output)
