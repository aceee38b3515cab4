"""`defter audit rows`: a read model as it once stood, however long the log is."""

import asyncio
import re
from typing import Annotated, Any

import msgspec
import typer

from interfaces.cli.audit.states import PLACES, WhereArgument
from interfaces.cli.operations.access import database_of
from interfaces.cli.terminal.exits import Exit, Stopped
from interfaces.cli.terminal.options import DATA_FOLDER, DatabaseOption, DataOption
from interfaces.cli.terminal.output import (
    Column,
    FileOption,
    Format,
    FormatOption,
    Report,
    must_fit,
    show,
)


def rows(  # noqa: PLR0913 - of what and when, and how to write it
    where: WhereArgument,
    read_model: Annotated[str, typer.Argument(help="Such as wallet_balances.")],
    *,
    tenant: Annotated[str, typer.Option(help="Whose: a slug or an id.")],
    table: Annotated[str | None, typer.Option(help="One of its tables; else the first.")] = None,
    key: Annotated[
        str | None, typer.Option(help="How the keys of its rows begin, joined by commas.")
    ] = None,
    database_url: DatabaseOption = None,
    data: DataOption = DATA_FOLDER,
    output: FormatOption = Format.TABLE,
    to: FileOption = None,
) -> None:
    """Show what a read model told at a position or a time, derived here from all events up to it.

    `defter audit at --read-model` asks the service, which folds 100,000 events at most; this
    command asks the database and folds any number, with their rows in memory. Nothing is written.

    Example: `defter audit rows @2026-10-31 wallet_balances --tenant demo -o csv --to then.csv`
    """
    from infrastructure.audit.places import PLACE_PATTERN  # noqa: PLC0415 - `--help` stays quick

    must_fit(output, to)
    if re.match(PLACE_PATTERN, where) is None:
        raise Stopped(f"{where!r} is no place", code=Exit.USAGE, then=f"name {PLACES}")
    begins = key.split(",") if key else []
    url = database_of(database_url, data)
    show(asyncio.run(_report(url, tenant, where, read_model, table, begins)), output=output, to=to)


async def _report(  # noqa: PLR0913, PLR0917 - as above
    database_url: str,
    tenant: str,
    where: str,
    name: str,
    table_name: str | None,
    key: list[str],
) -> Report:
    from rich.console import Console  # noqa: PLC0415 - `--help` stays quick
    from rich.progress import Progress  # noqa: PLC0415 - as above

    from domain.kernel.refusals import Refusal  # noqa: PLC0415 - as above
    from infrastructure.audit.places import place_of  # noqa: PLC0415 - as above
    from infrastructure.audit.rebuilt import (  # noqa: PLC0415 - as above
        read_model_named,
        row_told,
        rows_at,
        starts_with,
        table_of,
    )
    from infrastructure.event_log.codec import UnknownEvent  # noqa: PLC0415 - as above
    from infrastructure.event_log.reader import LogGap  # noqa: PLC0415 - as above
    from infrastructure.onboarding import tenant_id_of  # noqa: PLC0415 - as above
    from infrastructure.postgres.connections import connect  # noqa: PLC0415 - as above
    from infrastructure.projections.checkpoints import begin  # noqa: PLC0415 - as above
    from infrastructure.projections.projector import spare_the_collector  # noqa: PLC0415 - as above

    spare_the_collector()
    try:
        read_model = read_model_named(name)
        table = table_of(read_model, table_name)
        async with await connect(database_url) as connection:
            tenant_id = tenant_id_of(tenant)
            await begin(connection, tenant_id)
            place = await place_of(connection, tenant_id, where)
            with Progress(console=Console(stderr=True), transient=True) as progress:
                bar = progress.add_task("events", total=place.position)
                found = await rows_at(
                    connection,
                    tenant_id,
                    read_model,
                    place.position,
                    progress=lambda done: progress.update(bar, completed=done),
                )
    except Refusal as wrong:
        raise Stopped(wrong.detail, code=Exit.USAGE, then="see --help") from wrong
    except (LogGap, UnknownEvent) as wrong:
        then = "`defter audit verify` says what happened to the log"
        raise Stopped(str(wrong), code=Exit.SOURCE_INCOMPLETE, then=then) from wrong
    others = [one.name for one in found if one is not table]
    if others:
        typer.echo(f"--table shows {', '.join(others)} as well", err=True)
    shown = [row_told(table, row) for row in found[table] if starts_with(table, row, key)]
    told: list[dict[str, Any]] = msgspec.to_builtins(shown)  # moments as the service tells them
    columns = tuple(Column(one) for one in (told[0] if told else ("no rows",)))
    at = msgspec.to_builtins(place.recorded_at)
    title = f"{table.name} at position {place.position} ({at})"
    return Report(title, columns, told)
