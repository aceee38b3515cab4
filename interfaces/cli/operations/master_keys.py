"""`defter master-keys`: the keys that wrap all others, and how an old one is got rid of."""

import asyncio
from pathlib import Path

import typer

from interfaces.cli.operations.access import database_of, settings_of
from interfaces.cli.terminal.exits import Exit, Stopped
from interfaces.cli.terminal.options import DATA_FOLDER, ApplyOption, DatabaseOption, DataOption


def rewrap(
    *,
    apply: ApplyOption = False,
    database_url: DatabaseOption = None,
    data: DataOption = DATA_FOLDER,
) -> None:
    """Wrap every key that is kept anew by the first of DEFTER_MASTER_KEYS, as the tables' owner.

    First put the new master key before the old one in DEFTER_MASTER_KEYS and restart every process,
    then run this, then take the old one away. It may be stopped and run again at any time.

    Codes of gift cards from the time of the old key are found by it alone: keep it as long as such
    cards are open.

    Example: `defter master-keys rewrap --apply --database-url postgresql://owner@db/defter`
    """
    asyncio.run(_rewrap(database_url, data, apply=apply))


async def _rewrap(given: str | None, data: Path, *, apply: bool) -> None:
    from psycopg import AsyncConnection  # noqa: PLC0415 - `--help` stays quick
    from psycopg.errors import InsufficientPrivilege  # noqa: PLC0415 - as above
    from rich.console import Console  # noqa: PLC0415 - as above
    from rich.progress import Progress  # noqa: PLC0415 - as above

    from infrastructure.event_log.keyring import (  # noqa: PLC0415 - as above
        MasterKeys,
        MasterKeyWrong,
    )
    from infrastructure.event_log.rewrapping import rewrap, standing  # noqa: PLC0415 - as above

    master_keys = MasterKeys(*settings_of(given, data).master_key_bytes)
    url = database_of(given, data)
    async with await AsyncConnection.connect(url, autocommit=True) as connection:
        before = await standing(connection, master_keys)
        typer.echo(f"{before.keys:,} keys; {before.older:,} are wrapped by an older master key")
        if not apply:
            typer.echo("nothing was changed; --apply wraps them by the newest")
            return
        with Progress(console=Console(stderr=True), transient=True) as progress:
            bar = progress.add_task("keys", total=before.older)
            try:
                done = await rewrap(
                    connection,
                    master_keys,
                    told=lambda count: progress.update(bar, completed=count),
                )
            except MasterKeyWrong as wrong:
                then = "put the master key that is lacking behind the new one"
                raise Stopped(str(wrong), code=Exit.FAILED, then=then) from wrong
            except InsufficientPrivilege as refused:
                then = "name the owner's database with --database-url"
                raise Stopped(
                    "only the owner of the tables may", code=Exit.FAILED, then=then
                ) from refused
        typer.echo(f"{done:,} keys were wrapped anew")
        if (await standing(connection, master_keys)).older:
            raise Stopped(
                "a process still wraps new keys by the older one",
                code=Exit.DIFFERENCES,
                then="restart every process with the new settings, then run this again",
            )
    typer.echo("no key needs an older master key any more; open gift cards from its time do")
