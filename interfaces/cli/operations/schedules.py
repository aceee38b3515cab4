"""`defter schedules`: what runs by the calendar, when, and how it went."""

import asyncio
from typing import TYPE_CHECKING, Annotated, Any

import typer

from interfaces.cli.operations.access import connected, database_of
from interfaces.cli.terminal.exits import Exit, Stopped
from interfaces.cli.terminal.options import DATA_FOLDER, DatabaseOption, DataOption
from interfaces.cli.terminal.output import Column, FileOption, Format, FormatOption, Report, show

if TYPE_CHECKING:
    from infrastructure.schedules.claims import Standing

COLUMNS = (
    Column("schedule"),
    Column("expression"),
    Column("zone"),
    Column("missed"),
    Column("last_run"),
    Column("told"),
    Column("next_run"),
    Column("running"),
    Column("last_error"),
)


def list_schedules(
    *,
    database_url: DatabaseOption = None,
    data: DataOption = DATA_FOLDER,
    output: FormatOption = Format.TABLE,
    to: FileOption = None,
) -> None:
    """List what a scheduler runs by the calendar, with its last and its next time (UTC).

    `expression` is cron's: minute, hour, day of the month, month, day of the week, read in `zone`.
    `missed` says what becomes of times at which no scheduler ran: `once` or `skip`.

    Example: `defter schedules list`
    """
    from infrastructure.schedules.claims import standings  # noqa: PLC0415 - `--help` stays quick
    from infrastructure.schedules.registry import SCHEDULES  # noqa: PLC0415 - as above

    async def look(connection: Any) -> "dict[str, Standing]":  # noqa: ANN401 - psycopg's
        return await standings(connection, [schedule.name for schedule in SCHEDULES])

    standing: dict[str, Standing] = connected(look, database_url, data)
    rows: list[dict[str, Any]] = []
    for schedule in SCHEDULES:
        one = standing.get(schedule.name)
        rows.append(
            {
                "schedule": schedule.name,
                "expression": schedule.expression,
                "zone": schedule.zone,
                "missed": schedule.missed.value,
                "last_run": one and one.last_run_at,
                "told": one and one.told,
                "next_run": one and one.next_at,
                "running": one is not None and one.running,
                "last_error": one and one.error,
            }
        )
    show(Report("Schedules", COLUMNS, rows), output=output, to=to)


def run(
    name: Annotated[str, typer.Argument(help="Such as jobs.prune_effects; see `list`.")],
    *,
    database_url: DatabaseOption = None,
    data: DataOption = DATA_FOLDER,
) -> None:
    """Run a schedule now, unless it is being run; its next time stays what it is.

    Example: `defter schedules run jobs.prune_effects`
    """
    from infrastructure.schedules.calendar import BeingRun, Calendar  # noqa: PLC0415 - as above
    from infrastructure.schedules.registry import SCHEDULES  # noqa: PLC0415 - as above

    names = [schedule.name for schedule in SCHEDULES]
    if name not in names:
        message = f"there is no schedule {name!r}"
        raise Stopped(message, code=Exit.USAGE, then=f"one of {', '.join(names)}")
    try:
        told = asyncio.run(Calendar(database_of(database_url, data)).run_now(name))
    except BeingRun as running:
        raise Stopped(
            str(running), code=Exit.FAILED, then="see `defter schedules list`"
        ) from running
    typer.echo(f"{name}: {told}")
