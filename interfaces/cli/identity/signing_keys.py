"""`defter identity`: the keys that sign access tokens, and those that sign checkpoints."""

import asyncio
from collections.abc import Awaitable, Callable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from interfaces.cli.operations.access import settings_of
from interfaces.cli.terminal.exits import Exit, Stopped
from interfaces.cli.terminal.options import DATA_FOLDER, DatabaseOption, DataOption
from interfaces.cli.terminal.output import Column, FileOption, Format, FormatOption, Report, show

if TYPE_CHECKING:
    from infrastructure.identity.signing_keys import SigningKeys

ApplyOption = Annotated[bool, typer.Option("--apply", help="Do it; else only show it.")]


class For(StrEnum):
    """What a key signs."""

    TOKENS = "token"
    CHECKPOINTS = "checkpoint"


ForOption = Annotated[For, typer.Option("--for", help="What the key signs.")]

COLUMNS = (Column("kid"), Column("signs"), Column("x"))


def list_keys(
    *,
    use: ForOption = For.TOKENS,
    database_url: DatabaseOption = None,
    data: DataOption = DATA_FOLDER,
    output: FormatOption = Format.TABLE,
    to: FileOption = None,
) -> None:
    """Show the keys that verify, the newest first: it signs.

    Example: `defter identity signing-keys`
    """
    _show(_ask(lambda keys: keys.jwks(), use, database_url, data), output, to)


def rotate(
    *,
    use: ForOption = For.TOKENS,
    apply: ApplyOption = False,
    database_url: DatabaseOption = None,
    data: DataOption = DATA_FOLDER,
) -> None:
    """Let a new key sign from now on; older ones verify until they are retired.

    Tokens live a quarter of an hour, so an older key can be retired soon after. Checkpoints are
    signed by both, so that whoever trusts the older one learns to trust the new one.

    Example: `defter identity rotate-signing-key --apply`
    """
    if not apply:
        typer.echo("a new key would sign; add --apply to make it", err=True)
        return
    kid = _ask(lambda keys: keys.rotate(), use, database_url, data)
    typer.echo(f"{kid} signs from now on")


def retire(
    kid: Annotated[str, typer.Argument(help="The key's id; see `signing-keys`.")],
    *,
    use: ForOption = For.TOKENS,
    apply: ApplyOption = False,
    database_url: DatabaseOption = None,
    data: DataOption = DATA_FOLDER,
) -> None:
    """Let a key sign no more, and tokens that it signed be refused within a minute.

    Sessions stay: whoever has one gets a new token with the next refresh. Checkpoints that it
    signed stay good: its public half is kept.

    Example: `defter identity retire-signing-key 5f0c9a31b2d4e6f7 --apply`
    """
    known = [one["kid"] for one in _ask(lambda keys: keys.jwks(), use, database_url, data)]
    if kid not in known:
        raise Stopped(
            f"no key {kid} is in use", code=Exit.USAGE, then="see `defter identity signing-keys`"
        )
    if not apply:
        told = "its tokens would be refused" if use is For.TOKENS else "it would sign no more"
        typer.echo(f"{told}; add --apply to retire it", err=True)
        return
    _ask(lambda keys: keys.retire(kid), use, database_url, data)
    typer.echo(f"{kid} is retired")


def _show(found: list[dict[str, str]], output: Format, to: Path | None) -> None:
    rows = [
        {"kid": one["kid"], "signs": "yes" if n == 0 else "", "x": one["x"]}
        for n, one in enumerate(found)
    ]
    show(Report("Signing keys", COLUMNS, rows), output=output, to=to)


def _ask(
    ask: "Callable[[SigningKeys], Awaitable[Any]]", use: For, database_url: str | None, data: Path
) -> Any:  # noqa: ANN401 - what is asked for
    from infrastructure.event_log.keyring import MasterKeys  # noqa: PLC0415 - `--help` stays quick
    from infrastructure.identity.signing_keys import SigningKeys, Use  # noqa: PLC0415 - as above

    settings = settings_of(database_url, data)
    keys = SigningKeys(
        settings.database_url.get_secret_value(),
        MasterKeys(*settings.master_key_bytes),
        use=Use(use.value),
    )

    async def run() -> Any:  # noqa: ANN401 - as above
        return await ask(keys)

    return asyncio.run(run())
